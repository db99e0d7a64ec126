"""One small adapter of every PEFT type, untrained or trained for a few steps. Imported by runtime tests only."""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import peft
import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.set_num_threads(1)  # on matrices this small a second thread only waits

IDS = torch.arange(12).reshape(2, 6)
QV: dict[str, Any] = {"target_modules": ["q_proj", "v_proj"]}
CLM: dict[str, Any] = {"task_type": "CAUSAL_LM"}
TOKENS: dict[str, Any] = {**CLM, "num_virtual_tokens": 4}

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "LORA": ("LoraConfig", {"r": 4, "lora_alpha": 8, **QV}),
    "ADALORA": ("AdaLoraConfig", {"init_r": 4, "target_r": 2, "total_step": 10, "tinit": 1, "tfinal": 1, **QV}),
    "ADAMSS": ("AdamssConfig", {"r": 16, "num_subspaces": 2, "subspace_rank": 1, **QV}),
    "ADAPTION_PROMPT": ("AdaptionPromptConfig", {"adapter_len": 4, "adapter_layers": 1, **CLM}),
    "BEFT": ("BeftConfig", QV),
    "BOFT": ("BOFTConfig", {"boft_block_size": 4, **QV}),
    "C3A": ("C3AConfig", {"block_size": 8, **QV}),
    "CARTRIDGE": ("CartridgeConfig", TOKENS),
    "CPT": (
        "CPTConfig",
        {**CLM, "cpt_token_ids": [0, 1, 2, 3], "cpt_mask": [1, 1, 1, 1], "cpt_tokens_type_mask": [1, 2, 3, 4]},
    ),
    "DEFT": ("DeftConfig", {"r": 4, **QV}),
    "DELORA": ("DeloraConfig", {"r": 4, **QV}),
    "FOURIERFT": ("FourierFTConfig", {"n_frequency": 16, **QV}),
    "FROD": ("FrodConfig", QV),
    "GLORA": ("GloraConfig", {"r": 4, **QV}),
    "GRALORA": ("GraloraConfig", {"r": 4, "gralora_k": 2, **QV}),
    "HIRA": ("HiraConfig", {"r": 4, **QV}),
    "HRA": ("HRAConfig", {"r": 4, **QV}),
    "IA3": ("IA3Config", {"target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]}),
    "LILY": ("LilyConfig", {"r": 4, **QV}),
    "LN_TUNING": ("LNTuningConfig", {"target_modules": ["input_layernorm"]}),
    "LOHA": ("LoHaConfig", {"r": 4, "alpha": 8, **QV}),
    "LOKR": ("LoKrConfig", {"r": 4, "alpha": 8, **QV}),
    "MISS": ("MissConfig", {"r": 4, **QV}),
    "MULTITASK_PROMPT_TUNING": ("MultitaskPromptTuningConfig", {**TOKENS, "num_tasks": 2}),
    "OFT": ("OFTConfig", {"oft_block_size": 4, **QV}),
    "OSF": ("OSFConfig", {"effective_rank": 4, **QV}),
    "PEANUT": ("PeanutConfig", {"r": 4, **QV}),
    "POLY": ("PolyConfig", {"r": 4, "n_tasks": 2, "n_skills": 2, "n_splits": 1, **QV, **CLM}),
    "PREFIX_TUNING": ("PrefixTuningConfig", TOKENS),
    "PROMPT_TUNING": ("PromptTuningConfig", TOKENS),
    "PSOFT": ("PsoftConfig", {"r": 4, **QV}),
    "PVERA": ("PveraConfig", {"r": 4, **QV}),
    "P_TUNING": ("PromptEncoderConfig", {**TOKENS, "encoder_hidden_size": 8}),
    "RANDLORA": ("RandLoraConfig", {"r": 4, **QV}),
    "ROAD": ("RoadConfig", {"group_size": 4, **QV}),
    "SHADOW": ("ShadowConfig", {"r": 4, **CLM}),
    "SHIRA": ("ShiraConfig", {"r": 4, **QV}),
    "SUPERTUNING": ("SupertuningConfig", QV),
    "TINYLORA": ("TinyLoraConfig", {"r": 2, "u": 4, **QV}),
    "TRAINABLE_TOKENS": ("TrainableTokensConfig", {"token_indices": [1, 2, 3], "target_modules": ["embed_tokens"]}),
    "UNILORA": ("UniLoraConfig", {"r": 4, "theta_d_length": 16, **QV}),
    "VBLORA": ("VBLoRAConfig", {"r": 4, "num_vectors": 8, "vector_length": 8, "topk": 2, **QV}),
    "VERA": ("VeraConfig", {"r": 4, **QV}),
    "WAVEFT": ("WaveFTConfig", {"n_frequency": 16, **QV}),
}


def llama() -> Any:
    return copy.deepcopy(_llama())


@lru_cache
def _llama() -> Any:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return LlamaForCausalLM(LlamaConfig(vocab_size=60, num_key_value_heads=4, **sizes)).eval()


def make(kind: str, model: Any = None, **options: Any) -> Any:
    """A fresh PeftModel of `kind` on a tiny Llama, or on `model`."""
    torch.manual_seed(1)
    name, given = OPTIONS[kind]
    config = getattr(peft, name)(**{**given, **options})
    return peft.get_peft_model(model if model is not None else llama(), config)


def inputs(model: Any) -> dict[str, Any]:
    kind = model.peft_config["default"].peft_type.value
    return {"task_ids": torch.tensor([0, 1])} if kind in ("POLY", "MULTITASK_PROMPT_TUNING") else {}


def train(model: Any, steps: int = 3) -> Any:
    """A few optimiser steps away from the model's own output."""
    optimizer = torch.optim.AdamW([it for it in model.parameters() if it.requires_grad], lr=3e-2, weight_decay=0)
    extra = inputs(model)
    for step in range(steps):
        out = model(input_ids=IDS, attention_mask=torch.ones_like(IDS), **extra)
        loss = ((out[0].float() - 1.0) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if hasattr(getattr(model, "base_model", None), "update_and_allocate"):
            model.base_model.update_and_allocate(step)
    return model.eval()


def save(model: Any, folder: Path, **options: Any) -> None:
    for config in model.peft_config.values():
        config.base_model_name_or_path = "base"
    model.save_pretrained(str(folder), **options)


def biased() -> Any:
    """A tiny Llama whose query and value projections have a bias, which is zero."""
    model = llama()
    for layer in model.model.layers:
        for projection in (layer.self_attn.q_proj, layer.self_attn.v_proj):
            projection.bias = torch.nn.Parameter(torch.zeros(32))
    return model
