"""PEFT's adapter types and what their config fields may hold. Data only.

Read from the `PeftType` enum of 30 released wheels, 0.1.0 to 0.21.2; behaviour of field values measured by loading a
tiny adapter with PEFT 0.21.2 (tests/test_config.py repeats it).
"""

from __future__ import annotations

from adapterlint.knowledge.keys import PROMPT_TYPES

NEWEST_PEFT = "0.21.2"
"""The newest release these tables were read from."""

VERSIONS_OF_TYPE: dict[str, tuple[str, str | None]] = {
    "ADALORA": ("0.3", None),
    "ADAMSS": ("0.19", None),
    "ADAPTION_PROMPT": ("0.3", None),
    "BEFT": ("0.20", None),
    "BOFT": ("0.11", None),
    "BONE": ("0.14", "0.19"),
    "C3A": ("0.16", None),
    "CARTRIDGE": ("0.19", None),
    "CPT": ("0.14", None),
    "DEFT": ("0.20", None),
    "DELORA": ("0.18", None),
    "FOURIERFT": ("0.12", None),
    "FROD": ("0.20", None),
    "GLORA": ("0.20", None),
    "GRALORA": ("0.19", None),
    "HIRA": ("0.20", None),
    "HRA": ("0.12", None),
    "IA3": ("0.4", None),
    "LILY": ("0.19", None),
    "LN_TUNING": ("0.11", None),
    "LOHA": ("0.6", None),
    "LOKR": ("0.6", None),
    "LORA": ("0.1", None),
    "MISS": ("0.17", None),
    "MULTITASK_PROMPT_TUNING": ("0.6", None),
    "OFT": ("0.7", None),
    "OSF": ("0.18", None),
    "PEANUT": ("0.19", None),
    "POLY": ("0.8", None),
    "PREFIX_TUNING": ("0.1", None),
    "PROMPT_TUNING": ("0.1", None),
    "PSOFT": ("0.19", None),
    "PVERA": ("0.19", None),
    "P_TUNING": ("0.1", None),
    "RANDLORA": ("0.16", None),
    "ROAD": ("0.18", None),
    "SHADOW": ("0.21", None),
    "SHIRA": ("0.17", None),
    "SUPERTUNING": ("0.21", None),
    "TINYLORA": ("0.19", None),
    "TRAINABLE_TOKENS": ("0.15", None),
    "UNILORA": ("0.20", None),
    "VBLORA": ("0.13", None),
    "VERA": ("0.11", None),
    "WAVEFT": ("0.18", None),
    "XLORA": ("0.12", None),
}
"""`peft_type` -> (first version that knows it, first version that no longer does or None)."""

PEFT_TYPES = frozenset(name for name, (_, gone) in VERSIONS_OF_TYPE.items() if gone is None)
"""The 45 types of NEWEST_PEFT. The spelling is exact: "lora" is a KeyError."""

SUCCESSORS = {"BONE": "MISS"}
"""Types that were renamed when they went."""

TASK_TYPES = ("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION")
"""Values of `task_type`; any other raises ValueError since PEFT 0.14; older ones took it."""

TARGETING_TYPES = PEFT_TYPES - PROMPT_TYPES - {"XLORA", "ADAPTION_PROMPT", "ADALORA"}
"""Types for which a `target_modules` that is no list or regex was seen to raise (ADALORA needs more to be built)."""

RANKED_TYPES = TARGETING_TYPES & frozenset(
    {
        *("LORA", "ADAMSS", "DEFT", "DELORA", "GRALORA", "HIRA", "HRA", "LILY", "LOHA", "LOKR", "MISS", "PEANUT"),
        *("POLY", "PSOFT", "PVERA", "RANDLORA", "SHADOW", "SHIRA", "SUPERTUNING", "TINYLORA", "UNILORA", "VBLORA"),
        *("VERA",),
    }
)
"""Types that cannot be built with `r` of 0 or below. Not OFT (0 means: by block size), GLORA (0 is taken), ADALORA."""

FLOAT_RANK_TYPES = frozenset({"LOKR", "PSOFT", "VBLORA"})
"""Ranked types that were built with an `r` of 4.0; for all others a float raises TypeError."""

INIT_NAMES = frozenset({"eva", "loftq", "orthogonal", "lora_ga", "pissa"})
INIT_NAMES_ANY_CASE = frozenset({"gaussian", "olora", "mica"})
INIT_BEGINNINGS = ("corda",)
INIT_WITH_STEPS = "pissa_niter_"
"""What `init_lora_weights` may say, beside true and false (peft.tuners.lora.layer.LoraLayer.update_layer)."""

PEFT_FIELDS = frozenset(
    {
        *("lora_alpha", "lora_dropout", "target_modules", "modules_to_save", "fan_in_fan_out", "inference_mode"),
        *("base_model_name_or_path", "peft_version", "init_lora_weights", "layers_to_transform", "use_rslora"),
        *("use_dora", "rank_pattern", "alpha_pattern", "auto_mapping", "num_virtual_tokens", "token_dim"),
    }
)
"""Fields that no other family is known to write: two of them without `peft_type` are a PEFT config that lost it."""

ADAPTER_LIBRARIES: tuple[tuple[str, tuple[frozenset[str], ...]], ...] = (
    (
        "an MLX adapter config",
        (frozenset({"lora_parameters"}), frozenset({"fine_tune_type"}), frozenset({"lora_layers", "adapter_file"})),
    ),
    ("an AdapterHub (adapters library) config", (frozenset({"config", "model_class"}), frozenset({"config", "name"}))),
    ("an ms-swift config", (frozenset({"swift_type"}),)),
    ("a diffusers config", (frozenset({"_class_name"}),)),
    ("a model's own config.json", (frozenset({"architectures"}), frozenset({"model_type", "vocab_size"}))),
)
"""(what it is called, sets of keys of which one must be present) of configs found under PEFT's file name."""
