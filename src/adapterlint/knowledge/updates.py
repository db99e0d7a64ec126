"""Per PEFT type: which factors make up a module's update, at which values it is nothing, and where training starts.

Each line was measured: an adapter of every type of PEFT 0.21.2 and its variants was saved untouched and after three
optimiser steps, and the output of the model with the untouched one compared with the base's (tests/test_every_type.py
repeats it). What kills a product besides the start value was read from the type's `get_delta_weight` or `forward`.
Data only.

A factor is the path segment that the type owns, with what follows where the type has parts of its own
("psoft_R.vector_a"). Values: a number for all elements, `EYE` for the identity matrix, `PAIRS` for columns that are
equal two by two (an even number of equal Householder reflections cancels), `NEVER` for a mark of an update that is
not judged: LyCORIS' IA3 keeps its values in a tensor that is called just `weight`.
"""

from __future__ import annotations

from math import nan

EYE = "the identity"
PAIRS = "equal in pairs"
NEVER = nan

Kill = tuple[str, "float | str"]
Term = tuple[Kill, ...]


def _zero(*factors: str) -> Term:
    """A product that is nothing as soon as one factor is zero."""
    return tuple((factor, 0.0) for factor in factors)


TERMS: dict[str, tuple[Term, ...]] = {
    "LORA": (_zero("lora_B", "lora_A", "lora_diag"), _zero("lora_embedding_A", "lora_embedding_B")),
    "ADALORA": (_zero("lora_E", "lora_B", "lora_A"), _zero("lora_embedding_A", "lora_embedding_B")),
    "IA3": ((("ia3_l", 1.0),),),
    "LOHA": (_zero("hada_w2_b", "hada_w2_a", "hada_w1_b", "hada_w1_a", "hada_t1", "hada_t2"),),
    "LOKR": (_zero("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),),
    "OFT": (_zero("oft_R"), _zero("oft_embedding_R")),
    "BOFT": (_zero("boft_R"), (("boft_s", 1.0),)),
    "VERA": (_zero("vera_lambda_b", "vera_lambda_d", "vera_A", "vera_B"),),
    "PVERA": (_zero("pvera_lambda_b", "pvera_B"),),
    "RANDLORA": (_zero("randlora_lambda", "randlora_gamma", "randlora_A", "randlora_B"),),
    "C3A": (_zero("c3a_kernel"),),
    "WAVEFT": (_zero("waveft_spectrum"),),
    "HRA": ((("hra_u", PAIRS),),),
    "MISS": (_zero("miss_block"),),
    "BONE": (_zero("bone_block"),),
    "SHIRA": (_zero("shira_weight"),),
    "ROAD": (_zero("road_theta"), (("road_alpha", 1.0),)),
    "DELORA": (_zero("delora_B", "delora_A", "delora_lambda"),),
    "GRALORA": (_zero("gralora_B", "gralora_A"), _zero("gralora_B_general", "gralora_A_general")),
    "HIRA": (_zero("hira_B", "hira_A"), _zero("hira_embedding_A", "hira_embedding_B")),
    "TINYLORA": (_zero("tinylora_v"),),
    "PSOFT": (
        (("psoft_R.weight", 0.0), ("psoft_R.weight", EYE)),
        (("psoft_R.vector_a", 1.0),),
        (("psoft_R.vector_b", 1.0),),
    ),
    "PEANUT": (_zero("peanut_B"),),
    "LILY": (_zero("lily_B", "lily_A"),),
    "ADAMSS": (_zero("adamss_B", "adamss_A", "adamss_newB"),),
    "BEFT": (_zero("beft_bias"),),
    "GLORA": (
        *(_zero(f"glora_{path}.Xd", f"glora_{path}.Xu") for path in "ABC"),
        *(_zero(f"glora_{path}.X") for path in "ABCDE"),
    ),
    "FROD": (_zero("frod_lambda_s_values"),),
    "SHADOW": (_zero("shadow_up", "shadow_down"),),
    "POLY": (_zero("poly_lora_B", "poly_lora_A"),),
    "SUPERTUNING": (_zero("supertuning_values"), _zero("supertuning_lora_B", "supertuning_lora_A")),
    "ADAPTION_PROMPT": (_zero("adaption_gate"),),
}
"""`peft_type` -> the summands of a module's update. A summand is nothing if one of its factors has the value beside
it, the update if every summand is. A factor that a module lacks is looked up among the tensors all modules share."""

FOREIGN_TERMS: tuple[Term, ...] = (
    _zero("lora_up", "lora_down", "lora_mid"),
    _zero("lora_b", "lora_a"),
    _zero("oft_blocks"),
    *(_zero(name) for name in ("diff", "diff_b", "w_norm", "b_norm")),
    _zero("a2", "a1"),
    _zero("b2", "b1", "bm"),
    (("on_input", NEVER),),
)
"""The same for the names of other families (kohya, LyCORIS, diffusers, MLX, GGUF, torchtune), where they differ."""

STARTS = frozenset(
    {
        *("diff", "diff_b", "w_norm", "b_norm", "a2", "b2", "hada_w2_a"),
        *("lora_B", "lora_embedding_A", "lora_E", "lora_up", "lora_b", "ia3_l", "hada_w2_b", "lokr_w1", "lokr_w1_a"),
        *("lokr_w2_b", "lokr_w2", "oft_R", "oft_embedding_R", "oft_blocks", "boft_R", "boft_s", "vera_lambda_b"),
        *("pvera_lambda_b", "randlora_lambda", "c3a_kernel", "waveft_spectrum", "hra_u", "miss_block", "bone_block"),
        *("shira_weight", "road_theta", "road_alpha", "delora_B", "gralora_B", "gralora_B_general", "hira_B"),
        *("hira_embedding_A", "tinylora_v", "psoft_R.weight", "psoft_R.vector_a", "psoft_R.vector_b", "peanut_B"),
        *("lily_B", "adamss_B", "beft_bias", "frod_lambda_s_values", "shadow_up", "poly_lora_B", "supertuning_values"),
        *("supertuning_lora_B", "adaption_gate", *(f"glora_{path}.Xd" for path in "ABC")),
        *(f"glora_{path}.X" for path in "ABCDE"),
    }
)
"""The factors that have their killing value before training (PEFT's reset functions): there it says *untrained*.
LoKr starts at the other end with `init_weights="lycoris"`."""

NO_STARTS: dict[str, frozenset[str]] = {
    "ADALORA": frozenset({"lora_B", "lora_embedding_A"}),
    "LOHA": frozenset({"hada_w2_a"}),
}
"""Factors in STARTS that start at random in this type."""

EITHER_START = frozenset({"lokr_w2", "lokr_w2_a", "lokr_w2_b", "hada_w2_a"})
"""Factors in STARTS that start so only with some values of `init_weights`, or in LyCORIS."""

FIXED: dict[str, tuple[str, ...]] = {
    "LORA": ("lora_monteclora_sampler",),
    "PVERA": ("pvera_lambda_d", "pvera_A"),
    "SHIRA": ("shira_indices",),
    "DELORA": ("delora_w_norm",),
    "TINYLORA": ("tinylora_A", "tinylora_B", "tinylora_P"),
    "PEANUT": ("peanut_A", "peanut_encoders", "peanut_decoders"),
    "LILY": ("lily_router",),
    "GLORA": tuple(f"glora_{path}.zeros" for path in "ABCDE"),
    "FROD": ("frod_V", "frod_s_indices", "frod_s_size", "frod_lambda_l"),
    "SHADOW": (
        *("shadow_update_gate", "shadow_update_transform", "shadow_backbone", "shadow_projection", "shadow_head"),
    ),
    "POLY": ("poly_router",),
    "SUPERTUNING": ("supertuning_indices",),
    "ADAPTION_PROMPT": ("adaption_prompt",),
}
"""What a type saves besides, that changes nothing while every summand is nothing."""

TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "ADALORA": (("lora_A", "lora_B", "lora_E"),),
    "LOHA": (("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"), ("hada_t1", "hada_t2")),
    "LOKR": (
        ("lokr_w1|lokr_w1_a|lokr_w1_b", "lokr_w2|lokr_w2_a|lokr_w2_b"),
        ("lokr_w1_a", "lokr_w1_b"),
        ("lokr_w2_a", "lokr_w2_b"),
    ),
    "BOFT": (("boft_R", "boft_s"),),
    "VERA": (("vera_lambda_b", "vera_lambda_d"),),
    "PVERA": (("pvera_lambda_b", "pvera_lambda_d"),),
    "RANDLORA": (("randlora_lambda", "randlora_gamma"),),
    "ROAD": (("road_theta", "road_alpha"),),
    "DELORA": (("delora_A", "delora_B", "delora_lambda"),),
    "GRALORA": (("gralora_A", "gralora_B"), ("gralora_A_general", "gralora_B_general")),
    "HIRA": (("hira_A", "hira_B"), ("hira_embedding_A", "hira_embedding_B")),
    "PEANUT": (("peanut_A", "peanut_B"),),
    "LILY": (("lily_A", "lily_B", "lily_router"),),
    "ADAMSS": (("adamss_A", "adamss_B"),),
    "GLORA": tuple((f"glora_{path}.Xu", f"glora_{path}.Xd") for path in "ABC"),
    "FROD": (("frod_lambda_l", "frod_lambda_s_values"),),
    "VBLORA": (("vblora_logits_A|vblora_logits_A_topk_weights", "vblora_logits_B|vblora_logits_B_topk_weights"),),
    "ADAPTION_PROMPT": (("adaption_prompt", "adaption_gate"),),
    "POLY": (("poly_lora_A", "poly_lora_B", "poly_router"),),
    "OSF": (("osf_svd_params.U_low", "osf_svd_params.S_low", "osf_svd_params.V_low"),),
    "SUPERTUNING": (("supertuning_lora_A", "supertuning_lora_B"),),
    "SHADOW": (("shadow_down", "shadow_up"),),
}
"""`peft_type` -> factors of which a module has all or none; `a|b` is either. LORA's pairs are in `loadplan.pairs`."""

SHARED_BY_LAYERS = frozenset({"lily_B"})
"""Factors that several modules share in memory: those that lack it take it from another that has it."""

NEEDS_BASE = frozenset({"LN_TUNING", "OSF", "DEFT", "TRAINABLE_TOKENS"})
"""Types whose start is the base's own values, so that a file alone does not show whether it was trained."""

UNPROVEN = {"FROD": "frod_lambda_l, which starts as a part of the base weight,"}
"""Types that start as the base and show it, though part of the update is relative to the base's weights."""

NO_IDENTITY = frozenset(
    {
        *("PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE", "MULTITASK_PROMPT_TUNING"),
        *("FOURIERFT", "VBLORA", "UNILORA", "XLORA"),
    }
)
"""Types that change the output even untrained: never called inert."""

PARTED = frozenset({"psoft_R", "osf_svd_params", *(f"glora_{path}" for path in "ABCDE")})
"""Factors with named parts of their own after them."""

NUMBERED = frozenset({"adamss_A", "adamss_B", "tinylora_v", "peanut_encoders", "peanut_decoders"})
"""Factors that are lists: a number follows them."""

SCALES: dict[str, tuple[str, ...]] = {
    "LOHA": ("alpha",),
    "LOKR": ("alpha",),
    "RANDLORA": ("randlora_alpha",),
    "WAVEFT": ("scaling",),
    "GRALORA": ("alpha",),
    "LILY": ("scaling",),
    "PEANUT": ("scaling",),
    "SHADOW": ("shadow_alpha",),
}
"""`peft_type` -> config fields that multiply the whole update. LORA's has patterns; AdaLoRA takes r for alpha 0."""

TITLES: dict[str, str] = {
    "LORA": "LoRA",
    "ADALORA": "AdaLoRA",
    "ADAMSS": "AdaMSS",
    "ADAPTION_PROMPT": "adaption prompt",
    "CARTRIDGE": "cartridge",
    "DELORA": "DeLoRA",
    "FOURIERFT": "FourierFT",
    "FROD": "FRoD",
    "GLORA": "GLoRA",
    "GRALORA": "GraLoRA",
    "HIRA": "HiRA",
    "LILY": "Lily",
    "LN_TUNING": "layer norm tuning",
    "LOHA": "LoHa",
    "LOKR": "LoKr",
    "MISS": "MiSS",
    "MULTITASK_PROMPT_TUNING": "multitask prompt tuning",
    "PEANUT": "PEANuT",
    "POLY": "Poly",
    "PREFIX_TUNING": "prefix tuning",
    "PROMPT_TUNING": "prompt tuning",
    "PVERA": "PVeRA",
    "P_TUNING": "p-tuning",
    "RANDLORA": "RandLoRA",
    "ROAD": "RoAd",
    "SHADOW": "Shadow",
    "SHIRA": "SHiRA",
    "SUPERTUNING": "Super-Tuning",
    "TINYLORA": "TinyLoRA",
    "TRAINABLE_TOKENS": "trainable tokens",
    "UNILORA": "Uni-LoRA",
    "VBLORA": "VB-LoRA",
    "VERA": "VeRA",
    "WAVEFT": "WaveFT",
    "XLORA": "X-LoRA",
}
"""What a person calls the type, where it is not its own name."""
