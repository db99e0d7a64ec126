"""What a call of a library does to models, as a record: the tables are in `calls`, `training` and `models`."""

from __future__ import annotations

from typing import NamedTuple

#: What an act does to the object it is done to, and what the event on that object is called.
WRAPPED = "wrapped"  # adapter layers are put into it, in place
LOADED = "loaded"  # one more adapter is put beside those inside; which of them is active stays as it is
ACTIVATED = "activated"  # the active adapter is named
DELETED = "deleted"  # an adapter is taken out
MERGED = "merged"  # the adapter's change is added to the weights
UNMERGED = "unmerged"
UNLOADED = "unloaded"  # the layers are taken out and their change with them
DISABLED = "disabled"  # the layers stay and do nothing
ENABLED = "enabled"
SAVED = "saved"
TRAINED = "trained"
OPTIMIZED = "optimized"  # an optimiser is made for its parameters
EVALUATED = "evaluated"  # measured by an evaluator, a trainer or a benchmark
USED = "used"  # run: called, encode, generate, predict, by itself or through a pipeline
MOVED = "moved"
MODE = "mode"  # train() or eval()
FILLED = "filled"  # weights are read into it: load_state_dict and its like
READ = "read"  # its weights are taken out: state_dict, parameters
PREPARED = "prepared"  # made ready to be trained: gradient checkpointing, input gradients, k-bit training
COPIED = "copied"
ADAPTERS = "adapters"  # handed to the library of that name, whose adapters are no PEFT ones


class Call(NamedTuple):
    """What one call does.

    `returns`: class of the object that comes back; `pair` says that a tokenizer comes with it; `inner`: class of the
    model inside it that no name held before. `gives`: the parameter that comes back as it is, "self" or "*" for all.
    `wraps`: parameter whose object gets layers in place, only where the parameter `when` is given, if it is named.
    `adapter`, `base`: parameters that name the folder or id of the adapter and of the base model.
    `parameters`: names of the positional parameters, in order.
    `act`: kind of the event on the object of the parameter `on`, on the object of the method ("self"), or on its part
    (".model"). `keeps`: (parameter, step): what is given there is found again by the step from what comes back.
    """

    returns: str | None = None
    wraps: str | None = None
    adapter: str | None = None
    parameters: tuple[str, ...] = ()
    base: str | None = None
    act: str = ""
    on: str = "self"
    keeps: tuple[tuple[str, str], ...] = ()
    gives: str = ""
    pair: bool = False
    inner: str | None = None
    when: str = ""


def each(names: str, call: Call, prefix: str = "") -> dict[str, Call]:
    """The same for all of the names, written with blanks between them."""
    return {prefix + name: call for name in names.split()}
