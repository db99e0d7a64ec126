"""Facts, load plan and findings of one adapter -> its verdict. Nobody else decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adapterlint.loadplan.described import changes, counted, described
from adapterlint.loadplan.keyform import KeyForm, keyform
from adapterlint.loadplan.pairs import layout, zeros
from adapterlint.model import Fault, Severity, Status, Verdict

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Broken, Finding, Target

_ORDER = {status: at for at, status in enumerate(Status)}
_FILES = ("adapter_model.safetensors", "adapter_model.bin")
_UNCHECKED = (Fault.lfs_pointer, Fault.unsupported, Fault.denied)


def decide(
    target: Target,
    config: Config | None,
    weights: Weights | None,
    brokens: Sequence[Broken],
    findings: Sequence[Finding],
) -> Verdict:
    """The answer for one adapter: the first status in order of `Status` among the findings, else what the facts say.

    `rules` holds the rules with a status, the deciding ones first, so that each can be looked up with `explain`. An
    adapter that works names the rules that warn of it.
    """
    judged = sorted(
        (finding for finding in findings if finding.status is not None),
        key=lambda finding: (_ORDER[finding.status or Status.works], -finding.severity),
    )
    if judged:
        status = judged[0].status or Status.unknown
        return Verdict(target.path, status, shortened(judged[0].message), _ids(judged))
    status, reason = _from_brokens(brokens) or _from_facts(target, config, weights)
    warned = [finding for finding in findings if finding.severity >= Severity.warning]
    return Verdict(target.path, status, reason, _ids(warned))


def shortened(message: str) -> str:
    """The observed fact of a message, without the consequence that begins with ", so "."""
    return message.partition(", so ")[0]


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.rule for finding in findings))


def _from_brokens(brokens: Sequence[Broken]) -> tuple[Status, str] | None:
    """What an unreadable artifact means where no rule has said so."""
    for broken in brokens:
        name = broken.path.rpartition("/")[2]
        status = Status.not_checked if broken.fault in _UNCHECKED else Status.unreadable
        return status, f"{name} is {broken.reason}"
    return None


def _from_facts(target: Target, config: Config | None, weights: Weights | None) -> tuple[Status, str]:
    if config is not None and not config.is_peft:
        return Status.not_checked, config.looks_like or "not a PEFT config"
    if weights is None:
        return Status.not_checked, "a config without weights"
    form = keyform(weights.tensors)
    if form is KeyForm.xlora or (config is not None and config.peft_type == "XLORA"):
        return Status.not_checked, "X-LoRA, a mixture of adapters, which are judged one by one"
    if config is None:
        if form.is_foreign:
            return Status.not_checked, f"{form.value} weights, of a family that is not judged"
        return Status.unknown, "no adapter_config.json, so rank and scaling are not known"
    unread = [name for name, what in weights.profile.odd.items() if what == "unread"]
    if unread:
        dtypes = sorted({weights.tensors[name].dtype for name in unread})
        return Status.not_checked, f"values of {counted(len(unread), 'tensor')} were not read ({', '.join(dtypes)})"
    return _as_it_is(config, weights, form)


def _as_it_is(config: Config, weights: Weights, form: KeyForm) -> tuple[Status, str]:
    """A PEFT adapter whose values were read and with which nothing is the matter."""
    around = " around a SentenceTransformer" if form is KeyForm.wrapped_st else ""
    open_question = _question(weights)
    if config.peft_type == "LORA":
        status = Status.unknown if open_question else Status.works
        return status, _lora(config, weights) + around + open_question
    kind = config.peft_type or "an adapter of no type"
    certain, rest = changes(kind, weights)
    status = Status.works if certain and not open_question else Status.unknown
    return status, described(kind, config, weights) + around + (open_question or rest)


def _question(weights: Weights) -> str:
    """What about the load cannot be known from the folder; "" for the usual case. Measured."""
    other = next((name for path in weights.files if (name := path.rpartition("/")[2]) not in _FILES), None)
    return "" if other is None else f"; saved as {other}, where PEFT looks for adapter_model.safetensors alone"


def _lora(config: Config, weights: Weights) -> str:
    """ "LoRA r=16, scaling 2, 24 modules"; a range where modules differ."""
    pairs = layout(weights.tensors).complete
    modules = [pair.module for pair in pairs]
    ranks = {rank for module in modules if (rank := config.rank(module)) is not None}
    scalings = {scaling for module in modules if (scaling := config.scaling(module)) is not None}
    words = ["DoRA" if config.get("use_dora") else "LoRA"]
    words[0] += f" r={_range(ranks)}" if ranks else ""
    words += [f"scaling {_range(scalings)}"] if scalings else []
    still = len(zeros(weights, pairs).zero)
    return ", ".join([*words, counted(len(modules), "module")]) + (f", {still} of them zero" if still else "")


def _range(numbers: Iterable[float]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
