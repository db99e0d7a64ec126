"""The class that loads the model is of another task than the adapter, so the keys do not meet or the load is refused.

The layers of a model with a head lie one step deeper than those of the bare model: `model.layers…` against `layers…`,
`bert.encoder…` against `encoder…`. An adapter trained on the one matches nothing in the other:

- `PeftModel.from_pretrained(AutoModel…, adapter of a classifier or a language model)` and the reverse leave every new
  layer as it starts. The model computes what the base computes; PEFT from 0.18 on warns of missing keys, 0.12 does not.
- `AutoModel.from_pretrained(adapter folder)` of such an adapter gives the bare base before transformers 5, without a
  word (measured with 4.44 and 4.57; 5.23 finds the keys).
- `AutoPeftModelFor…` refuses an adapter whose `task_type` is another, and `AutoPeftModel` one that names no class in
  `auto_mapping`: a ValueError, which only a broad `except` hides (peft 0.12, 0.18 and 0.21).

Told only of adapters that are checked in the same run, by `task_type`, `auto_mapping` and the names of the weights.

To mend it, load the base with the class that the adapter was trained with, and take the encoder out of it afterwards
where that is what is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.histories.joined import Joined, modules
from adapterlint.knowledge.effects import LOADED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names

_CLASSIFIER = {
    "peft_type": "LORA",
    "base_model_name_or_path": "google-bert/bert-base-uncased",
    "target_modules": ["query"],
    "r": 2,
    "task_type": "SEQ_CLS",
    "modules_to_save": ["classifier", "score"],
}
_ENCODER = {
    **_CLASSIFIER,
    "task_type": None,
    "modules_to_save": None,
    "auto_mapping": {
        "base_model_class": "BertModel",
        "parent_library": "transformers.models.bert.modeling_bert",
    },
}
_IMPORTS = """\
from peft import AutoPeftModelForCausalLM, AutoPeftModelForSequenceClassification, PeftModel
from transformers import AutoModel, AutoModelForSequenceClassification
"""


def _around(name: str) -> tuple[str, str]:
    load = f'model = {name}.from_pretrained("google-bert/bert-base-uncased")\n'
    return (_IMPORTS, f'{load}model = PeftModel.from_pretrained(model, "adapter")\n')


RULE = Rule(
    id="wrong-task-class",
    family="source",
    severity=Severity.error,
    summary="the class that loads the model is of another task than the adapter",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/auto_class",),
    examples=(
        Example(
            title="an AutoPeft class of another task",
            config=_CLASSIFIER,
            cells=(_IMPORTS, 'model = AutoPeftModelForCausalLM.from_pretrained("adapter")\n'),
        ),
        Example(title="a classifier's adapter around the bare encoder", config=_CLASSIFIER, cells=_around("AutoModel")),
        Example(
            title="the encoder's adapter around a classifier",
            config=_ENCODER,
            cells=_around("AutoModelForSequenceClassification"),
        ),
        Example(
            title="the folder of the adapter as a model without head",
            config=_CLASSIFIER,
            cells=(_IMPORTS, 'model = AutoModel.from_pretrained("adapter")\n'),
            versions={"transformers": "4.57.6"},
        ),
        Example(
            title="the same where nothing says which transformers it runs on",
            severity=Severity.hint,
            config=_CLASSIFIER,
            cells=(_IMPORTS, 'model = AutoModel.from_pretrained("adapter")\n'),
        ),
        Example(
            title="the same where the keys are found",
            fires=0,
            config=_CLASSIFIER,
            cells=(_IMPORTS, 'model = AutoModel.from_pretrained("adapter")\n'),
            versions={"transformers": "5.23.0"},
        ),
        Example(
            title="the AutoPeft class of its task",
            fires=0,
            config=_CLASSIFIER,
            cells=(_IMPORTS, 'model = AutoPeftModelForSequenceClassification.from_pretrained("adapter")\n'),
        ),
        Example(
            title="a classifier's adapter around a classifier",
            fires=0,
            config=_CLASSIFIER,
            cells=_around("AutoModelForSequenceClassification"),
        ),
        Example(title="the encoder's adapter around the encoder", fires=0, config=_ENCODER, cells=_around("AutoModel")),
    ),
)

_TASKS = {
    "CausalLM": "CAUSAL_LM",
    "Seq2SeqLM": "SEQ_2_SEQ_LM",
    "SequenceClassification": "SEQ_CLS",
    "TokenClassification": "TOKEN_CLS",
    "QuestionAnswering": "QUESTION_ANS",
    "FeatureExtraction": "FEATURE_EXTRACTION",
}
#: Tasks whose models hold the bare model one step inside; those of SEQ_2_SEQ_LM lie beside the bare model's own.
_DEEPER = frozenset({"CAUSAL_LM", "SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS"})
_AUTO_PEFT = re.compile(r"peft\.AutoPeftModel(?:For(\w+))?\.from_pretrained")
_LOADS = re.compile(r"transformers\.(\w+)\.from_pretrained")
_BARE = re.compile(r"(?!.*(?:For|Head|Encoder|Decoder|PreTrained|T5))[A-Z]\w*Model")
_HEAD = re.compile(
    r"(?:Auto|Bert|Roberta|XLMRoberta|Electra|DebertaV2|DistilBert|MPNet|Llama|Mistral|Qwen2|Qwen3|Gemma\d?|GPT2|OPT|Phi3?"
    r"|ModernBert)(?:Model)?For(?:CausalLM|SequenceClassification|TokenClassification|QuestionAnswering|MaskedLM)"
)
#: First parts of module paths inside a bare model.
_BARE_PARTS = frozenset({"encoder", "embeddings", "layers", "h", "layer", "blocks", "embed_tokens", "wte"})
_FOUND_SINCE = "5.0"


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each load by a class that does not fit the adapter."""
    joined, seen = Joined(names, run.adapters), set()
    for act in names.acts() if run.adapters else ():
        if act.site in seen:
            continue
        headless = act.call == "transformers.AutoModel.from_pretrained"
        if not headless and act.kind not in (WRAPPED, LOADED):
            continue
        config = joined.config(act.base if headless else act.adapter)
        told = _told(act, config, headless) if config is not None else None
        if config is None or told is None:
            continue
        seen.add(act.site)
        severity = None
        if headless:
            version = version_of("transformers", source.path, source.pip_lines, run.versions, run.kernel)
            if version.always_at_least(_FOUND_SINCE):
                continue
            severity = None if version.always_below(_FOUND_SINCE) else Severity.hint
        place = config.place("/auto_mapping" if config.get("auto_mapping") else "/task_type", "the adapter's own")
        yield RULE.finding(told, names.place(act.site), severity=severity, related=(place,))


