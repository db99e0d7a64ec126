"""The base model given with `--base` is not the one the adapter was trained on. Everything fits, the tensors land, and
the output is not the trained one: the update was learnt for other weights. No library compares: PEFT takes any model
whose layers have the right names and sizes, and reads `base_model_name_or_path` only where no model is given. Measured
with PEFT 0.21 on two Llamas of one size and other weights: no warning, and a tenth of what training had gained.

- PEFT saves a copy of an embedding that has LoRA factors. Where rows of that copy are others than the base's, by more
  than rounding to 16 bits can move them (1 %), the base is another: that is warned of.
- Another architecture (`auto_mapping` names a class of another family than the base's config) is warned of too, and
  so is another variant of one model, where only words such as "chat", "instruct", "base" or a version tell the names
  apart and the Hub's cache says whose files these are.
- A quantised twin ("…-bnb-4bit", "…-GPTQ"), any other name and another `revision` are noted: mirrors and copies bear
  other names and are the same model. What `_name_or_path` in the base's config says is weaker still, since it names
  what that model was made from.

Sizes and layers that do not fit are told by shape-vs-base, target-matches-nothing and their like.

To mend it, load the adapter with the base it names; or, if the files are the same under another name, write that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.base_models import QUANTISED, VARIANTS
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding, Place

_OTHER = "meta-llama/Llama-2-7b-chat-hf"
_BERT = {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"}
_WORDS = "embeddings.word_embeddings"
_ON_WORDS = {
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_A": ExampleTensor((2, 9), varied=1),
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_B": ExampleTensor((8, 2), varied=2),
    f"{PEFT_PREFIX}{_WORDS}.base_layer.weight": ExampleTensor((9, 8), varied=3),
}
_SOUND = pair(f"{SELF}.query", "encoder.layer.1.attention.self.query")


def _model(kind: str, architecture: str, name: str = "") -> dict[str, str]:
    named = f', "_name_or_path": "{name}"' if name else ""
    return {"base/config.json": f'{{"model_type": "{kind}", "architectures": ["{architecture}"]{named}}}'}


def _named(name: str, **more: object) -> dict[str, object]:
    return {**CONFIG, "base_model_name_or_path": name, **more}


RULE = Rule(
    id="wrong-base",
    family="load",
    severity=Severity.warning,
    summary="another base model than the adapter was trained on, though everything fits",
    why=__doc__ or "",
    examples=(
        Example(
            "the copy of its embeddings is of another base",
            config=_named("org/tiny-bert", target_modules=["word_embeddings"]),
            tensors=_ON_WORDS,
            base={f"{_WORDS}.weight": ExampleTensor((9, 8), varied=4)},
            status=Status.unknown,
        ),
        Example(
            "the copy is of this base",
            fires=0,
            config=_named("org/tiny-bert", target_modules=["word_embeddings"]),
            tensors=_ON_WORDS,
            base={f"{_WORDS}.weight": ExampleTensor((9, 8), varied=3)},
        ),
        Example(
            "another architecture",
            config=_named("google-bert/bert-base-uncased", auto_mapping=_BERT),
            tensors=_SOUND,
            base=BASE,
            files=_model("roberta", "RobertaModel"),
            status=Status.unknown,
        ),
        Example(
            "another variant, says the base's config",
            config=_named("org/tiny-bert-chat"),
            tensors=_SOUND,
            base=BASE,
            files=_model("bert", "BertModel", "org/tiny-bert"),
            severity=Severity.info,
        ),
        Example(
            "a quantised twin",
            config=_named("unsloth/tiny-bert-bnb-4bit"),
            tensors=_SOUND,
            base=BASE,
            files=_model("bert", "BertModel", "org/tiny-bert"),
            severity=Severity.info,
        ),
        Example(
            "made from a model of another name",
            config=_named("sentence-transformers/all-tiny-v2"),
            tensors=_SOUND,
            base=BASE,
            files=_model("bert", "BertModel", "org/tiny-bert"),
            severity=Severity.hint,
        ),
        Example(
            "the same under another owner",
            fires=0,
            config=_named("mirror/Tiny-BERT", auto_mapping=_BERT),
            tensors=_SOUND,
            base=BASE,
            files=_model("bert", "BertModel", "org/tiny-bert"),
        ),
        Example(
            "the same architecture, without a name",
            fires=0,
            config=_named("google-bert/bert-base-uncased", auto_mapping=_BERT),
            tensors=_SOUND,
            base=BASE,
        ),
        Example(
            "a folder of the machine that trained it",
            fires=0,
            config=_named("/data/models/whatever"),
            tensors=_SOUND,
            base=BASE,
            files=_model("bert", "BertModel", "org/tiny-bert"),
        ),
        Example(
            "nothing matches, which target-matches-nothing tells",
            fires=0,
            config=_named("org/other", auto_mapping=_BERT),
            tensors=_SOUND,
            base={name.replace("query", "q_proj"): it for name, it in BASE.items()},
            files=_model("roberta", "RobertaModel", "org/tiny"),
        ),
    ),
    references=("https://huggingface.co/docs/peft/developer_guides/checkpoint",),
)

_COPY, _ROUNDING, _LONGEST = ".base_layer.weight", 0.01, 240
_ID = re.compile(r"[\w.-]+(?:/[\w.-]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(r"v\d+|v?\d+(?:\.\d+)+|\d{4}")
_PACKAGE = re.compile(r"transformers\.models\.(?:deprecated\.)?(\w+)\.")
_HEADS = re.compile(r"(?:Encoder|LMHead|DoubleHeads|PreTrained)?Model$|(?:Prefix)?For[A-Z]\w*$")


def check(config: Config, weights: Weights, base: Base, plan: Plan | None = None) -> Iterator[Finding]:
    """At most one finding, at a copy of the trained base's weights, or at the value that names the other model."""
    if not config.is_peft or _is_told(plan):
        return
    altered = isinstance(config.get("init_lora_weights"), str)  # PiSSA and its like take something out of the copy
    for name in weights.tensors:
        if name.endswith(_COPY) and not altered and (other := _others(weights, base, name)) is not None:
            message = f"{name} is PEFT's copy of the base it was trained on, and {other} of it are not the base's"
            yield RULE.finding(message, weights.place(name), status=Status.unknown)
            return
    asked = config.get("base_model_name_or_path")
    if isinstance(asked, str) and len(asked) < _LONGEST:
        yield from _by_name(asked, config, base)


