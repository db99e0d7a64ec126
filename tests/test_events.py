"""What happens to models, and in which order: each test is a small program and a question about its acts."""

from __future__ import annotations

import pytest

import scenes
from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Source
from adapterlint.knowledge.effects import (
    EVALUATED,
    OPTIMIZED,
    SAVED,
    TRAINED,
    USED,
    WRAPPED,
)
from adapterlint.model import Span
from adapterlint.names import Act, Names, Object, base_name, literal

IMPORTS = """
import copy
import torch
import transformers
from transformers import AutoModel, AutoModelForCausalLM, LlamaForCausalLM, Trainer, TrainingArguments, pipeline
from peft import AutoPeftModelForCausalLM, LoraConfig, PeftConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft import prepare_model_for_kbit_training
from trl import SFTTrainer
from accelerate import Accelerator
from sentence_transformers import CrossEncoder, SentenceTransformer, SentenceTransformerTrainer, models
from sentence_transformers.evaluation import EmbeddingSimilarityEvaluator
from unsloth import FastLanguageModel
"""
BASE = "base = AutoModelForCausalLM.from_pretrained('base')\n"
WRAP = "model = get_peft_model(base, LoraConfig(r=8))\n"


def _names(*cells: str) -> Names:
    found = sources.read("notebook.ipynb", scenes.notebook((IMPORTS, *cells)).encode())
    assert isinstance(found, Source)
    return Names(found)


def _acts(program: str) -> list[tuple[str, str]]:
    """Kind and class of the subject of each act that is done to a model."""
    return [
        (it.kind, value.classes[0].rpartition(".")[2])
        for it in _names(program).acts()
        for value in it.subject
        if it.kind and isinstance(value, Object)
    ]


def _one(names: Names, *kinds: str) -> Act:
    found = names.acts(*kinds)
    assert len(found) == 1, found
    return found[0]


