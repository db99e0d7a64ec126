"""Generate src/adapterlint/knowledge/peft_fields.json: the fields of every PEFT config class, release by release.

    python tools/peft_fields.py WHEELS [--check]

WHEELS is a folder for the wheels of PEFT; those that it lacks are fetched with `pip download --no-deps`. Each wheel is
read, never installed or imported: the dataclasses of its sources with their base classes, the enums and module
constants that defaults name, and which `peft_type` stands for which class. `--check` writes nothing and exits 1 where
the file is not what the wheels say.

A new release of PEFT is one more entry of RELEASES. Each field becomes spans of releases with one default:
`"use_dora": ["bool", [15, null, false]]` is a bool, there since release number 15 and still there, false by default. A
span of two has a default that JSON cannot say.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RELEASES = (  # noqa: SIM905 - thirty-six quoted words read worse
    "0.1.0 0.2.0 0.3.0 0.4.0 0.5.0 0.6.0 0.6.1 0.6.2 0.7.0 0.7.1 0.8.0 0.8.1 0.8.2 0.9.0 0.10.0 0.11.0 0.11.1 0.12.0 "
    "0.13.0 0.13.1 0.13.2 0.14.0 0.15.0 0.15.1 0.15.2 0.16.0 0.17.0 0.17.1 0.18.0 0.18.1 0.19.0 0.19.1 0.20.0 0.21.0 "
    "0.21.1 0.21.2"
).split()
TABLE = Path(__file__).resolve().parents[1] / "src" / "adapterlint" / "knowledge" / "peft_fields.json"
UNSAYABLE = object()
"""A default that JSON cannot say."""


@dataclass
class Module:
    """What of a source file matters: its classes, its constants as expressions, and the modules it takes names from."""

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A field as one release has it."""

    annotation: str
    default: Any


class Release:
    """The sources of one wheel."""

    def __init__(self, wheel: Path) -> None:
        self.modules: dict[str, Module] = {}
        self.trees: dict[str, ast.Module] = {}
        with zipfile.ZipFile(wheel) as archive:
            names = {name for name in archive.namelist() if name.startswith("peft/") and name.endswith(".py")}
            for name in sorted(names):
                # The wheel of 0.6.2 still has modules that packages of the same name replaced: Python takes those.
                if f"{name[:-3]}/__init__.py" not in names:
                    self._read(name, archive.read(name).decode("utf-8"))

    def _read(self, name: str, text: str) -> None:
        tree = self.trees[name] = ast.parse(text)
        module = self.modules[name] = Module()
        package = name.split("/")[:-1]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                source = "/".join([*base, *(node.module.split(".") if node.module else [])])
                module.imports.update(dict.fromkeys((it.name for it in node.names), source))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                module.classes[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                module.constants[node.targets[0].id] = node.value

    def configs(self) -> dict[str, tuple[str, dict[str, Field]]]:
        """`peft_type` -> (name of its config class, its fields), for every type that this release can load."""
        known = self._types()
        found = {kind: (name, self.fields(name, at)) for kind, name, at in self._registered() if kind in known}
        if found.keys() != known or not all(fields for _, fields in found.values()):
            without = known - {kind for kind, (_, fields) in found.items() if fields}
            raise SystemExit(f"no fields were found for {', '.join(sorted(without))}")
        return found

    def _types(self) -> set[str]:
        """The members of the enum PeftType. The mapping may name more, for which no model can be built (LORAPLUS)."""
        enum = self._class("PeftType", "peft/utils/__init__.py")
        body = enum[1].body if enum is not None else []
        return {ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)}

    def _registered(self) -> Iterator[tuple[str, str, str]]:
        """(peft_type, config class, module that says so), from the mapping of old or the registrations of today."""
        for module, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("register_peft_method"):
                    words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                    yield ast.literal_eval(words["name"]).upper(), words["config_cls"], module
                elif isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict):
                    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                    if ast.unparse(target) == "PEFT_TYPE_TO_CONFIG_MAPPING":
                        for key, value in zip(node.value.keys, node.value.values, strict=True):
                            kind = ast.unparse(key).rpartition(".")[2] if key is not None else ""
                            yield kind.strip("'"), ast.unparse(value), module

    def fields(self, name: str, near: str) -> dict[str, Field]:
        """The fields of a dataclass that its constructor takes, inherited ones first."""
        found = self._class(name, near)
        if found is None:
            return {}
        module, node = found
        fields: dict[str, Field] = {}
        for base in node.bases:
            fields.update(self.fields(ast.unparse(base), module))
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                annotation = ast.unparse(statement.annotation)
                if annotation.startswith("ClassVar"):
                    continue
                default = self._default(statement.value, module)
                if default is None:
                    fields.pop(statement.target.id, None)
                else:
                    fields[statement.target.id] = Field(" ".join(annotation.split()), default[0])
        return fields

    def _default(self, value: ast.expr | None, module: str) -> tuple[Any] | None:
        """The default in a tuple of its own; None for a field that the constructor does not take."""
        if not isinstance(value, ast.Call) or ast.unparse(value.func) not in ("field", "dataclasses.field"):
            return (UNSAYABLE if value is None else self._value(value, module),)
        words = {word.arg: word.value for word in value.keywords}
        if "init" in words and ast.unparse(words["init"]) == "False":
            return None
        if "default" in words:
            return (self._value(words["default"], module),)
        return (self._made(words["default_factory"], module) if "default_factory" in words else UNSAYABLE,)

    def _made(self, factory: ast.expr, module: str) -> Any:
        """What a default factory gives."""
        if isinstance(factory, ast.Lambda):
            return self._value(factory.body, module)
        return {"dict": {}, "list": [], "set": []}.get(ast.unparse(factory), UNSAYABLE)

    def _value(self, value: ast.expr, module: str) -> Any:
        """A constant expression as JSON has it: an enum's member is its value, a tuple or set a list."""
        try:
            plain = ast.literal_eval(value)
        except ValueError:
            return self._named(value, module)
        plain = list(plain) if isinstance(plain, (tuple, set)) else plain
        return plain if isinstance(plain, (str, int, float, list, dict)) or plain is None else UNSAYABLE

    def _named(self, value: ast.expr, module: str) -> Any:
        if isinstance(value, ast.Name):
            places = [module, *self.modules]
            found = next((it for it in places if value.id in self.modules[it].constants), None)
            return UNSAYABLE if found is None else self._value(self.modules[found].constants[value.id], found)
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            enum = self._class(value.value.id, module)
            for node in enum[1].body if enum is not None else ():
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == value.attr:
                    return self._value(node.value, module)
        return UNSAYABLE

    def _class(self, name: str, near: str) -> tuple[str, ast.ClassDef] | None:
        """The class of a name: this module's own, the one it imports, else the only one; None for another library's."""
        while name not in self.modules[near].classes and name in self.modules[near].imports:
            source = self.modules[near].imports[name]
            place = next((it for it in (f"{source}.py", f"{source}/__init__.py") if it in self.modules), None)
            if place is None:
                return None
            near = place
        places = [near] if name in self.modules[near].classes else []
        places = places or [it for it, module in self.modules.items() if name in module.classes]
        if len(places) > 1:
            raise SystemExit(f"{name}, as {near} calls it, may be any of {', '.join(places)}")
        return (places[0], self.modules[places[0]].classes[name]) if places else None


