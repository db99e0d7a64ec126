"""Names of files that hold an adapter's weights in a form PEFT does not load."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHARD = re.compile(r"adapter_model-(\d{5})-of-(\d{5})\.(?:safetensors|bin)")
_PART = re.compile(
    r"adapter_model(?:\.safetensors|\.bin)?[._-]part[._-]?\w+|adapter_model\.(?:safetensors|bin)\.(?:[a-z]{2}|\d{2,3})"
)
_UNFINISHED = re.compile(
    r"adapter_model\.(?:safetensors|bin)\.(?:incomplete|crdownload|download|partial|part|aria2|tmp)"
)
_STATES = (
    (
        re.compile(r"global_step\d+/|(?:bf16_|fp16_)?(?:zero_pp_rank_\d+_)?mp_rank_\d+_\w+\.pt|zero_to_fp32\.py"),
        "a DeepSpeed state",
    ),
    (re.compile(r"pytorch_model_fsdp(?:_\d+)?(?:_rank\d+)?(?:\.bin|/)"), "an FSDP state"),
    (re.compile(r"__\d+_\d+\.distcp"), "a distributed checkpoint of torch"),
)
"""What DeepSpeed's save_checkpoint, accelerate's save_fsdp_model (all state dict types) and torch's DCP call theirs."""


def parts(names: Iterable[str]) -> list[str]:
    """The pieces of a file cut with `split`."""
    return [name for name in names if _PART.fullmatch(name) and not _UNFINISHED.fullmatch(name)]


def unfinished(names: Iterable[str]) -> str | None:
    """What a download that was broken off, or still runs, has left of the weights."""
    return next((name for name in names if _UNFINISHED.fullmatch(name)), None)


def state(names: Iterable[str]) -> tuple[str, str] | None:
    """The first state of a distributed run: its name, and what it is. Names of folders end in "/"."""
    for name in names:
        for pattern, what in _STATES:
            if pattern.fullmatch(name):
                return name.rstrip("/"), what
    return None
