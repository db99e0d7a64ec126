"""What lock, requirements and project files say about one package, file format by file format."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Declared:
    """One `requirement` in the form of PEP 508, where it stands (`line` from 1) and its `text` there."""

    requirement: str
    line: int
    text: str


def normal(name: str) -> str:
    """A package's name as indexes spell it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def folder_groups(folder: Path) -> list[list[Path]]:
    """The files of `folder` that may name a version, best first; files of one group count together."""
    try:
        names = sorted(path.name for path in folder.iterdir())
        nested = folder / "requirements"
        more = [f"requirements/{path.name}" for path in nested.iterdir()] if "requirements" in names else []
    except OSError:
        return []
    groups = [[name for name in (*names, *sorted(more)) if pattern.fullmatch(name)] for pattern, _ in _FORMATS]
    return [[folder / name for name in group] for group in groups if group]


def declarations(name: str, text: str, package: str) -> tuple[Declared, ...]:
    """What a file called `name` with this text says about `package` (as `normal` spells it)."""
    spelled = re.compile(r"(?<![\w.-])" + package.replace("-", r"[-_.]+") + r"(?![\w-])", re.IGNORECASE)
    if not spelled.search(text):
        return ()
    for pattern, reader in _FORMATS:
        if pattern.fullmatch(name):
            return tuple(reader(text, spelled))
    return tuple(_requirements(text, spelled))


def _toml_lock(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    # A lock of a thousand packages takes tomllib most of a second; its tools write every package in this one form.
    entry = re.compile(r'^name = "([^"\n]+)"[ \t]*\r?\nversion = "([^"\n]+)"', re.MULTILINE)
    for match in entry.finditer(text):
        if spelled.fullmatch(match[1]):
            requirement = f"{match[1]}=={match[2]}"
            yield Declared(requirement, _line(text, match.start(2)), requirement)


def _pipfile_lock(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    from adapterlint.artifacts.jsontext import JsonTextError, line_column, parse

    try:
        root = parse(text)
    except JsonTextError:
        return
    for section in ("default", "develop"):
        entries = root.members.get(section)
        for name, entry in entries.members.items() if entries is not None else ():
            version = entry.members.get("version")
            if spelled.fullmatch(name) and version is not None and isinstance(version.value, str):
                requirement = f"{name}{version.value}"
                yield Declared(requirement, line_column(text, version.start)[0], requirement)


def _requirements(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    for number, line in enumerate(text.splitlines(), 1):
        written = re.sub(r"(?:^|\s)#.*|\s--?\w.*|\s*\\$", "", line).strip()
        if spelled.match(written):
            yield Declared(written, number, written)


def _conda(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    for number, line in enumerate(text.splitlines(), 1):
        entry = re.match(r"""\s*-\s*["']?(?:[\w.-]+::)?([^"'#]+)""", line)
        written = entry[1].strip() if entry else ""
        if not spelled.match(written):
            continue
        # conda's own form: name=1.2 is 1.2 and all below it, name=1.2.3=build_0 one build.
        single = re.fullmatch(r"([\w.-]+?)\s*=([\d.]+?)(?:\.?\*)?(=.*)?", written)
        if single:
            yield Declared(f"{single[1]}=={single[2]}{'' if single[3] else '.*'}", number, written)
        else:
            yield Declared(written, number, written)


def _setup_cfg(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    for number, line in enumerate(text.splitlines(), 1):
        written = re.sub(r"^\s*install_requires\s*=|#.*", "", line).strip()
        if spelled.match(written):
            yield Declared(written, number, written)


def _pyproject(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    data = _toml(text)
    project, tool = _table(data, "project"), _table(data, "tool")
    pdm = _table(_table(tool, "pdm"), "dev-dependencies")
    extras = _table(project, "optional-dependencies")
    lists = [project.get("dependencies"), _table(tool, "uv").get("dev-dependencies")]
    lists += [*extras.values(), *_table(data, "dependency-groups").values(), *pdm.values()]
    for written in (written for names in lists if isinstance(names, list) for written in names):
        if isinstance(written, str) and spelled.match(written):
            yield Declared(written, _line(text, text.find(written)), written)
    poetry = _table(tool, "poetry")
    groups = [_table(_table(poetry, "group"), name) for name in _table(poetry, "group")]
    tables = [_table(group, "dependencies") for group in groups]
    yield from _caret(text, spelled, [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *tables])


def _pipfile(text: str, spelled: re.Pattern[str]) -> Iterator[Declared]:
    data = _toml(text)
    yield from _caret(text, spelled, [_table(data, "packages"), _table(data, "dev-packages")])


def _caret(text: str, spelled: re.Pattern[str], tables: list[Mapping[str, Any]]) -> Iterator[Declared]:
    """Entries of the form name = "^3.0", or a table or list of tables with a `version`."""
    for table in tables:
        for name, value in table.items():
            if not spelled.fullmatch(name):
                continue
            key = re.search(rf'^[ \t"\']*{re.escape(name)}\b', text, re.MULTILINE)
            line = _line(text, key.start() if key else 0)
            for one in value if isinstance(value, list) else [value]:
                version = one.get("version") if isinstance(one, dict) else one
                for choice in version.split("||") if isinstance(version, str) else ():
                    yield Declared(f"{name}{_pep440(choice)}", line, f"{name} = {version}")


def _pep440(constraint: str) -> str:
    """Poetry's constraint in PEP 440's words: ^3.1 -> >=3.1,<4; ~3.1 -> >=3.1,<3.2; 3.1 -> ==3.1; * -> nothing."""
    parts = []
    for part in filter(None, (part.strip() for part in constraint.split(","))):
        version = part[1:].strip() if part[0] in "^~" else part
        numbers = [int(number) for number in re.findall(r"\d+", version.split("-")[0])]
        if part == "*":
            continue
        if part[0] == "^" and numbers:
            fixed = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        elif part[0] == "~" and not part.startswith("~=") and numbers:
            fixed = min(1, len(numbers) - 1)
        else:
            parts.append(part if part[0] in "<>=!~" else f"=={part}")
            continue
        upper = ".".join(map(str, (*numbers[:fixed], numbers[fixed] + 1)))
        parts.append(f">={version},<{upper}")
    return ",".join(parts)


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]  # its stand-in on Python 3.10
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return data


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, max(0, offset)) + 1


_FORMATS: tuple[tuple[re.Pattern[str], Callable[[str, re.Pattern[str]], Iterator[Declared]]], ...] = (
    (re.compile(r"(?:poetry|uv|pdm)\.lock|pylock(?:\.[^/.]+)?\.toml"), _toml_lock),
    (re.compile(r"Pipfile\.lock"), _pipfile_lock),
    (re.compile(r"requirements\.(?:txt|lock)"), _requirements),
    (re.compile(r"requirements/[^/]+\.txt|[^/]*requirements[^/]*\.(?:txt|in)|constraints[^/]*\.txt"), _requirements),
    (re.compile(r"pyproject\.toml"), _pyproject),
    (re.compile(r"Pipfile"), _pipfile),
    (re.compile(r"(?:conda|env|environment)[^/]*\.ya?ml"), _conda),
    (re.compile(r"setup\.cfg"), _setup_cfg),
)