LLM, PEFT, ST = "PreTrainedModel", "PeftModel", "SentenceTransformer"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (WRAP, [(WRAPPED, LLM)]),
        ("model = PeftModel.from_pretrained(base, 'a')", [(WRAPPED, LLM)]),
        ("model = PeftModel(base, LoraConfig())", [(WRAPPED, LLM)]),
        ("model = AutoPeftModelForCausalLM.from_pretrained('a')", [(WRAPPED, LLM)]),
        ("base.add_adapter(LoraConfig())", [(WRAPPED, LLM)]),
        ("base.load_adapter('a')", [(WRAPPED, LLM)]),
        (WRAP + "model.load_adapter('a', 'b')\nmodel.set_adapter('b')",
         [(WRAPPED, LLM), ("loaded", PEFT), ("activated", PEFT)]),
        (WRAP + "model.merge_and_unload().save_pretrained('m')",
         [(WRAPPED, LLM), ("merged", PEFT), (SAVED, LLM)]),
        (WRAP + "model.base_model.save_pretrained('m')", [(WRAPPED, LLM), (SAVED, LLM)]),
        (WRAP + "model.get_base_model().save_pretrained('m')", [(WRAPPED, LLM), (SAVED, LLM)]),
        ("from functools import partial\nadapt = partial(get_peft_model, peft_config=c)\nmodel = adapt(base)",
         [(WRAPPED, LLM)]),
        ("import functools\ndef f(m, n):\n    m.generate(n)\ng = functools.partial(f, base)\ng(1)", [(USED, LLM)]),
        (WRAP + "model.unload()", [(WRAPPED, LLM), ("unloaded", PEFT)]),
        (WRAP + "model.base_model.disable_adapter_layers()\nmodel.base_model.model.generate(x)",
         [(WRAPPED, LLM), ("disabled", PEFT), (USED, LLM)]),
        (WRAP + "model.model.generate(x)", [(WRAPPED, LLM), (USED, LLM)]),
        (WRAP + "model(x)\nmodel.generate(x)\nmodel.forward(x)", [(WRAPPED, LLM), *[(USED, PEFT)] * 3]),
        (WRAP + "model(x).loss.backward()", [(WRAPPED, LLM), (USED, PEFT), (TRAINED, PEFT)]),
        (WRAP + "loss = model(x)[0]\nAccelerator().backward(loss)",
         [(WRAPPED, LLM), (USED, PEFT), (TRAINED, PEFT)]),
        (WRAP + "Trainer(model=model, args=a).train()", [(WRAPPED, LLM), (TRAINED, PEFT)]),
        (WRAP + "t = Trainer(model, a)\nt.evaluate()\nt.save_model('o')",
         [(WRAPPED, LLM), (EVALUATED, PEFT), (SAVED, PEFT)]),
        ("t = SFTTrainer(base, peft_config=LoraConfig())\nt.train()\nt.model.save_pretrained('o')",
         [(WRAPPED, LLM), (TRAINED, PEFT), (SAVED, PEFT)]),
        ("t = SFTTrainer(base, peft_config=None)\nt.train()", [(TRAINED, LLM)]),
        ("t = SFTTrainer(base)\nt.train()", [(TRAINED, LLM)]),
        ("pipe = pipeline('text-generation', model=base)\npipe('x')", [(USED, LLM)]),
        ("m = SentenceTransformer('b')\nm.encode(x)", [(USED, ST)]),
        ("m = CrossEncoder('b')\nm.predict(x)", [(USED, "CrossEncoder")]),
        ("m = SentenceTransformer('b')\ne = EmbeddingSimilarityEvaluator(a, b, c)\ne(m)", [(EVALUATED, ST)]),
        ("m = SentenceTransformer('b')\nm.evaluate(e)", [(EVALUATED, ST)]),
        ("m = SentenceTransformer('b')\nSentenceTransformerTrainer(model=m, args=a).train()", [(TRAINED, ST)]),
        ("o = torch.optim.AdamW(base.parameters(), lr=1)", [("read", LLM), (OPTIMIZED, LLM)]),
        ("o = torch.optim.AdamW([p for p in base.parameters() if p.requires_grad])",
         [*[("read", LLM)] * 2, (OPTIMIZED, LLM)]),
        ("o = torch.optim.AdamW(filter(lambda p: p.requires_grad, base.parameters()))",
         [("read", LLM), (OPTIMIZED, LLM)]),
        ("o = torch.optim.AdamW([{'params': base.parameters(), 'lr': 1}])", [("read", LLM), (OPTIMIZED, LLM)]),
        ("torch.save(base.state_dict(), 'x.pt')", [("read", LLM), (SAVED, LLM)]),
        ("base.load_state_dict(torch.load('x.pt'), strict=False)", [("filled", LLM)]),
        ("base = prepare_model_for_kbit_training(base)\nbase.eval()", [("prepared", LLM), ("mode", LLM)]),
        ("torch.compile(base).generate(x)", [(USED, LLM)]),
        ("model, opt = Accelerator().prepare(base, o)\nmodel.generate(x)", [(USED, LLM)]),
        ("copy.deepcopy(base).generate(x)", [("copied", LLM), (USED, LLM)]),
        ("model, tok = FastLanguageModel.from_pretrained('b')\nmodel = FastLanguageModel.get_peft_model(model, r=8)\n"
         "model.save_pretrained('x')",
         [(WRAPPED, LLM), (SAVED, PEFT)]),
        ("w = models.Transformer('b')\nm = SentenceTransformer(modules=[w, p])\nm[0].auto_model.generate(x)",
         [(USED, LLM)]),
        ("m = LlamaForCausalLM.from_pretrained('b')\nm.generate(x)", [(USED, LLM)]),
        ("m = transformers.models.llama.LlamaForCausalLM(c)\nm.generate(x)", [(USED, LLM)]),
        ("class T(Trainer):\n    pass\nT(model=base).train()", [(TRAINED, LLM)]),
    ],
)  # fmt: skip
def test_acts_in_order(program: str, expected: list[tuple[str, str]]) -> None:
    assert _acts(BASE + program) == expected


