"""How many rows the embedding of well-known base models has (`vocab_size` of their config.json). Data only.

Only models whose number is the same in every revision. What is not here is looked up on disk, or not known.
"""

from __future__ import annotations

_OF_SIZE: dict[int, tuple[str, ...]] = {
    50257: ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2"),
    30522: ("bert-base-uncased", "bert-large-uncased", "distilbert-base-uncased"),
    28996: ("bert-base-cased", "bert-large-cased", "distilbert-base-cased"),
    50265: ("roberta-base", "roberta-large", "distilroberta-base"),
    32128: (
        *("t5-small", "t5-base", "t5-large", "google/flan-t5-small", "google/flan-t5-base", "google/flan-t5-large"),
        *("google/flan-t5-xl", "google/flan-t5-xxl"),
    ),
    32000: (
        *("meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-13b-hf", "meta-llama/Llama-2-70b-hf"),
        *("meta-llama/Llama-2-7b-chat-hf", "meta-llama/Llama-2-13b-chat-hf", "meta-llama/Llama-2-70b-chat-hf"),
        *("huggyllama/llama-7b", "yahma/llama-7b-hf", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"),
        *("mistralai/Mistral-7B-v0.1", "mistralai/Mistral-7B-Instruct-v0.1", "mistralai/Mistral-7B-Instruct-v0.2"),
    ),
    128256: (
        *("meta-llama/Meta-Llama-3-8B", "meta-llama/Meta-Llama-3-8B-Instruct", "meta-llama/Llama-3.1-8B"),
        *("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.2-1B", "meta-llama/Llama-3.2-1B-Instruct"),
        *("meta-llama/Llama-3.2-3B", "meta-llama/Llama-3.2-3B-Instruct"),
    ),
}
_OWNERS = {"gpt2": "openai-community", "distil": "distilbert", "bert": "google-bert", "roberta": "FacebookAI"}

ROWS = {name.lower(): rows for rows, names in _OF_SIZE.items() for name in names}
"""Id of a base on the Hub, in lower case -> rows of its embedding."""

ROWS |= {
    f"{owner}/{name}".lower(): rows
    for name, rows in tuple(ROWS.items())
    if "/" not in name
    for beginning, owner in _OWNERS.items()
    if name.startswith(beginning)
}
