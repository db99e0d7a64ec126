"""Two shelves, rules/*.yml and checks/*.py, read into one mapping of rules, each only when it is asked for."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.errors import RuleError
from adapterlint.knowledge.words import handles, is_installed, matter

if TYPE_CHECKING:
    from types import ModuleType

    from adapterlint.model import Rule

FAMILIES = ("config", "weights", "load", "engine", "source", "results", "runtime")
PARAMETERS = frozenset(
    {
        *("target", "config", "weights", "plan", "base", "listing", "tokenizer", "parent", "broken"),
        *("source", "names", "match", "ignores", "run"),
    }
)
# What rules are asked about, and what those read. Of a source that is broken, more are asked than of one that is not.
ABOUT: Mapping[str, Callable[[Set[str]], bool]] = {
    "source": lambda reads: not reads.isdisjoint({"source", "names"}),
    "broken": lambda reads: "broken" in reads and reads.isdisjoint({"source", "names"}),
    "adapter": lambda reads: reads != {"run"} and reads.isdisjoint({"source", "names", "match", "ignores"}),
    "run": lambda reads: reads == {"run"},
    "ignores": lambda reads: reads == {"ignores"},
}
_PACKAGE = Path(__file__).parent
_PARAMETER = re.compile(rb"(?:^|,)\s*(\w+)\s*(?=[:=,)])")


def rules_folder() -> Path:
    """The folder of YAML rules: inside the package when installed from a wheel, else at the top of the checkout."""
    inside = _PACKAGE / "rules"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "rules"


class Rulebook(Mapping[str, "Rule"]):
    """All rules by id. Ids come from file names alone; a rule's file is read when the rule is first asked for.

    `folders` are a user's own folders of YAML rules. Raises RuleError for a rule that cannot be taken onto a shelf.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._rules: dict[str, Rule] = {}
        self._about: dict[str, list[Rule]] = {}
        self._patterns: dict[str, Path] = {}
        for folder in (rules_folder(), *map(Path, folders)):
            self._shelve(folder)
        stems = [stem for stem in _stems(_PACKAGE / "checks", ".py") if stem != "__init__"]
        self._checks = {stem.replace("_", "-"): stem for stem in stems}

    def _shelve(self, folder: Path) -> None:
        if not folder.is_dir():
            raise RuleError(f"the rule folder {folder.as_posix()} does not exist", "mend `rules` in the settings")
        for id in _stems(folder, ".yml"):
            path = folder / f"{id}.yml"
            if id in self._patterns:
                raise RuleError(f"{path.as_posix()} and {self._patterns[id].as_posix()} both define {id}")
            self._patterns[id] = path

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._patterns, *self._checks}))

    def __len__(self) -> int:
        return len({*self._patterns, *self._checks})

    def __contains__(self, id: object) -> bool:
        return id in self._patterns or id in self._checks

    def __getitem__(self, id: str) -> Rule:
        if id not in self._rules:
            if id in self._patterns:
                self._rules[id] = self._from_yaml(id)
            elif id in self._checks:
                self._rules[id] = _from_module(id, self._module(id))
            else:
                raise KeyError(id)
        return self._rules[id]

    def matter(self, data: bytes, path: str = "") -> bool:
        """Whether a source with these bytes may hold a fault some rule knows; without one it need not be parsed."""
        if matter(data) and (handles(data) or not is_installed(path)):
            return True
        return any(not words or any(it in data for it in words) for words in self._words)

    @cached_property
    def _words(self) -> list[tuple[bytes, ...]]:
        """For each rule of a user's folder, the words of which it needs one; none if it needs no word."""
        own = [self[id] for id, path in self._patterns.items() if path.parent != rules_folder()]
        return [tuple(word.encode() for word in min(rule.words, key=len, default=())) for rule in own]

    def checks(self, about: str = "") -> list[Rule]:
        """The rules written in Python, without reading a YAML file; with `about`, a key of ABOUT, those alone.

        No module of another rule is then imported: a run over sources needs half of them, one over adapters the other.
        """
        ids = [id for id in sorted(self._checks) if id not in self._patterns]
        if not about:
            return [self[id] for id in ids]
        if about not in self._about:
            wanted = ABOUT[about]
            known = [self[id] for id in ids if id in self._rules or (it := self._told[id].reads) is None or wanted(it)]
            self._about[about] = [rule for rule in known if rule.check is not None and wanted(frozenset(rule.reads))]
        return self._about[about]

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of every rule, without importing those whose text tells it."""
        told = {id: it.family for id, it in self._told.items() if id not in self._patterns}
        return {id: told.get(id) or self[id].family for id in self}

    @cached_property
    def _told(self) -> dict[str, _Told]:
        return {id: _told(f"{_PACKAGE}/checks/{stem}.py") for id, stem in self._checks.items()}

    def patterns(self) -> list[Rule]:
        """The rules written in YAML."""
        return [self[id] for id in sorted(self._patterns)]

    def _module(self, id: str) -> ModuleType:
        return importlib.import_module(f"adapterlint.checks.{self._checks[id]}")

    def _from_yaml(self, id: str) -> Rule:
        from adapterlint.patterns import load

        companion = self._module(id) if id in self._checks else None
        if companion is not None and not callable(getattr(companion, "refine", None)):
            raise RuleError(f"checks/{companion.__name__} shares its id with {id}.yml and has no function `refine`")
        own = self._patterns[id].parent == rules_folder()  # in a user's folder nothing is left behind
        rule = load(self._patterns[id], getattr(companion, "refine", None), kept=own)
        return _accepted(rule, id, self._patterns[id].as_posix())


class _Told(NamedTuple):
    """What the text of a module tells of its rule: the parameters of `check` and the family, or nothing.

    tests/test_rules.py compares both with what the module says once it is imported.
    """

    reads: frozenset[str] | None
    family: str


def _told(path: str) -> _Told:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        text = file.read()
    _, _, header = text.partition(b"\ndef check(")
    reads = frozenset(it.decode() for it in _PARAMETER.findall(header.partition(b"->")[0])) if header else None
    return _Told(reads, text.partition(b'\n    family="')[2].partition(b'"')[0].decode())


def _stems(folder: Path, ending: str) -> list[str]:
    """The files of a folder by name without their ending; `Path.glob` takes ten times as long, at every start."""
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RuleError(f"the rule folder {folder.as_posix()} cannot be read: {reason}") from error
    return sorted(name[: -len(ending)] for name in names if name.endswith(ending))


def _from_module(id: str, module: ModuleType) -> Rule:
    import inspect

    from adapterlint.model import Rule

    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise RuleError(f"{module.__name__} has no RULE")
    check = getattr(module, "check", None)
    parameters = inspect.signature(check).parameters if check is not None else {}
    optional = frozenset(name for name, it in parameters.items() if it.default is not inspect.Parameter.empty)
    filled = dataclasses.replace(rule, reads=tuple(parameters), optional=optional, check=check)
    return _accepted(filled, id, module.__name__)


def _accepted(rule: Rule, id: str, where: str) -> Rule:
    if rule.id != id:
        raise RuleError(f"{where} calls its rule {rule.id}; the id must be the file's name, {id}")
    if unknown := set(rule.reads) - PARAMETERS:
        raise RuleError(f"{where} reads {sorted(unknown)[0]}, which no artifact fills", f"known: {sorted(PARAMETERS)}")
    if rule.family not in FAMILIES:
        raise RuleError(f"{where} is of family {rule.family}", f"known: {', '.join(FAMILIES)}")
    fires = {bool(example.fires) for example in rule.examples}
    if rule.check is not None and fires != {True, False}:
        raise RuleError(f"{where} needs an example in which it fires and one in which it is silent")
    return rule
