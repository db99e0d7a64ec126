"""A second adapter is put around a model that has one inside already.

`get_peft_model` and `PeftModel.from_pretrained` want the bare base. Around a PeftModel the paths are a wrapper longer:
the weights of the second adapter match nothing, and the layers under the old name are replaced by fresh ones that add
nothing, so the model answers as the base, neither as the first adapter nor as the second. What is then trained is saved
under `base_model.model.base_model.model.`, which matches nothing at the next load either. A trl trainer that is given
a PeftModel and a `peft_config` raises in new releases. Where `get_peft_model` adds a fresh adapter under another name,
`set_adapter` still finds either of them; but what is saved loads into no bare base.

Around one base several times it is another thing. The layers under the same name are replaced, and whatever the names,
the adapter that came last answers, also through every PeftModel that was made before: a dictionary of models over one
base holds one model. `merge_and_unload()` changes the base itself, so the next adapter comes on top of the merged one.
A loop in which each wrap is used up before the next ends right as long as all adapters have the same targets.

Measured with peft 0.12, 0.18 and 0.21, all alike. PEFT warns of a second wrap from 0.18 on, in a line about several
adapters that people have learnt to overlook.

To mend it, load further adapters into the one PeftModel with `load_adapter(path, adapter_name=...)` and choose with
`set_adapter`; or take the first one out, `base = model.unload()`, or in, `model = model.merge_and_unload()`, before the
second wrap; or load a base for each. To train an adapter further, load it with `is_trainable=True` and wrap nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.stacking import stacked
from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.histories.stacking import Stacked
    from adapterlint.model import Finding
    from adapterlint.names import Names, Site

_BASE = """\
from peft import LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_FIRST = 'model = PeftModel.from_pretrained(base, "adapters/first")\n'
_FRESH = 'config = LoraConfig(r=8, target_modules=["q_proj"])\n'
_PATHS = 'paths = ["adapters/first", "adapters/second"]\n'

