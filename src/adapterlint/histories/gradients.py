"""Which forward passes of a model are made without gradients, and by what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.knowledge.models import SENTENCE_TRANSFORMER
from adapterlint.knowledge.training import PIPELINE
from adapterlint.names.objects import Constant

if TYPE_CHECKING:
    from adapterlint.names import Event, Names, Site

_OFF = re.compile(
    r"([\w.]+\.)?(no_grad|inference_mode)(\(\s*(mode=)?(True)?\s*\))?|([\w.]+\.)?set_grad_enabled\(\s*(mode=)?False\s*\)"
)
_ON = re.compile(r"([\w.]+\.)?(enable_grad|set_grad_enabled)\b")
_SWITCH = "torch.set_grad_enabled"
#: Runs that take no gradients by themselves.
_NEVER = (f"{SENTENCE_TRANSFORMER}.", f"{PIPELINE}.")


def without(run: Event, names: Names) -> Site | None:
    """Where gradients are surely off for the run: the `with`, decorator or switch, or the run itself."""
    if run.detail.startswith(_NEVER) or run.detail.endswith(".generate"):
        return run.site
    off = None
    for context in run.where.contexts:  # the innermost counts
        text = names.cell(context.site).masked[context.site.start : context.site.end].lstrip("@ ")
        if _OFF.fullmatch(text):
            off = context.site
        elif _ON.search(text) or "grad" in text:
            off = None
    return off if off is not None else _switched_off(run, names)


def _switched_off(run: Event, names: Names) -> Site | None:
    """The statement that switched gradients off for all that follows, if the last one before the run surely did."""
    if any("grad" in names.cell(it.site).masked[it.site.start : it.site.end] for it in run.where.contexts):
        return None
    switches = [it for it in names.calls(_SWITCH) if it.dropped and names.history.before(it, run) is not False]
    if not switches or not names.history.always_before(switches[-1], run):
        return None
    given = switches[-1].arguments
    said = {it.text if isinstance(it, Constant) else "" for it in given[0].values} if len(given) == 1 else {""}
    return switches[-1].site if said == {"False"} else None
