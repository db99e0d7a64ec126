"""Faults that the names and shapes in a file show. Each is made on a trained adapter and loaded by the real PEFT."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapterlint
import scenes
from adapterlint.model import Example, ExampleTensor, Severity, Status

Tensors = dict[str, Any]


def renamed(change: Callable[[str], str], *, transpose: bool = False) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {change(name): (it.T if transpose else it).contiguous() for name, it in tensors.items()}


def without(*parts: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {name: it for name, it in tensors.items() if not all(part in name for part in parts)}


def kohya(name: str) -> str:
    module, _, factor = name.removeprefix("base_model.model.").partition(".lora_")
    return f"lora_unet_{module.replace('.', '_')}.lora_{'down' if factor[0] == 'A' else 'up'}.weight"


def emptied(tensors: Tensors) -> Tensors:
    return {name: it[:0] if "layers.0" in name else it for name, it in tensors.items()}


def with_base(tensors: Tensors) -> Tensors:
    import peft_adapters

    weights = {name: it * 1.5 for name, it in peft_adapters.llama().state_dict().items() if "up_proj" in name}
    return tensors | {f"base_model.model.{name}": it for name, it in weights.items()}


BASE, OTHER, REFUSED, TRAINED = "the base's output", "another output", "no load", "the trained output"
FAULTS: list[tuple[str, dict[str, Any], Callable[[Tensors], Tensors], dict[str, Any], Status, str]] = [
    ("foreign-names", {}, renamed(kohya), {}, Status.loads_nothing, BASE),
    (
        "foreign-names",
        {},
        renamed(lambda it: it[17:].replace("A.weight", "a").replace("B.weight", "b"), transpose=True),
        {},
        Status.loads_nothing,
        BASE,
    ),
    ("foreign-names", {}, renamed(lambda it: f"diffusion_model.{it[17:]}"), {}, Status.loads_nothing, BASE),
    ("adapter-name-in-keys", {}, renamed(lambda it: it[:-6] + "mine.weight"), {}, Status.loads_nothing, BASE),
    ("adapter-name-in-keys", {}, renamed(lambda it: it[:-6] + "default.weight"), {}, Status.unknown, TRAINED),
    ("zero-size-tensors", {}, emptied, {}, Status.unreadable, REFUSED),
    ("base-weights-inside", {}, with_base, {}, Status.unknown, OTHER),
    ("dora-vectors-missing", {"use_dora": True}, without("magnitude"), {}, Status.partly_loaded, OTHER),
    ("dora-vectors-missing", {"use_dora": True}, without("magnitude", "rs.0"), {}, Status.partly_loaded, OTHER),
    ("dora-flag-off", {"use_dora": True}, dict, {"use_dora": False}, Status.wrong, OTHER),
    ("bias-not-saved", {"lora_bias": True}, without("bias"), {}, Status.partly_loaded, OTHER),
    ("half-a-pair", {}, without("lora_B", "layers.0"), {}, Status.partly_loaded, OTHER),
    ("half-a-pair", {}, without("lora_B"), {}, Status.inert, BASE),
]


@pytest.mark.runtime
@pytest.mark.parametrize(("rule", "options", "edit", "config", "status", "effect"), FAULTS)
def test_each_fault_is_named_and_does_what_is_said(
    rule: str,
    options: dict[str, Any],
    edit: Callable[[Tensors], Tensors],
    config: dict[str, Any],
    status: Status,
    effect: str,
    tmp_path: Path,
) -> None:
    from safetensors.torch import load_file, save_file

    import peft_adapters

    model = peft_adapters.train(peft_adapters.make("LORA", peft_adapters.biased(), **options))
    peft_adapters.save(model, tmp_path)
    file, path = tmp_path / "adapter_model.safetensors", tmp_path / "adapter_config.json"
    save_file(edit(load_file(file)), file, metadata={"format": "pt"})
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert [it.rule for it in report.findings if it.severity >= Severity.warning] == [rule]
    assert report.verdicts[0].status is status
    assert _effect(model, tmp_path) == effect


def _effect(trained: Any, folder: Path) -> str:
    """What PEFT makes of the folder, in the words of FAULTS."""
    import peft
    import torch

    import peft_adapters

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        good = trained(input_ids=peft_adapters.IDS)[0]
        base = peft_adapters.biased()(input_ids=peft_adapters.IDS)[0]
        try:
            model = peft.PeftModel.from_pretrained(peft_adapters.biased(), str(folder)).eval()
        except RuntimeError:
            return REFUSED
        output = model(input_ids=peft_adapters.IDS)[0]
    return BASE if torch.equal(output, base) else TRAINED if torch.allclose(output, good) else OTHER


DOWN, UP, NOTHING = ExampleTensor((2, 4)), ExampleTensor((4, 2)), ExampleTensor((4, 2), 0.0)
NAN = ExampleTensor((4, 2), float("nan"))
FAMILIES = {
    "kohya": ("lora_unet_{}.lora_down.weight", "lora_unet_{}.lora_up.weight"),
    "diffusers": ("unet.{}.processor.to_q_lora.down.weight", "unet.{}.processor.to_q_lora.up.weight"),
    "diffusers, PEFT style": ("transformer.{}.to_q.lora_A.weight", "transformer.{}.to_q.lora_B.weight"),
    "ComfyUI": ("diffusion_model.{}.lora_A.weight", "diffusion_model.{}.lora_B.weight"),
    "MLX": ("model.layers.{}.q_proj.lora_a", "model.layers.{}.q_proj.lora_b"),
    "GGUF": ("blk.{}.attn_q.weight.lora_a", "blk.{}.attn_q.weight.lora_b"),
    "torchtune": ("layers.{}.attn.q_proj.lora_a.weight", "layers.{}.attn.q_proj.lora_b.weight"),
    "LyCORIS": ("lora_unet_{}.lokr_w1", "lora_unet_{}.lokr_w2"),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("second", "rules"),
    [(UP, set()), (NOTHING, {"inert-adapter"}), (NAN, {"non-finite-values"}), (None, {"half-a-pair"})],
    ids=["sound", "zero", "nan", "half"],
)
def test_other_families_are_checked_for_what_all_share(
    family: str, second: ExampleTensor | None, rules: set[str], tmp_path: Path
) -> None:
    down, up = FAMILIES[family]
    tensors = {down.format(at): DOWN for at in range(2)}
    if family == "kohya":
        tensors |= {f"lora_unet_{at}.alpha": ExampleTensor((), 2.0) for at in range(2)}
    if second is not None:
        tensors |= {up.format(at): second for at in range(2)}
    (tmp_path / "lora.safetensors").write_bytes(scenes.safetensors(tensors))
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert {it.rule for it in report.findings if it.severity >= Severity.warning} == rules
    (verdict,) = report.verdicts
    if not rules:
        assert verdict.status is Status.not_checked
        assert family.partition(",")[0] in verdict.reason


def test_a_base_that_is_known_to_have_no_bias_has_none_to_save(tmp_path: Path) -> None:
    config = {"peft_type": "LORA", "base_model_name_or_path": "b", "target_modules": ["q"], "r": 2, "lora_alpha": 2}
    name = "base_model.model.layers.0.q"
    pair = {f"{name}.lora_A.weight": DOWN, f"{name}.lora_B.weight": UP}
    scenes.write(Example("", config={**config, "bias": "all"}, tensors=pair), tmp_path)
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert [(it.rule, it.severity) for it in report.findings if it.rule == "bias-not-saved"] == [
        ("bias-not-saved", Severity.info)
    ]
    assert report.verdicts[0].status is Status.works