@pytest.mark.parametrize(
    "program",
    [
        "from adapters import AutoAdapterModel\nm = AutoAdapterModel.from_pretrained('b')\nm.load_adapter('a')",
        "import adapters\nadapters.init(base)\nbase.load_adapter('a')",
        "from diffusers import StableDiffusionPipeline as S\np = S.from_pretrained('b')\np.load_adapter('a')",
        "from gliner import GLiNER\nm = GLiNER.from_pretrained('b')\nm.load_adapter('a')",
        "from mine import get_peft_model\nm = get_peft_model(base, c)",
    ],
)
def test_other_libraries_wrap_nothing(program: str) -> None:
    assert not _names(BASE + program).acts(WRAPPED)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (WRAP + "base.generate(x)", True),
        ("base.generate(x)\n" + WRAP, False),
        (f"if lora:\n    {WRAP}else:\n    base.generate(x)", False),
        (f"if lora:\n    {WRAP}if not lora:\n    base.generate(x)", False),
        (f"if mode == 'a':\n    {WRAP}if mode == 'b':\n    base.generate(x)", False),
        (f"if lora:\n    {WRAP}base.generate(x)", True),
        (f"try:\n    {WRAP}except E:\n    base.generate(x)", True),
        (f"def f():\n    if lora:\n        {WRAP}        return model\n    base.generate(x)\nf()", False),
        (f"for i in a:\n    if i:\n        base.generate(x)\n        continue\n    {WRAP}", True),
        ("def f(m):\n    m.generate(x)\n" + WRAP + "f(base)", True),
        ("def f():\n    base.generate(x)\ndef g():\n    " + WRAP, False),
        ("def g():\n    " + WRAP + "def f():\n    base.generate(x)\n", None),
    ],
)
def test_before(program: str, expected: bool | None) -> None:
    names = _names(BASE + program)
    asked = [names.history.before(wrap, use) for wrap in names.acts(WRAPPED) for use in names.acts(USED)]
    assert (True if True in asked else None if None in asked else False) is expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (WRAP + "base.generate(x)", True),
        (f"if lora:\n    {WRAP}base.generate(x)", False),
        (f"if lora:\n    {WRAP}    base.generate(x)", True),
        (f"if lora:\n    {WRAP}else:\n    raise E\nbase.generate(x)", True),
        (f"try:\n    {WRAP}except E:\n    raise\nbase.generate(x)", True),
        (f"try:\n    {WRAP}except E:\n    pass\nbase.generate(x)", False),
        (f"for i in unknown:\n    {WRAP}base.generate(x)", False),
        (f"with x:\n    {WRAP}base.generate(x)", True),
        (f"def f():\n    {WRAP}f()\nbase.generate(x)", True),
    ],
)
def test_always_before(program: str, expected: bool) -> None:
    names = _names(BASE + program)
    assert any(names.history.always_before(wrap, names.acts(USED)[-1]) for wrap in names.acts(WRAPPED)) is expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("base.generate(x)", 0),
        (WRAP + "base.generate(x)", 1),
        (WRAP + "model.merge_and_unload()\nbase.generate(x)", 0),
        (WRAP + "model.base_model.merge_and_unload()\nbase.generate(x)", 0),
        (WRAP + "model.merge_adapter()\nbase.generate(x)", 1),
        (WRAP + "model.unload()\nbase.generate(x)", 0),
        (WRAP + "if c:\n    model.unload()\nbase.generate(x)", 1),
        (WRAP + "other = get_peft_model(model.unload(), LoraConfig())\nbase.generate(x)", 1),
        (WRAP + "base = AutoModelForCausalLM.from_pretrained('b')\nbase.generate(x)", 0),
        (WRAP + "other = copy.deepcopy(base)\nother.generate(x)", 1),
        ("other = copy.deepcopy(base)\n" + WRAP + "other.generate(x)", 0),
        ("st = SentenceTransformer('b')\nPeftModel.from_pretrained(st[0].auto_model, 'a')\nst.encode(x)", 1),
        ("st = SentenceTransformer('b')\nst[0].auto_model = get_peft_model(st[0].auto_model, c)\nst.encode(x)", 1),
        ("st = SentenceTransformer('b')\nst.load_adapter('a')\nst[0].auto_model.generate(x)", 1),
        (WRAP + WRAP + "base.generate(x)", 2),
        ("t = SFTTrainer(base, peft_config=LoraConfig())\nbase.generate(x)", 1),
    ],
)
def test_layers_inside(program: str, expected: int) -> None:
    names = _names(BASE + program)
    use = names.acts(USED)[-1]
    assert len(names.history.layers(use.subject[0], use)) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("with model.disable_adapter():\n    base.generate(x)", True),
        ("with torch.no_grad(), model.disable_adapter():\n    base.generate(x)", True),
        ("with model.disable_adapter():\n    pass\nbase.generate(x)", False),
        ("model.disable_adapter()\nbase.generate(x)", False),
        ("def f():\n    base.generate(x)\nwith model.disable_adapter():\n    f()", True),
        ("off = model.disable_adapter()\nwith off:\n    base.generate(x)", True),
    ],
)
def test_contexts(program: str, expected: bool) -> None:
    names = _names(BASE + WRAP + program)
    around = list(names.history.around(_one(names, USED), "peft.PeftModel.disable_adapter"))
    assert bool(around) is expected
    assert all(value.is_a("peft.PeftModel") for _, subject in around for value in subject)


