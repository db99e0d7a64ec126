"""Factors that are missing, empty, of another rank or not finite; real adapters of awkward shape stay silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import scenes
from adapterlint.model import Example, ExampleTensor, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Report

QUERY = "base_model.model.encoder.layer.0.attention.self.query"
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "bert-base-uncased",
    "target_modules": ["query"],
    "r": 2,
    "lora_alpha": 8,
}


def check(folder: Path) -> Report:
    return adapterlint.check([str(folder)], level="warning", isolated=True)


def judge(tensors: dict[str, ExampleTensor], folder: Path, **config: Any) -> Report:
    scenes.write(Example("", config={**CONFIG, **config}, tensors=tensors), folder)
    return check(folder)


def ranks(first: tuple[int, ...], second: tuple[int, ...], module: str = QUERY) -> dict[str, ExampleTensor]:
    return {f"{module}.lora_A.weight": ExampleTensor(first), f"{module}.lora_B.weight": ExampleTensor(second)}


@pytest.mark.parametrize(
    ("first", "second"),
    [((4, 8), (8, 4)), ((2, 8), (8, 4)), ((4, 8), (8, 2)), ((4, 8), (8, 2, 1)), ((2, 8), (8,))],
)
def test_another_rank_is_told_with_its_shapes(first: tuple[int, ...], second: tuple[int, ...], tmp_path: Path) -> None:
    report = judge(ranks(first, second), tmp_path)
    assert [it.rule for it in report.findings] == ["rank-differs"]
    assert f"lora_A is {list(first)} and lora_B is {list(second)}" in report.findings[0].message
    assert report.findings[0].related[0].pointer == "/r"
    assert report.verdicts[0].status is Status.unreadable


def test_the_most_common_disagreement_is_told_and_all_are_counted(tmp_path: Path) -> None:
    modules = [f"base_model.model.encoder.layer.{at}.attention.self.query" for at in range(4)]
    tensors: dict[str, ExampleTensor] = {}
    for module, rank in zip(modules, (4, 4, 3, 2), strict=True):
        tensors |= ranks((rank, 8), (8, rank), module)
    (finding,) = judge(tensors, tmp_path).findings
    assert finding.message == (
        "lora_A is [4, 8] and lora_B is [8, 4] in 2 of 4 modules where the config says rank 2, and 1 more module "
        "differs in another way, so PEFT cannot load them"
    )


def test_block_diagonal_lora_is_not_judged_by_its_columns(tmp_path: Path) -> None:
    report = judge(ranks((2, 4), (8, 1)), tmp_path, use_bdlora={"target_modules_bd_b": ["query"], "nblocks": 2})
    assert not [it for it in report.findings if it.rule == "rank-differs"]


def test_values_are_counted_over_all_tensors(tmp_path: Path) -> None:
    bad = {name: ExampleTensor(it.shape, float("-inf")) for name, it in ranks((2, 8), (8, 2)).items()}
    head = {"base_model.model.classifier.weight": ExampleTensor((3, 8))}
    report = judge(bad | head, tmp_path, modules_to_save=["classifier"])
    (finding,) = report.findings
    assert finding.message == f"{QUERY}.lora_A.weight and 1 more of 3 tensors hold 32 values that are NaN or infinite"
    assert report.verdicts[0].status is Status.wrong


def test_numbers_without_nan_are_fine(tmp_path: Path) -> None:
    report = judge(ranks((2, 8), (8, 2)) | {"base_model.model.classifier.ids": ExampleTensor((3,), 7, "I64")}, tmp_path)
    assert not report.findings and report.verdicts[0].status is Status.works


@pytest.mark.parametrize(("lost", "status"), [("lora_A", Status.partly_loaded), ("lora_B", Status.inert)])
def test_a_factor_missing_everywhere(lost: str, status: Status, tmp_path: Path) -> None:
    kept = {name: tensor for name, tensor in ranks((2, 8), (8, 2)).items() if lost not in name}
    report = judge(kept, tmp_path)
    assert [it.rule for it in report.findings] == ["half-a-pair"]
    assert report.verdicts[0].status is status


def test_a_lone_file_is_read_without_a_config(tmp_path: Path) -> None:
    tensors = ranks((2, 8), (8, 2)) | {"base_model.model.x.lora_A.weight": ExampleTensor((2, 8), float("nan"))}
    (tmp_path / "step_100.safetensors").write_bytes(scenes.safetensors(tensors))
    rules = {it.rule for it in check(tmp_path).findings}
    assert {"half-a-pair", "non-finite-values"} <= rules


@pytest.mark.parametrize(
    ("config", "severity"),
    [
        ({"base_model_name_or_path": "gpt2", "target_modules": ["c_attn"]}, Severity.error),
        ({"base_model_name_or_path": "gpt2", "target_modules": "all-linear"}, Severity.error),
        ({"base_model_name_or_path": None, "target_modules": ["c_attn"], "inference_mode": True}, Severity.error),
        ({"base_model_name_or_path": "gpt2", "target_modules": None, "inference_mode": True}, Severity.error),
        ({"base_model_name_or_path": "gpt2", "target_parameters": ["experts.w"]}, Severity.error),
        ({"base_model_name_or_path": "gpt2", "target_modules": ["c_attn"], "inference_mode": False}, Severity.info),
        ({"base_model_name_or_path": None, "target_modules": ["c_attn"], "inference_mode": False}, None),
        ({"base_model_name_or_path": "gpt2", "target_modules": None}, None),
        ({"base_model_name_or_path": None, "target_modules": None, "inference_mode": True}, None),
    ],
    ids=str,
)
def test_a_config_that_was_saved_with_weights_needs_them(
    config: dict[str, Any], severity: Severity | None, tmp_path: Path
) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 2, **config}))
    report = adapterlint.check([str(tmp_path)], level="hint", isolated=True)
    found = [it.severity for it in report.findings if it.rule == "weights-missing"]
    assert found == ([] if severity is None else [severity])
    assert report.verdicts[0].status is (Status.unreadable if severity is Severity.error else Status.not_checked)


def conv() -> Any:
    import torch
    from torch import nn

    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv1d(8, 4, 3), nn.Linear(6, 5))


def mixtral() -> Any:
    from transformers import MixtralConfig, MixtralForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return MixtralForCausalLM(MixtralConfig(vocab_size=60, num_key_value_heads=4, num_local_experts=2, **sizes))


def tiny_llama() -> Any:
    import tiny

    return tiny.llama()


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("make", "options"),
    [
        (conv, {"target_modules": ["0", "2", "3"]}),
        (mixtral, {"target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"], "target_modules": []}),
        (mixtral, {"target_parameters": ["mlp.experts.gate_up_proj"], "target_modules": ["q_proj"]}),
        (
            tiny_llama,
            {"target_modules": ["q_proj", "k_proj"], "rank_pattern": {"k_proj": 2, "^model.*0.*q_proj": 3}},
        ),
        (tiny_llama, {"target_modules": ["embed_tokens", "lm_head", "v_proj"]}),
        (tiny_llama, {"target_modules": "all-linear", "use_dora": True}),
        (tiny_llama, {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"], "trainable_token_indices": [1, 5]}),
        (tiny_llama, {"target_modules": ["q_proj"], "layer_replication": [[0, 2], [1, 2]]}),
    ],
    ids=[
        "convolutions",
        "experts",
        "some experts",
        "patterns",
        "embeddings",
        "dora",
        "token rows",
        "replicated layers",
    ],
)
def test_real_adapters_of_awkward_shape_are_silent(
    make: Callable[[], Any], options: dict[str, Any], tmp_path: Path
) -> None:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(make(), LoraConfig(r=4, init_lora_weights=False, **options))
    model.peft_config["default"].base_model_name_or_path = "base"
    model.save_pretrained(str(tmp_path))
    report = check(tmp_path)
    assert not [it for it in report.findings if it.rule != "loaders-disagree"]  # which speaks of another load
    assert report.verdicts[0].status is Status.works


@pytest.mark.runtime
@pytest.mark.parametrize("edit", [{"r": 8}, {"rank_pattern": {"q_proj": 2}}], ids=str)
def test_an_edited_rank_does_not_load(edit: dict[str, Any], tmp_path: Path) -> None:
    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=2)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | edit))
    report = check(tmp_path)
    assert [(it.rule, it.status) for it in report.findings] == [("rank-differs", Status.unreadable)]
    with pytest.raises(RuntimeError, match="size mismatch"):
        tiny.output(tiny.llama(), tmp_path)
