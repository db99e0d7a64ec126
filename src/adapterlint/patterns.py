"""YAML rules: reading one into a Rule, and running it over a source: match, `where`, message, fix."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from adapterlint.errors import RuleError
from adapterlint.model import (
    Applicability,
    Edit,
    Example,
    Fix,
    Match,
    Refinement,
    Rule,
    Severity,
    Span,
)
from adapterlint.predicates import PREDICATES, Answer, followed, literals, words

if TYPE_CHECKING:
    from types import CodeType

    from ast_grep_py import Config, SgNode

    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import (
        Finding,
        Run,
    )
    from adapterlint.names import Names

_TOP = frozenset({"id", "language", "severity", "message", "note", "url", "rule", "constraints", "utils", "fix",
                  "metadata"})  # fmt: skip
_OURS = frozenset({"since", "family", "summary", "applicability", "title", "where", "when_unknown", "examples",
                   "references"})  # fmt: skip
_EXAMPLE = frozenset({"title", "fires", "cells", "fixed", "files", "versions", "severity"})
_METAVARIABLE = re.compile(r"\$([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One YAML rule ready to run. `where` holds (metavariable, predicate, names)."""

    rule: Rule
    config: Config
    message: str
    where: tuple[tuple[str, str, frozenset[str]], ...]
    when_unknown: Severity | None
    fix: tuple[str, str, Applicability] | None
    refine: Callable[..., Refinement | None] | None
    literals: tuple[frozenset[str], ...] = ()

    def check(self, source: Source, names: Names, run: Run) -> Iterator[Finding]:
        """The findings of the rule in one source, and in those it imports by what it does with them."""
        files = list(names.files())
        for group in self.rule.words:
            if not any(word in file.text for file, _ in files for word in group):
                return
        for file, seen in files:
            yield from self._in(file, seen, run)

    def _in(self, source: Source, names: Names, run: Run) -> Iterator[Finding]:
        for cell in self._worth(source, names):
            for node in cell.root().find_all(self.config):
                answer, match = self._weigh(cell, node, names)
                severity = self.rule.severity if answer is Answer.yes else self.when_unknown
                if answer is Answer.no or severity is None:
                    continue
                finding = self._finding(cell, match, source, names, run, severity)
                if finding is not None:
                    yield finding

    def _worth(self, source: Source, names: Names) -> list[Cell]:
        """The cells in which the rule can match: those that hold its words, and the calls that it names."""
        cells = [
            cell for cell in source.cells if all(any(word in cell.masked for word in group) for group in self.literals)
        ]
        calls = [wanted for _, predicate, wanted in self.where if predicate == "named" and followed(wanted)]
        if not cells or not calls or self.when_unknown is not None:
            return cells
        indexes = set.intersection(*(names.calling(wanted) for wanted in calls))
        return [cell for cell in cells if cell.index in indexes]

    def _weigh(self, cell: Cell, node: SgNode, names: Names) -> tuple[Answer, Match]:
        captures: dict[str, Span] = {}
        answer = Answer.yes
        for name in {*_METAVARIABLE.findall(self.message), *(it[0] for it in self.where)}:
            captured = node.get_match(name)
            if captured is not None:
                captures[name] = _span(captured)
        match = Match(cell.index, _span(node), node, captures)
        for name, predicate, wanted in self.where:
            if name not in captures:
                return Answer.no, match
            said = PREDICATES[predicate](names, cell.index, captures[name], wanted)
            if said is Answer.no:
                return said, match
            answer = Answer.unknown if said is Answer.unknown else answer
        return answer, match

    def _finding(
        self, cell: Cell, match: Match, source: Source, names: Names, run: Run, severity: Severity
    ) -> Finding | None:
        refined: Refinement | None = Refinement()
        if self.refine is not None:
            given = {"match": match, "source": source, "names": names, "run": run}
            refined = self.refine(**{key: given[key] for key in inspect.signature(self.refine).parameters})
        if refined is None:
            return None
        texts = {name: cell.text[span.start : span.end] for name, span in match.captures.items()}
        message = refined.message or _METAVARIABLE.sub(lambda found: texts.get(found[1], found[0]), self.message)
        place = source.place(cell, refined.span or match.span, refined.note)
        lowest = min(severity, severity if refined.severity is None else refined.severity)
        fix = refined.fix or self._fix(cell, match, source)
        return self.rule.finding(message, place, severity=lowest, related=refined.related, fix=fix)

    def _fix(self, cell: Cell, match: Match, source: Source) -> Fix | None:
        if self.fix is None:
            return None
        title, template, applicability = self.fix
        texts: dict[str, str] = {}
        for name in _METAVARIABLE.findall(template):
            captured = match.node.get_match(name)
            texts[name] = captured.text() if captured is not None else ""
        content = _METAVARIABLE.sub(lambda found: texts[found[1]], template)
        return Fix(title, applicability, (Edit(source.path, cell.index, match.span, content),))


def _span(node: SgNode) -> Span:
    span = node.range()
    return Span(span.start.index, span.end.index)


