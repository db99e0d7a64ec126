"""Layers that calls put into models: whether they change the base at all, surely, and to something else."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import FILLED, LOADED, OPTIMIZED, SAVED, TRAINED
from adapterlint.knowledge.keys import PROMPT_TYPES
from adapterlint.knowledge.models import PROMPT_CONFIGS
from adapterlint.names.history import literal
from adapterlint.names.objects import Object

if TYPE_CHECKING:
    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Event
    from adapterlint.names.history import History


def is_prompt(act: Act, names: Names) -> bool:
    """Whether what is put around the model may be a soft prompt, which leaves the model inside as it is."""
    if _prompt_config(act) or any(_peft_type(folder) in PROMPT_TYPES for folder in names.folders(act.adapter)):
        return True
    return bool(act.adapter) and any(_written_as_prompt(it, act) for it in names.acts(SAVED))


def _prompt_config(act: Act) -> bool:
    given = (it.values for it in act.arguments if it.name in ("peft_config", "config", "adapter_config"))
    return any(isinstance(it, Object) and PROMPT_CONFIGS & set(it.classes) for values in given for it in values)


def _written_as_prompt(save: Act, load: Act) -> bool:
    """Whether the save may have written a soft prompt to where the adapter is loaded from."""
    made = [it.made for it in save.subject if isinstance(it, Object) and it.made is not None]
    if not any(_prompt_config(it) for it in made):
        return False
    read = literal(load.adapter)
    written = [literal(it.values) for it in save.arguments if it.name == "save_directory"]
    return (
        read is None or None in written or posixpath.normpath(read) in (posixpath.normpath(it) for it in written if it)
    )


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
