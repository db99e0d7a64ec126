"""Which modules an adapter's config selects, as `check_target_module_exists` of PEFT 0.21 does (tuners_utils)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts.base import Kind
from adapterlint.artifacts.regex import fullmatch, prefix_match, work
from adapterlint.knowledge.base_models import DEFAULT_TARGETS, HEADS, OUTPUT_EMBEDDINGS

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config

_PLAIN = re.compile(r"[\w-]+")
_MOST_WORK = 20_000_000  # steps for the patterns of one config over all modules: some ten seconds at the worst
_FIRST_LAYER = re.compile(r".*?\.[^.]*\.(?P<idx>\d+)\.")


class Undecidable(Exception):  # noqa: N818 - a state of knowledge, not an error
    """What PEFT would do cannot be told from the config and the names at hand."""


class Selector:
    """The modules a config selects. Without a base, only `selects` of a path; `all-linear` needs the base.

    `heads` says whether the heads of the task are saved modules too: PeftModel adds them to the config, others do not.
    Raises Undecidable where a regular expression takes too long, or a field is of no known kind.
    """

    def __init__(self, config: Config, base: Base | None, *, heads: bool = True) -> None:
        self.base = base
        self._left = _MOST_WORK
        added = HEADS.get(str(config.get("task_type")), ()) if heads else ()
        self.modules_to_save = _names(config.get("modules_to_save")) + added
        self.parameters = _names(config.get("target_parameters"))
        self._exclude = config.get("exclude_modules")
        self._layers = config.get("layers_to_transform")
        self._pattern = config.get("layers_pattern")
        self.targets = self._read(config.get("target_modules"))
        self._task = config.get("task_type")

    def _read(self, targets: Any) -> str | tuple[str, ...]:
        if targets is None and self.base is not None:
            targets = list(DEFAULT_TARGETS.get(self.base.model_type, ()))
            if not targets and not self.parameters:
                raise Undecidable
        if isinstance(targets, str):
            if self._layers is not None:
                raise Undecidable  # PEFT refuses a pattern together with layers
            return targets
        if targets is None and not self.parameters:
            raise Undecidable
        return _names(targets)

    @property
    def is_all_linear(self) -> bool:
        """Whether every linear layer of the base is meant."""
        return isinstance(self.targets, str) and self.targets.lower() == "all-linear"

    def excludes(self, key: str) -> bool:
        """Whether `exclude_modules` or `modules_to_save` takes the module at path `key` out."""
        if self._exclude:
            if isinstance(self._exclude, str):
                if self._matches(self._exclude, key):
                    return True
            elif any(_is_at(name, key) for name in _names(self._exclude)):
                return True
        return any(_lies_in(name, key) for name in self.modules_to_save)

    def _matches(self, pattern: str, key: str) -> bool:
        if self._left <= 0:
            raise Undecidable
        self._left -= work(pattern, key)
        return _known(fullmatch(pattern, key))

    def selects(self, key: str) -> bool:
        """Whether the module at path `key` gets an adapter layer."""
        if self.excludes(key):
            return False
        if isinstance(self.targets, str):
            return self._in_all_linear(key) if self.is_all_linear else self._matches(self.targets, key)
        return any(self.selects_by(entry, key) for entry in self.targets)

    def selects_by(self, entry: str, key: str) -> bool:
        """Whether the entry `entry` of a `target_modules` list means the module at path `key`, exclusions aside."""
        return key == entry or (key.endswith(f".{entry}") and self._in_layers(key))

    def _in_all_linear(self, key: str) -> bool:
        if self.base is None:
            raise Undecidable
        module = self.base.modules.get(key)
        if module is None or module.kind not in (Kind.linear, Kind.transposed):
            return False
        return key not in self._heads(self.base)

    def _heads(self, base: Base) -> set[str]:
        """The linear layers that `all-linear` leaves out: output embeddings, else the head of a classifier."""
        outputs = {path for path in base.modules if path in OUTPUT_EMBEDDINGS or path.endswith("predictions.decoder")}
        if outputs:
            return outputs
        heads = ("score", "classifier") if self._task == "SEQ_CLS" else ()
        return {next((head for head in heads if head in base.paths), "")} - {""}

    def _in_layers(self, key: str) -> bool:
        if self._layers is None or self._layers == []:
            return True
        index = self._layer(key)
        return index is not None and (index == self._layers if _is_number(self._layers) else index in self._layers)

    def _layer(self, key: str) -> int | None:
        if not (_is_number(self._layers) or isinstance(self._layers, list)):
            raise Undecidable
        if not self._pattern:
            found = _FIRST_LAYER.match(key)
            return int(found["idx"]) if found else None
        for pattern in (self._pattern,) if isinstance(self._pattern, str) else _names(self._pattern):
            if not re.fullmatch(r"[\w.-]+", pattern):
                raise Undecidable
            found = re.match(rf"(?:^|.*?\.){pattern}\.(?P<idx>\d+)\.", key)
            if found:
                return int(found["idx"])
        return None

    def saves(self, key: str) -> bool:
        """Whether PEFT wraps the module at `key` for `modules_to_save`: any path that ends so, dot or not."""
        return any(key.endswith(name) for name in self.modules_to_save)

    def parameter_of(self, name: str) -> bool:
        """Whether `target_parameters` means the parameter `name`."""
        return any(_is_at(target, name) for target in self.parameters)


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise Undecidable
    return tuple(dict.fromkeys(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _known(answer: bool | None) -> bool:
    if answer is None:
        raise Undecidable
    return answer


def _is_at(name: str, key: str) -> bool:
    return key == name or key.endswith(f".{name}")


def _lies_in(name: str, key: str) -> bool:
    """Whether `key` is the module of that name or lies in it; PEFT takes the name for a regular expression."""
    if _PLAIN.fullmatch(name):
        return name in key.split(".")
    return _known(prefix_match(rf"(^|.*\.){name}($|\..*)", key))
