"""Names of tensors in adapter files: what each family and each PEFT type writes.

Measured by saving an untouched adapter of every type with PEFT 0.21.2; foreign families from their own sources
(kohya sd-scripts, LyCORIS 4.1, diffusers 0.42, mlx-lm 0.32, llama.cpp, torchtune, adapters).
"""

from __future__ import annotations

PEFT_PREFIX = "base_model.model."
"""What `PeftModel` puts before the base model's own module path."""

PROMPT_TYPES = frozenset({"PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE", "MULTITASK_PROMPT_TUNING"})
"""PEFT types whose file holds `prompt_embeddings` and no module path, hence no prefix."""

TARGETLESS_TYPES = PROMPT_TYPES | {"ADAPTION_PROMPT", "TRAINABLE_TOKENS", "XLORA", "SHADOW"}
"""PEFT types that are saved without `target_modules`; a named base is enough for them to be an adapter."""

OWN_NAMES: dict[str, tuple[str, ...]] = {
    "LORA": ("lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector", "lora_diag"),
    "ADALORA": ("lora_A", "lora_B", "lora_E"),
    "IA3": ("ia3_l",),
    "LOHA": ("hada_",),
    "LOKR": ("lokr_",),
    "OFT": ("oft_",),
    "BOFT": ("boft_",),
    "VERA": ("vera_",),
    "PVERA": ("pvera_",),
    "RANDLORA": ("randlora_",),
    "FOURIERFT": ("fourierft_",),
    "WAVEFT": ("waveft_",),
    "HRA": ("hra_",),
    "LN_TUNING": ("ln_tuning_",),
    "VBLORA": ("vblora_",),
    "MISS": ("miss_",),
    "BONE": ("bone_",),
    "SHIRA": ("shira_",),
    "C3A": ("c3a_",),
    "ROAD": ("road_",),
    "DELORA": ("delora_",),
    "GRALORA": ("gralora_",),
    "HIRA": ("hira_",),
    "OSF": ("osf_",),
    "TINYLORA": ("tinylora_",),
    "PSOFT": ("psoft_",),
    "PEANUT": ("peanut_",),
    "LILY": ("lily_",),
    "ADAMSS": ("adamss_",),
    "BEFT": ("beft_",),
    "DEFT": ("deft_",),
    "GLORA": ("glora_",),
    "UNILORA": ("unilora_",),
    "FROD": ("frod_",),
    "SHADOW": ("shadow_",),
    "POLY": ("poly_",),
    "SUPERTUNING": ("supertuning_",),
    "TRAINABLE_TOKENS": ("trainable_tokens_delta",),
    "ADAPTION_PROMPT": ("adaption_",),
    **dict.fromkeys(PROMPT_TYPES, ("prompt_embeddings",)),
}
"""Beginnings of the path segments that a PEFT type owns; a file with none of them holds nothing of that type."""

BASE_ALTERING_INITS = ("pissa", "olora", "corda", "loftq", "lora_ga")
"""`init_lora_weights` values (or their beginnings) with which PEFT changes the base weights when it wraps or loads."""

INSIDE_PRODUCT = (".lora_velora_", ".lora_monteclora_")
"""Parts of names of tensors of LoRA variants that act on training or within the product only: none without it."""

SCALARS = frozenset({"alpha", "dropout_p", "scaling"})
"""Last segments of tensors that only scale or describe an update and change nothing by themselves."""
