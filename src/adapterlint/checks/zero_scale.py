"""PEFT multiplies the product B·A with alpha / r before it adds it to the layer. With `lora_alpha` 0 that is nothing:
the adapter loads without a warning, every tensor lands, and the output equals the base model's to the last bit
(measured with PEFT 0.21.2, difference 0.0). Merging changes nothing either.

It comes from a config written by hand or exported by a tool that did not know the alpha and put 0, and from a sweep
that used 0 as "off". An `alpha_pattern` entry of 0 does the same for the modules it matches. The trained values may
well be fine: only the scale is missing.

What is not scaled still counts: a head in `modules_to_save`, base biases, new token rows, and DoRA's magnitudes change
the output with an alpha of 0, so then the verdict is *unknown*. With `init_lora_weights` "pissa" PEFT divides by the
scale while it loads and the output is NaN.

To mend it, write the alpha the adapter was trained with; if it is lost, alpha = r (scaling 1) and alpha = 2·r are what
most training scripts use, and a look at the outputs decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adapterlint.knowledge.updates import SCALES
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_GOOD: dict[str, Any] = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query", "value"]}
_SELF = "base_model.model.encoder.layer.0.attention.self"
_PAIRS = {
    f"{_SELF}.{name}.lora_{factor}.weight": ExampleTensor((2, 4) if factor == "A" else (4, 2))
    for name in ("query", "value")
    for factor in "AB"
}
_HEAD = {"base_model.model.classifier.weight": ExampleTensor((2, 4))}
_UNSCALED = ("modules_to_save", "bias", "use_dora", "trainable_token_indices")

RULE = Rule(
    id="zero-scale",
    family="config",
    severity=Severity.error,
    summary="an alpha of zero, which multiplies the whole update away",
    why=__doc__ or "",
    examples=(
        Example("alpha 0", config={**_GOOD, "lora_alpha": 0}, tensors=_PAIRS, status=Status.inert),
        Example("alpha 0.0, weights not here", config={**_GOOD, "lora_alpha": 0.0}, status=Status.inert),
        Example("false counts as 0", config={**_GOOD, "lora_alpha": False}, tensors=_PAIRS),
        Example("a pattern that catches every module", config={**_GOOD, "alpha_pattern": {".*": 0}}, tensors=_PAIRS),
        Example(
            "a pattern that catches one of two",
            config={**_GOOD, "alpha_pattern": {"query": 0}},
            tensors=_PAIRS,
            severity=Severity.warning,
        ),
        Example(
            "a trained head still counts",
            config={**_GOOD, "lora_alpha": 0, "modules_to_save": ["classifier"]},
            tensors={**_PAIRS, **_HEAD},
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "magnitudes of DoRA may count, and the weights are not here",
            config={**_GOOD, "lora_alpha": 0, "use_dora": True},
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "LoHa calls it alpha",
            config={"peft_type": "LOHA", "r": 2, "alpha": 0, "target_modules": ["query"]},
            status=Status.inert,
        ),
        Example(
            "AdaLoRA takes the rank for an alpha of 0",
            fires=0,
            config={"peft_type": "ADALORA", "r": 2, "lora_alpha": 0, "target_modules": ["query"]},
        ),
        Example("alpha below the rank", fires=0, config={**_GOOD, "lora_alpha": 0.5}, tensors=_PAIRS),
        Example("a negative alpha is legal", fires=0, config={**_GOOD, "lora_alpha": -4}, tensors=_PAIRS),
        Example(
            "patterns give every module its own",
            fires=0,
            config={**_GOOD, "lora_alpha": 0, "alpha_pattern": {"query": 4, "value": 4}},
            tensors=_PAIRS,
        ),
        Example(
            "a pattern that matches nothing", fires=0, config={**_GOOD, "alpha_pattern": {"key": 0}}, tensors=_PAIRS
        ),
    ),
)


def check(config: Config, weights: Weights | None = None) -> Iterator[Finding]:
    """At most one finding, at the value that makes the scale zero."""
    if config.peft_type in SCALES:
        yield from _other_type(config)
    if config.peft_type != "LORA" or not _has_zero(config):
        return
    from adapterlint.loadplan.pairs import layout

    seen = layout(weights.tensors if weights is not None else ())
    modules = seen.modules
    if not modules:
        yield from _without_modules(config)
        return
    zero = [module for module in modules if config.alpha(module) == 0]
    pointers = list(dict.fromkeys(config.alpha_pointer(module) or "" for module in zero))
    if len(zero) == len(modules):
        # A bias of lora_B is scaled with its product, so it does not count.
        others = [name for name in seen.beside if not name.endswith("lora_B.bias")]
        yield _all_zero(config, pointers, len(modules), len(others))
    elif zero:
        message = f"alpha is 0 in {len(zero)} of {len(modules)} modules, so the adapter leaves them unchanged"
        place, *related = map(config.place, pointers)
        yield RULE.finding(message, place, severity=Severity.warning, related=related)


def _other_type(config: Config) -> Iterator[Finding]:
    """Types without patterns have one scale for all modules (`knowledge.updates.SCALES`)."""
    for name in SCALES[config.peft_type or ""]:
        value = config.get(name)
        if isinstance(value, (int, float)) and value == 0:
            unscaled = [it for it in _UNSCALED if config.get(it) not in (None, False, [], "none")]
            if unscaled:
                message = f"the update is scaled to nothing ({name} is 0); {', '.join(unscaled)} may still count"
                yield RULE.finding(message, config.place(f"/{name}"), severity=Severity.warning, status=Status.unknown)
            else:
                message = f"the update is scaled to nothing ({name} is 0)"
                yield RULE.finding(message, config.place(f"/{name}"), status=Status.inert)


def _has_zero(config: Config) -> bool:
    patterns = config.get("alpha_pattern")
    values = [config.get("lora_alpha"), *(patterns.values() if isinstance(patterns, dict) else ())]
    return any(isinstance(value, (int, float)) and value == 0 for value in values)


def _without_modules(config: Config) -> Iterator[Finding]:
    """Without modules to match, patterns cannot be weighed: only a config without any is sure."""
    alpha = config.get("lora_alpha")
    if not isinstance(alpha, (int, float)) or alpha != 0 or config.get("alpha_pattern"):
        return
    place = config.place("/lora_alpha")
    unscaled = [name for name in _UNSCALED if config.get(name) not in (None, False, [], "none")]
    if unscaled:
        message = f"the LoRA part is scaled to nothing (lora_alpha is 0); {', '.join(unscaled)} may still count"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    else:
        yield RULE.finding("the update is scaled to nothing (lora_alpha is 0)", place, status=Status.inert)


def _all_zero(config: Config, pointers: Sequence[str], modules: int, others: int) -> Finding:
    from adapterlint.loadplan.pairs import all_of

    place, *related = map(config.place, pointers)
    where = "lora_alpha" if list(pointers) == ["/lora_alpha"] else "alpha"
    if str(config.get("init_lora_weights")).startswith("pissa"):
        message = f"{where} is 0 with a PiSSA start, so PEFT divides by zero while it loads"
        return RULE.finding(message, place, related=related, status=Status.wrong)
    if others:
        tensors = "1 other tensor counts" if others == 1 else f"{others} other tensors count"
        message = f"the LoRA part is scaled to nothing in {all_of(modules)} ({where} is 0), but {tensors}"
        return RULE.finding(message, place, severity=Severity.warning, related=related, status=Status.unknown)
    message = f"the update is scaled to nothing in {all_of(modules)} ({where} is 0)"
    return RULE.finding(message, place, related=related, status=Status.inert)
