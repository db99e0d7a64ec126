"""A LoRA in one file, with no adapter_config.json beside it, does not say its alpha. The update is scaled with
alpha / rank, and the tensors do not show it, so readers assume that alpha is the rank and multiply with one. Trained
with alpha 1 at rank 16, as kohya's scripts do by default, the update then works sixteen times as strongly, without a
message.

kohya's scripts and LyCORIS write a tensor `.alpha` for every module, always. Where it is missing, in all modules or
in some, it was lost: by a converter, a merge, a filter on shapes that dropped the scalars. That is a warning.

diffusers, ComfyUI and bare state dicts have no such custom. Before release 0.34 diffusers wrote neither `.alpha` nor
`lora_adapter_metadata`, and most such files were trained with alpha equal to the rank or have the scale folded into
lora_B; whether this one was cannot be known from the file, so it is noted only.

To mend it, look for the alpha of the training run (its script, its log, `ss_network_alpha` of another save) and
write it back: a scalar tensor `<module>.alpha` for each module, or multiply each up factor with alpha / rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import KeyForm, form_of, keyform, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_DOWN, _UP, _ALPHA = ExampleTensor((2, 4)), ExampleTensor((4, 2)), ExampleTensor((), 1.0)
_ONE, _TWO = "lora_unet_down_blocks_0_to_q", "lora_unet_down_blocks_0_to_v"


def _kohya(module: str) -> dict[str, ExampleTensor]:
    return {f"{module}.lora_down.weight": _DOWN, f"{module}.lora_up.weight": _UP}


_DIFFUSERS = {"unet.mid_block.to_q.lora_A.weight": _DOWN, "unet.mid_block.to_q.lora_B.weight": _UP}

RULE = Rule(
    id="alpha-not-in-file",
    family="weights",
    severity=Severity.warning,
    summary="a single-file LoRA that does not say its alpha, so that readers take the rank",
    why=__doc__ or "",
    examples=(
        Example("kohya without any", tensors={**_kohya(_ONE), **_kohya(_TWO)}),
        Example("kohya, of one module", tensors={**_kohya(_ONE), f"{_ONE}.alpha": _ALPHA, **_kohya(_TWO)}),
        Example("diffusers", tensors=_DIFFUSERS, severity=Severity.info),
        Example("kohya as it is written", fires=0, tensors={**_kohya(_ONE), f"{_ONE}.alpha": _ALPHA}),
        Example(
            "a config beside it says it",
            fires=0,
            config={"peft_type": "LORA", "base_model_name_or_path": "b", "target_modules": ["q"], "lora_alpha": 4},
            tensors={"base_model.model.q.lora_A.weight": _DOWN, "base_model.model.q.lora_B.weight": _UP},
        ),
        Example("MLX keeps its scale elsewhere", fires=0, tensors={"model.q.lora_a": _UP, "model.q.lora_b": _DOWN}),
    ),
    references=(
        "https://github.com/huggingface/diffusers/issues/3743",
        "https://github.com/kohya-ss/sd-scripts/issues/2169",
        "https://github.com/sgl-project/sglang/issues/17086",
    ),
)

_SAID = ("lora_adapter_metadata", "lora_alpha", "network_alpha", "ss_network_alpha")
_ALWAYS = (KeyForm.kohya, KeyForm.lycoris)
_ASSUMED = (KeyForm.diffusers, KeyForm.comfyui, KeyForm.bare)
_RANKED = ("lora_down", "lora_A", "hada_w1_a", "lokr_w1_a", "lokr_w2_a")


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first module without an alpha."""
    form = keyform(weights.tensors)
    if target.kind is not TargetKind.adapter or config is not None or target.config is not None:
        return
    if form not in (*_ALWAYS, *_ASSUMED) or (form is KeyForm.bare and not target.lone):
        return  # config-missing tells of PEFT's own
    if any(word in key for key in weights.metadata for word in _SAID):
        return
    scaled = _scaled(weights)
    without = [module for module in scaled if f"{module}.alpha" not in weights.tensors]
    strangers = [name for name in weights.tensors if name.endswith(".alpha") and name[:-6] not in scaled]
    if not without or strangers:
        return  # alphas under other paths than the factors' may be spelled as another family does
    number = (
        "no module has an alpha"
        if len(without) == len(scaled)
        else f"{len(without)} of {len(scaled)} modules have no alpha"
    )
    always = all(form_of(scaled[module]) in _ALWAYS for module in without)
    message = f"{number} and the header names none, so readers take the rank for it"
    severity = Severity.warning if always else Severity.info
    yield RULE.finding(message, weights.place(scaled[without[0]]), severity=severity)


def _scaled(weights: Weights) -> dict[str, str]:
    """The modules whose update readers scale with alpha / rank, each with one of its factors."""
    found: dict[str, str] = {}
    for name in weights.tensors:
        part = split(name)
        if part is not None and part.factor in _RANKED:
            found.setdefault(part.prefix + part.module, name)
    return found
