"""There are two loaders for one folder: `PeftModel.from_pretrained`, and the `load_adapter` of transformers, which
SentenceTransformer.load_adapter and AutoModel.from_pretrained of an adapter's folder call as well. They do not rename
keys alike, and each drops what it does not know, transformers with one log record, never a Python warning. Measured
with transformers 4.44 to 5.23 on adapters that PeftModel loads exactly as trained:

- since 5.0 `load_adapter` drops DoRA's vectors, as every PEFT writes them (`lora_magnitude_vector`, where it looks for
  `lora_magnitude_vector.weight`); they keep the values of the untrained start, and the output is neither the base
  model's nor the trained one;
- from 5.0 to 5.5 it takes `base_model.model.` off the keys that go on with `model.` and off no others: an adapter of a
  bare encoder or of a BERT with a head is dropped whole, and the embeddings are the base model's to the last bit;
- it drops keys with an adapter's name in them (`lora_A.default.weight`), which PeftModel of PEFT 0.21 takes;
- since 5.6 it repairs the prefix of a head (`bert.`, `model.`) that the model's class has and the keys lack, or the
  reverse, where PeftModel drops all.

So such an adapter works, by one of its loads: this is only noted, and a warning where code of the same run loads the
folder by the `load_adapter` that drops the tensors. `--target transformers=4.57`, or what the code's own project
pins, decides which; without that a new transformers is meant.

To mend it, load the adapter with `PeftModel.from_pretrained(model, folder)`, for a SentenceTransformer around
`model[0].auto_model`. For DoRA the file can be made to fit both: add `.weight` to the name of each vector, which PEFT
reads as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.model import Example, ExampleTensor, Place, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.loadplan.loaders import Difference
    from adapterlint.model import Finding, Load, Run, Target

_DORA = {**CONFIG, "use_dora": True}
_VECTORS = {**pair(f"{SELF}.query"), f"base_model.model.{SELF}.query.lora_magnitude_vector": ExampleTensor((8,))}
_NAMED = {name.replace(".weight", ".default.weight"): it for name, it in pair(f"{SELF}.query").items()}
_NATIVE = (
    "from sentence_transformers import SentenceTransformer\n"
    "model = SentenceTransformer('all-MiniLM-L6-v2')\n"
    "model.load_adapter('adapter')\n",
)
_BY_PEFT = (
    "from peft import PeftModel\n"
    "from sentence_transformers import SentenceTransformer\n"
    "model = SentenceTransformer('all-MiniLM-L6-v2')\n"
    "PeftModel.from_pretrained(model[0].auto_model, 'adapter')\n",
)

RULE = Rule(
    id="loaders-disagree",
    family="load",
    severity=Severity.warning,
    summary="tensors that PeftModel loads and load_adapter of transformers drops, or the reverse",
    why=__doc__ or "",
    examples=(
        Example("a DoRA adapter", config=_DORA, tensors=_VECTORS, severity=Severity.info),
        Example(
            "a DoRA adapter that code loads by load_adapter",
            config=_DORA,
            tensors=_VECTORS,
            cells=_NATIVE,
            status=Status.partly_loaded,
        ),
        Example(
            "code that loads an adapter of a bare encoder with transformers 5.4",
            config=CONFIG,
            tensors=pair(f"{SELF}.query"),
            cells=_NATIVE,
            versions={"transformers": "5.4"},
            status=Status.loads_nothing,
        ),
        Example(
            "the adapter's name in the keys, for a PEFT that takes it",
            config=CONFIG,
            tensors=_NAMED,
            versions={"peft": "0.21.2"},
            severity=Severity.info,
        ),
        Example(
            "a head's prefix that the base's class has not",
            config=CONFIG,
            tensors=pair(f"bert.{SELF}.query", "bert.encoder.layer.1.attention.self.query"),
            base=BASE,
            severity=Severity.info,
        ),
        Example(
            "DoRA, with a transformers that takes it", fires=0, config=_DORA, tensors=_VECTORS,
            cells=_NATIVE, versions={"transformers": "4.57"},
        ),
        Example(
            "vectors named as both look for them", fires=0, config=_DORA, cells=_NATIVE,
            tensors={f"{name}.weight" if name.endswith("vector") else name: it for name, it in _VECTORS.items()},
        ),
        Example("plain LoRA", fires=0, config=CONFIG, tensors=pair(f"{SELF}.query"), cells=_NATIVE),
        Example("plain LoRA with its base", fires=0, config=CONFIG, base=BASE, cells=_BY_PEFT,
                tensors=pair(f"{SELF}.query", "encoder.layer.1.attention.self.query")),
    ),
    references=(
        "https://github.com/huggingface/sentence-transformers/issues/3247",
        "https://github.com/huggingface/sentence-transformers/pull/3865",
    ),
)  # fmt: skip

_TAKES_NAMES_SINCE = "0.21"
_FACTORS = frozenset({"lora_A", "lora_B"})


def check(target: Target, config: Config, weights: Weights, plan: Plan, run: Run) -> Iterator[Finding]:
    """At most one finding: for the first load that drops something, else for what the two would do."""
    from adapterlint.artifacts.environment import targeted

    if not (_may_be_dropped(weights) or plan.base or run.loads or "transformers" in run.versions):
        return
    named = any(part is not None and part.adapter for part in map(split, weights.tensors))
    if named and not targeted("peft", run.versions).always_at_least(_TAKES_NAMES_SINCE):
        return  # adapter-name-in-keys speaks of them
    yield from _compared(target, config, weights, plan, run)


def _may_be_dropped(weights: Weights) -> bool:
    """Whether a name alone is one that `load_adapter` may drop: all there is to know without a base and a version."""
    last = (name.rpartition(".")[0].rpartition(".")[2] for name in weights.tensors)
    return any("lora_magnitude_vector" in name for name in weights.tensors) or not _FACTORS.issuperset(last)


def _compared(target: Target, config: Config, weights: Weights, plan: Plan, run: Run) -> Iterator[Finding]:
    from adapterlint.artifacts.environment import targeted
    from adapterlint.loadplan.loaders import difference

    for load in _by_load_adapter(target, run):
        version = _version(load, run)
        found = difference(config, weights, plan, version)
        if found.dropped:
            yield _in_code(weights, found, load, version)
            return
    version = targeted("transformers", run.versions)
    found = difference(config, weights, plan, version)
    if found.dropped:
        yield RULE.finding(
            f"load_adapter of {_named(version)} drops {_counted(found.dropped, weights)}, "
            f"which PeftModel.from_pretrained loads",
            weights.place(found.dropped[0]),
            severity=Severity.info,
        )
    elif found.taken:
        around = (plan.base and plan.base.architecture) or "the base"
        yield RULE.finding(
            f"load_adapter of transformers 5.6 or later puts {_counted(found.taken, weights)} into {around}, "
            "which PeftModel.from_pretrained drops",
            weights.place(found.taken[0]),
            severity=Severity.info,
        )


def _in_code(weights: Weights, found: Difference, load: Load, version: Requirement) -> Finding:
    return RULE.finding(
        f"load_adapter of {_named(version)} drops {_counted(found.dropped, weights)}, and code of this run loads the "
        "folder by it; PeftModel.from_pretrained would load them",
        weights.place(found.dropped[0]),
        related=[Place(load.source)],
        status=Status.partly_loaded if found.rest else Status.loads_nothing,
    )


def _by_load_adapter(target: Target, run: Run) -> Iterator[Load]:
    """The loads of this folder in code of the run that go by `load_adapter` of transformers."""
    here = os.path.realpath(target.path)
    for load in run.loads:
        if load.call.endswith(".load_adapter") and os.path.realpath(load.path) == here:
            yield load


def _version(load: Load, run: Run) -> Requirement:
    from adapterlint.artifacts.environment import version_of
    from adapterlint.artifacts.source import PipLine

    lines = [PipLine(text, 0, 0) for text in load.installs]
    return version_of("transformers", load.source, lines, run.versions, run.kernel)


def _named(version: Requirement) -> str:
    return f"transformers {version.exact or version.spec}" if version.known else "transformers 5"


def _counted(names: tuple[str, ...], weights: Weights) -> str:
    from adapterlint.loadplan.loaders import VECTOR

    number = len(names)
    if all(name.endswith(VECTOR) for name in names):
        return f"{number} DoRA vectors (lora_magnitude_vector)" if number > 1 else "the DoRA vector"
    return f"all {number} tensors" if number == len(weights.tensors) else f"{number} of {len(weights.tensors)} tensors"
