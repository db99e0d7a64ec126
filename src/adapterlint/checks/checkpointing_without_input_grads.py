"""Gradient checkpointing is switched on after the wrap, and nothing makes the inputs of the layers require gradients.

The reentrant checkpoint of torch gives gradients only where an input of the checkpointed block requires them. With a
frozen base none does: the embeddings are frozen as well. Where a head is trained too (SEQ_CLS, TOKEN_CLS,
`modules_to_save`), the head learns, LoRA's gradients are None and lora_B stays zero, with one UserWarning "None of the
inputs have requires_grad=True"; where there is no head, `backward()` raises. Measured with transformers 4.44 and 4.57
and peft 0.12 and 0.18. PEFT sees to it by itself if checkpointing is on before `get_peft_model`. From transformers 5.0
on the models do: no fault there, and this rule is silent.

To mend it, call `model.enable_input_require_grads()`, or switch checkpointing on before the wrap, or pass
`gradient_checkpointing_kwargs={"use_reentrant": False}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.histories.layers import is_prompt
from adapterlint.histories.trainable import known
from adapterlint.knowledge.effects import OPTIMIZED, TRAINED, WRAPPED
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object, Text
from adapterlint.names.objects import Constant, Items

if TYPE_CHECKING:
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names, Site

_BASE = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments

config = LoraConfig(task_type="SEQ_CLS", r=8, target_modules=["query", "value"])
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
"""
_WRAP = "model = get_peft_model(model, config)\n"
_ENABLE = "model.gradient_checkpointing_enable()\n"
_TRAIN = "model.train()\nmodel(**batch).loss.backward()\noptimizer.step()\n"
_OLD = {"transformers": "4.57.6"}

RULE = Rule(
    id="checkpointing-without-input-grads",
    family="source",
    severity=Severity.warning,
    summary="gradient checkpointing after the wrap, and no input gradients: the adapter gets none (transformers < 5)",
    why=__doc__,
    references=("https://huggingface.co/docs/transformers/main_classes/model",),
    examples=(
        Example(
            title="enabled after the wrap",
            versions=_OLD,
            cells=(_BASE, _WRAP + _ENABLE, _TRAIN),
            fixed=(_BASE, _WRAP + _ENABLE + "model.enable_input_require_grads()\n", _TRAIN),
        ),
        Example(
            title="enabled by the Trainer's arguments",
            versions=_OLD,
            cells=(
                _BASE + _WRAP,
                'args = TrainingArguments("out", gradient_checkpointing=True)\n'
                "trainer = Trainer(model=model, args=args, train_dataset=data)\ntrainer.train()\n",
            ),
        ),
        Example(
            title="the version is not known",
            severity=Severity.hint,
            cells=(_BASE, _WRAP + _ENABLE, _TRAIN),
        ),
        Example(
            title="transformers 5 sees to it",
            fires=0,
            versions={"transformers": "5.23.0"},
            cells=(_BASE, _WRAP + _ENABLE, _TRAIN),
        ),
        Example(title="enabled before the wrap", fires=0, versions=_OLD, cells=(_BASE, _ENABLE + _WRAP, _TRAIN)),
        Example(
            title="the inputs require gradients",
            fires=0,
            versions=_OLD,
            cells=(_BASE, _WRAP + "model.enable_input_require_grads()\n" + _ENABLE, _TRAIN),
        ),
        Example(
            title="checkpointing that does not re-enter",
            fires=0,
            versions=_OLD,
            cells=(
                _BASE + _WRAP,
                'model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})\n',
                _TRAIN,
            ),
        ),
        Example(
            title="the embeddings are trained",
            fires=0,
            versions=_OLD,
            cells=(
                _BASE + 'config = LoraConfig(task_type="SEQ_CLS", modules_to_save=["word_embeddings"])\n',
                _WRAP + _ENABLE,
                _TRAIN,
            ),
        ),
    ),
)

