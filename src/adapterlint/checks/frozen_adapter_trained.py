"""`PeftModel.from_pretrained` loads for inference: without `is_trainable=True` every parameter is frozen.

An optimiser takes the frozen parameters without a word, their gradients stay None, and `step()` passes over them. If
anything else learns, a head beside the model or the modules after it, the loss falls and the adapter that is saved at
the end is the one that was loaded, to the last bit. Where nothing else learns, `backward()` and `Trainer.train()` raise
"element 0 of tensors does not require grad". Measured with peft 0.12, 0.18 and 0.21: no trainable parameter by
default, and none after `model.train()`, which sets dropout and not gradients.

`set_adapter`, a later `get_peft_model` after a merge, `requires_grad` set by hand and a probe whose optimiser is given
the head alone are silent, and so is a model that passes through code that is not seen.

To mend it, load with `PeftModel.from_pretrained(base, path, is_trainable=True)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.trainable import loads, meets, trainable, unfrozen
from adapterlint.knowledge.effects import OPTIMIZED, TRAINED, WRAPPED
from adapterlint.knowledge.models import SENTENCE_TRANSFORMER
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names

_BASE = """\
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_LOAD = 'model = PeftModel.from_pretrained(base, "adapters/support")\n'
_TRAINABLE = 'model = PeftModel.from_pretrained(base, "adapters/support", is_trainable=True)\n'
_OPTIMIZE = "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)\n"
_TRAIN = "trainer = Trainer(model=model, args=args, train_dataset=data)\ntrainer.train()\n"

RULE = Rule(
    id="frozen-adapter-trained",
    family="source",
    severity=Severity.error,
    summary="an adapter that is loaded without is_trainable=True, so frozen, is trained",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.from_pretrained",),
    examples=(
        Example(
            title="its parameters are given to an optimiser",
            cells=(_BASE + _LOAD, _OPTIMIZE),
            fixed=(_BASE + _TRAINABLE, _OPTIMIZE),
        ),
        Example(
            title="a Trainer trains it, in another cell",
            cells=(_BASE, _LOAD, _TRAIN),
            fixed=(_BASE, _TRAINABLE, _TRAIN),
        ),
        Example(
            title="loaded so in a helper function",
            cells=(
                "import torch\nfrom peft import AutoPeftModelForCausalLM\n\n\n"
                "def load(path):\n    return AutoPeftModelForCausalLM.from_pretrained(path, is_trainable=False)\n",
                'model = load("adapters/support")\n' + _OPTIMIZE,
            ),
        ),
        Example(title="loaded to be trained", fires=0, cells=(_BASE + _TRAINABLE, _OPTIMIZE)),
        Example(
            title="the optimiser is given the head alone",
            fires=0,
            cells=(_BASE + _LOAD, "head = torch.nn.Linear(64, 2)\noptimizer = torch.optim.AdamW(head.parameters())\n"),
        ),
        Example(
            title="unfrozen by hand",
            fires=0,
            cells=(
                _BASE + _LOAD,
                "for name, parameter in model.named_parameters():\n"
                '    parameter.requires_grad = "lora_" in name\n' + _OPTIMIZE,
            ),
        ),
        Example(
            title="merged, and a new adapter is trained",
            fires=0,
            cells=(
                _BASE + _LOAD,
                "from peft import LoraConfig, get_peft_model\n\n"
                "model = get_peft_model(model.merge_and_unload(), LoraConfig(r=8))\n" + _OPTIMIZE,
            ),
        ),
        Example(title="the Trainer evaluates", fires=0, cells=(_BASE + _LOAD, "Trainer(model=model).evaluate(data)\n")),
    ),
)

_TRAINS = ("transformers.Trainer.train", f"{SENTENCE_TRANSFORMER}.fit", f"{SENTENCE_TRANSFORMER}.old_fit")


def check(names: Names) -> Iterator[Finding]:
    """Report the first thing that trains an adapter which was loaded frozen, for each load."""
    seen = set()
    for act in names.acts(WRAPPED):
        if not loads(act) or trainable(act) is not False or names.unfollowed:
            continue
        later = next((it for model in _models(act) for it in _trains(act, model, names)), None)
        if later is None or (act.site, later.site) in seen:
            continue
        seen.add((act.site, later.site))
        place = names.place(act.site, "loaded here")
        what = "given to an optimizer" if later.kind == OPTIMIZED else "trained"
        message = f"the adapter loaded on line {place.line} without is_trainable=True is frozen, and is {what}"
        yield RULE.finding(message, names.place(later.site), related=(place,), fix=_fix(act, names))


def _models(act: Act) -> list[Object]:
    return [it for it in act.results if isinstance(it, Object)]


def _trains(act: Act, model: Object, names: Names) -> Iterator[Event]:
    """What is there to train the model while the frozen layers are surely in it."""
    history = names.history
    trains = list(history.since(act, model, OPTIMIZED, TRAINED))
    if not trains or any(_of_modules(it) for it in history.family(model)):
        return
    for it in trains:
        if it.kind == TRAINED and it.detail not in _TRAINS:
            continue
        inside = history.holds(model, act, it)
        if inside and history.before(act, it) and meets(act, it) and not unfrozen(names, act, model, it):
            yield it


def _of_modules(value: Object) -> bool:
    """Whether it is a SentenceTransformer put together of modules, some of which may be meant to learn alone."""
    return value.is_a(SENTENCE_TRANSFORMER) and (value.made is None or value.made.argument("modules") is not None)


def _fix(act: Act, names: Names) -> Fix | None:
    if act.argument("is_trainable") is not None or act.node is None:
        return None
    listed = act.node.field("arguments")
    given = [it for it in listed.named_children() if it.kind() != "comment"] if listed is not None else []
    if not given:
        return None
    end = given[-1].range().end.index
    edit = names.edit(act.site._replace(start=end, end=end), ", is_trainable=True")
    return Fix("load it to be trained", Applicability.unsafe, (edit,), "the weights that are saved will be others")
