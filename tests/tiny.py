"""Tiny random transformers and adapters trained on them for a few steps. Imported by runtime tests only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM

IDS = torch.arange(12).reshape(2, 6)
TARGETS = {"BertModel": ["query", "value"], "LlamaForCausalLM": ["q_proj", "v_proj"]}


def bert() -> Any:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return BertModel(BertConfig(vocab_size=60, **sizes)).eval()


def llama() -> Any:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return LlamaForCausalLM(LlamaConfig(vocab_size=60, num_key_value_heads=4, **sizes)).eval()


def save(model: Any, folder: Path, *, steps: int, config: Any = None, **options: Any) -> Any:
    """Wrap `model`, take `steps` optimiser steps away from its own output, and save the adapter; the PeftModel."""
    torch.manual_seed(1)
    targets = options.pop("target_modules", TARGETS.get(type(model).__name__))
    peft_model = get_peft_model(model, config or LoraConfig(r=4, lora_alpha=8, target_modules=targets, **options))
    optimizer = torch.optim.AdamW([p for p in peft_model.parameters() if p.requires_grad], lr=3e-2)
    for _ in range(steps):
        loss = ((peft_model(input_ids=IDS)[0] - 1.0) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    peft_model.eval()
    for kept in peft_model.peft_config.values():
        kept.base_model_name_or_path = "base"
    peft_model.save_pretrained(str(folder))
    return peft_model


def output(model: Any, adapter: Path | None = None) -> torch.Tensor:
    """The model's first output for IDS, with the adapter at `adapter` put around it if there is one."""
    import warnings

    if adapter is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = PeftModel.from_pretrained(model, str(adapter))
    with torch.no_grad():
        return model.eval()(input_ids=IDS)[0]
