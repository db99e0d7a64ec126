"""VeRA, PVeRA and RandLoRA train small vectors that scale two random matrices, which all modules share. The matrices
are part of the adapter: other ones make another update of the same vectors.

With `save_projection` true (the default) the config promises them in the file. Where they are missing, PEFT refuses
VeRA and PVeRA with a ValueError; for RandLoRA it makes new ones with a warning (all measured with PEFT 0.21.2). They
get lost when a state dict is filtered by names of modules: theirs are `base_model.vera_A` and `base_model.vera_B`.

With `save_projection` false PEFT makes them again from `projection_prng_key` at each load. Measured on one machine
the output is the trained one to the last bit, and another key gives another output; whether another release of
torch or another device draws the same numbers is not promised, and PEFT warns of that. So it is noted only.

To mend it, save the adapter again from the model that was trained, with `save_projection=True` in its config; or set
`save_projection` to false in adapter_config.json, which loads on the kind of machine that trained it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import keyform, split
from adapterlint.loadplan.updates import lacking
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_CONFIG = {"peft_type": "VERA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_VECTORS = {f"{_QUERY}.vera_lambda_b": ExampleTensor((4,)), f"{_QUERY}.vera_lambda_d": ExampleTensor((2,))}
_SHARED = {"base_model.vera_A": ExampleTensor((2, 4)), "base_model.vera_B": ExampleTensor((4, 2))}

RULE = Rule(
    id="projection-missing",
    family="weights",
    severity=Severity.error,
    summary="VeRA's or RandLoRA's vectors without the random matrices they scale",
    why=__doc__ or "",
    examples=(
        Example("promised and not there", config=_CONFIG, tensors=_VECTORS, status=Status.unreadable),
        Example(
            "one of the two",
            config={**_CONFIG, "save_projection": True},
            tensors={**_VECTORS, "base_model.vera_A": ExampleTensor((2, 4))},
            status=Status.unreadable,
        ),
        Example(
            "made again from a key",
            config={**_CONFIG, "save_projection": False, "projection_prng_key": 7},
            tensors=_VECTORS,
            severity=Severity.info,
        ),
        Example(
            "RandLoRA makes them again all the same",
            config={**_CONFIG, "peft_type": "RANDLORA"},
            tensors={
                f"{_QUERY}.randlora_lambda": ExampleTensor((2, 2)),
                f"{_QUERY}.randlora_gamma": ExampleTensor((2, 4)),
            },
            severity=Severity.info,
        ),
        Example("both there", fires=0, config=_CONFIG, tensors={**_VECTORS, **_SHARED}),
        Example(
            "both there, and not asked for",
            fires=0,
            config={**_CONFIG, "save_projection": False},
            tensors={**_VECTORS, **_SHARED},
        ),
    ),
    references=("https://huggingface.co/docs/peft/package_reference/vera",),
)

_SHARED_NAMES = {kind: (f"{kind.lower()}_A", f"{kind.lower()}_B") for kind in ("VERA", "PVERA", "RANDLORA")}


def check(config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at the config."""
    kind = config.peft_type or ""
    wanted = _SHARED_NAMES.get(kind)
    if wanted is None or keyform(weights.tensors).is_foreign or lacking(weights, kind):
        return
    present = {part.factor for part in map(split, weights.tensors) if part is not None}
    missing = [name for name in wanted if name not in present]
    if not missing or not any(factor.startswith(f"{kind.lower()}_") for factor in present):
        return
    names = f"{' and '.join(missing)} {'are' if missing[1:] else 'is'}"
    place = config.place("/save_projection" if "save_projection" in config.data else "")
    if config.get("save_projection") is False or kind == "RANDLORA":
        key = config.get("projection_prng_key")
        message = f"{names} not in the file, so PEFT makes them again from projection_prng_key {key if key else 0}"
        yield RULE.finding(message, place, severity=Severity.info)
    else:
        message = f"{names} not in the file although save_projection is true, so PEFT refuses to load it"
        yield RULE.finding(message, place, status=Status.unreadable)
