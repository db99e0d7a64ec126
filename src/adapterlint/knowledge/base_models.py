"""What the names and shapes in a base model's file do not say by themselves: kinds of layers, default targets."""

from __future__ import annotations

import re

TRANSPOSED_TYPES = frozenset({"gpt2", "openai-gpt", "imagegpt", "decision_transformer", "clvp", "clvp_decoder"})
"""Model types whose projections are transformers' Conv1D: their weight is (in, out), not (out, in)."""

TRANSPOSED_NAMES = frozenset({"c_attn", "c_proj", "c_fc", "q_attn"})

TRANSPOSED_MODULES = frozenset({"gpt2", "openai", "imagegpt", "decision_transformer", "clvp"})
"""Packages below transformers.models that use Conv1D (transformers 4.44, 4.57 and 5.23)."""

GPT2_NAMES = frozenset(
    f"{owner}{name}"
    for owner, names in (
        ("", ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2")),
        ("openai-community/", ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl")),
        ("distilbert/", ("distilgpt2",)),
    )
    for name in names
)
"""Names on the Hub that are GPT-2 and nothing else."""

GENERATES = re.compile(r"(?:ForCausalLM|LMHeadModel|DoubleHeadsModel|ForConditionalGeneration)$")
"""Classes that have output embeddings."""

HEAD_NAMES = ("lm_head", "embed_out")
"""What output embeddings are called that may be the input embeddings under another name."""

QUANTISED = frozenset(
    {"bnb", "4bit", "8bit", "int4", "int8", "gptq", "awq", "gguf", "fp8", "nf4", "unsloth", "quantized"}
)
"""Words in a model's name that say how its weights are packed, and not whose they are."""

VARIANTS = frozenset({"base", "chat", "instruct", "it", "pt", "sft", "dpo"})
"""Words in a model's name that tell apart models of one size and other weights."""

EMBEDDINGS = frozenset(
    [
        "embed_tokens",
        "embed_positions",
        "embed_in",
        "wte",
        "wpe",
        "shared",
        "relative_attention_bias",
        "tok_embeddings",
        "word_embeddings",
        "position_embeddings",
        "token_type_embeddings",
        "token_embedding",
        "position_embedding",
        "word_embedding",
        "embeddings",
        "embedding",
        "embed",
        "tokens_embed",
        "positions_embed",
        "entity_embeddings",
        "rel_embeddings",
        "lang_embeddings",
        "entity_type_embeddings",
    ]
)
"""Last names of modules that are nn.Embedding when their weight has two dimensions."""

INPUT_EMBEDDINGS = frozenset({"embed_tokens", "wte", "word_embeddings", "embed_in", "tok_embeddings", "shared"})
"""Last names of the input embeddings, which PEFT saves together with the output ones when it saves embeddings."""

OUTPUT_EMBEDDINGS = frozenset({"lm_head", "embed_out", "output"})

HEADS = {
    "SEQ_CLS": ("classifier", "score"),
    "TOKEN_CLS": ("classifier", "score"),
    "QUESTION_ANS": ("qa_outputs",),
}
"""Modules PEFT adds to `modules_to_save` by itself (PeftModelForSequenceClassification and its sisters)."""

DEFAULT_TARGETS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("t5", "mt5"), ("q", "v")),
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "electra", "layoutlm"), ("query", "value")),
    **dict.fromkeys(
        [
            "bart",
            "opt",
            "gptj",
            "gpt_neo",
            "llama",
            "llama4",
            "mistral",
            "mixtral",
            "stablelm",
            "gemma",
            "gemma2",
            "gemma3_text",
            "qwen2",
            "qwen3",
        ],
        ("q_proj", "v_proj"),
    ),
    **dict.fromkeys(["bloom", "gpt_neox", "chatglm", "RefinedWebModel", "RefinedWeb", "falcon"], ("query_key_value",)),
    **dict.fromkeys(("gpt2", "gpt_bigcode"), ("c_attn",)),
    "deberta-v2": ("query_proj", "value_proj"),
    "deberta": ("in_proj",),
    "mpt": ("Wqkv",),
    "btlm": ("c_proj", "c_attn"),
    "codegen": ("qkv_proj",),
    "phi": ("q_proj", "v_proj", "fc1", "fc2"),
    "nemotron_h": ("q_proj", "k_proj", "v_proj", "o_proj"),
}
"""`target_modules` by model type where the config gives none (PEFT 0.21.2, LoRA)."""