RULE = Rule(
    id="adapter-stacked",
    family="source",
    severity=Severity.error,
    summary="a second adapter is put around a model that has one inside already",
    why=__doc__,
    references=(
        "https://huggingface.co/docs/peft/developer_guides/troubleshooting",
        "https://github.com/unslothai/unsloth/issues/2099",
    ),
    examples=(
        Example(
            title="a fresh adapter around the loaded one",
            cells=(_BASE, _FIRST, _FRESH, "model = get_peft_model(model, config)\n"),
        ),
        Example(
            title="each turn of a loop wraps what the one before has wrapped",
            cells=(
                _BASE,
                _PATHS,
                "model = base\nfor path in paths:\n    model = PeftModel.from_pretrained(model, path)\n"
                "    print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="a peft_config beside a PeftModel",
            cells=(
                _BASE,
                _FIRST,
                "from trl import SFTTrainer\n\n",
                _FRESH,
                "trainer = SFTTrainer(model=model, train_dataset=dataset, peft_config=config)\n",
            ),
        ),
        Example(
            title="two models over one base, and the first is run after the second came",
            cells=(
                _BASE,
                'first = PeftModel.from_pretrained(base, "adapters/first")\n'
                'second = PeftModel.from_pretrained(base, "adapters/second")\n',
                "print(first.generate(**inputs))\nprint(second.generate(**inputs))\n",
            ),
        ),
        Example(
            title="a cache of models over one base",
            cells=(
                _BASE,
                "models = {}\n\ndef model_for(name):\n    if name not in models:\n"
                "        models[name] = PeftModel.from_pretrained(base, name)\n    return models[name]\n",
                'model_for("adapters/first").generate(**inputs)\nmodel_for("adapters/second").generate(**inputs)\n',
            ),
        ),
        Example(
            title="each is merged into the one base",
            cells=(
                _BASE,
                _PATHS,
                "for path in paths:\n    merged = PeftModel.from_pretrained(base, path).merge_and_unload()\n"
                '    merged.save_pretrained(path + "-merged")\n',
            ),
        ),
        Example(
            title="the adapter inside the base is replaced by a fresh one",
            severity=Severity.warning,
            cells=(_BASE, _FIRST, _FRESH, "model = get_peft_model(base, config)\n"),
        ),
        Example(
            title="each request wraps the global model once more",
            severity=Severity.warning,
            cells=(
                _BASE,
                "from fastapi import FastAPI\n\napp = FastAPI()\nmodel = base\n",
                '@app.post("/answer")\ndef answer(tenant: str, text: str):\n    global model\n'
                '    model = PeftModel.from_pretrained(model, "adapters/" + tenant)\n'
                "    return model.generate(**tokenizer(text))\n",
            ),
        ),
        Example(
            title="a method that may be called only once",
            fires=0,
            cells=(
                _BASE,
                "class Trainee:\n    def __init__(self):\n        self.model = base\n\n"
                "    def adapt(self, config):\n        self.model = get_peft_model(self.model, config)\n",
            ),
        ),
        Example(
            title="each wrap is used up before the next",
            severity=Severity.hint,
            cells=(
                _BASE,
                _PATHS,
                "for path in paths:\n    model = PeftModel.from_pretrained(base, path)\n"
                "    print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="a name for each, and set_adapter before each use",
            severity=Severity.hint,
            cells=(
                _BASE,
                _FRESH,
                'model, names = base, ["first", "second"]\nfor name in names:\n'
                "    model = get_peft_model(model, config, adapter_name=name)\n",
                "for name in names:\n    model.set_adapter(name)\n    print(model.generate(**inputs))\n",
            ),
        ),
        Example(
            title="a name for each, and saved",
            severity=Severity.warning,
            cells=(
                _BASE,
                'model = PeftModel.from_pretrained(base, "adapters/first", adapter_name="first")\n',
                _FRESH,
                'model = get_peft_model(model, config, adapter_name="second")\n',
                'model.set_adapter("second")\ntrain(model)\nmodel.save_pretrained("adapters/second")\n',
            ),
        ),
        Example(
            title="merged before the next one comes",
            fires=0,
            cells=(_BASE, _FIRST, _FRESH, "model = model.merge_and_unload()\nmodel = get_peft_model(model, config)\n"),
        ),
        Example(
            title="taken out before the next one comes",
            fires=0,
            cells=(
                _BASE,
                _FIRST,
                'base = model.unload()\nmodel = PeftModel.from_pretrained(base, "adapters/second")\n',
            ),
        ),
        Example(
            title="a soft prompt on top of a LoRA",
            fires=0,
            cells=(
                _BASE,
                _FIRST,
                'config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=8)\n'
                "model = get_peft_model(model, config)\n",
            ),
        ),
        Example(
            title="tried again where it has failed",
            fires=0,
            cells=(
                _BASE,
                "model = base\nfor attempt in range(3):\n    try:\n"
                '        model = PeftModel.from_pretrained(model, "adapters/first")\n        break\n'
                "    except OSError:\n        sleep(attempt)\n",
            ),
        ),
        Example(
            title="one or the other",
            fires=0,
            cells=(
                _BASE,
                _FRESH,
                'if resume:\n    model = PeftModel.from_pretrained(base, "adapters/first", is_trainable=True)\n'
                "else:\n    model = get_peft_model(base, config)\n",
            ),
        ),
        Example(
            title="a base for each",
            fires=0,
            cells=(
                _BASE,
                _PATHS,
                "models = []\nfor path in paths:\n"
                '    base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
                "    models.append(PeftModel.from_pretrained(base, path))\n",
            ),
        ),
        Example(
            title="beside one another in one PeftModel",
            fires=0,
            cells=(_BASE, _FIRST, 'model.load_adapter("adapters/second", "second")\nmodel.set_adapter("second")\n'),
        ),
    ),
)


def check(names: Names) -> Iterator[Finding]:
    """Report each second wrap once, as the worst that it does."""
    found: dict[Site, Stacked] = {}
    for it in () if names.unfollowed else stacked(names):
        known = found.get(it.act.site)
        if known is None or it.severity > known.severity:
            found[it.act.site] = it
    for it in found.values():
        first = names.place(it.first, "the adapter inside is put in here")
        message = it.message.format(line=first.line)
        related = () if it.first == it.act.site else (first,)
        yield RULE.finding(message, names.place(it.act.site), severity=it.severity, related=related)