class _Kept(SourceFileLoader):
    """Keeps what a rule's file says the way Python keeps its modules: in __pycache__, until the file changes.

    To import PyYAML takes as long as Python does to start; a shelf that is read at every start spares it.
    """

    def source_to_code(self, data: bytes, path: str, **_: object) -> CodeType:  # type: ignore[override]
        """The content of the file as an expression."""
        return compile(repr(_parsed(data.decode("utf-8"))), path, "eval", dont_inherit=True)


def _parsed(text: str) -> object:
    import yaml

    # the one in C reads a rule ten times faster, where PyYAML was built with it
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _content(path: Path, kept: bool) -> Any:
    if not kept:
        return _parsed(path.read_text(encoding="utf-8"))
    code = _Kept(path.stem, str(path)).get_code(path.stem)
    assert code is not None
    return eval(code, {"__builtins__": {}})


def load(path: Path, refine: Callable[..., Refinement | None] | None = None, *, kept: bool = False) -> Rule:
    """The rule of a YAML file, checked whole: keys, predicates, severities, and that ast-grep parses it.

    With `kept` a copy of what the file says is left beside it, as Python leaves one of a module, and read next time.
    Raises RuleError naming the file and what is wrong with it.
    """
    where = path.as_posix()
    try:
        data = _content(path, kept)
    except (OSError, ValueError) as error:
        raise RuleError(f"{where} cannot be read as YAML: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("metadata", {}), dict):
        raise RuleError(f"{where} is not a rule: a mapping is expected")
    for key in ("id", "severity", "message", "note", "rule"):
        if key not in data:
            raise RuleError(f"{where} has no `{key}`")
    try:
        return _rule(data, data.get("metadata", {}), refine, where)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RuleError(f"{where} has a value of the wrong kind: {error}") from error


def _rule(
    data: dict[str, Any], ours: dict[str, Any], refine: Callable[..., Refinement | None] | None, where: str
) -> Rule:
    _only(data, _TOP, where)
    _only(ours, _OURS, f"{where}, metadata")
    clauses = tuple(_clauses(ours.get("where", {}), where))
    rule = Rule(
        id=str(data["id"]),
        family=str(ours.get("family", "source")),
        severity=_severity(data["severity"], where),
        summary=str(ours.get("summary", data["message"])),
        why=str(data["note"]),
        examples=tuple(_example(it, where) for it in ours.get("examples", ())),
        since=str(ours.get("since", "0.1.0")),
        references=tuple(filter(None, [data.get("url"), *ours.get("references", ())])),
        reads=("source", "names", "run"),
        words=tuple(words(wanted) for _, _, wanted in clauses),
    )
    config = cast("Config", {key: data[key] for key in ("rule", "constraints", "utils") if key in data})
    _parses(config, where)
    unknown = ours.get("when_unknown")
    pattern = Pattern(
        rule,
        config,
        str(data["message"]),
        clauses,
        None if unknown is None else _severity(unknown, where),
        _template(data, ours, rule.summary) if "fix" in data else None,
        refine,
        tuple(literals(config["rule"])),
    )
    return replace(rule, check=pattern.check)


def _template(data: Mapping[str, Any], ours: Mapping[str, Any], summary: str) -> tuple[str, str, Applicability]:
    """Title, text with metavariables and applicability of a literal fix."""
    return str(ours.get("title", summary)), str(data["fix"]), Applicability[ours.get("applicability", "unsafe")]


def _only(data: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise RuleError(f"{where} has the unknown key `{key}`", f"known: {', '.join(sorted(known))}")


def _severity(word: object, where: str) -> Severity:
    if word not in Severity.__members__:
        raise RuleError(f"{where} has the severity {word}", f"known: {', '.join(Severity.__members__)}")
    return Severity[str(word)]


def _clauses(data: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    for name, predicates in data.items():
        for predicate, wanted in predicates.items():
            if predicate not in PREDICATES:
                raise RuleError(f"{where} uses the unknown predicate `{predicate}`", f"known: {', '.join(PREDICATES)}")
            yield name, predicate, frozenset([wanted] if isinstance(wanted, str) else wanted)


def _example(data: Mapping[str, Any], where: str) -> Example:
    _only(data, _EXAMPLE, f"{where}, example")
    return Example(
        title=str(data.get("title", "")),
        fires=int(data.get("fires", 1)),
        cells=tuple(data.get("cells", ())),
        fixed=tuple(data["fixed"]) if "fixed" in data else None,
        files=data.get("files", {}),
        versions=data.get("versions", {}),
        severity=_severity(data["severity"], where) if "severity" in data else None,
    )


def _parses(config: Config, where: str) -> None:
    from ast_grep_py import SgRoot

    try:
        SgRoot("", "python").root().find(config)
    except Exception as error:
        causes = [line.split(": ", 1)[-1].strip() for line in str(error).splitlines() if ": " in line]
        raise RuleError(f"{where} is refused by ast-grep: {(causes or [str(error)])[-1]}") from error
