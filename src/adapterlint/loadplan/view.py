"""The base model as the class sees it that an adapter is loaded with: with or without the head's prefix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config

_HEADED = frozenset({"CAUSAL_LM", "SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS", "SEQ_2_SEQ_LM"})


def view(base: Base, config: Config, names: Iterable[str]) -> tuple[Base, tuple[str, str] | None]:
    """The base under the names of the class the config asks for, and (theirs, ours) where the paths differ otherwise.

    transformers puts the prefix of a model (`bert.`, `model.`) before the names when a headless file is loaded by a
    class with a head, and takes it away in the opposite case. Which class loads is told by `task_type` or
    `auto_mapping`; where neither tells, the names stay as they are and the difference is handed back.
    """
    modules = {part.module for part in map(split, names) if part is not None and part.module}
    fitting = sum(module in base.paths for module in modules)
    if not modules or fitting * 2 >= len(modules):
        return base, None
    for theirs, ours in _shifts(base, modules):
        moved = {path: ours + path.removeprefix(theirs) for path in base.parameters}
        shifted = base.renamed({moved[name]: shape for name, shape in base.parameters.items()})
        if sum(module in shifted.paths for module in modules) * 2 < len(modules):
            continue
        return (shifted, None) if _asks_for(config, headed=bool(ours)) else (base, (theirs, ours))
    return base, _other_path(base, modules)


def _shifts(base: Base, modules: set[str]) -> list[tuple[str, str]]:
    """(prefix to take away, prefix to put before), the likely ones."""
    first = next(iter(sorted(modules))).split(".")[0]
    own = {path.split(".")[0] for path in base.modules}
    taken = [(f"{name}.", "") for name in sorted(own)]
    return [*taken, ("", f"{first}.")]


def _asks_for(config: Config, *, headed: bool) -> bool:
    mapping = config.get("auto_mapping")
    cls = str(mapping.get("base_model_class") or "") if isinstance(mapping, dict) else ""
    if cls:
        return cls.endswith("Model") is not headed
    task = config.get("task_type")
    return task in _HEADED if headed else task == "FEATURE_EXTRACTION"


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
