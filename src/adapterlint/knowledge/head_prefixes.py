"""What a class with a head puts before the names of the inner model: transformers' `base_model_prefix`."""

from __future__ import annotations

_OWN_PREFIX = frozenset(
    [
        "albert", "beit", "bert", "biogpt", "canine", "convbert", "convnext", "convnextv2", "deberta", "deit",
        "dinov2", "distilbert", "dpt", "electra", "ernie", "esm", "fnet", "funnel", "gpt_neox", "hubert",
        "ibert", "layoutlm", "layoutlmv2", "layoutlmv3", "led", "lilt", "longformer", "luke", "mobilebert",
        "mobilevit", "mpnet", "mra", "nomic_bert", "nystromformer", "rembert", "resnet", "roberta", "roc_bert",
        "roformer", "rwkv", "segformer", "splinter", "swin", "swinv2", "switch_transformers", "tapas",
        "unispeech", "videomae", "vilt", "vit", "wav2vec2", "wavlm", "yoso",
    ]
)  # fmt: skip
"""Model types whose `base_model_prefix` is their own name."""

_UNDER_TRANSFORMER = (
    "bloom", "codegen", "ctrl", "dbrx", "falcon", "flaubert", "gpt2", "gpt_bigcode", "gpt_neo", "gptj", "imagegpt",
    "longt5", "mpt", "mt5", "openai-gpt", "pop2piano", "squeezebert", "t5", "udop", "umt5", "xlm", "xlnet",
)  # fmt: skip

_UNDER_MODEL = (
    "bart", "gemma", "gemma2", "gemma3_text", "gpt_oss", "granite", "llama", "mistral", "modernbert", "olmo",
    "olmo2", "opt", "phi", "phi3", "qwen2", "qwen3", "stablelm", "starcoder2",
)  # fmt: skip

PREFIXES = {
    **{name: name for name in _OWN_PREFIX},
    **dict.fromkeys(("big_bird", "bert-generation", "megatron-bert"), "bert"),
    **dict.fromkeys(("camembert", "xlm-roberta", "xlm-roberta-xl", "xmod"), "roberta"),
    **dict.fromkeys(("vit_mae", "vit_msn", "yolos"), "vit"),
    **dict.fromkeys(("mamba", "mamba2", "falcon_mamba", "xlstm"), "backbone"),
    **dict.fromkeys(_UNDER_TRANSFORMER, "transformer"),
    **dict.fromkeys(_UNDER_MODEL, "model"),
    "deberta-v2": "deberta",
    "roberta-prelayernorm": "roberta_prelayernorm",
    "unispeech-sat": "unispeech_sat",
    "wav2vec2-bert": "wav2vec2_bert",
    "wav2vec2-conformer": "wav2vec2_conformer",
}
"""`base_model_prefix` by model type, where it is one for the whole type."""

MOST = "model"
"""The `base_model_prefix` of most other model types."""

FLAT = frozenset({"t5", "mt5", "umt5", "longt5", "udop", "pop2piano", "switch_transformers"})
"""Model types of which only classifiers hold the inner model under the prefix; those that generate repeat its parts."""
