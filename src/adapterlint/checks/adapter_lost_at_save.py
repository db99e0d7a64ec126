"""What is saved does not hold the adapter, and nothing says so until it is loaded.

PEFT puts its layers into the base in place. The base's own `save_pretrained` (`model.base_model`,
`model.get_base_model()`, the name of before the wrap, a SentenceTransformer around it, a Trainer that was given the
base) does not know of them: it writes a whole model in which each wrapped weight is called `….base_layer.weight`. No
loader looks for that name, so the adapter is lost and the wrapped layers start from random numbers. Measured with
transformers 4.44, 4.57 and 5.23 and sentence-transformers 3.0, 5.3 and 6.2: what is loaded is neither the base nor the
adapted model, and all that tells is a line of the log about newly initialised weights. `merge_adapter()` leaves the
layers where they are, so it does not help.

Two more saves lose it. The first scripts for LoRA (alpaca-lora) replace `model.state_dict` by a function that returns
the adapter alone; from 0.3 to 0.19 PEFT then looks for the adapter's name in keys that have it no more, and writes
`adapter_model.safetensors` without a tensor (40 bytes; measured with 0.12 and 0.18, read in the source of the others;
0.21 writes all of it). And an adapter that is saved before it is trained, and not again, is saved as it started:
lora_B is zero.

To mend it, save the PeftModel: `model.save_pretrained(path)`. For a whole model, merge first:
`model.merge_and_unload().save_pretrained(path)`. Leave `state_dict` alone, and save after training.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.histories import lost
from adapterlint.model import Applicability, Example, Fix, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names, Site

_BASE = """\
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""
_WRAP = 'model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))\n'
_TRAIN = "model(**batch).loss.backward()\noptimizer.step()\n"
_SAVE = 'model.save_pretrained("adapters/support")\n'
_MERGE = 'model.merge_and_unload().save_pretrained("final")\n'
_PATCH = (
    "old_state_dict = model.state_dict\n"
    "model.state_dict = (\n"
    "    lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())\n"
    ").__get__(model, type(model))\n"
)
_ENCODER = """\
from peft import PeftModel
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")
tuned = PeftModel.from_pretrained(encoder[0].auto_model, "adapters/faq")
"""

RULE = Rule(
    id="adapter-lost-at-save",
    family="source",
    severity=Severity.error,
    summary="what is saved does not hold the adapter: the unmerged base, an emptied state dict, or too early",
    why=__doc__,
    references=(
        "https://huggingface.co/docs/peft/developer_guides/checkpoint",
        "https://github.com/huggingface/peft/issues/286",
    ),
    examples=(
        Example(
            title="the model inside is saved as the finished one",
            cells=(_BASE, _WRAP, _TRAIN, 'model.base_model.save_pretrained("final")\n'),
            fixed=(_BASE, _WRAP, _TRAIN, _MERGE),
        ),
        Example(
            title="and by the method that hands it out",
            cells=(_BASE, _WRAP, _TRAIN, 'model.get_base_model().save_pretrained("final")\n'),
            fixed=(_BASE, _WRAP, _TRAIN, _MERGE),
        ),
        Example(
            title="the name of before the wrap is saved",
            cells=(_BASE, _WRAP, _TRAIN, 'base.save_pretrained("final")\n'),
        ),
        Example(
            title="a SentenceTransformer with layers inside that it does not know of",
            cells=(_ENCODER, 'encoder.save("final")\n'),
        ),
        Example(
            title="merged with the layers left in",
            cells=(_BASE, _WRAP, _TRAIN, 'model.merge_adapter()\nbase.save_pretrained("final")\n'),
        ),
        Example(
            title="saved before training",
            cells=(_BASE, _WRAP + _SAVE, _TRAIN),
        ),
        Example(
            title="alpaca-lora's state_dict",
            cells=(_BASE, _WRAP, _PATCH, _TRAIN, _SAVE),
            fixed=(_BASE, _WRAP, "old_state_dict = model.state_dict\n", _TRAIN, _SAVE),
            versions={"peft": "0.14.0"},
        ),
        Example(
            title="the same where nothing says which PEFT it runs on",
            severity=Severity.hint,
            cells=(_BASE, _WRAP, _PATCH, _TRAIN, _SAVE),
            fixed=(_BASE, _WRAP, "old_state_dict = model.state_dict\n", _TRAIN, _SAVE),
        ),
        Example(
            title="the same on a PEFT that tells the keys apart",
            fires=0,
            cells=(_BASE, _WRAP, _PATCH, _TRAIN, _SAVE),
            versions={"peft": "0.21.2"},
        ),
        Example(
            title="given back before the save",
            fires=0,
            cells=(_BASE, _WRAP, _PATCH, _TRAIN, "model.state_dict = old_state_dict\n", _SAVE),
            versions={"peft": "0.14.0"},
        ),
        Example(title="the adapter is saved", fires=0, cells=(_BASE, _WRAP, _TRAIN, _SAVE)),
        Example(title="merged, then saved", fires=0, cells=(_BASE, _WRAP, _TRAIN, _MERGE)),
        Example(
            title="merged in place, then saved by its old name",
            fires=0,
            cells=(_BASE, _WRAP, _TRAIN, 'model.merge_and_unload()\nbase.save_pretrained("final")\n'),
        ),
        Example(
            title="the bare base, before anything is put into it",
            fires=0,
            cells=(_BASE, 'base.save_pretrained("copy")\n', _WRAP, _TRAIN, _SAVE),
        ),
        Example(
            title="the native way, which the encoder knows of",
            fires=0,
            cells=(
                "from sentence_transformers import SentenceTransformer\n\n"
                'encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")\n'
                'encoder.load_adapter("adapters/faq")\n',
                'encoder.save("final")\n',
            ),
        ),
        Example(
            title="saved before training and after it",
            fires=0,
            cells=(_BASE, _WRAP + _SAVE, _TRAIN, 'model.save_pretrained("adapters/trained")\n'),
        ),
    ),
)

