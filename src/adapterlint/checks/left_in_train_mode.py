"""`is_trainable=True` leaves the adapter in training mode, and it is used without `eval()`: its dropout stays on.

`PeftModel.from_pretrained` ends with `eval()` unless it is asked for a trainable adapter. With `is_trainable=True` the
PeftModel and its `lora_dropout` stay in training mode: two forward passes of the same input differ, and each is noisier
than the adapter is. Neither `torch.no_grad()` nor `generate()` nor a transformers pipeline calls `eval()`. Measured
with peft 0.12, 0.18 and 0.21, and nothing is said. An adapter whose `lora_dropout` is 0 is not harmed.

`SentenceTransformer.encode`, `CrossEncoder.predict` and `Trainer.evaluate` call `eval()` themselves, and a merge takes
the dropout out: they are silent, and so is a model that is put into training mode on purpose with `train()`.

To mend it, call `model.eval()` before the model is used, or leave `is_trainable=True` out where nothing is trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.histories.gradients import without
from adapterlint.histories.trainable import known, loads, meets, trainable
from adapterlint.knowledge.effects import EVALUATED, MODE, OPTIMIZED, TRAINED, USED, WRAPPED
from adapterlint.knowledge.models import SENTENCE_TRANSFORMER
from adapterlint.knowledge.training import TRAINER
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names, Site

_BASE = """\
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_LOAD = 'model = PeftModel.from_pretrained(base, "adapters/support", is_trainable=True)\n'
_RUN = "with torch.no_grad():\n    logits = model(**inputs).logits\n"
_TRAIN = (
    "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)\n"
    "for batch in loader:\n    model(**batch).loss.backward()\n    optimizer.step()\n"
)

RULE = Rule(
    id="left-in-train-mode",
    family="source",
    severity=Severity.warning,
    summary="an adapter loaded with is_trainable=True is used without eval(), so its dropout is on",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.from_pretrained",),
    examples=(
        Example(
            title="loaded trainable, and only used",
            cells=(_BASE, _LOAD, _RUN),
            fixed=(_BASE, 'model = PeftModel.from_pretrained(base, "adapters/support")\n', _RUN),
        ),
        Example(title="generate() does not call eval()", cells=(_BASE, _LOAD, "model.generate(**inputs)\n")),
        Example(title="trained on, and then evaluated", cells=(_BASE + _LOAD, _TRAIN, _RUN)),
        Example(title="eval() before it is used", fires=0, cells=(_BASE + _LOAD, _TRAIN, "model.eval()\n" + _RUN)),
        Example(title="trained, and nothing else", fires=0, cells=(_BASE + _LOAD, _TRAIN)),
        Example(
            title="loaded to be used",
            fires=0,
            cells=(_BASE, 'model = PeftModel.from_pretrained(base, "adapters/support")\n', _RUN),
        ),
        Example(
            title="merged before it is used",
            fires=0,
            cells=(_BASE + _LOAD, _TRAIN, "model = model.merge_and_unload()\n" + _RUN),
        ),
        Example(
            title="in training mode on purpose",
            fires=0,
            cells=(_BASE + _LOAD, "model.train()\nsamples = [model(**inputs).logits for _ in range(10)]\n", _RUN),
        ),
        Example(
            title="an adapter without dropout",
            fires=0,
            cells=(_BASE, _LOAD, _RUN),
            files={"adapters/support/adapter_config.json": '{"peft_type": "LORA", "lora_dropout": 0.0}'},
        ),
        Example(
            title="rollouts of a training that goes on",
            fires=0,
            cells=(_BASE + _LOAD, "rollout = model.generate(**inputs)\n", _TRAIN),
        ),
    ),
)

_SETS_EVAL = (f"{SENTENCE_TRANSFORMER}.", f"{TRAINER}.")


def check(names: Names) -> Iterator[Finding]:
    """Report each load after which the adapter is used in training mode and nothing is trained any more."""
    seen: set[Site] = set()
    for act in names.acts(WRAPPED):
        if not loads(act) or trainable(act) is not True or names.unfollowed or _no_dropout(act, names):
            continue
        for model in (it for it in act.results if isinstance(it, Object)):
            use = _use(act, model, names)
            if use is None or act.site in seen:
                continue
            seen.add(act.site)
            place = names.place(act.site, "loaded with is_trainable=True")
            message = f"the model loaded with is_trainable=True (line {place.line}) is used here without eval()"
            fix = _fix(act, model, names)
            yield RULE.finding(f"{message}, so its dropout is on", names.place(use.site), related=(place,), fix=fix)


def _no_dropout(act: Act, names: Names) -> bool:
    """Whether the adapter lies here and has no dropout."""
    from adapterlint.artifacts import config

    read = [config.read(str(Path(it, "adapter_config.json"))) for it in names.folders(act.adapter)]
    return any(isinstance(it, config.Config) and not it.data.get("lora_dropout", 0) for it in read)


def _use(act: Act, model: Object, names: Names) -> Event | None:
    """The first use that is no training, where nothing has set the mode or trains the model later on."""
    history = names.history
    events = [it for it in history.since(act, model) if it.act is not act]
    if any(it.kind == MODE or (it.kind == "passed" and not known(it.detail, names)) for it in events):
        return None
    if any(it.kind in (USED, EVALUATED, TRAINED) and it.detail.startswith(_SETS_EVAL) for it in events):
        return None
    if any(it.kind in ("returned", "kept") and not it.detail.startswith(_KEEPERS) for it in events):
        return None
    trains = [it for it in events if it.kind in (TRAINED, OPTIMIZED)]
    for it in (it for it in events if it.kind == USED and it.sure and meets(act, it)):
        if without(it, names) is None or any(history.before(it, train) is not False for train in trains):
            continue
        if history.holds(model, act, it):
            return it
    return None


_KEEPERS = ("transformers.Pipeline", "torch.optim")


def _fix(act: Act, model: Object, names: Names) -> Fix | None:
    """Where nothing is trained, the argument goes."""
    given = act.argument("is_trainable")
    if names.history.events(model, TRAINED, OPTIMIZED) or given is None or not given.keyword or given.splat:
        return None
    text = names.cell(act.site).masked
    start = text.rfind(",", act.site.start, given.site.start)
    if start < 0 or "#" in text[start : given.site.start]:
        return None
    edit = names.edit(act.site._replace(start=start, end=given.site.end), "")
    return Fix("load it to be used", Applicability.unsafe, (edit,), "it can then no longer be trained")
