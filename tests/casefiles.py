"""Cases kept as one percent-format file each: a TOML header, then cells. `tests/cases/README.md` describes them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent / "cases"
ADAPTERS = CASES / "adapters"  # trained once by tests/worlds.py and kept, for the tests that run without torch
OPENING, CLOSING = "# /// case\n", "# ///\n"


@dataclass(frozen=True)
class Case:
    """One program and what is expected of it. Header keys are the fields after `cells`."""

    name: str
    text: str
    cells: tuple[tuple[str, str], ...]
    versions: tuple[str, ...] = ("6.2.0",)
    adapters: tuple[str, ...] = ("good",)
    notebook: Mapping[str, Any] | None = None
    newline: str = "lf"
    fix_style: str = "auto"
    told_by_target: bool = True
    files: Mapping[str, str] = field(default_factory=dict)
    expect: str = "fixed"
    embeddings: str | None = None
    count: int = 1

    @property
    def file_name(self) -> str:
        return "program.py" if self.notebook is None else "program.ipynb"

    def write(self, folder: Path, adapters: Path = ADAPTERS) -> Path:
        """The program in `folder` beside its adapters (copied from `adapters`) and files; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.adapters:
            shutil.copytree(adapters / name, folder / "adapters" / name)
        settings = {} if self.fix_style == "auto" else {"adapterlint.toml": f'fix-style = "{self.fix_style}"\n'}
        for name, text in {**settings, **self.files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        path = folder / self.file_name
        path.write_bytes(self.script() if self.notebook is None else notebook(self.cells, **self.notebook))
        return path

    def script(self) -> bytes:
        return (self.text.replace("\n", "\r\n") if self.newline == "crlf" else self.text).encode()

    def target(self, version: str) -> dict[str, str]:
        return {"sentence-transformers": version} if self.told_by_target and version != "unknown" else {}


def read_case(path: Path) -> Case:
    header, body = path.read_text(encoding="utf-8").removeprefix(OPENING).split(CLOSING, 1)
    fields = tomllib.loads("".join(line.removeprefix("#").removeprefix(" ") for line in header.splitlines(True)))
    for name in ("versions", "adapters"):
        if name in fields:
            fields[name] = tuple(fields[name])
    return Case(path.stem, body, cells_of(body), **fields)


def read_cases(folder: str) -> list[Case]:
    return [read_case(path) for path in sorted((CASES / folder).glob("*.py"))]


def cells_of(body: str) -> tuple[tuple[str, str], ...]:
    """(kind, text) per cell of percent format: `# %%` opens a code cell, `# %% [markdown]` and `[raw]` the others."""
    cells: list[tuple[str, list[str]]] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("# %%"):
            kind = line.removeprefix("# %%").strip(" []\n") or "code"
            cells.append((kind, []))
        elif cells:
            cells[-1][1].append(line.removeprefix("# ") if cells[-1][0] in ("markdown", "raw") else line)
    return tuple((kind, "".join(lines).rstrip("\n")) for kind, lines in cells)


def notebook(
    cells: tuple[tuple[str, str], ...],
    *,
    newline: str = "lf",
    source_newline: str = "lf",
    source: str = "lines",
    indent: str = "1",
    ascii: bool = False,
    final_newline: bool = True,
) -> bytes:
    """A notebook file in one of the styles tools write: Jupyter's own by default."""
    document: dict[str, Any] = {"cells": [], "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    for index, (kind, text) in enumerate(cells):
        text = text.replace("\n", "\r\n") if source_newline == "crlf" else text
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{index}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": index + 1, "outputs": []}
        document["cells"].append(cell | {"source": text if source == "string" else text.splitlines(keepends=True)})
    return serialised(document, newline=newline, indent=indent, ascii=ascii, final_newline=final_newline)


METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def serialised(document: Any, *, newline: str, indent: str, ascii: bool, final_newline: bool) -> bytes:
    width: Any = {"none": None, "tab": "\t"}.get(indent, 1)
    text = json.dumps(document, indent=width, ensure_ascii=ascii) + ("\n" if final_newline else "")
    return (text.replace("\n", "\r\n") if newline == "crlf" else text).encode()


def with_sources(before: bytes, after: bytes, case: Case) -> tuple[bytes, list[int]]:
    """`before` with each changed cell's source replaced by `after`'s, serialised as `case` is; and which cells."""
    old, new = json.loads(before), json.loads(after)
    changed = [i for i, (a, b) in enumerate(zip(old["cells"], new["cells"], strict=True)) if a != b]
    for index in changed:
        old["cells"][index]["source"] = new["cells"][index]["source"]
    style = {"newline": "lf", "indent": "1", "ascii": False, "final_newline": True}
    given = case.notebook or {}
    return serialised(old, **{key: given.get(key, value) for key, value in style.items()}), changed