def _told(act: Act, config: Config, headless: bool) -> str | None:
    task, mapped = config.get("task_type"), _mapped(config)
    deeper = _deeper(config)
    if headless:
        since = f"transformers before {_FOUND_SINCE} finds none of its keys in a model without head"
        return f"the adapter was trained for {task}, and {since}" if deeper and task in _DEEPER else None
    auto = _AUTO_PEFT.fullmatch(act.call)
    if auto is not None:
        return _refused(auto[1], task, mapped)
    made = {it.made.call if isinstance(it, Object) and it.made is not None else "" for it in act.subject}
    found = _LOADS.fullmatch(made.pop()) if len(made) == 1 else None
    if found is None or deeper is None:
        return None
    loaded, own = found[1], mapped or task
    around = f"the adapter was trained on {own}, and the model it is put around is loaded by {loaded}"
    if deeper and _BARE.fullmatch(loaded):
        return f"{around}, whose layers lie one step higher: no key meets one"
    if not deeper and _HEAD.fullmatch(loaded):
        return f"{around}, whose layers lie one step deeper: no key meets one"
    return None


def _mapped(config: Config) -> str | None:
    """The class of the model that the adapter was trained on, where its config names it."""
    mapping = config.get("auto_mapping")
    name = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    return name if isinstance(name, str) else None


def _refused(wanted: str | None, task: object, mapped: str | None) -> str | None:
    """What AutoPeft says to the adapter, None where it takes it."""
    if wanted is None:
        raises = mapped is None and task in _TASKS.values()
        return (
            f"AutoPeftModel raises: the adapter's task is {task}, and it names no class in auto_mapping"
            if raises
            else None
        )
    if task in _TASKS.values() and _TASKS.get(wanted, task) != task:
        return f"AutoPeftModelFor{wanted} raises: the adapter's task is {task}"
    return None


def _deeper(config: Config) -> bool | None:
    """Whether the adapter was trained on a model with the bare one inside; None where that is not certain."""
    mapped, task = _mapped(config), config.get("task_type")
    says = None
    if mapped is not None:
        says = True if _HEAD.fullmatch(mapped) else False if _BARE.fullmatch(mapped) else None
    elif task in _DEEPER:
        says = True
    parts = set(modules(config))
    if says is None or (parts and bool(parts & _BARE_PARTS) is says):
        return None
    return says
