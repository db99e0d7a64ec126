"""What the examples of several rules are made of: a small BERT, an adapter for it, and its config."""

from __future__ import annotations

from adapterlint.model.rules import ExampleTensor

CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
SELF = "encoder.layer.0.attention.self"
BASE = {
    f"encoder.layer.{layer}.attention.self.{name}.weight": ExampleTensor((8, 8))
    for layer in range(2)
    for name in ("query", "value")
}


def pair(*modules: str) -> dict[str, ExampleTensor]:
    """Both LoRA factors of rank 2 for each module path, as PEFT names them."""
    first, second = ExampleTensor((2, 8)), ExampleTensor((8, 2))
    names = [f"base_model.model.{module}" for module in modules]
    return {f"{name}.{part}.weight": it for name in names for part, it in (("lora_A", first), ("lora_B", second))}
