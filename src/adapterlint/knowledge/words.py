"""The words without which no rule about source can fire. tests/test_rules.py holds this true against the rules."""

from __future__ import annotations

import re

#: Every source rule needs one of these in the text; a source without any is read as bytes and never parsed.
WORDS = ("PeftModel", "adapterlint:", "get_peft_model", "load_adapter")

MATTER = re.compile("|".join(map(re.escape, WORDS)).encode())
