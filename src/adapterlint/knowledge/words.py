"""The words without which no rule about source can fire. tests/test_rules.py holds this true against the rules."""

from __future__ import annotations

import re

#: Without this no comment silences a rule.
IGNORE = "adapterlint:"

#: Every source rule needs one of these in the text; a source without any is read as bytes and never parsed.
WORDS = (
    *("PeftModel", "get_peft_model", "load_adapter", "add_adapter", "peft_config", "LoraConfig", "adapter_model"),
    *("peft_model_state_dict", "peft_weights", "inject_adapter", IGNORE),
)

#: One of these is in the text as well, if only where the name is imported: two searches spare most sources the rest.
FAMILY = ("peft", "adapter")

#: Folders that libraries are installed into. What they import of their own is not followed.
INSTALLED = frozenset({"site-packages", "dist-packages"})

#: A source with none of these loads adapters by PeftModel alone, or around the model that PEFT's own keys name.
LOADS = ("SentenceTransformer", "load_adapter")

_BYTES = tuple(word.encode() for word in WORDS)
_FAMILY = tuple(word.encode() for word in FAMILY)


def matter(data: bytes) -> bool:
    """Whether the bytes hold one of the words. One plain search a word is four times faster than one regex for all."""
    return any(word in data for word in _FAMILY) and any(word in data for word in _BYTES)


_IMPORTED = re.compile(
    rb"^[ \t]*(?:from[ \t]+|import[ \t]+(?:[\w., \t]*[, \t])?)"
    rb"(?:peft|unsloth|transformers|sentence_transformers|trl|diffusers|adapters)\b",
    re.MULTILINE,
)
_DOES = re.compile(
    rb"\b(?:Auto)?Peft(?:Mixed)?Model\w*[ \t]*(?:\(|\.from_pretrained\b)|[:>][ \t]*[\"']?(?:Auto)?PeftModel"
    rb"|(?<!def )\b(?:get_peft_model|load_peft_weights|[gs]et_peft_model_state_dict|inject_adapter_in_model)\("
    rb"|\bLoraConfig\("
    rb"|(?<!self)\.(?:load|add)_adapter\("
)
_TALK = re.compile(rb"[ \t]*(?:>>>|\.\.\.|[frb]?[#\"']|from\b|import\b|class\b)|[^\n]*`")  # prose, or nothing done
_OTHERWISE = (
    (b"trl", re.compile(rb"^[ \t]*(?:from|import)[ \t]+trl\b(?s:.*)\bpeft_config[ \t]*=(?!=)", re.MULTILINE)),
    (b"adapter_model", re.compile(rb"\b(?:torch\.load|load_file|load_state_dict)\(")),
)


def is_installed(path: str) -> bool:
    """Whether the path is that of a module of an installed library."""
    return path.endswith(".py") and not INSTALLED.isdisjoint(path.replace("\\", "/").split("/"))


def handles(data: bytes) -> bool:
    """Whether a file of an installed library, for which `matter` holds, does something with an adapter itself.

    Most of them only define what others do so with: their classes come by relative imports, which are not followed.
    """
    if IGNORE.encode() in data:
        return True
    if not _IMPORTED.search(data):
        return False
    return any(_does(data, word) for word in _BYTES) or any(
        word in data and how.search(data) for word, how in _OTHERWISE
    )


def _does(data: bytes, word: bytes) -> bool:
    """Whether a line with the word makes, changes or is handed an adapter."""
    at = data.find(word)
    while at >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        line = data[start:end] if end >= 0 else data[start:]
        if _DOES.search(line) and not _TALK.match(line):
            return True
        at = data.find(word, end) if end >= 0 else -1
    return False
