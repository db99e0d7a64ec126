"""PEFT looks for each tensor under one name: `base_model.model.` and then the module's path in the model it is put
around. A key with a wrapper's name in it is not found; `PeftModel.from_pretrained` warns of missing keys at
most, drops the tensor, and the output is the base model's. (Measured with PEFT 0.21.2 on BERT and Llama: the
logits are equal to the last bit.)

The names tell how the adapter was saved:

- `_orig_mod.`: the model went through torch.compile and the compiled object was saved.
- `module.`: it was saved from inside DistributedDataParallel or DataParallel.
- `_fsdp_wrapped_module.`, `_checkpoint_wrapped_module.`: from inside FSDP or activation checkpointing.
- `base_model.model.base_model.model.`: `get_peft_model` was called on a model that was a PeftModel already.
- no `base_model.model.`: a state dict was saved by hand. transformers' `load_adapter`, and through it
  SentenceTransformer, takes such keys; PeftModel does not.
- `base_model.model.0.model.` or `0.auto_model.`: PEFT was put around a SentenceTransformer, not around the
  transformer in it.

The last one is no damage: the adapter loads rightly, with a difference of 0.0, by `PeftModel.from_pretrained`
around a SentenceTransformer of the same kind (`0.auto_model.` before sentence-transformers 5.4, `0.model.` from
5.4 on). Every other load drops all of it: SentenceTransformer.load_adapter, AutoModel, PeftModel around the
inner transformer, and PeftModel around a SentenceTransformer of the other kind. So it is a warning, and silent
where code of the same run loads it so.

To mend it, save from the bare PeftModel: `getattr(model, "_orig_mod", model)`,
`accelerator.unwrap_model(model)` or `model.module`, then `.save_pretrained(folder)`. Files that exist can be
renamed without loss: load the state dict, replace the part of each key that is too much, save it again. For a
SentenceTransformer, train with `model.add_adapter(config)`, or put PEFT around `model[0].auto_model`, and save
from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import PEFT_PREFIX, PROMPT_TYPES
from adapterlint.loadplan.keyform import KeyForm, forms, split
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Run, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "encoder.layer.0.attention.self.query"
_AROUND = "sentence_transformers.SentenceTransformer"


def _pair(before: str) -> dict[str, ExampleTensor]:
    first, second = ExampleTensor((2, 4)), ExampleTensor((4, 2))
    return {f"{before}{_QUERY}.lora_A.weight": first, f"{before}{_QUERY}.lora_B.weight": second}


def _damaged(title: str, before: str) -> Example:
    return Example(title, config=_CONFIG, tensors=_pair(before), status=Status.loads_nothing)


RULE = Rule(
    id="wrapper-prefix",
    family="load",
    severity=Severity.error,
    summary="keys that carry a wrapper's name, so that PEFT drops them",
    why=__doc__ or "",
    examples=(
        _damaged("saved from torch.compile", "base_model.model._orig_mod."),
        _damaged("saved from a compiled PeftModel", "_orig_mod.base_model.model."),
        _damaged("saved from DistributedDataParallel", "module.base_model.model."),
        _damaged("DistributedDataParallel inside PEFT", "base_model.model.module."),
        _damaged("saved from FSDP", "base_model.model._fsdp_wrapped_module."),
        _damaged("wrapped twice", "base_model.model.base_model.model."),
        _damaged("saved without PEFT's prefix", ""),
        Example(
            "one layer of two",
            config=_CONFIG,
            tensors={
                **_pair("base_model.model."),
                "base_model.model.encoder.layer.1._orig_mod.attention.self.query.lora_A.weight": ExampleTensor((2, 4)),
                "base_model.model.encoder.layer.1._orig_mod.attention.self.query.lora_B.weight": ExampleTensor((4, 2)),
            },
            status=Status.partly_loaded,
        ),
        Example(
            "saved from PEFT around a SentenceTransformer",
            config=_CONFIG,
            tensors=_pair("base_model.model.0.model."),
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "loaded the way it was saved",
            fires=0,
            config=_CONFIG,
            tensors=_pair("base_model.model.0.model."),
            cells=(
                "from sentence_transformers import SentenceTransformer\n"
                "from peft import PeftModel\n"
                "model = PeftModel.from_pretrained(SentenceTransformer('all-MiniLM-L6-v2'), 'adapter')\n",
            ),
        ),
        Example(
            "the model has a module of that name itself",
            fires=0,
            config={**_CONFIG, "target_modules": ["query", "module"]},
            tensors={
                **_pair("base_model.model."),
                "base_model.model.module.lora_A.weight": ExampleTensor((2, 4)),
                "base_model.model.module.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
        Example("PEFT's own names", fires=0, config=_CONFIG, tensors=_pair("base_model.model.")),
        Example(
            "a plain torch Sequential is no SentenceTransformer",
            fires=0,
            config={**_CONFIG, "target_modules": ["0"]},
            tensors={
                "base_model.model.0.lora_A.weight": ExampleTensor((2, 4)),
                "base_model.model.0.lora_B.weight": ExampleTensor((4, 2)),
            },
        ),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/2957",
        "https://github.com/huggingface/sentence-transformers/issues/3247",
    ),
)

_DAMAGED = (KeyForm.compiled, KeyForm.ddp, KeyForm.fsdp, KeyForm.doubled, KeyForm.bare)


def check(target: Target, config: Config, weights: Weights, run: Run) -> Iterator[Finding]:
    """At most one finding for damaged keys, and one for keys of a wrapped SentenceTransformer."""
    if target.kind is not TargetKind.adapter or not config.is_peft or config.peft_type in PROMPT_TYPES:
        return
    own = forms(weights.tensors)
    damaged = [name for name, form in own.items() if form in _DAMAGED]
    if damaged:
        yield _damage(weights, damaged, own[damaged[0]], of=len(own))
    around = [name for name, form in own.items() if form is KeyForm.wrapped_st]
    if around and not _is_loaded_so(target, run):
        yield _around(weights, around, of=len(own))


def _damage(weights: Weights, names: list[str], form: KeyForm, of: int) -> Finding:
    count, every = _count(len(names), of, "adapter tensor"), len(names) == of
    s, them = ("s", "it") if of == 1 else ("", "them")
    if form is KeyForm.bare:
        begin = names[0].split(".")[0] + "."
        message = (
            f"{count} begin{s} with {begin} and not with {PEFT_PREFIX}, so PeftModel.from_pretrained "
            f"drops {them} (load_adapter of transformers may take {them})"
        )
    else:
        message = (
            f"{count} sit{s} under {_segment(names[0], form)} ({form.value}), where PEFT does not look, "
            f"so PEFT drops {them}{' and the base model answers' if every else ''}"
        )
    status = Status.loads_nothing if every else Status.partly_loaded
    return RULE.finding(message, weights.place(names[0]), status=status)


def _around(weights: Weights, names: list[str], of: int) -> Finding:
    part = split(names[0])
    inner = part.module.split(".")[1] if part is not None else "model"
    since = "before 5.4" if ".auto_model." in names[0] else "5.4 or later"
    message = (
        f"{_count(len(names), of, 'key')} fit{'s' if of == 1 else ''} only PeftModel.from_pretrained around a "
        f"SentenceTransformer (0.{inner}., sentence-transformers {since}), so every other load drops "
        f"{'it' if of == 1 else 'them'}: load_adapter, AutoModel, "
        "PeftModel around the inner transformer"
    )
    return RULE.finding(message, weights.place(names[0]), severity=Severity.warning, status=Status.unknown)


def _count(number: int, of: int, noun: str) -> str:
    if of == 1:
        return f"the only {noun}"
    return f"all {of} {noun}s" if number == of else f"{number} of {of} {noun}s"


def _segment(name: str, form: KeyForm) -> str:
    """The part of the name that is too much."""
    if form is KeyForm.doubled:
        return PEFT_PREFIX * 2
    wrappers = {KeyForm.compiled: ("_orig_mod",), KeyForm.ddp: ("module",)}
    known = wrappers.get(form, ("_fsdp_wrapped_module", "_checkpoint_wrapped_module"))
    return next(segment for segment in name.split(".") if segment in known) + "."


def _is_loaded_so(target: Target, run: Run) -> bool:
    """Whether code of the run puts this folder around a SentenceTransformer, as it was saved."""
    here = os.path.realpath(target.path)
    return any(load.onto == _AROUND and os.path.realpath(load.path) == here for load in run.loads)
