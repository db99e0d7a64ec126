"""Names of files that hold an adapter's weights in a form PEFT does not load."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHARD = re.compile(r"adapter_model-(\d{5})-of-(\d{5})\.(?:safetensors|bin)")
_PART = re.compile(
    r"adapter_model(?:\.safetensors|\.bin)?[._-]part[._-]?\w+|adapter_model\.(?:safetensors|bin)\.[a-z]{2}"
)
_STATES = (
    (re.compile(r"global_step\d+/|zero_pp_rank_\d+_mp_rank_\d+\w*\.pt"), "a DeepSpeed state"),
    (re.compile(r"pytorch_model_fsdp(?:_\d+)?(?:\.bin|/)"), "an FSDP state"),
    (re.compile(r"__\d+_\d+\.distcp"), "a distributed checkpoint of torch"),
)


def parts(names: Iterable[str]) -> list[str]:
    """The pieces of a file cut with `split`."""
    return [name for name in names if _PART.fullmatch(name)]


def state(names: Iterable[str]) -> tuple[str, str] | None:
    """The first state of a distributed run: its name, and what it is. Names of folders end in "/"."""
    for name in names:
        for pattern, what in _STATES:
            if pattern.fullmatch(name):
                return name.rstrip("/"), what
    return None
