"""A model with a new head is wrapped by a config that names neither its task nor the head: the head stays random.

`AutoModelForSequenceClassification.from_pretrained(checkpoint, num_labels=...)` makes a new classifier at random.
`get_peft_model` freezes everything but the adapter; only `task_type="SEQ_CLS"` or `"TOKEN_CLS"` brings `classifier` and
`score` into `modules_to_save`. Without either, training goes round a random head, the head is not saved, and loading
the adapter in another process draws another one. Measured with peft 0.12, 0.18 and 0.21: the reloaded model's logits
differ by more than 1. FEATURE_EXTRACTION is no better, LoRA on the head (`target_modules="all-linear"`) saves a change
of random weights that are not saved, and a head that is unfrozen by hand learns and is not saved either. transformers'
notice that weights are newly initialised comes on every load, so nobody reads it.

A checkpoint that brings a trained head is silent, and so is a source that saves the head or the whole model itself.

To mend it, name the task in the config, or `modules_to_save=["classifier"]` (the head's name in the model).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.trainable import known, meets, sets_gradients
from adapterlint.knowledge.effects import MERGED, OPTIMIZED, SAVED, TRAINED
from adapterlint.knowledge.models import PEFT_MODEL, PROMPT_CONFIGS
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object, Text, base_name
from adapterlint.names.objects import Constant, Items, Symbol, is_none
from adapterlint.names.where import exclusive

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Names

_BASE = """\
import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=3)
"""
_CONFIG = 'config = LoraConfig(r=8, target_modules=["query", "value"])\n'
_TASK = 'config = LoraConfig(r=8, target_modules=["query", "value"], task_type="SEQ_CLS")\n'
_WRAP = "model = get_peft_model(model, config)\n"
_TRAIN = "trainer = Trainer(model=model, args=args, train_dataset=data)\ntrainer.train()\n"
_SAVE = 'model.save_pretrained("adapters/topics")\n'

RULE = Rule(
    id="head-left-frozen",
    family="source",
    severity=Severity.warning,
    summary="a new classification head stays random: the config names neither its task nor the head",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting#randomly-initialized-layers",),
    examples=(
        Example(
            title="no task type",
            cells=(_BASE, _CONFIG, _WRAP + _TRAIN + _SAVE),
            fixed=(_BASE, _TASK, _WRAP + _TRAIN + _SAVE),
        ),
        Example(
            title="a task type that knows no head",
            cells=(
                _BASE,
                'config = LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=8, target_modules=["query"])\n',
                _WRAP + _TRAIN,
            ),
        ),
        Example(
            title="LoRA on the head as well",
            cells=(_BASE, 'config = LoraConfig(r=8, target_modules="all-linear")\n', _WRAP + _TRAIN + _SAVE),
        ),
        Example(title="the task is named", fires=0, cells=(_BASE, _TASK, _WRAP + _TRAIN + _SAVE)),
        Example(
            title="the head is named",
            fires=0,
            cells=(_BASE, 'config = LoraConfig(r=8, modules_to_save=["classifier"])\n', _WRAP + _TRAIN + _SAVE),
        ),
        Example(
            title="named after the config was made",
            fires=0,
            cells=(_BASE, _CONFIG + 'config.task_type = "SEQ_CLS"\n', _WRAP + _TRAIN + _SAVE),
        ),
        Example(
            title="the checkpoint brings its own head",
            fires=0,
            cells=(
                _BASE + 'model = AutoModelForSequenceClassification.from_pretrained("textattack/roberta-base-SST-2")\n',
                _CONFIG + _WRAP + _TRAIN + _SAVE,
            ),
        ),
        Example(
            title="the whole merged model is saved",
            fires=0,
            cells=(_BASE, _CONFIG + _WRAP + _TRAIN, 'model.merge_and_unload().save_pretrained("topics")\n'),
        ),
        Example(
            title="PEFT's own class of the task knows its head",
            fires=0,
            cells=(
                _BASE,
                "from peft import PeftModelForSequenceClassification\n\n" + _CONFIG,
                "model = PeftModelForSequenceClassification(model, config)\n" + _TRAIN + _SAVE,
            ),
        ),
    ),
)

_HEADED = re.compile(r"transformers\.\w+For(Sequence|Token)Classification\.from_pretrained$")
_TASKS = {"Sequence": "SEQ_CLS", "Token": "TOKEN_CLS"}
_NO_HEAD = frozenset({"FEATURE_EXTRACTION", "None"})
_NEW = ("num_labels", "id2label", "label2id")
#: Checkpoints without a head that are named by one word, and the organisation left out.
_PLAIN = frozenset({
    "bert-base-uncased", "bert-base-cased", "bert-large-uncased", "bert-large-cased",
    "bert-base-multilingual-cased", "roberta-base", "roberta-large", "distilbert-base-uncased",
    "distilbert-base-cased", "distilroberta-base", "xlm-roberta-base", "xlm-roberta-large", "albert-base-v2",
    "deberta-v3-base", "deberta-v3-small", "deberta-v3-large", "gpt2", "bert-base-chinese", "ModernBERT-base",
})  # fmt: skip
#: Words in the id of a checkpoint that may have been trained with a head, which comes along with it.
_TRAINED = frozenset({
    "sst", "sst2", "mnli", "snli", "nli", "xnli", "anli", "cola", "mrpc", "qnli", "qqp", "rte", "stsb", "sts",
    "sentiment", "emotion", "emotions", "toxic", "toxicity", "hate", "spam", "offensive", "irony", "cls",
    "classification", "classifier", "classify", "rerank", "reranker", "cross", "encoder", "ner", "conll", "pos",
    "chunk", "finetuned", "finetune", "tuned", "fine", "reward", "rm", "guard", "detector", "detection",
    "squad", "imdb", "marco", "msmarco", "news", "intent", "topic",
})  # fmt: skip


def check(names: Names) -> Iterator[Finding]:
    """Report each wrap of a model with a new head by a config that surely leaves the head out."""
    seen = set()
    for act in names.calls("peft.get_peft_model"):
        models = [it for it in act.subject if isinstance(it, Object)]
        configs = _configs(act)
        made = _headed(models, names)
        if act.site in seen or not configs or made is None or names.unfollowed:
            continue
        config = next((it.made for it in configs if _leaves_out(it, names) and _goes_with(it, made, act)), None)
        if config is None or not _kept(act, models[0], names):
            continue
        seen.add(act.site)
        place = names.place(made.site, "the new head")
        said = names.place(config.site)
        message = (
            f"the new head of the model (line {place.line}) stays random and is not saved with the adapter: "
            f"the config on line {said.line} names neither a task_type with a head nor modules_to_save"
        )
        yield RULE.finding(message, names.place(act.site), related=(place,), fix=_fix(config, made, names))


def _configs(act: Act) -> list[Object]:
    """The configs that the wrap may be given; none where one of them is not known."""
    given = act.argument("peft_config")
    values = given.values if given is not None else ()
    known_ones = [it for it in values if isinstance(it, Object) and it.made is not None]
    return known_ones if len(known_ones) == len(values) else []


def _headed(models: list[Object], names: Names) -> Act | None:
    """The call that made the model with a head that is surely new; None where the head may be a trained one."""
    made = models[0].made if len(models) == 1 and not models[0].foreign else None
    if made is None or not _HEADED.match(made.call) or any(it.splat and it.name is None for it in made.arguments):
        return None
    name = base_name(models[0])
    return made if name is not None and _brings_no_head(name, made, names) else None


def _brings_no_head(name: str, made: Act, names: Names) -> bool:
    """Whether the id is that of a checkpoint on the hub that surely has no trained head of these labels."""
    organisation, _, last = name.rpartition("/")
    if last in _PLAIN and not names.folders((Text(name),)):
        return True
    if not organisation or "/" in organisation or organisation[:1] in ".~" or names.folders((Text(name),)):
        return False  # a folder
    words = set(re.split(r"[-_./]", name.lower()))
    return not words & _TRAINED and any(made.argument(it) is not None for it in _NEW)


def _goes_with(config: Object, model: Act, wrap: Act) -> bool:
    """Whether this config, where it is one of several, is meant for this model."""
    made = config.made
    if made is None or exclusive(made.where, model.where) or exclusive(made.where, wrap.where):
        return False
    return meets(made, model) and meets(made, wrap)


def _leaves_out(config: Object, names: Names) -> bool:
    """Whether the config surely names neither the head nor a task that has one."""
    made = config.made
    if made is None or made.call != config.classes[0] or config.classes[0] in PROMPT_CONFIGS:
        return False  # read from a file
    if any(it.name is None for it in made.arguments if it.splat) or any(not it.keyword for it in made.arguments):
        return False
    if any(it.kind == "assigned" or (it.kind == "passed" and not known(it.detail, names)) for it in config.events):
        return False
    task, saved = made.argument("task_type"), made.argument("modules_to_save")
    return (task is None or all(_said(it) in _NO_HEAD for it in task.values)) and (
        saved is None or all(is_none(it) for it in saved.values)
    )


def _said(value: object) -> str:
    if isinstance(value, Symbol):
        return value.name.rpartition(".")[2]
    return value.value if isinstance(value, Text) else value.text if isinstance(value, Constant) else ""


def _kept(act: Act, model: Object, names: Names) -> bool:
    """Whether what comes out is trained or saved as an adapter, and nothing saves the head beside it."""
    history = names.history
    adapters = [it for it in history.events(model, SAVED) if history.before(act, it)]
    if any(not it.detail.startswith((PEFT_MODEL, "transformers.Trainer")) for it in adapters):
        return False
    if any(it.call in ("torch.save", "safetensors.torch.save_file") for it in names.acts() if history.before(act, it)):
        return False
    if history.events(model, MERGED) or _moved_on(act, model, names):
        return False
    if any(sets_gradients(names, it, act) for it in act.results if isinstance(it, Object)):
        return bool(adapters)
    return bool(adapters) or any(history.before(act, it) for it in history.events(model, OPTIMIZED, TRAINED))


def _moved_on(act: Act, model: Object, names: Names) -> bool:
    """Whether code that is not seen may save the head or wrap the model once more."""
    history = names.history
    for it in history.events(model, "passed", "wrapped"):
        if it.act is act or history.before(act, it) is False:
            continue
        if it.kind == "wrapped" or not (known(it.detail, names) or it.detail.startswith("transformers.")):
            return True
    return False


def _fix(config: Act, made: Act, names: Names) -> Fix | None:
    """The task in the config, where it names none."""
    if config.node is None or config.argument("task_type") is not None:
        return None
    listed, task = config.node.field("arguments"), _HEADED.match(made.call)
    given = [it for it in listed.named_children() if it.kind() != "comment"] if listed is not None else []
    targets = config.argument("target_modules")
    wide = targets is not None and not all(isinstance(it, Items) for it in targets.values)
    if not given or task is None or wide or any(it.splat for it in config.arguments):
        return None  # "all-linear" takes the head itself as a target in some releases, with a task or without
    end = given[-1].range().end.index
    edit = names.edit(config.site._replace(start=end, end=end), f', task_type="{_TASKS[task[1]]}"')
    note = "from then on the head is trained and saved with the adapter"
    return Fix("name the task, so that the head is trained and saved", Applicability.unsafe, (edit,), note)
