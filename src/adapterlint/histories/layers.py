"""Layers that calls put into models: whether they change the base at all, surely, and to something else."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import FILLED, LOADED, OPTIMIZED, TRAINED, WRAPPED
from adapterlint.knowledge.keys import PROMPT_TYPES
from adapterlint.knowledge.models import PROMPT_CONFIGS
from adapterlint.names.objects import Object, Text

if TYPE_CHECKING:
    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event
    from adapterlint.names.history import History

# The names that PEFT's own examples give to folders of soft prompts: bloomz-560m_PROMPT_TUNING_CAUSAL_LM.
_SAYS_PROMPT = re.compile(r"(?i)(?:prompt|prefix|\bp|_p)[-_]?tun(?:ing|ed)")


def is_prompt(act: Act, names: Names) -> bool:
    """Whether what is put around the model may be a soft prompt, which leaves the model inside as it is."""
    if _prompt_config(act) or any(_peft_type(folder) in PROMPT_TYPES for folder in names.folders(act.adapter)):
        return True
    if any(isinstance(it, Text) and _SAYS_PROMPT.search(it.value) for it in act.adapter):
        return True
    # A source that trains soft prompts may load them too, from wherever its trainer has put them.
    return bool(act.adapter) and _makes_prompts(names)


@lru_cache(maxsize=1)  # asked of each load of one source after the other
def _makes_prompts(names: Names) -> bool:
    return any(_prompt_config(it) for it in names.acts(WRAPPED))


def _prompt_config(act: Act) -> bool:
    given = (it.values for it in act.arguments if it.name in ("peft_config", "config", "adapter_config"))
    return any(isinstance(it, Object) and PROMPT_CONFIGS & set(it.classes) for values in given for it in values)


def _peft_type(folder: str) -> object:
    from adapterlint.artifacts import config

    read = config.read(str(Path(folder, "adapter_config.json")))
    return read.data.get("peft_type") if isinstance(read, config.Config) else None


def surely(history: History, one: Act | Event, other: Act | Event) -> bool:
    """Whether every run that comes to `other` came through `one`; what `__init__` does comes before any method."""
    if history.always_before(one, other):
        return True
    a, b = one.where, other.where
    return bool(
        a.alone
        and b.alone
        and a.functions[:1] != b.functions[:1]
        and a.arm is None
        and not a.turns
        and history.before(one, other)
    )


def differs(wrap: Act, at: Act, value: Object, history: History) -> bool:
    """Whether the layers surely do something at that moment: weights were read into them, or they were trained.

    Layers that `get_peft_model` has just made add nothing until then.
    """
    if wrap.adapter:
        return True
    for it in history.between(wrap, value, at, TRAINED, FILLED, LOADED, OPTIMIZED):
        if history.before(wrap, it) and history.before(it, at):
            steps = [it] if it.kind != OPTIMIZED else _steps(it)
            if any(history.before(step, at) for step in steps):
                return True
    return False


def _steps(made: Event) -> list[Event]:
    """The steps of the optimiser that the event made."""
    results = made.act.results if made.act is not None else ()
    return [it for value in results if isinstance(value, Object) for it in value.events if it.detail == "step"]
