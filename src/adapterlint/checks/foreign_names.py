"""adapter_config.json is PEFT's, but the tensors beside it are named as another library names them. PEFT looks for
`base_model.model.` and the module's path, finds none of them, warns of missing keys at most and answers with the
base model (measured with PEFT 0.18 and 0.21 for kohya, MLX and diffusers names: the logits are equal to the last bit).

It comes from a converter that wrote a PEFT config and left the names, from renaming `pytorch_lora_weights.safetensors`,
`adapters.safetensors` or a `.safetensors` for ComfyUI to adapter_model.safetensors, and from a repository that offers
two formats of which the wrong file was taken.

Foreign weights without a PEFT config are no fault: they are another library's, and are checked only for what all
families share (factors that are missing, zero or not finite).

To mend it, load the file with the library it was made for (diffusers' `load_lora_weights`, mlx-lm, ComfyUI,
`adapters`), or convert it: diffusers has converters for kohya and ComfyUI names, mlx-lm for MLX, torchtune saves PEFT
names on request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import OWN_NAMES
from adapterlint.loadplan.keyform import KeyForm, form_of
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_DOWN, _UP = ExampleTensor((2, 4)), ExampleTensor((4, 2))


def _pair(down: str, up: str) -> dict[str, ExampleTensor]:
    return {down: _DOWN, up: _UP}


def _foreign(title: str, down: str, up: str) -> Example:
    return Example(title, config=_CONFIG, tensors=_pair(down, up), status=Status.loads_nothing)


_PATH = "layers.0.self_attn.q_proj"
_DIFFUSION = "diffusion_model.double_blocks.0.img_attn.proj"

RULE = Rule(
    id="foreign-names",
    family="load",
    severity=Severity.error,
    summary="a PEFT config beside tensors that another library has named",
    why=__doc__ or "",
    examples=(
        _foreign(
            "kohya",
            "lora_te_layers_0_q_proj.lora_down.weight",
            "lora_te_layers_0_q_proj.lora_up.weight",
        ),
        _foreign("MLX", f"model.{_PATH}.lora_a", f"model.{_PATH}.lora_b"),
        _foreign("torchtune", "layers.0.attn.q_proj.lora_a.weight", "layers.0.attn.q_proj.lora_b.weight"),
        _foreign("GGUF", "blk.0.attn_q.weight.lora_a", "blk.0.attn_q.weight.lora_b"),
        _foreign("ComfyUI", f"{_DIFFUSION}.lora_A.weight", f"{_DIFFUSION}.lora_B.weight"),
        _foreign(
            "old diffusers",
            "unet.down_blocks.0.attn1.processor.to_q_lora.down.weight",
            "unet.down_blocks.0.attn1.processor.to_q_lora.up.weight",
        ),
        Example(
            "PEFT's own names",
            fires=0,
            config=_CONFIG,
            tensors=_pair("base_model.model.query.lora_A.weight", "base_model.model.query.lora_B.weight"),
        ),
        Example(
            "an MLX config beside MLX names",
            fires=0,
            config={"fine_tune_type": "lora", "num_layers": 4, "lora_parameters": {"rank": 2, "scale": 20.0}},
            tensors=_pair(f"model.{_PATH}.lora_a", f"model.{_PATH}.lora_b"),
        ),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/1329",
        "https://github.com/huggingface/diffusers/issues/9950",
    ),
)


def check(target: Target, config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the first foreign name."""
    if target.kind is not TargetKind.adapter or config.peft_type not in OWN_NAMES:
        return
    forms = {name: form_of(name) for name in weights.tensors}
    own = [name for name, form in forms.items() if form.is_adapter]
    # PEFT itself writes the names of X-LoRA, among them a copy of the base, into the folders of its sub-adapters.
    foreign = [name for name in own if forms[name].is_foreign and forms[name] is not KeyForm.xlora]
    if not foreign:
        return
    every = len(foreign) == len(own)
    count = (
        "the only adapter tensor is" if len(own) == 1 else f"{'all' if every else len(foreign)} {_of(own, every)} are"
    )
    message = f"{count} named as {forms[foreign[0]].value} names them, so PEFT finds none that it looks for"
    status = Status.loads_nothing if every else Status.partly_loaded
    yield RULE.finding(message, weights.place(foreign[0]), status=status)


def _of(own: list[str], every: bool) -> str:
    return f"{len(own)} adapter tensors" if every else f"of {len(own)} adapter tensors"
