"""The base model has batch normalisation, whose running mean and variance move in every forward pass of training,
though no gradient touches them and nothing marks them as trained. They belong to the base, so PEFT saves them only with
the modules that `modules_to_save` names, and the adapter has none of them. Measured with PEFT 0.18 and 0.21 on a ResNet
with LoRA on its convolutions, loaded again around the base:

- trained in `model.train()`: the output is off by 0.9 to 1.3 times what training had changed;
- trained in `model.eval()`, as a frozen backbone often is: exactly the trained output;
- with `modules_to_save` naming the normalisation: exactly the trained output, in both.

No file tells in which mode the model was trained, so this is only noted. It is told with `--base`.

To mend it, name the layers in `modules_to_save` (the last part of their path, "normalization" or "bn1") and train
again, or keep them in `eval()` while training. A trained model that is still in memory has them in its `state_dict()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import KeyForm, keyform
from adapterlint.model import Example, ExampleTensor, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_LAYER = "encoder.stages.0.layers.0"
_NORM = {f"{_LAYER}.normalization.{name}": ExampleTensor((8,), varied=1) for name in ("weight", "running_mean")}
_BASE = {f"{_LAYER}.convolution.weight": ExampleTensor((8, 8, 3, 3), varied=2), **_NORM}
_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "org/resnet", "target_modules": ["convolution"], "r": 2}
_PAIR = {
    f"base_model.model.{_LAYER}.convolution.lora_A.weight": ExampleTensor((2, 8, 3, 3), varied=3),
    f"base_model.model.{_LAYER}.convolution.lora_B.weight": ExampleTensor((8, 2, 1, 1), varied=4),
}
_KEPT = {f"base_model.model.{name}": it for name, it in _NORM.items()}
_STATS, _MOST = ".running_mean", 1000

RULE = Rule(
    id="batch-norm-stats",
    family="load",
    severity=Severity.info,
    summary="a base with batch normalisation, whose running statistics the adapter does not carry",
    why=__doc__ or "",
    examples=(
        Example("the statistics stay behind", config=_CONFIG, tensors=_PAIR, base=_BASE),
        Example(
            "saved with the adapter",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["normalization"]},
            tensors={**_PAIR, **_KEPT},
            base=_BASE,
        ),
        Example(
            "named, and its statistics lost, which other rules tell",
            fires=0,
            config={**_CONFIG, "modules_to_save": ["normalization"]},
            tensors=_PAIR,
            base=_BASE,
        ),
        Example(
            "a base without them",
            fires=0,
            config=_CONFIG,
            tensors=_PAIR,
            base={f"{_LAYER}.convolution.weight": ExampleTensor((8, 8, 3, 3), varied=2)},
        ),
    ),
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
)


def check(config: Config, weights: Weights, base: Base) -> Iterator[Finding]:
    """At most one finding, at `modules_to_save`."""
    layers = [name.removesuffix(_STATS) for name in base.parameters if name.endswith(_STATS)]
    if not layers or not weights.tensors or not config.is_peft or keyform(weights.tensors) is not KeyForm.peft:
        return
    listed = config.get("modules_to_save")
    named = tuple(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()
    if len(named) > _MOST or any(name.endswith(_STATS) for name in weights.tensors):
        return
    left = [layer for layer in layers if not any(f".{name}." in f".{layer}." for name in named)]
    if left:
        count = f"{len(left)} layers of batch normalisation" if len(left) > 1 else "a layer of batch normalisation"
        message = (
            f"the base has {count} ({left[0]}{', …' if len(left) > 1 else ''}), and the adapter holds no "
            "running statistics, so it is right only if they stayed as they were in training"
        )
        yield RULE.finding(message, config.place("/modules_to_save"))
