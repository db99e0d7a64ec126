"""The adapter is OFT as an older PEFT trained it. OFT was rewritten twice, and its files show which one wrote them:

- since 0.14 the config has `oft_block_size`, and PEFT raises "OFT has been updated since PEFT 0.14.0" where it is
  missing;
- since 0.16 the tensors are called `oft_R.weight` and hold the upper triangle of each block; the older `oft_r` is no
  key that PEFT looks for, so it is left out and the layer stays as it was made: an identity;
- in 0.18 the Cayley-Neumann series (`use_cayley_neumann`) was changed, and an adapter trained before gives slightly
  other rotations; PEFT warns of it.

With `--target peft=0.13` an old adapter is no fault.

To mend it, load the adapter with the PEFT that trained it (0.13.2 for the oldest), merge it there with
`merge_and_unload()` and save the merged model; or train it again. The old tensors cannot be converted by renaming.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Place, Run

_OLD: dict[str, Any] = {"peft_type": "OFT", "r": 2, "target_modules": ["query"], "block_share": False}
_NEW: dict[str, Any] = {"peft_type": "OFT", "r": 0, "oft_block_size": 4, "target_modules": ["query"]}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_OLD_TENSORS = {f"{_QUERY}.oft_r": ExampleTensor((2, 4, 4))}
_NEW_TENSORS = {f"{_QUERY}.oft_R.weight": ExampleTensor((2, 6))}

RULE = Rule(
    id="outdated-oft",
    family="load",
    severity=Severity.error,
    summary="an OFT adapter in a form that PEFT has given up",
    why=__doc__ or "",
    examples=(
        Example("from before 0.14", config=_OLD, tensors=_OLD_TENSORS, status=Status.unreadable),
        Example("from 0.14 or 0.15", config=_NEW, tensors=_OLD_TENSORS, status=Status.loads_nothing),
        Example(
            "trained with the series of before 0.18",
            config={**_NEW, "use_cayley_neumann": True, "peft_version": "0.17.1"},
            tensors=_NEW_TENSORS,
            severity=Severity.warning,
        ),
        Example(
            "of today",
            fires=0,
            config={**_NEW, "use_cayley_neumann": True, "peft_version": "0.21.2"},
            tensors=_NEW_TENSORS,
        ),
        Example("for an old PEFT", fires=0, config=_OLD, tensors=_OLD_TENSORS, versions={"peft": "0.13.2"}),
        Example(
            "for a range of which some refuse it",
            config=_OLD,
            tensors=_OLD_TENSORS,
            versions={"peft": ">=0.13,<0.15"},
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example("no weights beside it", fires=0, config=_OLD),
        Example("LoRA has no blocks", fires=0, config={**_OLD, "peft_type": "LORA"}, tensors=_NEW_TENSORS),
    ),
    references=("https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/oft/config.py",),
)

_BLOCKS_SINCE = "0.14.0"
_TRIANGLES_SINCE = "0.16.0"
_SERIES_SINCE = "0.18.0"


def check(config: Config, weights: Weights, run: Run) -> Iterator[Finding]:
    """At most one finding: the oldest of the three."""
    if config.peft_type != "OFT":
        return
    old = sum(name.rpartition(".")[2] == "oft_r" for name in weights.tensors)
    if "oft_block_size" not in config.data and _from(run, _BLOCKS_SINCE) is not False:
        message = "no oft_block_size in the config of an OFT adapter, as before 0.14, so PEFT since then refuses it"
        yield _found(message, config.place(""), Status.unreadable, always=_from(run, _BLOCKS_SINCE) is True)
    elif old and _from(run, _TRIANGLES_SINCE) is not False:
        name = next(name for name in weights.tensors if name.endswith(".oft_r"))
        tensors = "the tensor is" if old == 1 else f"{old} tensors are"
        message = f"{tensors} called oft_r, as before PEFT 0.16, so PEFT since then finds none for its oft_R"
        yield _found(message, weights.place(name), Status.loads_nothing, always=_from(run, _TRIANGLES_SINCE) is True)
    elif config.get("use_cayley_neumann") is not True or not _before(config.get("peft_version")):
        return
    elif _from(run, _SERIES_SINCE) is not False:
        message = "use_cayley_neumann is on and the adapter older than PEFT 0.18, which changed that series"
        yield RULE.finding(message, config.place("/use_cayley_neumann"), severity=Severity.warning)


def _found(message: str, place: Place, status: Status, *, always: bool) -> Finding:
    """An error, or a warning where only some releases of the range that is meant are concerned."""
    severity = Severity.error if always else Severity.warning
    return RULE.finding(message, place, severity=severity, status=status if always else Status.unknown)


def _from(run: Run, release: str) -> bool | None:
    """Whether the PEFT that will load it is `release` or later: None for some of a range; the newest where not said."""
    from packaging.version import Version

    from adapterlint.knowledge.peft_fields import allowed

    targets = allowed(run.versions["peft"]) if "peft" in run.versions else ()
    later = [Version(target) >= Version(release) for target in targets]
    return True if all(later) else None if any(later) else False


def _before(version: object) -> bool:
    """Whether a PEFT before 0.18 wrote it; those wrote no `peft_version`."""
    from packaging.version import InvalidVersion, Version

    if version is None or not isinstance(version, str):
        return version is None
    try:
        return Version(version.partition("@")[0]) < Version(_SERIES_SINCE)
    except InvalidVersion:
        return False