def _others(weights: Weights, base: Base, name: str) -> str | None:
    """How many of the rows looked at of a copy are others in the base; None if few are, or that is not known."""
    path = base.place_of(name.removeprefix(PEFT_PREFIX).removesuffix(_COPY))
    ours, theirs = weights.tensors[name], base.tensors.get(f"{path}.weight")
    if theirs is None or theirs.shape != ours.shape or len(ours.shape) != 2:
        return None
    from adapterlint.artifacts.weights.rows import read_rows

    facts = weights.facts(name)
    rows = range(0, ours.shape[0], max(1, -(-ours.shape[0] // 16)))
    here, there = read_rows(ours, rows), base.rows(f"{path}.weight", rows)
    if facts is None or facts.non_finite or here is None or there is None:
        return None
    away, size = ((it.astype("f8") ** 2).sum(1) for it in (here - there, there))
    count = int((away > _ROUNDING**2 * size).sum())
    return f"{count} of {len(rows)} rows" if 2 * count > len(rows) else None


def _by_name(asked: str, config: Config, base: Base) -> Iterator[Finding]:
    """What names and classes say."""
    place = config.place("/base_model_name_or_path")
    known = list(_names(base))
    if any(_last(asked) == _last(name) for name, _ in known):
        yield from _of_revision(config, base)
    elif families := _families(config, base):
        message = f"the adapter was trained on a {families[0]}, and the base is a {families[1]}"
        yield RULE.finding(message, config.place("/auto_mapping/base_model_class"), status=Status.unknown)
    elif _ID.fullmatch(asked):
        found = [finding for name, source in known if (finding := _of_name(asked, name, source, place)) is not None]
        yield from found[:1]


def _is_told(plan: Plan | None) -> bool:
    """Whether something does not fit, which other rules tell."""
    return plan is not None and bool(plan.raises or plan.mismatched or plan.missing or plan.elsewhere)


def _names(base: Base) -> Iterator[tuple[str, str]]:
    """What the base may be called, and who says so, best first: "cache", "folder" or "config"."""
    if base.name:
        yield base.name, "cache"
        return
    yield base.folder.removesuffix("/0_Transformer").rstrip("/").rpartition("/")[2], "folder"
    stated = base.config.get("_name_or_path")
    if isinstance(stated, str) and _ID.fullmatch(stated):
        yield stated, "config"


def _of_name(asked: str, name: str, source: str, place: Place) -> Finding | None:
    """What is to be said of a base of another name."""
    ours, theirs = _words(asked), _words(name)
    where = {"cache": "is", "folder": "is in a folder called", "config": "says in its config that it is"}[source]
    message = f"the adapter was trained on {asked}, and the base {where} {name}"
    if ours - QUANTISED == theirs - QUANTISED:
        return RULE.finding(f"{message}, the same model packed otherwise", place, severity=Severity.info)
    other = ours ^ theirs
    if ours & theirs - VARIANTS and all(word in VARIANTS or _VERSION.fullmatch(word) for word in other):
        message = f"{message}, a model of the same size and other weights"
        if source == "cache":
            return RULE.finding(message, place, status=Status.unknown)
        return RULE.finding(message, place, severity=Severity.info)
    if source == "folder":
        return None
    return RULE.finding(message, place, severity=Severity.info if source == "cache" else Severity.hint)


def _of_revision(config: Config, base: Base) -> Iterator[Finding]:
    asked = config.get("revision")
    if isinstance(asked, str) and base.revision and _COMMIT.fullmatch(asked) and asked != base.revision:
        message = f"the adapter was trained on revision {asked[:12]} of the base, and this is {base.revision[:12]}"
        yield RULE.finding(message, config.place("/revision"), severity=Severity.info)


def _families(config: Config, base: Base) -> tuple[str, str] | None:
    """The classes of the adapter's and the given base, where both say theirs and they are of different families."""
    mapping = config.get("auto_mapping")
    trained = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    package = _PACKAGE.match(str(mapping.get("parent_library"))) if isinstance(mapping, dict) else None
    if not isinstance(trained, str) or len(trained) > _LONGEST or package is None:
        return None
    if not base.model_type or not base.architecture:
        return None
    ours = {_plain(package[1]), _plain(_HEADS.sub("", trained))}
    theirs = {_plain(base.model_type), _plain(_HEADS.sub("", base.architecture))}
    akin = any(one.startswith(other) or other.startswith(one) for one in ours for other in theirs)
    return None if akin else (trained, base.architecture)


def _plain(name: str) -> str:
    return re.sub(r"[-_]", "", name).lower()


def _last(name: str) -> str:
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()


def _words(name: str) -> set[str]:
    return set(re.split(r"[-_]", _last(name)))
