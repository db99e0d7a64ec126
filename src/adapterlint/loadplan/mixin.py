"""What `load_adapter` of a transformers model (5.23) makes of a LoRA file: PEFT's layers, but a renaming of its own.

It is also the path of SentenceTransformer.load_adapter and AutoModel.from_pretrained of an adapter's folder. Unlike
PeftModel it takes keys without `base_model.model.`, and keys with or without the prefix of a head (`bert.`, `model.`);
a module that the config saves and the file lacks stays as the base has it instead of raising; the heads of a
`task_type` are not saved modules by themselves; and DoRA's vectors, as every PEFT writes them, land nowhere.

Limits: of two names that become one key the first counts, and the second is called unexpected, of which transformers
says nothing. It logs the trained tokens of tied embeddings as missing under their other names, although those share
one memory: they are not missing here. No plan is made for bases whose parameters transformers renames while loading,
for variants of LoRA that `expect` does not follow, for trained tokens beside a saved module that is tied to the input
embeddings, and where only a prefix of the inner model that is not known here could make a key land.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapterlint.knowledge.head_prefixes import MOST, PREFIXES
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.compare import Loading, Plan, planned, unmatched
from adapterlint.loadplan.expect import expect
from adapterlint.loadplan.rename import ADAPTER, in_model
from adapterlint.loadplan.select import Selector, Undecidable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.expect import Expectation

# Anywhere in a key, the first match: `build_peft_weight_mapping` of PEFT 0.21, then transformers' legacy names
_RENAMINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"base_model.model.model.", "model."),
        (r"base_model.model.", ""),
        (r"(lora_[^.]*)", rf"\1.{ADAPTER}"),
        (r"LayerNorm.gamma(?!\w)", "LayerNorm.weight"),
        (r"LayerNorm.beta(?!\w)", "LayerNorm.bias"),
        (r".weight_g(?!\w)", ".parametrizations.weight.original0"),
        (r".weight_v(?!\w)", ".parametrizations.weight.original1"),
        (r"^model\.language_model\.model(?!\w)|^language_model\.model\.model(?!\w)", "model.language_model"),
    )
)


def plan_transformers(config: Config, weights: Weights, base: Base) -> Plan | None:
    """What `load_adapter` loads of an adapter into `base`, None where it is not known.

    `unsaved` here are keys of saved modules that keep the base's values; names are the file's, as in `plan`. The model
    is taken as it stands in the base's file, whichever class the config asks for. Any tensor in `mismatched` makes
    `load_adapter` raise a RuntimeError after the others have been put in, unless told to ignore sizes.
    """
    if config.peft_type != "LORA" or config.errors or base.is_renamed:
        return None
    try:
        selector = Selector(config, base, heads=False)
        built = expect(config, base, selector)
        if built.raises:
            return Plan(raises=built.raises, base=base, unmatched=unmatched(selector, base.paths))
        if any(module in base.tied for module in map(_wrapped, built.inside.values())):
            return None
        loading = Loading(built, _Arrival(built, base).key_of)
        for name in sorted(weights.tensors, key=_in_order):
            loading.put(name, weights.tensors[name].shape)
        return planned(loading, selector, base)
    except Undecidable:
        return None


class _Arrival:
    """Which key of the model a tensor becomes; each key is given out once."""

    def __init__(self, built: Expectation, base: Base) -> None:
        self.state = {key.removeprefix(PEFT_PREFIX): key for key in built.base}
        self.state.update((in_model(key).removeprefix(PEFT_PREFIX), key) for key in built.adapter)
        self.state.update((model_key, key) for key, model_key in built.inside.items())
        self.moves = [
            (re.compile(re.escape(key.removeprefix(PEFT_PREFIX)).replace(r"\.", ".") + r"(?!\w)"), model_key)
            for key, model_key in built.inside.items()
        ]
        # some decoders call the inner model otherwise in one class: transformer
        odd = base.architecture.endswith("ForQuestionAnswering") and PREFIXES.get(base.model_type) == MOST
        self.prefix = "" if odd else PREFIXES.get(base.model_type, "")
        self.roots = {key.split(".")[0] for key in self.state}
        self.taken: set[str] = set()

    def key_of(self, name: str) -> str:
        """The key of what is built, "" if the model has none for the tensor or another tensor has it already."""
        key = self._repaired(self._renamed(name))
        if key not in self.state and name in self.state:
            key = self._repaired(name)
        if key not in self.state or key in self.taken:
            return ""
        self.taken.add(key)
        return self.state[key]

    def _renamed(self, name: str) -> str:
        for pattern, replacement in _RENAMINGS:
            name = pattern.sub(replacement, name, count=1)
        for pattern, replacement in self.moves:
            name = pattern.sub(replacement, name, count=1)
        return name

    def _repaired(self, key: str) -> str:
        """The key with the prefix of the inner model added or taken away, as the model has it."""
        prefix = self.prefix or MOST
        without = re.sub(f"^{prefix}.", "", key, count=1)
        if without != key and without in self.state:
            return without
        if f"{prefix}.{key}" in self.state:
            return f"{prefix}.{key}"
        if not self.prefix and key not in self.state and self._fits_with_another(key, self.roots):
            raise Undecidable
        return key

    def _fits_with_another(self, key: str, roots: Iterable[str]) -> bool:
        """Whether a prefix that is not known could make the key one of the model's."""
        return key.partition(".")[2] in self.state or any(f"{root}.{key}" in self.state for root in roots)


def _wrapped(model_key: str) -> str:
    """The path of the saved module that a key of the model lies in."""
    return model_key.partition(".modules_to_save.")[0]


def _in_order(name: str) -> list[tuple[int, str, int]]:
    """The order in which transformers reads tensors: by segment, numbers as numbers and first."""
    return [_segment_in_order(segment) for segment in name.split(".")]


def _segment_in_order(segment: str) -> tuple[int, str, int]:
    if segment.isdecimal():
        return 0, "", int(segment)
    stem = segment.rstrip("0123456789")
    return 1, stem, int(segment[len(stem) :] or -1)
