"""The words without which no rule about source can fire. tests/test_rules.py holds this true against the rules."""

from __future__ import annotations

#: Without this no comment silences a rule.
IGNORE = "adapterlint:"

#: Every source rule needs one of these in the text; a source without any is read as bytes and never parsed.
WORDS = (
    *("PeftModel", "get_peft_model", "load_adapter", "add_adapter", "peft_config", "LoraConfig", "adapter_model"),
    *("peft_model_state_dict", "peft_weights", "inject_adapter", IGNORE),
)

#: One of these is in the text as well, if only where the name is imported: two searches spare most sources the rest.
FAMILY = ("peft", "adapter")

_BYTES = tuple(word.encode() for word in WORDS)
_FAMILY = tuple(word.encode() for word in FAMILY)


def matter(data: bytes) -> bool:
    """Whether the bytes hold one of the words. One plain search a word is four times faster than one regex for all."""
    return any(word in data for word in _FAMILY) and any(word in data for word in _BYTES)
