"""Facts, load plan and findings of one adapter -> its verdict. Nobody else decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import KeyForm, keyform, split
from adapterlint.loadplan.moved import has_moved
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
    if config is None:
        if form.is_foreign:
            return Status.not_checked, f"{form.value} weights, of a family that is not judged"
        return Status.unknown, "no adapter_config.json, so rank and scaling are not known"
    unread = [name for name in weights.tensors if weights.facts(name) is None]
    if unread:
        dtypes = sorted({weights.tensors[name].dtype for name in unread})
        return Status.not_checked, f"values of {_plural(len(unread), 'tensor')} were not read ({', '.join(dtypes)})"
    return _as_it_is(config, weights, form)


def _as_it_is(config: Config, weights: Weights, form: KeyForm) -> tuple[Status, str]:
    """A PEFT adapter whose values were read and with which nothing is the matter."""
    around = " around a SentenceTransformer" if form is KeyForm.wrapped_st else ""
    open_question = _question(weights, form)
    if config.peft_type == "LORA":
        status = Status.unknown if open_question else Status.works
        return status, _lora(config, weights) + around + open_question
    kind = config.peft_type or "an adapter of no type"
    modules = {part.module for part in map(split, weights.tensors) if part is not None and part.module}
    what = _plural(len(modules), "module") if modules else _plural(len(weights.tensors), "tensor")
    what = f"{kind}, {what}{around}"
    moved = has_moved(weights, kind)
    if open_question:
        return Status.unknown, what + open_question
    if moved:
        return Status.works, what
    return Status.unknown, f"{what}; " + (
        "its values are those it starts with"
        if moved is False
        else "whether they change the output is not judged for this type"
    )


def _question(weights: Weights, form: KeyForm) -> str:
    """What about the load cannot be known from the folder; "" for the usual case. All measured."""
    other = next((name for path in weights.files if (name := path.rpartition("/")[2]) not in _FILES), None)
    if other is not None:
        return f"; saved as {other}, where PEFT looks for adapter_model.safetensors alone"
    if form is KeyForm.xlora:
        return "; an expert of an X-LoRA adapter, which does nothing alone"
    pairs = (part for part in map(split, weights.tensors) if part is not None and part.factor.startswith("lora_"))
    left = next((part.adapter for part in pairs if part.adapter), None)
    if left is not None:  # 0.21.2 takes them under that name only, 0.18.1 never
        return (
            f'; its keys hold the adapter name "{left}", which only newer PEFT takes, and only if loaded by that name'
        )
    return ""


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
    return ", ".join([*words, _plural(len(modules), "module")]) + (f", {still} of them zero" if still else "")


def _range(numbers: Iterable[float]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
