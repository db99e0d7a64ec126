"""What a target becomes once read: each artifact when a rule first asks for it, and what of it a rule is given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapterlint.model import TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.source import Source
    from adapterlint.artifacts.tokenizer import Tokenizer
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Broken, Rule, Run, Target
    from adapterlint.names import Names
    from adapterlint.names.modules import Modules


WHOLE = ("adapter_model.safetensors", "adapter_model.bin")


class Inputs:
    """What a target becomes once read; each artifact is read when a rule first asks for it."""

    def __init__(self, target: Target, run: Run, data: bytes | None = None, modules: Modules | None = None) -> None:
        self.target = target
        self.run = run
        self._data = data
        self._modules = modules
        self.broken: list[Broken] = []

    @property
    def size(self) -> int:
        """How long a source is."""
        return len(self._data or b"")

    def says(self, word: str) -> bool:
        """Whether the bytes of a source hold the word, as they do in any encoding that Python may be written in."""
        return word.encode() in (self._data or b"")

    def forget(self) -> None:
        """Let go of what was made of a source."""
        self.__dict__.pop("names", None)
        self.__dict__.pop("source", None)

    def _kept(self, artifact: Any) -> Any:
        from adapterlint.model import Broken

        if isinstance(artifact, Broken):
            self.broken.append(artifact)
            return None
        return artifact

    @cached_property
    def config(self) -> Config | None:
        if self.target.config is None:
            return None
        from adapterlint.artifacts import config

        return self._kept(config.read(self.target.config))  # type: ignore[no-any-return]

    @cached_property
    def weights(self) -> Weights | None:
        if not (self.target.weights or self.target.pickled):
            return None
        from adapterlint.artifacts import weights

        return self._kept(weights.read(self.target.weights, self.target.pickled))  # type: ignore[no-any-return]

    @cached_property
    def listing(self) -> tuple[str, ...] | None:
        """The names in the folder of an adapter; () where its weights are one file, and None for a lone file."""
        if self.target.kind is not TargetKind.adapter or self.target.lone:
            return None
        if any(path.endswith(WHOLE) for path in (*self.target.weights, *self.target.pickled)):
            return ()  # a folder is not listed again for each of ten thousand sound adapters
        from adapterlint.artifacts.listing import listing

        return listing(self.target.path)

    @cached_property
    def parent(self) -> str | None:
        """The folder above, if the user named it and PEFT wrote its model card, but no adapter, into it."""
        above = self.target.path.rpartition("/")[0]
        if above not in self.run.named or self.target.kind is not TargetKind.adapter or self.target.lone:
            return None
        if above not in self.run.parents:  # once for the ten thousand adapters of a folder
            from adapterlint.artifacts.model_card import is_without_adapter

            self.run.parents[above] = is_without_adapter(above)
        return above if self.run.parents[above] else None

    @cached_property
    def tokenizer(self) -> Tokenizer | None:
        """The tokenizer saved beside an adapter, which adapters that are otherwise alike need not share."""
        if self.target.kind is not TargetKind.adapter or self.target.lone:
            return None
        from adapterlint.artifacts.tokenizer import tokenizer

        return tokenizer(self.target.path)

    @cached_property
    def base(self) -> Base | None:
        """The base model that the run names; `known_base` has seen that it can be read."""
        if self.run.base is None or self.target.kind is not TargetKind.adapter:
            return None
        from adapterlint.artifacts import base
        from adapterlint.model import Broken

        read = base.read(self.run.base)
        return None if isinstance(read, Broken) else read

    @cached_property
    def plan(self) -> Plan | None:
        if self.target.kind is not TargetKind.adapter or self.config is None or self.weights is None:
            return None
        from adapterlint.loadplan import compare

        return compare.plan(self.config, self.weights, self.base)

    @cached_property
    def source(self) -> Source | None:
        if self.target.kind is not TargetKind.source:
            return None
        from adapterlint.artifacts import source

        return self._kept(source.read(self.target.path, self._data))  # type: ignore[no-any-return]

    @cached_property
    def names(self) -> Names | None:
        if self.source is None:
            return None
        from adapterlint.names import Names

        return Names(self.source, self._modules)

    @property
    def signature(self) -> tuple[object, ...] | None:
        """Equal for adapters that only the values of their tensors, their paths and the run can tell apart.

        None where that is not known: something broken, missing or unusual.
        """
        target = self.target
        if target.lone or target.pickled or self.broken or self.config is None or len(target.weights) != 1:
            return None
        memo = None if self.weights is None else getattr(self.weights.tensors, "memo", None)
        if memo is None or not target.weights[0].endswith(WHOLE):
            return None
        return (target.kind, self.config.text, id(memo))

    def read_all(self) -> None:
        """Read whatever the target is made of, so that `broken` is complete."""
        if self.target.kind is TargetKind.source:
            _ = self.source
        else:
            _ = self.config, self.weights


def known_base(run: Run) -> None:
    """Raise UsageError if the run names a base model that cannot be read."""
    if run.base is None:
        return
    from adapterlint.artifacts import base
    from adapterlint.errors import UsageError
    from adapterlint.model import Broken

    read = base.read(run.base)
    if isinstance(read, Broken):
        raise UsageError(f"the base model {read.path} is {read.reason}", read.hint)


def fill(rule: Rule, inputs: Inputs) -> Iterator[dict[str, Any]]:
    """The arguments of each call of the rule: none if an input is missing, one a broken artifact for `broken`."""
    filled: dict[str, Any] = {}
    for name in rule.reads:
        if name == "broken":
            continue
        value = getattr(inputs, name, None)
        if value is None and name not in rule.optional:
            return
        filled[name] = value
    if "broken" not in rule.reads or "broken" in rule.optional:
        yield filled
    for broken in inputs.broken if "broken" in rule.reads else ():
        yield {**filled, "broken": broken}
