"""Trained adapters of many kinds pass without a word, and their verdict agrees with what PEFT makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapterlint
from adapterlint.model import Status

pytestmark = pytest.mark.runtime

LORA: dict[str, dict[str, Any]] = {
    "all-linear": {"target_modules": "all-linear"},
    "a regex": {"target_modules": r".*\.(q|v)_proj"},
    "patterns": {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {r"layers\.1\.self_attn\.v_proj": 16}},
    "rsLoRA": {"use_rslora": True},
    "DoRA": {"use_dora": True},
    "bias of lora_B": {"lora_bias": True},
    "an embedding": {"target_modules": ["embed_tokens", "q_proj"]},
    "the head": {"target_modules": ["lm_head", "q_proj"]},
    "modules_to_save": {"modules_to_save": ["lm_head", "embed_tokens"]},
    "token rows": {"trainable_token_indices": [1, 2, 5]},
    "replicated layers": {"layer_replication": [[0, 2], [1, 2]]},
    "one layer": {"layers_to_transform": [1]},
    "PiSSA": {"init_lora_weights": "pissa"},
    "OLoRA": {"init_lora_weights": "olora"},
    "MiCA": {"init_lora_weights": "mica"},
    "a negative alpha": {"lora_alpha": -4},
    "rank 1": {"r": 1, "lora_alpha": 0.25},
}
TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "IA3": ("IA3Config", {"target_modules": ["k_proj", "down_proj"], "feedforward_modules": ["down_proj"]}),
    "AdaLoRA": ("AdaLoraConfig", {"total_step": 10, "init_r": 4, "target_r": 2}),
    "LoHa": ("LoHaConfig", {"r": 4}),
    "LoKr": ("LoKrConfig", {"r": 4}),
    "OFT": ("OFTConfig", {"r": 0, "oft_block_size": 4}),
    "BOFT": ("BOFTConfig", {"boft_block_size": 4}),
    "VeRA": ("VeraConfig", {"r": 4}),
    "HRA": ("HRAConfig", {"r": 4}),
    "FourierFT": ("FourierFTConfig", {"n_frequency": 20}),
    "VB-LoRA": ("VBLoRAConfig", {"r": 4, "num_vectors": 8, "vector_length": 4, "topk": 2}),
    "MiSS": ("MissConfig", {"r": 4}),
    "RandLoRA": ("RandLoraConfig", {"r": 4}),
    "C3A": ("C3AConfig", {"block_size": 4}),
    "SHiRA": ("ShiraConfig", {"r": 2}),
    "RoAd": ("RoadConfig", {"group_size": 4}),
    "DeLoRA": ("DeloraConfig", {"r": 4}),
    "LN tuning": ("LNTuningConfig", {"target_modules": ["input_layernorm"]}),
    "tokens": ("TrainableTokensConfig", {"token_indices": [1, 2], "target_modules": ["embed_tokens"]}),
    "prompt tuning": ("PromptTuningConfig", {"task_type": "CAUSAL_LM", "num_virtual_tokens": 4}),
    "prefix tuning": ("PrefixTuningConfig", {"task_type": "CAUSAL_LM", "num_virtual_tokens": 4}),
}
UNJUDGED = {"LN tuning", "tokens"}


def lora(options: dict[str, Any]) -> Any:
    from peft import LoraConfig

    return LoraConfig(**{"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], **options})


def other(name: str) -> Any:
    import peft

    kind, options = TYPES[name]
    targets = {} if "num_virtual_tokens" in options else {"target_modules": ["q_proj", "v_proj"]}
    return getattr(peft, kind)(**{**targets, **options})


def silent(folder: Path) -> Status:
    """The verdict of the one adapter in `folder`, about which nothing may be said."""
    report = adapterlint.check([str(folder)], isolated=True)
    assert not [finding for finding in report.findings if finding.severity >= report.level]
    (verdict,) = report.verdicts
    return verdict.status


@pytest.mark.parametrize("name", LORA)
def test_trained_lora_is_silent_and_changes_the_output(name: str, tmp_path: Path) -> None:
    import torch

    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=3, config=lora(LORA[name]))
    assert silent(tmp_path) is Status.works
    assert not torch.equal(tiny.output(tiny.llama(), tmp_path), tiny.output(tiny.llama()))


@pytest.mark.parametrize("name", TYPES)
def test_a_trained_adapter_of_another_type_is_silent(name: str, tmp_path: Path) -> None:
    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=3, config=other(name))
    assert silent(tmp_path) is (Status.unknown if name in UNJUDGED else Status.works)


def _pickled(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    weights = folder / "adapter_model.safetensors"
    torch.save(load_file(weights), folder / "adapter_model.bin")
    weights.unlink()


def _half(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    weights = folder / "adapter_model.safetensors"
    halves = {"lora_A": torch.float16, "lora_B": torch.bfloat16}
    tensors = {name: value.to(halves[name.split(".")[-2]]) for name, value in load_file(weights).items()}
    save_file(tensors, weights, metadata={"format": "pt"})


@pytest.mark.parametrize("change", [_pickled, _half])
def test_another_container_or_dtype_is_silent(change: Callable[[Path], None], tmp_path: Path) -> None:
    import tiny

    tiny.save(tiny.llama(), tmp_path, steps=3)
    change(tmp_path)
    assert silent(tmp_path) is Status.works
