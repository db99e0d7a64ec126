"""How PEFT 0.21 renames the keys of a LoRA file on the way in (`LoraModel._remap_adapter_state_dict_for_load`)."""

from __future__ import annotations

ADAPTER = "default"
"""The name `PeftModel.from_pretrained` gives an adapter."""


def incoming(name: str) -> str:
    """The key after the renaming that does not depend on the model: DoRA's vector became a module's weight."""
    return f"{name}.weight" if name.endswith("lora_magnitude_vector") else name


def saved_as(key: str) -> str:
    """The name a file has for an expected key: the reverse of `incoming`."""
    return key.removesuffix(".weight") if key.endswith("lora_magnitude_vector.weight") else key


def in_model(key: str) -> str:
    """The key of an adapter layer as the model spells it, adapter name included; such a key is taken as it is."""
    path, _, last = key.rpartition(".")
    if last in ("weight", "bias"):
        return f"{path}.{ADAPTER}.{last}"
    return f"{key}.{ADAPTER}"
