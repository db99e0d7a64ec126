"""The code loads one base model, and the adapter it puts in was trained on another.

An adapter is a difference to the weights it was trained on. Around another model of the same shape it loads without a
word and moves weights it has never seen; around one of another size it raises. `base_model_name_or_path` of
`adapter_config.json` says which model it belongs to; PEFT does not compare.

Only names as on the Hub are compared, and by their last part: an owner, a precision or a quantised copy
(`unsloth/…-bnb-4bit`, `TheBloke/…-GPTQ`) makes no difference here. A folder of this machine may hold anything, so it
is never compared, and neither is a name that is not written in the source.

To mend it, load the base that the config names, or read it from there:
`PeftConfig.from_pretrained(path).base_model_name_or_path`. An adapter that is meant for a newer base is trained again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.joined import Joined
from adapterlint.histories.trails import origins
from adapterlint.knowledge.effects import LOADED, WRAPPED
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object, Text

if TYPE_CHECKING:
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names
    from adapterlint.names.acts import Argument

_CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "BAAI/bge-small-en-v1.5",
    "target_modules": ["query"],
    "r": 2,
    "task_type": None,
}
_IMPORTS = "from peft import PeftModel\nfrom sentence_transformers import SentenceTransformer\n\n"
_PUT = 'PeftModel.from_pretrained(model[0].auto_model, "adapter")\n'


def _load(base: str) -> str:
    return f'{_IMPORTS}model = SentenceTransformer("{base}")\n'


RULE = Rule(
    id="base-differs-from-adapter",
    family="source",
    severity=Severity.warning,
    summary="the base model that the code loads is not the one that the adapter was trained on",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/config",),
    examples=(
        Example(
            title="another encoder of the same size",
            config=_CONFIG,
            cells=(_load("intfloat/e5-small-v2"), _PUT),
            fixed=(_load("BAAI/bge-small-en-v1.5"), _PUT),
        ),
        Example(title="the same", fires=0, config=_CONFIG, cells=(_load("BAAI/bge-small-en-v1.5"), _PUT)),
        Example(
            title="a copy of another owner, in another precision",
            fires=0,
            config={**_CONFIG, "base_model_name_or_path": "unsloth/BGE-Small-en-v1.5-unsloth-bnb-4bit"},
            cells=(_load("BAAI/bge-small-en-v1.5"), _PUT),
        ),
        Example(title="a folder", fires=0, config=_CONFIG, cells=(_load("models/encoder"), _PUT)),
        Example(
            title="read from the config",
            fires=0,
            config=_CONFIG,
            cells=(
                "from peft import PeftConfig\n" + _IMPORTS,
                'base = PeftConfig.from_pretrained("adapter").base_model_name_or_path\n'
                "model = SentenceTransformer(base)\n",
                _PUT,
            ),
        ),
    ),
)

_HUB = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+")
# What a project calls a folder of its own: "models/bge" is no model of an owner called models.
_FOLDERS = frozenset({
    "adapter", "adapters", "base", "base_model", "base_models", "cache", "checkpoint", "checkpoints", "ckpt", "ckpts",
    "data", "exp", "experiments", "final", "local", "logs", "lora", "merged", "mnt", "model", "models", "out", "output",
    "outputs", "pretrained", "pretrained_models", "results", "run", "runs", "save", "saved", "saved_models", "test",
    "tests", "tmp", "trained", "weights",
})  # fmt: skip
_COPY = frozenset({
    "4bit", "8bit", "awq", "bf16", "bnb", "dynamic", "float16", "fp16", "fp32", "fp8", "gguf", "gptq", "hf", "int4",
    "int8", "meta", "nf4", "quantized", "safetensors", "sharded", "unsloth",
})  # fmt: skip


def check(names: Names, run: Run) -> Iterator[Finding]:
    """Report each load around a base of another name."""
    joined, seen = Joined(names, run.adapters), set()
    for act in names.acts(WRAPPED, LOADED) if run.adapters else ():
        config = joined.config(act.adapter) if act.adapter and act.site not in seen else None
        wanted = config.get("base_model_name_or_path") if config is not None else None
        models = [it for it in act.subject if isinstance(it, Object)]
        if config is None or not models or len(models) != len(act.subject) or not _named(wanted):
            continue
        bases = set().union(*(origins(it, names) for it in models))
        if not bases or not all(_named(it) and not names.folders((Text(str(it)),)) for it in bases):
            continue
        if any(_plain(str(it)) == _plain(str(wanted)) for it in bases):
            continue
        seen.add(act.site)
        base = min(map(str, bases))
        message = f"the adapter was trained on {wanted}, and the code puts it around {base}"
        place = config.place("/base_model_name_or_path", "trained on")
        fix = _fix(models[0], str(wanted), names) if len(bases) == 1 else None
        yield RULE.finding(message, names.place(act.site), related=(place,), fix=fix)


def _named(name: object) -> bool:
    """Whether it is the name of a model on the Hub rather than a folder."""
    return isinstance(name, str) and bool(_HUB.fullmatch(name)) and name.partition("/")[0].lower() not in _FOLDERS


def _plain(name: str) -> str:
    """What is left of a name without owner, precision and spelling."""
    parts = re.split(r"[-_.]+", name.rpartition("/")[2].lower())
    return "".join(it for it in parts if it not in _COPY)


def _fix(model: Object, wanted: str, names: Names) -> Fix | None:
    """The base that the adapter names, where the name stands in the call that loads the model."""
    loads = [it.made for it in names.history.family(model) if it.made is not None and it.made.base]
    sites = {given.site for act in loads if (given := _written(act, names)) is not None}
    if len(loads) != 1 or len(sites) != 1:
        return None
    site = sites.pop()
    quote = names.cell(site).text[site.start]
    edit = names.edit(site, f"{quote}{wanted}{quote}")
    note = "assumes that the adapter is the right one, and that its config names the right base"
    return Fix("load the base that the adapter names", Applicability.unsafe, (edit,), note)


def _written(act: Act, names: Names) -> Argument | None:
    """The argument that names the base, where it is a string written out."""
    for it in act.arguments:
        text = names.cell(it.site).text[it.site.start : it.site.end]
        if it.values == act.base and re.fullmatch(r"""(["'])[\w./-]+\1""", text):
            return it
    return None
