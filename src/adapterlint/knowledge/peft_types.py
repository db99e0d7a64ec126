"""PEFT's adapter types and what their config fields may hold. Data only.

Which releases have a type is read from the released wheels (knowledge/peft_fields.py); behaviour of field values was
measured by loading a tiny adapter with PEFT 0.21.2 (tests/test_config.py repeats it).
"""

from __future__ import annotations

from adapterlint.knowledge import peft_fields
from adapterlint.knowledge.keys import PROMPT_TYPES

NEWEST_PEFT = peft_fields.newest()
"""The newest release these tables were read from."""

VERSIONS_OF_TYPE: dict[str, tuple[str, str | None]] = {
    kind: (peft_fields.short(history.since), history.until and peft_fields.short(history.until))
    for kind in peft_fields.peft_types()
    if (history := peft_fields.type_history(kind)) is not None
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