def test_a_decorator_is_a_context() -> None:
    names = _names(BASE + "@torch.no_grad()\ndef f(m):\n    m.generate(x)\nf(base)")
    assert [name for name, _ in names.history.around(_one(names, USED), "torch.no_grad")] == ["torch.no_grad"]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("base.generate(x)", ""),
        ("print(base)\nbase.generate(x)", ""),
        (
            "from mine import prepare\nprepare(base)\nbase.generate(x)",
            "it is passed to mine.prepare, which is not seen",
        ),
        ("base.generate(x)\nprepare(base)", ""),
        ("def f(m):\n    pass\nf(base)\nbase.generate(x)", ""),
    ],
)
def test_doubt(program: str, expected: str) -> None:
    names = _names(BASE + program)
    use = names.acts(USED)[-1]
    assert names.history.doubt(use.subject[0], before=use) == expected


def test_a_parameter_is_in_doubt() -> None:
    names = _names("def f(m: PeftModel):\n    m.generate(x)\n")
    use = _one(names, USED)
    assert names.history.doubt(use.subject[0], before=use) == "it comes from a caller that is not seen"


def test_what_a_model_was_made_from() -> None:
    names = _names(BASE + WRAP + "model.generate(x)")
    use = _one(names, USED)
    assert base_name(use.subject[0]) == "base"
    names = _names("m = PeftModel.from_pretrained(AutoModel.from_pretrained(x), 'here')")
    act = _one(names, WRAPPED)
    assert literal(act.adapter) == "here" and base_name(act.subject[0]) is None


def test_a_result_that_is_dropped() -> None:
    names = _names(BASE + WRAP + "model.merge_and_unload()\nx = model.merge_and_unload()")
    assert [it.dropped for it in names.acts("merged")] == [True, False]


def test_a_report_bound_as_the_model() -> None:
    names = _names(BASE + WRAP + "model = set_peft_model_state_dict(model, torch.load('a.bin'))\nmodel.eval()")
    act = _one(names, "filled")
    assert literal(act.adapter[0].made.adapter) == "a.bin"
    assert [event.kind for it in act.results for event in it.events] == ["bound", "member", "member"]


def test_what_may_happen_again() -> None:
    names = _names(BASE + "for p in unknown:\n    m = PeftModel.from_pretrained(base, p)\n")
    assert [it.repeated for it in names.acts(WRAPPED)[0].subject[0].events if it.kind == WRAPPED] == [False, True]
    names = _names(BASE + "def serve(p):\n    return PeftModel.from_pretrained(base, p)\n")
    assert [it.repeated for it in names.acts(WRAPPED)[0].subject[0].events if it.kind == WRAPPED] == [False, True]


def test_an_object_of_a_function_that_nothing_calls_is_made_once() -> None:
    program = (
        "class Service:\n"
        "    def load(self):\n"
        "        self.base = AutoModelForCausalLM.from_pretrained('b')\n"
        "    def adapt(self):\n"
        "        self.model = PeftModel.from_pretrained(self.base, 'a')\n"
        "    def compare(self):\n"
        "        self.base.generate(x)\n"
    )
    names = _names(program)
    assert set(_one(names, WRAPPED).subject) & set(_one(names, USED).subject)


@pytest.mark.parametrize(
    "cells",
    [
        ("ROOT = 'models'", "name = 'a'", "path = ROOT + '/' + name"),
        ("name = 'b'", "ROOT = 'models'", "name = 'a'", "path = f'{ROOT}/{name}'"),
        ("def place(name):\n    return f'models/{name}'", "path = place('a')"),
        ("from pathlib import Path", "path = str(Path('models') / 'a')"),
        ("paths = {}", "paths['x'] = 'models/a'", "path = paths['x']"),
        ("path = 'models/b'\nfor path in ['models/a']:\n    print(path)",),
    ],
)
def test_what_is_put_off_is_there_when_it_is_needed(cells: tuple[str, ...]) -> None:
    names = _names(*cells, BASE + "model = PeftModel.from_pretrained(base, path)")
    assert "models/a" in [it.value for it in _one(names, WRAPPED).adapter]


def test_what_no_adapter_is_near_is_run_only_when_asked_about() -> None:
    program = "def f():\n    m = SentenceTransformer('a')\n    return m.encode(x)\n"
    source = sources.read("a.py", (IMPORTS + program).encode())
    assert isinstance(source, Source)
    names = Names(source)
    assert not names.acts(USED)
    start = source.cells[0].text.rindex("m.encode")
    assert [type(it) for it in names.values(None, Span(start, start + 1))] == [Object]


def test_cells_that_cannot_matter_are_not_parsed() -> None:
    found = sources.read("n.ipynb", scenes.notebook((IMPORTS, "import pandas\nx = pandas.read_csv(y)", BASE)).encode())
    assert isinstance(found, Source)
    Names(found).acts()
    assert [cell._root is None for cell in found.cells] == [False, True, False]