_ENABLES = (
    "peft.PeftModel.gradient_checkpointing_enable",
    "transformers.PreTrainedModel.gradient_checkpointing_enable",
)
_ENABLE_IT = "gradient_checkpointing_enable"
_TRAINERS = ("transformers.Trainer", "transformers.Seq2SeqTrainer")
_KWARGS = "gradient_checkpointing_kwargs"
#: Members that make inputs require gradients, or may be used to.
_CURES = frozenset({
    "enable_input_require_grads", "get_input_embeddings", "gradient_checkpointing_disable", "register_forward_hook",
    "embed_tokens", "embeddings", "requires_grad_", "set_input_embeddings", "_require_grads_hook",
})  # fmt: skip


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each place that switches checkpointing on for a wrapped model that is trained so."""
    seen: set[Site] = set()
    for act, site, model in (*_enabled(names), *_by_trainer(names)):
        wrap = _wrap(act, model, names)
        if site in seen or wrap is None or _cured(wrap, act, model, names) or names.unfollowed:
            continue
        seen.add(site)
        version = version_of("transformers", source.path, source.pip_lines, run.versions, run.kernel)
        if version.always_at_least("5.0"):
            continue
        place = names.place(wrap.site, "wrapped here")
        message = (
            f"gradient checkpointing of a model whose base is frozen (wrapped on line {place.line}) without input "
            f"gradients: before transformers 5 the adapter gets no gradient"
        )
        severity = None if version.always_below("5.0") else Severity.hint
        yield RULE.finding(message, names.place(site), severity=severity, related=(place,), fix=_fix(act, names))


def _enabled(names: Names) -> Iterator[tuple[Act, Site, Object]]:
    """The calls of `gradient_checkpointing_enable` that re-enter."""
    for act in names.calls(*_ENABLES):
        given = act.argument(_KWARGS) or next((it for it in act.arguments if not it.keyword), None)
        splat = any(it.splat for it in act.arguments)
        for model in (it for it in act.subject if isinstance(it, Object)):
            if not splat and (given is None or _reenters(given.values)):
                yield act, act.site, model


def _by_trainer(names: Names) -> Iterator[tuple[Act, Site, Object]]:
    """The trainers that are run with `gradient_checkpointing=True` among their arguments."""
    for act in names.calls(*_TRAINERS):
        trained = any(it.detail == "train" for made in act.results if isinstance(made, Object) for it in made.events)
        model, args = act.argument("model"), act.argument("args")
        made = [it.made if isinstance(it, Object) else None for it in args.values] if args is not None else []
        if not trained or model is None or len(made) != 1 or made[0] is None:
            continue
        switch, kwargs = made[0].argument("gradient_checkpointing"), made[0].argument(_KWARGS)
        if any(it.name is None and it.splat for it in made[0].arguments) or (kwargs and not _reenters(kwargs.values)):
            continue
        if switch is not None and all(isinstance(it, Constant) and it.text == "True" for it in switch.values):
            for it in model.values:
                if isinstance(it, Object):
                    yield act, switch.site, it


def _reenters(values: object) -> bool:
    """Whether the keyword arguments surely leave the checkpoint reentrant."""
    for it in values if isinstance(values, tuple) else ():
        if isinstance(it, Constant) and it.text == "None":
            continue
        if not isinstance(it, Items) or not it.exact or it.open:
            return False
        for key, value in zip(it.keys, it.elements, strict=False):
            named = Text("use_reentrant") in key
            if len(key) != 1 or not isinstance(key[0], Text) or (named and value != (Constant("True"),)):
                return False
    return True


def _wrap(act: Act, model: Object, names: Names) -> Act | None:
    """The `get_peft_model` whose layers surely are in the model, with a config that leaves the embeddings frozen."""
    history = names.history
    layers = [it for it in history.layers(model, act) if it.act is not None]
    if len(layers) != 1 or layers[0].act is None or layers[0].act.call != "peft.get_peft_model":
        return None
    wrap = layers[0].act
    given = wrap.argument("peft_config")
    configs = [it.made if isinstance(it, Object) else None for it in given.values] if given is not None else []
    if not configs or is_prompt(wrap, names) or not history.before(wrap, act):
        return None
    return wrap if all(it is not None and _leaves_embeddings(it) for it in configs) else None


def _leaves_embeddings(config: Act) -> bool:
    if config.call.endswith(".from_pretrained") or any(it.name is None for it in config.arguments):
        return False
    if config.argument("trainable_token_indices") is not None:
        return False
    for name in ("target_modules", "modules_to_save"):
        given = config.argument(name)
        for value in given.values if given is not None else ():
            parts = [it for element in value.elements for it in element] if isinstance(value, Items) else [value]
            if not all(isinstance(it, Text | Constant) for it in parts):
                return False
            if any(isinstance(it, Text) and any(word in it.value for word in ("embed", "wte", "*")) for it in parts):
                return False
    return True


def _cured(wrap: Act, act: Act, model: Object, names: Names) -> bool:
    """Whether something may make the inputs require gradients, or nothing trains the model."""
    history = names.history
    for it in history.events(model):
        if it.kind == "member" and (
            it.detail in _CURES or (it.detail == _ENABLE_IT and history.before(it, wrap) is not False)
        ):
            return True
        foreign = it.detail.startswith("trl.") or not (known(it.detail, names) or it.detail.startswith("transformers."))
        if it.kind in ("passed", "prepared") and (foreign or "prepare_model" in it.detail):
            return True
        if it.kind == WRAPPED and it.act is not wrap and history.before(wrap, it) is not False:
            return True
    return not any(history.before(wrap, it) is not False for it in history.events(model, TRAINED, OPTIMIZED))


def _fix(act: Act, names: Names) -> Fix | None:
    """One more statement after the one that switches checkpointing on."""
    function = act.node.field("function") if act.node is not None else None
    owner = function.field("object") if function is not None else None
    if owner is None or not act.dropped or act.call not in _ENABLES:
        return None
    text = names.cell(act.site).text
    indent = text[text.rfind("\n", 0, act.site.start) + 1 : act.site.start]
    if indent.strip() or not owner.text().replace(".", "").isidentifier():
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    after = act.site._replace(start=act.site.end)
    edit = names.edit(after, f"{newline}{indent}{owner.text()}.enable_input_require_grads()")
    return Fix(
        "make the inputs require gradients", Applicability.unsafe, (edit,), "the adapter is trained from then on"
    )
