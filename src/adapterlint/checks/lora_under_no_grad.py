"""The adapter is to be trained, and every forward pass of its model is made without gradients.

Under `torch.no_grad()`, and in `SentenceTransformer.encode`, the output remembers nothing of the adapter. A head behind
it learns all the same, so the loss falls; the adapter's gradients stay None, `step()` passes over its parameters, and
what is saved is what was there before. Measured with peft 0.12, 0.18 and 0.21: no warning. Where there is no other
parameter in the loss, and under `torch.set_grad_enabled(False)`, `backward()` raises.

Features of a frozen encoder for a head are right that way, and then the optimizer is given the head alone: this rule
speaks only where the optimizer holds the adapter.

To mend it, call the model itself, outside the block: `encoder(**batch)`, or for a SentenceTransformer
`encoder(features)["sentence_embedding"]`. Keep `no_grad` for the validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.gradients import without
from adapterlint.histories.trainable import loads, sets_gradients, trainable
from adapterlint.knowledge.calls import METHODS
from adapterlint.knowledge.effects import FILLED, LOADED, OPTIMIZED, READ, TRAINED, USED, WRAPPED
from adapterlint.knowledge.training import OUTPUT
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Event, Names

_LOAD = """\
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModel

encoder = get_peft_model(AutoModel.from_pretrained("google-bert/bert-base-uncased"), LoraConfig(r=8))
head = torch.nn.Linear(768, 2)
"""
_OPTIMIZE = "optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=1e-4)\n"
_STEP = (
    "    loss = torch.nn.functional.cross_entropy(head(features), labels)\n    loss.backward()\n    optimizer.step()\n"
)
_HIDDEN = "encoder(**batch).last_hidden_state[:, 0]\n"
_LOOP = "for batch, labels in loader:\n"

RULE = Rule(
    id="lora-under-no-grad",
    family="source",
    severity=Severity.warning,
    summary="an optimizer holds the adapter, and its model is only run without gradients",
    why=__doc__,
    references=("https://pytorch.org/docs/stable/generated/torch.no_grad.html",),
    examples=(
        Example(
            title="features under no_grad for a head that learns",
            cells=(_LOAD, _OPTIMIZE, f"{_LOOP}    with torch.no_grad():\n        features = {_HIDDEN}{_STEP}"),
        ),
        Example(
            title="the helper is decorated",
            cells=(
                _LOAD,
                f"@torch.inference_mode()\ndef embed(batch):\n    return {_HIDDEN}",
                f"{_OPTIMIZE}{_LOOP}    features = embed(batch)\n{_STEP}",
            ),
        ),
        Example(
            title="encode() of a SentenceTransformer feeds the loss",
            cells=(
                "import torch\nfrom peft import LoraConfig\nfrom sentence_transformers import SentenceTransformer\n\n"
                'encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")\nencoder.add_adapter(LoraConfig(r=8))\n'
                "head = torch.nn.Linear(384, 2)\n",
                f"{_OPTIMIZE}{_LOOP}    features = torch.tensor(encoder.encode(batch))\n{_STEP}",
            ),
        ),
        Example(
            title="the forward pass takes gradients",
            fires=0,
            cells=(_LOAD, _OPTIMIZE, f"{_LOOP}    features = {_HIDDEN}{_STEP}"),
        ),
        Example(
            title="only the validation is without",
            fires=0,
            cells=(
                _LOAD,
                _OPTIMIZE,
                f"{_LOOP}    features = {_HIDDEN}{_STEP}    with torch.no_grad():\n        check = {_HIDDEN}",
            ),
        ),
        Example(
            title="only the head is trained, on features of the adapted encoder",
            fires=0,
            cells=(
                _LOAD + 'encoder = PeftModel.from_pretrained(AutoModel.from_pretrained("base"), "adapters/topics")\n',
                "optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3)\n",
                f"{_LOOP}    with torch.no_grad():\n        features = {_HIDDEN}{_STEP}",
            ),
        ),
        Example(
            title="off under a condition",
            fires=0,
            cells=(
                _LOAD,
                "from contextlib import nullcontext\n\n" + _OPTIMIZE,
                f"{_LOOP}    with torch.no_grad() if warm_up else nullcontext():\n        features = {_HIDDEN}{_STEP}",
            ),
        ),
    ),
)

_FRESH = frozenset({"get_peft_model", "inject_adapter_in_model", "add_adapter"})
#: What a model may be given to without being run there with gradients.
_IDLE = ("builtins.", "peft.", "accelerate.", "torch.optim.", "torch.save", "torch.compile", "torch.nn.DataParallel")
_DATA = frozenset({
    "config", "device", "dtype", "tokenizer", "print_trainable_parameters", "named_modules", "modules", "training",
    "get_nb_trainable_parameters", "num_parameters", "peft_config", "active_adapter", "requires_grad_", "preprocess",
    "tokenize", "get_sentence_embedding_dimension", "get_embedding_dimension", "max_seq_length", "auto_model", "model",
    "base_model", "gradient_checkpointing_disable", "__init__", "get_base_model", "processor", "named_parameters",
})  # fmt: skip
_METHODS = frozenset(name.rpartition(".")[2] for name in METHODS)


def check(names: Names) -> Iterator[Finding]:
    """Report where gradients are off for every run of a model whose adapter an optimizer takes steps for."""
    seen = set()
    for act in names.acts(WRAPPED):
        for model in [it for it in (*act.results, *act.subject) if isinstance(it, Object)][:1]:
            fresh = act.call.rpartition(".")[2] in _FRESH
            if names.unfollowed or not (fresh or (loads(act) and trainable(act))):
                continue
            runs = [it for it in names.history.events(model, USED) if names.history.before(act, it) is not False]
            if not runs or not all(without(it, names) for it in runs) or _elsewhere(act, model, names):
                continue
            found = _step(act, model, runs, names, fresh)
            site = without(found[0], names) if found is not None else None
            if found is None or site is None or site in seen:
                continue
            seen.add(site)
            run, step = names.place(found[0].site, "the run"), names.place(found[1].site, "the step")
            message = (
                f"the adapted model is only run without gradients, so the step on line {step.line} does not train it"
            )
            yield RULE.finding(message, names.place(site), related=(run, step))


def _elsewhere(act: Act, model: Object, names: Names) -> bool:
    """Whether the model may be run with gradients by something that is not seen, or gets its weights otherwise."""
    history = names.history
    for it in history.events(model):
        if it.act is act or history.before(act, it) is False:
            continue
        if it.kind in (FILLED, LOADED, "returned", "kept", "assigned", "item") and not _harmless(it):
            return True
        if it.kind == TRAINED and not it.detail.startswith(OUTPUT):
            return True
        if it.kind == "passed" and not it.detail.startswith(_IDLE):
            return True
        if it.kind == "member" and it.detail not in _DATA and it.detail not in _METHODS:
            return True
    return sets_gradients(names, model, act)


def _harmless(it: Event) -> bool:
    return it.kind == "kept" and it.detail.startswith(("torch.nn.DataParallel", "torch.optim"))


def _step(act: Act, model: Object, runs: list[Event], names: Names, fresh: bool) -> tuple[Event, Event] | None:
    """A run and the step after it of an optimizer that holds the adapter."""
    history = names.history
    family = set(history.family(model))
    candidates = [*runs[:1], *[it for it in runs if it.where.alone][:1]]
    for made in names.acts(OPTIMIZED):
        around = fresh and _inside_of(made, names) and not history.events(model, READ)
        if not (family & set(made.subject) or around):
            continue
        for optimizer in (it for it in made.results if isinstance(it, Object)):
            for step in (it for it in optimizer.events if it.kind == "member" and it.detail == "step" and it.sure):
                first = [it for it in candidates if history.before(it, step) or it.where.alone]
                if first and history.before(act, step):
                    return first[0], step
    return None


def _inside_of(made: Act, names: Names) -> bool:
    """Whether the optimizer is given a module of this source, which keeps the encoder, and nothing fills it."""
    local = [it for it in made.subject if isinstance(it, Object) and it.local is not None]
    return bool(local) and not names.acts(FILLED)
