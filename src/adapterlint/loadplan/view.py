"""The base model as the class sees it that an adapter is loaded with: with or without the head's prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.base import Base
from adapterlint.knowledge.head_prefixes import FLAT, MOST, PREFIXES
from adapterlint.loadplan.keyform import split

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config

_HEADED = {
    "CAUSAL_LM": "ForCausalLM",
    "SEQ_CLS": "ForSequenceClassification",
    "TOKEN_CLS": "ForTokenClassification",
    "QUESTION_ANS": "ForQuestionAnswering",
    "SEQ_2_SEQ_LM": "ForConditionalGeneration",
}
_CLASSIFIERS = ("ForSequenceClassification", "ForTokenClassification")
_HEADED_MODELS = ("LMHeadModel", "DoubleHeadsModel")


def view(base: Base, config: Config, names: Iterable[str]) -> tuple[Base, tuple[str, str] | None]:
    """The base under the names of the class the config asks for, and (theirs, ours) where the paths differ otherwise.

    transformers puts the prefix of a model (`bert.`, `model.`) before the names when a headless file is loaded by a
    class with a head, and takes it away in the opposite case; any other segment that is too much or too little stays
    so. Which class loads is told by `task_type` or `auto_mapping`; where neither tells, the names stay as they are and
    the difference is handed back.
    """
    modules = {part.module for part in map(split, names) if part is not None and part.module}
    fitting = sum(module in base.paths for module in modules)
    if not modules or fitting * 2 >= len(modules):
        return base, None
    cls = _class_of(config)
    for theirs, ours in _shifts(base, modules, cls):
        moved = {ours + name.removeprefix(theirs): name for name in base.parameters if name.startswith(theirs)}
        shown = {**base.config, "architectures": [cls]} if cls else base.config
        shifted = Base(base.path, shown, {name: base.parameters[own] for name, own in moved.items()})
        if sum(module in shifted.paths for module in modules) * 2 < len(modules):
            continue
        certain = cls and is_headed(cls) is bool(ours) and (ours or theirs).rstrip(".") in _prefixes(base)
        return (shifted, None) if certain else (base, (theirs, ours))
    return base, _other_path(base, modules)


def _shifts(base: Base, modules: set[str], cls: str) -> Iterator[tuple[str, str]]:
    """(prefix to take away, prefix to put before), the likely ones."""
    own = {path.split(".")[0] for path in base.modules}
    yield from ((f"{name}.", "") for name in sorted(own))
    if base.model_type not in FLAT or cls.endswith(_CLASSIFIERS):
        firsts = {module.split(".")[0] for module in modules}
        yield from (("", f"{prefix}.") for prefix in sorted(_prefixes(base) & firsts - own))


def _prefixes(base: Base) -> set[str]:
    """What a class with a head may put before the names of the inner model."""
    known = PREFIXES.get(base.model_type)
    return {known} if known else {MOST, base.model_type} - {""}


def _class_of(config: Config) -> str:
    """The class the config asks for, or how the names of such classes end; "" where it does not say."""
    mapping = config.get("auto_mapping")
    cls = str(mapping.get("base_model_class") or "") if isinstance(mapping, dict) else ""
    task = config.get("task_type")
    return cls or ("Model" if task == "FEATURE_EXTRACTION" else _HEADED.get(task, "") if isinstance(task, str) else "")


def is_headed(cls: str) -> bool:
    """Whether a class of that name, or whose name ends so, has a head beside the inner model."""
    return not cls.endswith("Model") or cls.endswith(_HEADED_MODELS)


def _other_path(base: Base, modules: set[str]) -> tuple[str, str] | None:
    """(theirs, ours): the paths before the longest common ending of one module, where most modules differ so."""
    for module in sorted(modules)[:1]:
        segments = module.split(".")
        for at in range(1, len(segments) - 1):
            ending = ".".join(segments[at:])
            found = [path for path in base.modules if path.endswith("." + ending)]
            if len(found) == 1:
                return found[0].removesuffix(ending), module.removesuffix(ending)
    return None
