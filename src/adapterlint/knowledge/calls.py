"""What the libraries' calls do to models, looked up by name. The tables are in `models` and `training`."""

from __future__ import annotations

import re

from adapterlint.knowledge.effects import Call
from adapterlint.knowledge.models import (
    AUTO_PEFT_CLASSES,
    BASES,
    CROSS_ENCODER,
    FUNCTIONS,
    METHODS,
    PARTS,
    PEFT_CLASSES,
    PEFT_CONFIG,
    PEFT_MODEL,
    PRETRAINED,
    PRETRAINED_LOAD,
    SENTENCE_TRANSFORMER,
    SPARSE_ENCODER,
    TRANSFORMER_MODULE,
)
from adapterlint.knowledge.training import EVALUATOR
from adapterlint.knowledge.training import FUNCTIONS as TRAINING
from adapterlint.knowledge.training import METHODS as TRAINING_METHODS

__all__ = [
    "ADAPTING",
    "ADAPTING_MODULES",
    "AUTO_PEFT_CLASSES",
    "CALLS",
    "CLASSES",
    "KEEPING",
    "LIBRARIES",
    "METHODS",
    "PARTS",
    "PEFT_CLASSES",
    "PEFT_MODEL",
    "PRETRAINED",
    "READING",
    "RETURNS_SELF",
    "SAME_PART",
    "SENTENCE_TRANSFORMER",
    "TRANSFORMER_MODULE",
    "TRANSPARENT",
    "UNWRAPS",
    "Call",
    "canonical",
    "function",
    "instances_of",
    "method",
]

#: Calls of library functions and classes, by canonical name; those named by a pattern are found by `function`.
CALLS: dict[str, Call] = FUNCTIONS | TRAINING
METHODS |= TRAINING_METHODS

_MODEL = re.compile(r"transformers\.(?:AutoModel\w*|(?!TF|Flax|Auto)\w+(?:Model|ForCausalLM|For[A-Z]\w+|LMHeadModel))$")
_CONFIG = re.compile(r"peft\.(?!Auto)\w+Config$")
_EVALUATOR = re.compile(r"sentence_transformers\.(?:[a-z_]+\.)*\w+Evaluator$")
_DIFFUSION = re.compile(r"diffusers\.\w+Pipeline\w*$")


def function(name: str) -> Call | None:
    """What a call of the library function or class does; None where nothing is known of it."""
    found = CALLS.get(name)
    if found is not None:
        return found
    owner, _, last = name.rpartition(".")
    if last in ("from_pretrained", "from_config", "_from_config"):
        if _MODEL.match(owner):
            return PRETRAINED_LOAD if last == "from_pretrained" else Call(PRETRAINED)
        if _CONFIG.match(owner):
            return Call(owner, adapter="pretrained_model_name_or_path", parameters=("pretrained_model_name_or_path",))
        if _DIFFUSION.match(owner):
            return Call("diffusers.DiffusionPipeline")
    if _CONFIG.match(name):
        return Call(name)
    if _MODEL.match(name) and name != PRETRAINED:
        return Call(PRETRAINED)
    return Call(EVALUATOR) if _EVALUATOR.match(name) else None


def method(classes: tuple[str, ...], name: str) -> tuple[str, Call] | None:
    """The qualified name, by the class that defines it, and the effect of a method of an object of the classes."""
    for cls in classes:
        for it in (cls, *BASES.get(cls, ())):
            found = METHODS.get(f"{it}.{name}")
            if found is not None:
                return f"{it}.{name}", found
    return None


def instances_of(name: str) -> tuple[str, ...]:
    """The classes of an object annotated with the library class; none where it is no class known here."""
    if name in PEFT_CLASSES:
        return (PEFT_MODEL,)
    if name in (SENTENCE_TRANSFORMER, CROSS_ENCODER, SPARSE_ENCODER, TRANSFORMER_MODULE, PRETRAINED):
        return (name,)
    if name == PEFT_CONFIG or _CONFIG.match(name):
        return (name,)
    return (PRETRAINED,) if _MODEL.match(name) else ()


#: Different spellings of one part.
SAME_PART = {"._first_module()": "[0]", ".auto_model": ".model"}

#: Methods of torch modules that return the module itself.
RETURNS_SELF = frozenset(
    {"to", "eval", "train", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "compile"}
)
#: Steps from a PeftModel to the object it wraps.
UNWRAPS = frozenset({".base_model", ".model", ".get_base_model()", ".merge_and_unload()", ".unload()"})

#: Functions that keep what they are given, by their last name; a class keeps what it is made with as well.
KEEPING = frozenset({
    "append", "add", "insert", "extend", "update", "setdefault", "put", "put_nowait", "appendleft", "push", "register",
    "dict", "partial", "submit", "setattr",
})  # fmt: skip
#: Calls that have to do with adapters, by the start of their name, and the libraries they are of.
ADAPTING = ("peft.", "unsloth.")
ADAPTING_MODULES = frozenset({"peft", "unsloth"})
#: Calls that read weights from a file.
READING = frozenset({"torch.load", "safetensors.torch.load_file"})
#: Decorators that leave what a function returns as it is, by the start of their name.
TRANSPARENT = ("functools.", "torch.", "streamlit.cache", "builtins.", "joblib.", "contextlib.ContextDecorator")

LIBRARIES = frozenset({"peft", "sentence_transformers", "transformers", "os", "pathlib", "builtins", "torch"})
#: Libraries whose classes keep their name, whichever of the library's modules they are imported from.
_FLAT = frozenset({"peft", "transformers", "trl", "diffusers", "accelerate", "unsloth"})

#: Names of classes and functions by library; a name imported from any module of the library is the same one.
CLASSES: dict[str, frozenset[str]] = {}
for _name in [*CALLS, *PEFT_CLASSES, *AUTO_PEFT_CLASSES, PEFT_CONFIG, PRETRAINED]:
    _parts = _name.removesuffix(".from_pretrained").split(".")
    if (len(_parts) == 2 and _parts[0] in _FLAT) or _parts[0] == "sentence_transformers":
        CLASSES[_parts[0]] = CLASSES.get(_parts[0], frozenset()) | {_parts[-1]}


def canonical(name: str) -> str:
    """The one name of a library object: `peft.peft_model.PeftModel` is `peft.PeftModel`.

    sentence_transformers keeps its modules apart from its models: `Transformer` is `models.Transformer`.
    """
    parts = name.split(".")
    known = CLASSES.get(parts[0], frozenset())
    for index, part in enumerate(parts[1:], 1):
        flat = parts[0] in _FLAT and part[:1].isupper()
        if (part in known or flat) and (index == len(parts) - 1 or parts[index + 1] not in known):
            home = ["models"] if (parts[0], part) == ("sentence_transformers", "Transformer") else []
            return ".".join([parts[0], *home, *parts[index:]])
    return f"torch.optim.{parts[-1]}" if name.startswith("torch.optim.") and parts[-1][:1].isupper() else name