def wheels(folder: Path) -> list[Path]:
    """The wheel of every release, fetched where the folder lacks it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"peft-{version}-py3-none-any.whl" for version in RELEASES]
    for version, path in zip(RELEASES, paths, strict=True):
        if not path.exists():
            options = ["download", "--quiet", "--no-deps", "--dest", str(folder), f"peft=={version}"]
            subprocess.run([sys.executable, "-m", "pip", *options], check=True)
    return paths


def table(paths: list[Path]) -> dict[str, Any]:
    """The whole file, from the wheels in order of release."""
    types: dict[str, dict[str, Any]] = {}
    for number, path in enumerate(paths):
        for kind, (name, fields) in Release(path).configs().items():
            entry = types.setdefault(kind, {"class": name, "releases": [], "fields": {}})
            entry["class"] = name
            _extend(entry["releases"], number, ())
            for field_name, found in fields.items():
                spans = entry["fields"].setdefault(field_name, [found.annotation])
                spans[0] = found.annotation
                _extend(spans, number, () if found.default is UNSAYABLE else (found.default,))
    last = len(paths) - 1
    for entry in types.values():
        for spans in (entry["releases"], *entry["fields"].values()):
            for span in spans:
                if isinstance(span, list):
                    span[1] = None if span[1] == last else span[1] + 1
    return {"releases": list(RELEASES), "types": dict(sorted(types.items()))}


def _extend(spans: list[Any], number: int, default: tuple[Any, ...]) -> None:
    """Let the last span reach to release `number`, or begin another there."""
    last = spans[-1] if spans and isinstance(spans[-1], list) else None
    if last is not None and last[1] == number - 1 and json.dumps(last[2:]) == json.dumps(list(default)):
        last[1] = number
    else:
        spans.append([number, number, *default])


def text(data: dict[str, Any]) -> str:
    """The table as JSON, one line per type, so that a new release is a readable diff."""
    lines = [f"{json.dumps(kind)}:{json.dumps(entry, separators=(',', ':'))}" for kind, entry in data["types"].items()]
    releases = json.dumps(data["releases"], separators=(",", ":"))
    return '{"releases":' + releases + ',"types":{\n' + ",\n".join(lines) + "\n}}\n"


def main() -> int:
    """Write or check the table; 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheels", type=Path, help="folder for the wheels; missing ones are fetched")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a difference")
    arguments = parser.parse_args()
    made = text(table(wheels(arguments.wheels)))
    if arguments.check:
        same = TABLE.read_text(encoding="utf-8") == made
        print(f"{TABLE.name} {'is' if same else 'is not'} what the wheels say")
        return 0 if same else 1
    TABLE.write_text(made, encoding="utf-8", newline="\n")
    print(f"{TABLE.name}: {len(RELEASES)} releases, {len(made)} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
