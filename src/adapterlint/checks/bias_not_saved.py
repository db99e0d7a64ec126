"""The config says that biases were trained with the adapter (`bias` "all" or "lora_only", or `lora_bias`), but the file
holds none. What was learnt in them is lost: the model that loads the adapter is not the one that was trained.

Measured: with `bias="lora_only"` PEFT 0.12 and 0.18 train the biases of the adapted layers and then do not save them,
without a word, since they look for them under their old name; PEFT 0.21 saves them. It also comes from filtering a
state dict by "lora_". A missing `lora_B.bias` is made anew, as zero, with a warning of missing keys.

A base without biases (Llama, Mistral) has none to save, and `bias="all"` is then a word without meaning: without
`--base` this is a warning only where the modules are known to have one, and info elsewhere.

To mend it, save again with a newer PEFT from the trained model, if it is still there; else train again with
`bias="none"`, which loses little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.pairs import all_of, layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_PAIR = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{_QUERY}.lora_B.weight": ExampleTensor((4, 2))}
_LLAMA = {name.replace("encoder.layer.0.attention.self.query", "layers.0.q_proj"): it for name, it in _PAIR.items()}
# The self-attention of BERT and its kin, the fused layers of GPT-2, the projections of OPT and Whisper.
_HAS_BIAS = re.compile(
    r"attention\.self\.(?:query|key|value)$|\.h\.\d+\.(?:attn|mlp)\.c_\w+$|\.decoder\.layers\.\d+\.fc\d$"
)

RULE = Rule(
    id="bias-not-saved",
    family="weights",
    severity=Severity.error,
    summary="biases were trained, but are not in the file",
    why=__doc__ or "",
    examples=(
        Example(
            "BERT has biases",
            config={**_CONFIG, "bias": "lora_only"},
            tensors=_PAIR,
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "the bias of lora_B",
            config={**_CONFIG, "lora_bias": True},
            tensors=_PAIR,
            status=Status.partly_loaded,
        ),
        Example(
            "Llama has none to save",
            config={**_CONFIG, "bias": "all"},
            tensors=_LLAMA,
            severity=Severity.info,
        ),
        Example(
            "saved",
            fires=0,
            config={**_CONFIG, "bias": "lora_only"},
            tensors={**_PAIR, f"{_QUERY}.base_layer.bias": ExampleTensor((4,))},
        ),
        Example("not trained", fires=0, config={**_CONFIG, "bias": "none"}, tensors=_PAIR),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.18.1/src/peft/utils/save_and_load.py",),
)


def check(target: Target, config: Config, weights: Weights, base: Base | None = None) -> Iterator[Finding]:
    """At most one finding for the base's biases and one for those of lora_B."""
    if target.kind is not TargetKind.adapter or config.peft_type != "LORA":
        return
    pairs = layout(weights.tensors).complete
    modules = [pair.module for pair in pairs]
    if not modules:
        return
    if config.get("bias") in ("all", "lora_only") and not any(map(_is_base_bias, weights.tensors)):
        yield from _lost(config, modules, base)
    if config.get("lora_bias") is True and not any(name.endswith(".lora_B.bias") for name in weights.tensors):
        message = f"lora_bias is set, but lora_B.bias is missing in {all_of(len(modules))}, so new ones start at zero"
        yield RULE.finding(message, config.place("/lora_bias"), status=Status.partly_loaded)


def _lost(config: Config, modules: list[str], base: Base | None) -> Iterator[Finding]:
    place, said = config.place("/bias"), f'bias is "{config.get("bias")}", but no bias is in the file'
    if base is not None:
        held = [name for name in modules if f"{name}.bias" in base.parameters]
        if held:
            message = f"{said}, while {len(held)} of {len(modules)} adapted modules have one"
            yield RULE.finding(message, place, status=Status.partly_loaded)
    elif any(map(_HAS_BIAS.search, modules)):
        message = f"{said}, while modules like {next(filter(_HAS_BIAS.search, modules))} have one"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    else:
        message = f"{said}, which is right only if the base model has none"
        yield RULE.finding(message, place, severity=Severity.info)


def _is_base_bias(name: str) -> bool:
    return name.endswith(".bias") and split(name) is None
