"""Weighing the match of rules/peft-on-sentence-transformer.yml: the keys of the adapter, the version, later uses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from adapterlint.artifacts import environment
from adapterlint.knowledge import sentence_transformers as st
from adapterlint.loadplan import keyform, neighbours
from adapterlint.loadplan.agreement import fits
from adapterlint.loadplan.keyform import KeyForm
from adapterlint.model import Applicability, Fix, Refinement, Severity
from adapterlint.names import Object
from adapterlint.names.rewrites import edit, hoist, with_subject, without_subject
from adapterlint.names.uses import later_uses

if TYPE_CHECKING:
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.model import Match, Place, Run
    from adapterlint.names import Names, Wrap
    from adapterlint.names.rewrites import Hoist


_VERSIONS: WeakKeyDictionary[Source, Requirement] = WeakKeyDictionary()


def refine(match: Match, source: Source, names: Names, run: Run) -> Refinement | None:
    """Drop the match where the keys were saved from a SentenceTransformer, else word it and offer the right load."""
    wrap = names.wrap(match.cell, match.span)
    cell = next(cell for cell in source.cells if cell.index == match.cell)
    if wrap is None:
        return None
    version = _VERSIONS.get(source)
    if version is None:  # the files around a source are read once, not once for each load in it
        version = environment.version_of(st.PACKAGE, source.path, source.pip_lines, run.versions, run.kernel)
        _VERSIONS[source] = version
    forms = {folder: keyform.of_folder(folder) for folder in names.folders(wrap.adapter)}
    fresh = wrap.call == _GET
    fitting = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st and fits(folder, version)]
    if not fresh and fitting and len(fitting) == len([form for form in forms.values() if form is not None]):
        return None
    saved_so = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st]
    trouble = _trouble(wrap, forms, source, names, run)
    fix = _fix(match, wrap, cell, source, run, version, trouble) if fresh or saved_so == fitting else None
    return Refinement(
        severity=Severity.warning if fresh else None,
        message=_message(_named(match, cell), wrap, forms),
        span=match.captures["LOAD"],
        note=f"{_named(match, cell)} is {_born(wrap, cell, source, names)}",
        related=_related(wrap, names),
        fix=fix,
    )


def _named(match: Match, cell: Cell) -> str:
    span = match.captures["MODEL"]
    return " ".join(cell.text[span.start : span.end].split())


def _message(name: str, wrap: Wrap, forms: dict[str, KeyForm | None]) -> str:
    if wrap.call == _GET:
        return (
            f"get_peft_model puts its layers around the SentenceTransformer {name}, so what is saved carries keys that"
            " fit no other loader"
        )
    read = [folder for folder, form in forms.items() if form is not None]
    if read:
        others = f" and {len(read) - 1} more" if len(read) > 1 else ""
        whose = f"none of the saved tensors of {read[0]}{others} match"
    else:
        whose = "no tensor of an adapter saved from the inner transformer matches (the path is not seen on disk)"
    return f"PEFT puts new zero layers around the SentenceTransformer {name}, and {whose}"


def _born(wrap: Wrap, cell: Cell, source: Source, names: Names) -> str:
    here = [it for it in wrap.subject if isinstance(it, Object)]
    if not here or here[0].site == next((it.site for it in wrap.arguments if it.name == "model"), None):
        return "a SentenceTransformer"
    born = _place(here[0], names)
    if born.path != source.path:
        return f"a SentenceTransformer ({born.path}, line {born.line})"
    where = f"line {born.line}" if born.cell == cell.index else f"cell {born.cell}, line {born.line}"
    return f"a SentenceTransformer ({where})"


def _place(value: Object, names: Names) -> Place:
    return names.place(value.site, "the SentenceTransformer is made here")


def _related(wrap: Wrap, names: Names) -> tuple[Place, ...]:
    objects = [it for it in wrap.subject if isinstance(it, Object) and it.site.cell >= 0]
    sites = dict.fromkeys(it.site for it in objects)
    inline = {it.site for it in wrap.arguments}
    return tuple(_place(it, names) for it in objects if it.site in sites and it.site not in inline)[:1]


def _trouble(
    wrap: Wrap, forms: dict[str, KeyForm | None], source: Source, names: Names, run: Run
) -> tuple[Applicability, str]:
    """The best promise any fix can make here, and why it is not `safe`."""
    saved_so = [folder for folder, form in forms.items() if form is KeyForm.wrapped_st]
    if saved_so:
        return Applicability.display, f"{saved_so[0]} was saved from a SentenceTransformer and fits no other load"
    known = [form for form in forms.values() if form is not None]
    if not known and wrap.call != _GET:
        wrapped = neighbours.wrapped_below(source.path, run.adapters)
        if wrapped is not None:
            return Applicability.display, f"the path is not seen, and {wrapped} was saved from a SentenceTransformer"
    if names.unfollowed:
        return Applicability.display, names.unfollowed
    return later_uses(wrap)


def _fix(
    match: Match,
    wrap: Wrap,
    cell: Cell,
    source: Source,
    run: Run,
    version: Requirement,
    trouble: tuple[Applicability, str],
) -> Fix | None:
    hoisted = hoist(match.node, match.node.get_match("MODEL"))
    if hoisted is None:
        note = "the call is part of a larger expression; put it in a statement of its own first"
        return Fix(_TITLES["native"], Applicability.display, (), note)
    style, assumed = _style(wrap, version, run.fix_style)
    forms = _forms(hoisted, wrap)
    if style == "in place":
        assumed = _ways(wrap, version, forms)
    promises = [trouble, _lost(wrap, style), _assumed(wrap, style, version)]
    promise, why = min(promises, key=lambda it: it[0])
    title = _TITLES[f"add {style}" if f"add {style}" in _TITLES and wrap.call == _GET else style]
    note = "; ".join(filter(None, [why, assumed]))
    return Fix(title, promise, (edit(hoisted, cell, source.path, forms[style]),), note)


_GET = "peft.get_peft_model"
_TITLES = {
    "native": "load the adapter with SentenceTransformer.load_adapter",
    "add native": "add the adapter with SentenceTransformer.add_adapter",
    "auto_model": "put PEFT around the inner transformer",
    "model": "put PEFT around the inner transformer",
    "in place": "put PEFT around the inner transformer in place",
}


def _style(wrap: Wrap, version: Requirement, wanted: str) -> tuple[str, str]:
    """native, auto_model, model or in place: the first that works on all of the range, and what it assumes."""
    said = f"assumes {version.origin}"
    if not version.origin.startswith("--target"):
        said += f"; --target {st.PACKAGE}=VERSION overrides it"
    native = _carries(wrap) and not _members(wrap, st.PEFT_ONLY)
    if native and wanted != "wrap" and version.always_at_least(st.NATIVE_SINCE):
        return "native", said
    if native and wanted == "native" and not version.always_below(st.NATIVE_SINCE):
        return "native", f"needs {st.PACKAGE} {st.NATIVE_SINCE} or newer"
    if version.always_below(st.RENAMED_SINCE):
        return "auto_model", said
    return ("model", said) if version.always_at_least(st.RENAMED_SINCE) else ("in place", "")


def _ways(wrap: Wrap, version: Requirement, forms: dict[str, str]) -> str:
    """What is assumed where the version is open, and which `--target` would give which form."""
    known = f"{version.origin} leaves open" if version.known else "nothing names"
    ways = [(f"from {st.RENAMED_SINCE}", forms["model"]), ("before", forms["auto_model"])]
    if _carries(wrap):
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