_MENDED_IN = "0.20"


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each save that loses the adapter, once."""
    seen: set[Site] = set()
    for it in _first(lost.unmerged(names), seen):
        wrap = names.place(it.other, "the layers are put in here")
        message = (
            f"what is saved here has adapter layers inside that it does not know of (line {wrap.line}), "
            "so loading it gives neither the adapter nor the base's own weights"
        )
        yield RULE.finding(message, names.place(it.act.site), related=(wrap,), fix=_merged(it.act, names))
    for it in _first(lost.patched(names), seen):
        yield from _patched(it, source, names, run)
    for it in _first(lost.early(names), seen):
        trained = names.place(it.other, "trained here")
        message = f"the adapter is saved before it is trained (line {trained.line}), and never after"
        yield RULE.finding(message, names.place(it.act.site), related=(trained,))


def _first(found: Iterator[lost.Lost], seen: set[Site]) -> Iterator[lost.Lost]:
    for it in found:
        if it.act.site not in seen:
            seen.add(it.act.site)
            yield it


def _patched(it: lost.Lost, source: Source, names: Names, run: Run) -> Iterator[Finding]:
    version = version_of("peft", source.path, source.pip_lines, run.versions, run.kernel)
    if version.always_at_least(_MENDED_IN):
        return
    place = names.place(it.other, "state_dict is replaced here")
    message = (
        f"state_dict was replaced by one without the adapter's name in its keys (line {place.line}), "
        f"and PEFT before {_MENDED_IN} saves no tensor of it"
    )
    severity = None if version.always_below(_MENDED_IN) else Severity.hint
    fix = _unpatched(it.other, names)
    yield RULE.finding(message, names.place(it.act.site), severity=severity, related=(place,), fix=fix)


def _merged(act: Act, names: Names) -> Fix | None:
    """`model.merge_and_unload()` in place of the step from a PeftModel to the model inside."""
    owner = lost.owner_of(act.node)
    if owner is None or not act.call.startswith("transformers.PreTrainedModel."):
        return None
    text, steps = owner.text(), (".get_base_model()", ".base_model.model", ".base_model")
    step = next((it for it in steps if text.endswith(it)), None)
    if step is None or not text.removesuffix(step).replace(".", "").isidentifier():
        return None
    end = owner.range().end.index
    edit = names.edit(act.site._replace(start=end - len(step), end=end), ".merge_and_unload()")
    note = "merges in place: the PeftModel has no adapter left to save afterwards"
    return Fix("merge the adapter into the model that is saved", Applicability.unsafe, (edit,), note)


def _unpatched(site: Site, names: Names) -> Fix | None:
    """The source without the assignment, where it is a line of its own and not the only one of its block."""
    node = lost.assignment(site, names)
    statement = node.parent() if node is not None else None
    block = statement.parent() if statement is not None else None
    if statement is None or block is None or statement.kind() != "expression_statement":
        return None
    if sum(it.kind() != "comment" for it in block.named_children()) < 2:
        return None
    text = names.cell(site).text
    span = statement.range()
    start = text.rfind("\n", 0, span.start.index) + 1
    end = text.find("\n", span.end.index) + 1 or len(text)
    if text[start : span.start.index].strip() or text[span.end.index : end].strip():
        return None
    edit = names.edit(site._replace(start=start, end=end), "")
    return Fix("leave state_dict as it is", Applicability.unsafe, (edit,), "assumes that nothing else needs it so")
