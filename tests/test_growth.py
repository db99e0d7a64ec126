"""How the work of the rules grows with the uses of one model: counted in lines run, not in time."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from adapterlint.artifacts import source as sources
from adapterlint.model import Rule, Run
from adapterlint.names import Names
from adapterlint.rulebook import Rulebook

FEW, MANY = 10, 100
HEAD = """\
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("base")
encoder = SentenceTransformer("base")
"""
LOAD = 'model = PeftModel.from_pretrained(base, "adapter")\n'
INSIDE = "encoder[0].auto_model = PeftModel.from_pretrained(encoder[0].auto_model, 'adapter')\n"
FRESH = "model = get_peft_model(base, LoraConfig())\noptimizer = torch.optim.AdamW(model.parameters())\n"
PROGRAMS = {
    "one model, many uses": ("", "x{n} = encoder.encode(y{n})\n"),
    "one wrap inside, many uses": (INSIDE, "x{n} = encoder.encode(y{n})\n"),
    "one wrap, many uses": (LOAD, "x{n} = model(y{n})\n"),
    "one wrap, many uses of the base": (LOAD, "x{n} = base(y{n})\n"),
    "both, run in turns": (LOAD, "base_{n} = base(y{n})\ntuned_{n} = model(y{n})\n"),
    "under a condition": (LOAD, "if q{n}:\n    x{n} = model(y{n})\n"),
    "trained step by step": (FRESH, "model(y{n}).loss.backward()\noptimizer.step()\n"),
    "saved after each step": (FRESH, "model(y{n}).loss.backward()\noptimizer.step()\nmodel.save_pretrained('o{n}')\n"),
    "switched off and on": (
        LOAD,
        "model.disable_adapter_layers()\nx{n} = model(y{n})\nmodel.enable_adapter_layers()\nz{n} = model(y{n})\n",
    ),
    "passed on": (LOAD, "x{n} = evaluate(model, y{n})\n"),
    "many adapters, one base": ("", 'm{n} = PeftModel.from_pretrained(base, "a{n}")\nx{n} = m{n}(y)\n'),
    "one after the other": (
        "",
        'model = PeftModel.from_pretrained(base, "a{n}")\nx{n} = model(y)\nbase = model.unload()\n',
    ),
    "adapters loaded beside": (LOAD, "model.load_adapter('a{n}', 'n{n}')\nmodel.set_adapter('n{n}')\nmodel(y)\n"),
}


def _rules() -> list[Rule]:
    rules = [it for it in Rulebook().checks() if {"source", "names"} & set(it.reads)]
    return [it for it in rules if set(it.reads) <= {"source", "names", "run"}]


def _work(program: str) -> Counter[str]:
    """How many lines each rule runs, each turn of a loop or comprehension counted."""
    counted: Counter[str] = Counter()
    asking = ""

    def count(_: FrameType, __: str, ___: object) -> Any:
        counted[asking] += 1
        return count

    read = sources.read("program.py", program.encode())
    assert isinstance(read, sources.Source)
    names = Names(read)
    assert names.acts()  # what the run costs is no rule's
    given = {"source": read, "names": names, "run": Run()}
    for rule in _rules():
        asking = rule.id
        assert rule.check is not None
        before = sys.gettrace()
        sys.settrace(count)
        try:
            list(rule.check(**{name: given[name] for name in rule.reads}))
        finally:
            sys.settrace(before)
    return counted


@pytest.mark.parametrize("title", PROGRAMS)
def test_work_grows_with_the_uses(title: str) -> None:
    first, each = PROGRAMS[title]
    few, many = (_work(HEAD + first + "".join(each.format(n=n) for n in range(number))) for number in (FEW, MANY))
    steep = {rule: (few[rule], lines) for rule, lines in many.items() if lines > 12 * few[rule]}
    assert not steep
