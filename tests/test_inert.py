"""Adapters that are nothing, in part or in whole: real ones, and what the loaded model says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import scenes
from adapterlint.model import Example, ExampleTensor, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report

PATH = "base_model.model.encoder.layer.{}.attention.self.query"
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "bert-base-uncased",
    "target_modules": ["query"],
    "r": 2,
    "lora_alpha": 8,
}


def check(folder: Path) -> Report:
    return adapterlint.check([str(folder)], level="hint", isolated=True)


def judge(tensors: dict[str, ExampleTensor], folder: Path, **config: Any) -> tuple[list[Finding], Status]:
    scenes.write(Example("", config={**CONFIG, **config}, tensors=tensors), folder)
    report = check(folder)
    return [it for it in report.findings if it.rule.endswith("inert-adapter") or "inert" in it.rule], (
        report.verdicts[0].status
    )


def pairs(*values: float, dtype: str = "F32") -> dict[str, ExampleTensor]:
    """Layers 0, 1, …, each with a lora_A of ones and a lora_B of the given value."""
    first = {f"{PATH.format(at)}.lora_A.weight": ExampleTensor((2, 4), 1, dtype) for at in range(len(values))}
    second = {f"{PATH.format(at)}.lora_B.weight": ExampleTensor((4, 2), it, dtype) for at, it in enumerate(values)}
    return first | second


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16", "F64"])
def test_zero_is_zero_in_every_dtype_also_with_a_sign(dtype: str, tmp_path: Path) -> None:
    findings, status = judge(pairs(0.0, -0.0, dtype=dtype), tmp_path)
    assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.error)]
    assert findings[0].message == (
        "lora_B is zero in all 2 modules (never trained, or saved too early), so the adapter leaves the base model "
        "unchanged"
    )
    assert status is Status.inert


def test_the_smallest_number_is_not_zero(tmp_path: Path) -> None:
    findings, status = judge(pairs(5e-324, dtype="F64"), tmp_path)
    assert not findings and status is Status.works


def test_a_zero_lora_a_is_no_sign_of_an_untrained_adapter(tmp_path: Path) -> None:
    tensors = pairs(1.0) | {f"{PATH.format(0)}.lora_A.weight": ExampleTensor((2, 4), 0.0)}
    findings, status = judge(tensors, tmp_path)
    assert [it.message for it in findings] == [
        "lora_A is zero in the only module, so the adapter leaves the base model unchanged"
    ]
    assert status is Status.inert


@pytest.mark.parametrize(
    ("beside", "config", "named"),
    [
        (
            {"base_model.model.classifier.weight": ExampleTensor((2, 4))},
            {"modules_to_save": ["classifier"]},
            "classifier.weight",
        ),
        ({f"{PATH.format(0)}.bias": ExampleTensor((4,))}, {"bias": "all"}, "query.bias"),
        ({f"{PATH.format(0)}.lora_B.bias": ExampleTensor((4,))}, {"lora_bias": True}, "lora_B.bias"),
        (
            {f"{PATH.format(at)}.lora_magnitude_vector": ExampleTensor((4,)) for at in range(2)},
            {"use_dora": True},
            "lora_magnitude_vector",
        ),
        (
            {"base_model.model.embeddings.token_adapter.trainable_tokens_delta": ExampleTensor((1, 4))},
            {"trainable_token_indices": {"embeddings": [3]}},
            "trainable_tokens_delta",
        ),
        ({}, {"init_lora_weights": "pissa"}, "init_lora_weights"),
        ({}, {"init_lora_weights": "pissa_niter_16"}, "init_lora_weights"),
        ({}, {"init_lora_weights": "olora"}, "init_lora_weights"),
        ({}, {"init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4}}, "init_lora_weights"),
        ({}, {"init_lora_weights": "lora_ga"}, "init_lora_weights"),
        ({}, {"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
    ],
)
def test_what_else_can_change_the_output_makes_it_a_warning(
    beside: dict[str, ExampleTensor], config: dict[str, Any], named: str, tmp_path: Path
) -> None:
    findings, status = judge(pairs(0.0, 0.0) | beside, tmp_path, **config)
    assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.warning)]
    assert named in findings[0].message and "the LoRA part does nothing" in findings[0].message
    assert status is Status.unknown


@pytest.mark.parametrize(
    ("beside", "config"),
    [
        ({f"{PATH.format(0)}.lora_B.bias": ExampleTensor((4,), 0.0)}, {"lora_bias": True}),
        ({f"{PATH.format(0)}.alpha": ExampleTensor((), 8.0)}, {}),
        ({"base_model.model.lm_head.base_layer.weight": ExampleTensor((9, 4))}, {}),
        ({}, {"init_lora_weights": "gaussian"}),
        ({}, {"init_lora_weights": True}),
    ],
)
def test_what_cannot_change_the_output_does_not_excuse_it(
    beside: dict[str, ExampleTensor], config: dict[str, Any], tmp_path: Path
) -> None:
    findings, status = judge(pairs(0.0, 0.0) | beside, tmp_path, **config)
    assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.error)]
    assert status is Status.inert


@pytest.mark.parametrize("name", ["lora_velora_embed", "lora_monteclora_sampler.expert_weights"])
def test_what_acts_within_the_product_does_not_excuse_it(name: str, tmp_path: Path) -> None:
    tensors = pairs(0.0) | {f"{PATH.format(0)}.{name}": ExampleTensor((4,), 1.0)}
    findings, status = judge(tensors, tmp_path)
    assert [it.severity for it in findings] == [Severity.error] and status is Status.inert


def test_mica_starts_with_the_other_factor_at_zero(tmp_path: Path) -> None:
    tensors = pairs(1.0) | {f"{PATH.format(0)}.lora_A.weight": ExampleTensor((2, 4), 0.0)}
    findings, status = judge(tensors, tmp_path, init_lora_weights="mica")
    assert "never trained" in findings[0].message and status is Status.inert


def test_a_rank_beyond_floats_has_no_scaling(tmp_path: Path) -> None:
    judge(pairs(0.0), tmp_path, r=10**400)
    report = check(tmp_path)
    assert {it.rule for it in report.findings} == {"rank-differs", "inert-adapter"}


def test_one_fault_one_finding(tmp_path: Path) -> None:
    scenes.write(Example("", config={**CONFIG, "lora_alpha": 0}, tensors=pairs(0.0)), tmp_path)
    report = check(tmp_path)
    assert [it.rule for it in report.findings] == ["zero-scale"]
    assert report.verdicts[0].status is Status.inert


@pytest.mark.parametrize(("zero", "severity"), [(1, Severity.hint), (2, Severity.hint), (3, Severity.warning)])
def test_partly_inert_is_a_hint_up_to_half(zero: int, severity: Severity, tmp_path: Path) -> None:
    findings, status = judge(pairs(*[0.0] * zero, *[1.0] * (4 - zero)), tmp_path)
    assert [(it.rule, it.severity) for it in findings] == [("partly-inert", severity)]
    layers = "layer 0" if zero == 1 else f"layers 0-{zero - 1}"
    assert findings[0].message == f"lora_B is zero in {zero} of 4 modules: query ({layers})"
    assert status is Status.works


@pytest.mark.parametrize("peft_type", ["ADALORA", "IA3", "VERA"])
def test_other_types_have_other_starts(peft_type: str, tmp_path: Path) -> None:
    findings, _ = judge(pairs(0.0), tmp_path, peft_type=peft_type)
    assert not findings


@pytest.mark.runtime
@pytest.mark.parametrize("family", ["bert", "llama"])
def test_an_untrained_adapter_is_the_base_and_a_trained_one_is_not(family: str, tmp_path: Path) -> None:
    import torch

    import tiny

    make = getattr(tiny, family)
    tiny.save(make(), tmp_path / "untrained", steps=0)
    tiny.save(make(), tmp_path / "trained", steps=3)
    report = check(tmp_path)
    assert [(Path(it.place.path).parent.name, it.rule) for it in report.findings] == [("untrained", "inert-adapter")]
    assert [it.status for it in report.verdicts] == [Status.works, Status.inert]
    base = tiny.output(make())
    assert torch.equal(tiny.output(make(), tmp_path / "untrained"), base)
    assert not torch.equal(tiny.output(make(), tmp_path / "trained"), base)


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("target", "options"),
    [
        (["embed_tokens"], {}),
        (["lm_head"], {}),
        (["embed_tokens", "q_proj"], {}),
        (["q_proj"], {"lora_bias": True}),
        (["q_proj"], {"use_rslora": True}),
        (["q_proj"], {"init_lora_weights": "gaussian"}),
        (["q_proj"], {"rank_pattern": {"layers.1.self_attn.q_proj": 2}}),
    ],
    ids=str,
)
def test_every_form_of_untrained_is_found(target: list[str], options: dict[str, Any], tmp_path: Path) -> None:
    import torch

    import tiny

    # PEFT refuses lora_bias where the base layer has no bias.
    def make() -> Any:
        model = tiny.llama()
        if options.get("lora_bias"):
            for layer in model.model.layers:
                layer.self_attn.q_proj.bias = torch.nn.Parameter(torch.zeros(32))
        return model

    tiny.save(make(), tmp_path / "untrained", steps=0, target_modules=target, **options)
    tiny.save(make(), tmp_path / "trained", steps=3, target_modules=target, **options)
    report = check(tmp_path)
    assert [it.status for it in report.verdicts] == [Status.works, Status.inert], report.verdicts
    assert [it.rule for it in report.findings if it.severity >= Severity.warning] == ["inert-adapter"]
    assert torch.equal(tiny.output(make(), tmp_path / "untrained"), tiny.output(make()))
    assert not torch.equal(tiny.output(make(), tmp_path / "trained"), tiny.output(make()))


@pytest.mark.runtime
@pytest.mark.parametrize("init", ["pissa", "olora"])
def test_a_base_altering_init_changes_the_output_with_a_zero_update(init: str, tmp_path: Path) -> None:
    """Why such an adapter is called unknown and not inert: loading it moves the base."""
    import torch
    from safetensors.torch import load_file, save_file

    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=0, init_lora_weights=init)
    file = tmp_path / "adapter_model.safetensors"
    emptied = {name: tensor * ("lora_A" in name) for name, tensor in load_file(file).items()}
    save_file(emptied, file, metadata={"format": "pt"})
    report = check(tmp_path)
    shown = [(it.rule, it.severity) for it in report.findings if it.severity >= Severity.warning]
    assert shown == [("inert-adapter", Severity.warning)]
    assert report.verdicts[0].status is Status.unknown
    assert not torch.equal(tiny.output(tiny.llama(), tmp_path), tiny.output(tiny.llama()))


@pytest.mark.runtime
@pytest.mark.parametrize("options", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}], ids=str)
def test_what_travels_beside_an_untrained_update_leaves_it_unknown(options: dict[str, Any], tmp_path: Path) -> None:
    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=0, **options)
    report = check(tmp_path)
    shown = [(it.rule, it.severity) for it in report.findings if it.severity >= Severity.warning]
    assert shown == [("inert-adapter", Severity.warning)]
    assert report.verdicts[0].status is Status.unknown


@pytest.mark.runtime
def test_modules_that_got_no_gradient_are_counted(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=3)
    file = tmp_path / "adapter_model.safetensors"
    tensors = load_file(file)
    frozen = {name: tensor * (".layers.0." not in name or "lora_A" in name) for name, tensor in tensors.items()}
    save_file(frozen, file, metadata={"format": "pt"})
    report = check(tmp_path)
    assert [(it.severity, it.message) for it in report.findings] == [
        (Severity.hint, "lora_B is zero in 2 of 4 modules: q_proj (layer 0), v_proj (layer 0)")
    ]
    assert report.verdicts[0].reason == "LoRA r=4, scaling 2, 4 modules, 2 of them zero"
