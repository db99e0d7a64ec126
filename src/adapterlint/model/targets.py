"""What goes into a run, and what rules may know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapterlint.model.kinds import Fault, TargetKind
    from adapterlint.model.outcome import Verdict
    from adapterlint.model.places import Place


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to look at. An adapter is a folder (`config`, `weights` name its files) or a lone file.

    `path` is the folder, or the file of a source or lone artifact. `weights` lists the shards in order.
    `pickled` lists adapter_model.bin and its shards; it is read where `weights` is empty.
    """

    path: str
    kind: TargetKind
    config: str | None = None
    weights: tuple[str, ...] = ()
    pickled: tuple[str, ...] = ()
    lone: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An artifact that could not be read. `reads` is the parameter name it would have filled ("config", …).

    `reason` is a clause without full stop ("cut off after 512 of 4096 bytes"), `hint` the remedy.
    """

    path: str
    reads: str
    fault: Fault
    reason: str
    hint: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """A load of an adapter seen in source: `path` as resolved on disk, `onto` the qualified class it is put around.

    `call` is the qualified function or method that loads it; `installs` are the requirements that the source itself
    installs, in order.
    """

    source: str
    path: str
    onto: str
    call: str = ""
    installs: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """What rules may know beyond their target. Sources are linted first, so `loads` is complete for adapters.

    `versions` is `--target` (a version, or the bounds of a range), `base` is `--base`; `fix_style` is auto, wrap or
    native; `adapters` holds the path of
    every adapter, `named` the paths that the user gave; `verdicts` and `digests` (equal for equal weights) grow as
    adapters are judged; `parents` says of a folder above them whether PEFT's model card is there and no adapter.
    `kernel` is true for the Python API in a notebook.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    fix_style: str = "auto"
    kernel: bool = False
    base: str | None = None
    loads: tuple[Load, ...] = ()
    adapters: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    digests: dict[str, int] = field(default_factory=dict)
    parents: dict[str, bool] = field(default_factory=dict)
