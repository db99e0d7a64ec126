"""Weighing the match of rules/peft-on-sentence-transformer.yml: the keys of the adapter, the version, later uses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from adapterlint.artifacts import environment
from adapterlint.histories.rewrites import edit, hoist, with_subject, without_subject
from adapterlint.histories.uses import later_uses
from adapterlint.knowledge import sentence_transformers as st
from adapterlint.knowledge.models import CROSS_ENCODER, SENTENCE_TRANSFORMER, SPARSE_ENCODER
from adapterlint.loadplan import keyform, neighbours
from adapterlint.loadplan.agreement import around_cross_encoder, fits, native_drops
from adapterlint.loadplan.keyform import KeyForm
from adapterlint.model import Applicability, Fix, Refinement, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.histories.rewrites import Hoist
    from adapterlint.model import Match, Place, Run
    from adapterlint.names import Names, Wrap


_VERSIONS: WeakKeyDictionary[Source, tuple[Requirement, Requirement]] = WeakKeyDictionary()


def refine(match: Match, source: Source, names: Names, run: Run) -> Refinement | None:
    """Drop the match where the keys were saved from a SentenceTransformer, else word it and offer the right load."""
    wrap = names.wrap(match.cell, match.span)
    cell = next(cell for cell in source.cells if cell.index == match.cell)
    if wrap is None:
        return None
    version, transformers = _versions(source, run)
    forms = {folder: _form(folder, wrap) for folder in names.folders(wrap.adapter)}
    fresh = wrap.call == _GET
    fitting = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st and fits(folder, version)]
    if not fresh and fitting and len(fitting) == len([form for form in forms.values() if form is not None]):
        return None
    saved_so = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st]
    trouble = min(_trouble(wrap, forms, source, names, run), _again(match), key=lambda it: it[0])
    drops = "" if fresh else native_drops([*forms], transformers)
    offered = fresh or saved_so == fitting
    fix = _fix(match, wrap, cell, source.path, run.fix_style, version, trouble, drops=drops) if offered else None
    return Refinement(
        severity=Severity.warning if fresh else None,
        message=_message(f"{_kind(wrap) or _PLAIN} {_named(match, cell)}", wrap, forms),
        span=match.captures["LOAD"],
        note=f"{_named(match, cell)} is {_born(wrap, cell, source, names)}",
        related=_related(wrap, names),
        fix=fix,
    )


def _versions(source: Source, run: Run) -> tuple[Requirement, Requirement]:
    """Those of sentence-transformers and transformers. The files around a source are read once, not for each load."""
    if source not in _VERSIONS:
        packages = (st.PACKAGE, "transformers")
        found = [environment.version_of(it, source.path, source.pip_lines, run.versions, run.kernel) for it in packages]
        _VERSIONS[source] = found[0], found[1]
    return _VERSIONS[source]


def _form(folder: str, wrap: Wrap) -> KeyForm | None:
    form = keyform.of_folder(folder)
    crossed = form is KeyForm.peft and _kind(wrap) == _CROSS and around_cross_encoder(folder)
    return KeyForm.wrapped_st if crossed else form


def _kind(wrap: Wrap) -> str:
    """The one class of sentence-transformers that the wrapped object can be of, "" where there are several."""
    of = [next((name for name in _KINDS if it.is_a(name)), "") for it in wrap.subject if isinstance(it, Object)]
    kinds = {name.rpartition(".")[2] for name in of if name}
    return kinds.pop() if len(kinds) == 1 else ""


def _named(match: Match, cell: Cell) -> str:
    span = match.captures["MODEL"]
    return " ".join(cell.text[span.start : span.end].split())


def _message(name: str, wrap: Wrap, forms: dict[str, KeyForm | None]) -> str:
    if wrap.call == _GET:
        return (
            f"get_peft_model puts its layers around the {name}, so what is saved carries keys that fit no other loader"
        )
    read = [folder for folder, form in forms.items() if form is not None]
    if read:
        others = f" and {len(read) - 1} more" if len(read) > 1 else ""
        whose = f"none of the saved tensors of {read[0]}{others} match"
    else:
        whose = "no tensor of an adapter saved from the inner transformer matches (the path is not seen on disk)"
    return f"PEFT puts new zero layers around the {name}, and {whose}"


def _born(wrap: Wrap, cell: Cell, source: Source, names: Names) -> str:
    here = [it for it in wrap.subject if isinstance(it, Object)]
    if not here or here[0].site == next((it.site for it in wrap.arguments if it.name == "model"), None):
        return f"a {_kind(wrap) or _PLAIN}"
    born = _place(here[0], wrap, names)
    if born.path != source.path:
        return f"a {_kind(wrap) or _PLAIN} ({born.path}, line {born.line})"
    where = f"line {born.line}" if born.cell == cell.index else f"cell {born.cell}, line {born.line}"
    return f"a {_kind(wrap) or _PLAIN} ({where})"


def _place(value: Object, wrap: Wrap, names: Names) -> Place:
    return names.place(value.site, f"the {_kind(wrap) or _PLAIN} is made here")


def _related(wrap: Wrap, names: Names) -> tuple[Place, ...]:
    objects = [it for it in wrap.subject if isinstance(it, Object) and it.site.cell >= 0]
    sites = dict.fromkeys(it.site for it in objects)
    inline = {it.site for it in wrap.arguments}
    return tuple(_place(it, wrap, names) for it in objects if it.site in sites and it.site not in inline)[:1]


def _trouble(
    wrap: Wrap, forms: dict[str, KeyForm | None], source: Source, names: Names, run: Run
) -> tuple[Applicability, str]:
    """The best promise any fix can make here, and why it is not `safe`."""
    saved_so = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st]
    if saved_so:
        return Applicability.display, f"{saved_so[0]} was saved from a {_kind(wrap) or _PLAIN} and fits no other load"
    if not _kind(wrap):
        return Applicability.display, "it is made as more than one class, and each needs another load"
    known = [form for form in forms.values() if form is not None]
    if not known and wrap.call != _GET:
        wrapped = neighbours.wrapped_below(source.path, run.adapters)
        if wrapped is not None:
            return Applicability.display, f"the path is not seen, and {wrapped} was saved from a SentenceTransformer"
    if names.unfollowed:
        return Applicability.display, names.unfollowed
    return later_uses(wrap)


def _again(match: Match) -> tuple[Applicability, str]:
    """Whether a method puts the adapter into what its object keeps, each time it is called."""
    subject, outer = match.node.get_match("MODEL"), match.node.parent()
    while outer is not None and outer.kind() not in ("assignment", "function_definition"):
        outer = outer.parent()
    target = outer.field("left") if outer is not None and outer.kind() == "assignment" else None
    if subject.kind() != "attribute" or (target is not None and target.text() == subject.text()):
        return Applicability.safe, ""
    inside = [it.field("name").text() for it in match.node.ancestors() if it.kind() == "function_definition"]
    if not inside or inside[0] == "__init__":
        return Applicability.safe, ""
    return Applicability.display, f"each call of {inside[0]} would load it into {subject.text()} again"


def _fix(
    match: Match,
    wrap: Wrap,
    cell: Cell,
    path: str,
    wanted: str,
    version: Requirement,
    trouble: tuple[Applicability, str],
    *,
    drops: str,
) -> Fix | None:
    hoisted = hoist(match.node, match.node.get_match("MODEL"))
    if hoisted is None:
        note = "the call is part of a larger expression; put it in a statement of its own first"
        return Fix(_TITLES["model"], Applicability.display, (), note)
    native = _carries(wrap) and not _members(wrap, st.PEFT_ONLY) and _kind(wrap) != _CROSS
    held = drops if native and wanted != "native" else ""
    style, assumed = ("in place", "") if _kind(wrap) == _CROSS else _style(version, wanted, native=native and not held)
    forms = _forms(hoisted, wrap)
    if style == "in place" and _kind(wrap) != _CROSS:
        assumed = _ways(version, forms, native=_carries(wrap) and not held)
    promises = [trouble, _lost(wrap, style), _assumed(wrap, style, version)]
    if style == "native" and drops:
        promises.append((Applicability.display, drops))
    promise, why = min(promises, key=lambda it: it[0])
    title = _TITLES[f"add {style}" if f"add {style}" in _TITLES and wrap.call == _GET else style]
    title = title.format(kind=_kind(wrap) or _PLAIN)
    note = "; ".join(filter(None, [why, assumed, held]))
    return Fix(title, promise, (edit(hoisted, cell, path, forms[style]),), note)


_GET = "peft.get_peft_model"
_KINDS = (CROSS_ENCODER, SPARSE_ENCODER, SENTENCE_TRANSFORMER)
_CROSS, _PLAIN = "CrossEncoder", "SentenceTransformer"
_TITLES = {
    "native": "load the adapter with {kind}.load_adapter",
    "add native": "add the adapter with {kind}.add_adapter",
    "auto_model": "put PEFT around the inner transformer",
    "model": "put PEFT around the inner transformer",
    "in place": "put PEFT around the inner transformer in place",
}


def _style(version: Requirement, wanted: str, *, native: bool) -> tuple[str, str]:
    """native, auto_model, model or in place: the first that works on all of the range, and what it assumes."""
    said = f"assumes {version.origin}"
    if not version.origin.startswith("--target"):
        said += f"; --target {st.PACKAGE}=VERSION overrides it"
    if native and wanted != "wrap" and version.always_at_least(st.NATIVE_SINCE):
        return "native", said
    if native and wanted == "native" and not version.always_below(st.NATIVE_SINCE):
        return "native", f"needs {st.PACKAGE} {st.NATIVE_SINCE} or newer"
    if version.always_below(st.RENAMED_SINCE):
        return "auto_model", said
    return ("model", said) if version.always_at_least(st.RENAMED_SINCE) else ("in place", "")


def _ways(version: Requirement, forms: dict[str, str], *, native: bool) -> str:
    """What is assumed where the version is open, and which `--target` would give which form."""
    known = f"{version.origin} leaves open" if version.known else "nothing names"
    ways = [(f"from {st.RENAMED_SINCE}", forms["model"]), ("before", forms["auto_model"])]
    if native:
        ways = [(f"from {st.NATIVE_SINCE}", forms["native"]), ("before", forms["auto_model"])]
    written = " and ".join(f"`{' '.join(form.split())}` {since}" for since, form in ways)
    return f"{known} the version of {st.PACKAGE} it runs on; --target {st.PACKAGE}=VERSION would write {written}"


def _carries(wrap: Wrap) -> bool:
    """Whether every argument has its counterpart in the native call."""
    names = st.NATIVE_ADD_ARGUMENTS if wrap.call == _GET else st.NATIVE_ARGUMENTS
    return all(not it.splat and it.name in {"model", *names} for it in wrap.arguments)


def _members(wrap: Wrap, names: frozenset[str]) -> list[str]:
    used = {event.detail for result in wrap.results for event in result.events if event.kind == "member"}
    return sorted(used & names)


def _forms(hoisted: Hoist, wrap: Wrap) -> dict[str, str]:
    """The call rewritten in each style."""
    base = hoisted.base
    method, renamed = "load_adapter", st.NATIVE_ARGUMENTS
    if wrap.call == _GET:
        method, renamed = "add_adapter", st.NATIVE_ADD_ARGUMENTS
    old, new = f"{base}[0].auto_model", f"{base}[0].model"
    if _kind(wrap) == _CROSS:
        old = new = f"{base}.model"
    return {
        "native": without_subject(hoisted, f"{base}.{method}", renamed),
        "auto_model": f"{old} = {with_subject(hoisted, old)}",
        "model": f"{new} = {with_subject(hoisted, new)}",
        "in place": with_subject(hoisted, old),
    }


def _lost(wrap: Wrap, style: str) -> tuple[Applicability, str]:
    """What the result is used for later that it cannot do once it is a SentenceTransformer."""
    if only := _members(wrap, st.PEFT_ONLY):
        return Applicability.display, f"the result is later used by {only[0]}, which only a PeftModel has"
    if style != "native" and (only := _members(wrap, st.NATIVE_MEMBERS)):
        return Applicability.display, f"the result is later used by {only[0]}"
    if saves := _members(wrap, st.SAVES):
        promise = Applicability.display if style == "in place" else Applicability.unsafe
        return promise, f"the result is later used by {saves[0]}, which then writes another folder"
    return Applicability.safe, ""


def _assumed(wrap: Wrap, style: str, version: Requirement) -> tuple[Applicability, str]:
    if wrap.call == _GET:
        return Applicability.unsafe, "what is trained and saved afterwards carries other keys"
    if style == "native" and not version.always_at_least(st.NATIVE_SINCE):
        return Applicability.unsafe, f"{version.origin} does not say that the version is new enough"
    return Applicability.safe, ""
