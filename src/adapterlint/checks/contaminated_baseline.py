"""PEFT puts its layers into the base in place, so whoever keeps the base as the baseline measures the adapter.

`PeftModel.from_pretrained(base, path)` and `get_peft_model(base, config)` return a wrapper, and the layers go into
`base` itself. `base(...)`, `base.generate(...)`, the `SentenceTransformer` whose inner model was wrapped, a pipeline or
Trainer that was built from it before: all of them run with the adapter from then on. A comparison of "base" and
"tuned" then compares the adapted model with itself, and the honest conclusion is that fine-tuning changed nothing.
A `ref_model=` or a teacher that is the wrapped base drifts with the student. `merge_and_unload()` changes the same
weights. Measured with peft 0.12, 0.18 and 0.21: base and adapted outputs are the same to the last bit, and nothing is
said.

A `SentenceTransformer` that is encoded with after its inner model was wrapped is how adapters are used there; this rule
speaks only where the result is named as the base's, or where the wrapped model is measured beside it.

To mend it, measure the baseline before the wrap, or run it inside `with model.disable_adapter():`, or load a second
base for the wrap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.baselines import kept_as_base, measured
from adapterlint.knowledge.effects import EVALUATED, USED
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.histories.baselines import Measured
    from adapterlint.model import Finding
    from adapterlint.names import Act, Names, Site

_BASE = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_LOAD = 'model = PeftModel.from_pretrained(base, "adapters/support")\n'
_TUNED = "tuned_loss = model(**batch).loss\n"
_ENCODER = """\
from peft import PeftModel
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("BAAI/bge-small-en-v1.5")
"""
_WRAP = 'tuned = PeftModel.from_pretrained(model[0].auto_model, "adapters/support")\n'

RULE = Rule(
    id="contaminated-baseline",
    family="source",
    severity=Severity.error,
    summary="a model is measured or kept as the untouched base after an adapter was put into it in place",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.disable_adapter",),
    examples=(
        Example(
            title="the baseline is measured after the wrap",
            cells=(_BASE, _LOAD, _TUNED, "base_loss = base(**batch).loss\n"),
            fixed=(_BASE, _LOAD, _TUNED, "with model.disable_adapter():\n    base_loss = base(**batch).loss\n"),
        ),
        Example(
            title="two cells after the inner transformer was wrapped",
            cells=(_ENCODER, _WRAP, "adapted = model.encode(texts)\n", "baseline = model.encode(texts)\n"),
            fixed=(
                _ENCODER,
                _WRAP,
                "adapted = model.encode(texts)\n",
                "with tuned.disable_adapter():\n    baseline = model.encode(texts)\n",
            ),
        ),
        Example(
            title="the reference of a DPO trainer is the base inside the policy",
            cells=(
                _BASE,
                "from trl import DPOTrainer\n\npolicy = get_peft_model(base, LoraConfig(r=8))\n"
                "trainer = DPOTrainer(model=policy, ref_model=base, train_dataset=pairs)\n",
            ),
        ),
        Example(
            title="measured before the wrap",
            fires=0,
            cells=(_BASE, "base_loss = base(**batch).loss\n", _LOAD, _TUNED),
        ),
        Example(
            title="the encoder is used with the adapter that was put into it",
            fires=0,
            cells=(_ENCODER, _WRAP, "embeddings = model.encode(texts)\n"),
        ),
        Example(
            title="only its device and config are read",
            fires=0,
            cells=(_BASE, _LOAD, "batch = batch.to(base.device)\n", _TUNED, "base_layers = base.config.num_layers\n"),
        ),
        Example(
            title="switched off for the baseline",
            fires=0,
            cells=(_BASE, _LOAD, "with model.disable_adapter():\n    base_loss = base(**batch).loss\n", _TUNED),
        ),
        Example(
            title="where the training of a loaded adapter starts",
            fires=0,
            cells=(
                _ENCODER,
                'PeftModel.from_pretrained(model[0].auto_model, "adapters/support", is_trainable=True)\n',
                "before = model.encode(texts)\nmodel.fit(train_objectives=objectives)\nafter = model.encode(texts)\n",
            ),
        ),
        Example(
            title="a soft prompt leaves the base as it is",
            fires=0,
            cells=(
                _BASE,
                "from peft import PromptTuningConfig\n\n"
                'tuned = get_peft_model(base, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=8))\n'
                'tuned.save_pretrained("adapters/prompt")\n',
                'model = PeftModel.from_pretrained(base, "adapters/prompt")\n',
                _TUNED,
                "base_loss = base(**batch).loss\n",
            ),
        ),
        Example(
            title="by its name a soft prompt",
            fires=0,
            cells=(
                _BASE,
                _LOAD.replace("adapters/support", "someone/llama_PROMPT_TUNING_CAUSAL_LM"),
                _TUNED,
                "base_loss = base(**batch).loss\n",
            ),
        ),
        Example(
            title="a second base for the wrap",
            fires=0,
            cells=(
                _BASE,
                'other = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
                'model = PeftModel.from_pretrained(other, "adapters/support")\n',
                _TUNED,
                "base_loss = base(**batch).loss\n",
            ),
        ),
        Example(
            title="fresh layers add nothing until they are trained",
            fires=0,
            cells=(_BASE, "model = get_peft_model(base, LoraConfig(r=8))\nbase_loss = base(**batch).loss\n"),
        ),
    ),
)


def check(names: Names) -> Iterator[Finding]:
    """Report each place where the changed base is measured, or kept, as the untouched one."""
    if names.unfollowed:
        return
    kept = list(kept_as_base(names))
    uses = {it.use for it in kept}
    seen: set[Site] = set()
    called: dict[tuple[Act, int], str] = {}
    for it in [*kept, *(it for it in measured(names, USED, EVALUATED) if it.use not in uses)]:
        if it.site in seen:
            continue
        seen.add(it.site)
        put = names.place(it.wrap.site, "the adapter is put into it here")
        how = "merged into" if it.merged else "put into"
        name = it.name if it.name.replace(".", "").isidentifier() else "the model"
        role = "as the untouched base" if it.said else "beside the model around it"
        message = f"{name} is {it.done} {role}, but an adapter was {how} it in place before (line {put.line})"
        severity = None if it.said else Severity.warning
        fix = _fix(it, called, names)
        yield RULE.finding(message, names.place(it.site), severity=severity, related=(put,), fix=fix)


def _fix(it: Measured, called: dict[tuple[Act, int], str], names: Names) -> Fix | None:
    """The statement inside a `with` that switches the adapter off, where it is one plain line and so is the name."""
    if it.merged or it.node is None or not it.said:
        return None
    cell, statement = names.cell(it.site), it.node
    while (outer := statement.parent()) is not None and outer.kind() not in ("module", "block"):
        statement = outer
    span = statement.range()
    start = cell.text.rfind("\n", 0, span.start.index) + 1
    text, indent = cell.text[span.start.index : span.end.index], cell.text[start : span.start.index]
    here = it.wrap.where.functions == it.where.functions and it.site == it.use
    plain = statement.kind() == "expression_statement" and "\n" not in text and not indent.strip()
    if not (here and plain):
        return None
    key = it.wrap, it.site.cell
    name = called[key] = called[key] if key in called else _called(*key, names)
    if not name.isidentifier():
        return None
    newline = "\r\n" if "\r\n" in cell.text else "\n"
    site = type(it.site)(it.site.cell, span.start.index, span.end.index)
    edit = names.edit(site, f"with {name}.disable_adapter():{newline}{indent}    {text}")
    note = "assumes that the base without its adapter is what was meant"
    return Fix("measure the base with the adapter switched off", Applicability.unsafe, (edit,), note)


def _called(wrap: Act, cell: int, names: Names) -> str:
    """The first name that what the wrap gives back has in that cell or before it, "" for none."""
    models = [it for it in wrap.results if isinstance(it, Object)]
    bound = (it for model in models for it in names.history.own(model, "bound") if it.site.cell <= cell)
    return next((it.detail for it in bound if not _of_class(it.site, names)), "")


def _of_class(site: Site, names: Names) -> bool:
    """Whether what is bound there is a name of a class's body, which is not the name outside."""
    node: SgNode | None = names.cell(site).root()
    inside = ""
    while node is not None:
        inside = {"class_definition": "class", "function_definition": ""}.get(node.kind(), inside)
        spans = ((it, it.range()) for it in node.children())
        node = next((it for it, span in spans if span.start.index <= site.start < span.end.index), None)
    return inside == "class"
