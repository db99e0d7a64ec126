"""Weighing the match of rules/assigned-to-auto-model.yml: whose transformer was adapted, the version, what is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.artifacts import environment
from adapterlint.histories.lost import owner_of
from adapterlint.histories.trainable import known
from adapterlint.knowledge import sentence_transformers as st
from adapterlint.knowledge.effects import SAVED, TRAINED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL, SENTENCE_TRANSFORMER
from adapterlint.knowledge.training import TRAINER
from adapterlint.model import Applicability, Edit, Fix, Refinement, Severity, Span
from adapterlint.names import Object
from adapterlint.names.objects import is_none

if TYPE_CHECKING:
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Match, Run
    from adapterlint.names import Act, Event, Names, Site


#: What saves a SentenceTransformer as a folder of its own.
_WHOLE = (f"{SENTENCE_TRANSFORMER}.", f"{TRAINER}.")


class _Loss(NamedTuple):
    """Where the adapter is lost, and how."""

    site: Site
    says: str


def refine(match: Match, source: Source, names: Names, run: Run) -> Refinement | None:
    """Drop the match where the assignment works or does no harm, else say what becomes of the adapter."""
    version = environment.version_of(st.PACKAGE, source.path, source.pip_lines, run.versions, run.kernel)
    modules = [it for it in names.values(match.cell, match.captures["INNER"]) if isinstance(it, Object)]
    assigned = _assignment(match, modules, names)
    if version.always_below(st.RENAMED_SINCE) or assigned is None or names.unfollowed:
        return None
    values = [it for it in names.values(match.cell, _value(match)) if not is_none(it)]
    objects = [it for it in values if isinstance(it, Object)]
    if not objects or len(objects) < len(values):
        return None
    own = [it for it in objects if _of_own(it, modules, names)]
    sure = version.always_at_least(st.RENAMED_SINCE)
    owner = " ".join(match.node.field("left").text().split())
    if not own:
        if not all(_adapted_elsewhere(it, names) for it in objects):
            return None
        kind = "PeftModel" if objects[0].is_a(PEFT_MODEL) else "merged model"
        says = f"{owner} is read-only from sentence-transformers 5.4 on, and this {kind} around another transformer"
        return Refinement(
            severity=None if sure else Severity.hint,
            message=f"{says} is never used",
            fix=_fix(match, source, version),
        )
    if len(own) < len(objects) or not all(it.is_a(PEFT_MODEL) for it in objects):
        return None
    loss = next(_losses(objects, modules, assigned, names), None)
    if loss is None:
        return None
    place = names.place(loss.site, "lost here")
    says = f"{owner} is read-only from sentence-transformers 5.4 on and stays without the PeftModel, so that"
    return Refinement(
        severity=Severity.warning if sure else Severity.hint,
        message=f"{says} {loss.says} (line {place.line})",
        related=(place,),
        fix=_fix(match, source, version),
    )


def _value(match: Match) -> Span:
    span = match.node.field("right").range()
    return Span(span.start.index, span.end.index)


def _assignment(match: Match, modules: list[Object], names: Names) -> Event | None:
    """The moment of the assignment; None where the author sees to it: by a class, the new name, the version."""
    branches = ("if_statement", "elif_clause")
    tests = [it.field("condition") for it in match.node.ancestors() if it.kind() in branches]
    asked = any(word in it.text().lower() for it in tests if it is not None for word in ("version", "hasattr"))
    if asked or any(it.local is not None for it in modules):
        return None
    span = match.node.field("left").range()
    site = names.site(match.cell, Span(span.start.index, span.end.index))
    events = [it for module in modules for it in module.events if it.kind == "assigned"]
    if any(it.detail == "model" for it in events):
        return None
    return next((it for it in events if it.site == site), None)


def _of_own(value: Object, modules: list[Object], names: Names) -> bool:
    """Whether the value is the transformer of one of the modules, or was put around it."""
    parts = [it for module in modules for it in module.parts.get(".model", ()) if isinstance(it, Object)]
    if any(value in names.history.family(it) for it in parts):
        return True
    given = value.made.argument("model") if value.made is not None else None
    if given is None:
        return False
    text = names.cell(given.site).text[given.site.start : given.site.end]
    owner = given.site._replace(end=given.site.end - len(".auto_model"))
    return text.endswith(".auto_model") and any(it in modules for it in names.at(owner))


def _adapted_elsewhere(value: Object, names: Names) -> bool:
    """Whether the value is surely not the module's own transformer, and has or had an adapter."""
    family = names.history.family(value)
    if any(it.foreign or it in it.wraps or (it.is_a(PEFT_MODEL) and not it.wraps) for it in family):
        return False
    return any(names.history.events(value, WRAPPED))


def _losses(objects: list[Object], modules: list[Object], assigned: Event, names: Names) -> Iterator[_Loss]:
    """What later saves or asks the transformer as if it were the PeftModel, in order."""
    later = [it for it in names.acts() if names.history.before(assigned, it)]
    kept = any(it.kind == SAVED and _of(it, objects) and not _by_property(it) for it in later)
    for act in later:
        if not names.history.layers(objects[0], act) or _changed(objects[0], assigned, act, names):
            continue
        method = act.call.rpartition(".")[2]
        if _of(act, objects) and _by_property(act):
            if act.kind == SAVED:
                yield _Loss(act.site, f"{method} writes a full model with unmerged layers")
            elif method in st.PEFT_ONLY:
                yield _Loss(act.site, f"{method} fails")
        elif _around(act, [objects[0], *modules], names):
            if act.kind == SAVED and act.call.startswith(_WHOLE):
                yield _Loss(act.site, f"{method} writes a full model with unmerged layers")
            elif act.kind == TRAINED and act.call.startswith(TRAINER) and not kept:
                yield _Loss(act.site, "the checkpoints of the training are full models with unmerged layers")


def _of(act: Act, objects: list[Object]) -> bool:
    return any(it in objects for it in act.subject)


def _by_property(act: Act) -> bool:
    """Whether the method is called on what the property returns: `model[0].auto_model.save_pretrained(...)`."""
    owner = owner_of(act.node)
    name = owner.field("attribute") if owner is not None and owner.kind() == "attribute" else None
    return name is not None and name.text() == "auto_model"


def _around(act: Act, values: list[Object], names: Names) -> bool:
    """Whether the act is done to the SentenceTransformer whose transformer was adapted, or by a trainer of it."""
    done_to = [it for it in act.subject if isinstance(it, Object) and it.is_a(SENTENCE_TRANSFORMER)]
    return any(it in names.history.family(value) for it in done_to for value in values)


def _changed(value: Object, assigned: Event, act: Act, names: Names) -> bool:
    """Whether something that is not seen may have taken the layers out in between."""
    passed = (it for it in names.history.events(value, "passed") if not known(it.detail, names))
    return any(names.history.before(assigned, it) and names.history.before(it, act) for it in passed)


def _fix(match: Match, source: Source, version: Requirement) -> Fix:
    """The attribute of 5.4 and later in the place of the old one."""
    span = match.node.field("left").field("attribute").range()
    edit = Edit(source.path, match.cell, Span(span.start.index, span.end.index), "model")
    title = "assign to .model"
    if version.always_at_least(st.RENAMED_SINCE):
        return Fix(title, Applicability.safe, (edit,), f"assumes {version.origin}")
    note = f"{st.PACKAGE} before {st.RENAMED_SINCE} has no .model; --target {st.PACKAGE}=VERSION says which it is"
    return Fix(title, Applicability.display, (edit,), note)
