"""Whether the keys of an adapter fit the load and the version of the libraries that they are loaded with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.knowledge.sentence_transformers import RENAMED_SINCE
from adapterlint.loadplan.keyform import KeyForm, form_of, names_in

if TYPE_CHECKING:
    from adapterlint.artifacts.environment import Requirement


def fits(folder: str, version: Requirement) -> bool:
    """Whether the keys call the inner transformer as `version` of sentence-transformers does, as far as it is known.

    Keys that were not saved from around a SentenceTransformer do not name it and fit every version. Measured
    with 3.0.1, 5.3.0 and 6.2.0: `0.auto_model.` keys land before 5.4 only, `0.model.` keys from 5.4 on only; the other
    way round every tensor is dropped and the embeddings are those of the base.
    """
    names, crossed = names_in(Path(folder)), around_cross_encoder(folder)
    if not crossed and KeyForm.wrapped_st not in map(form_of, names):
        return True
    old = crossed or any(".auto_model." in name for name in names)
    return not (version.always_at_least(RENAMED_SINCE) if old else version.always_below(RENAMED_SINCE))


#: Around a CrossEncoder before sentence-transformers 5.4. A language model's own `model.` is followed by its layers.
_CROSSED = re.compile(r"base_model\.model\.model\.(?!(?:layers|encoder|decoder|embed_tokens|norm)\.)\w+\.")


def around_cross_encoder(folder: str) -> bool:
    """Whether the keys were saved from PEFT around a CrossEncoder of before 5.4, which was no Sequential."""
    names = names_in(Path(folder))
    return bool(names) and all(map(_CROSSED.match, names))


#: `load_adapter` of transformers from here to there takes `base_model.model.` off keys that go on with `model.` only.
_STRIPS_FEW = ("5.0", "5.6")


def native_drops(folders: Sequence[str], transformers: Requirement) -> str:
    """Why `load_adapter` of transformers may drop tensors that PeftModel loads; "" where nothing says so.

    Measured with 4.57 to 5.23. Without a bound the newest version is meant.
    """
    since, until = _STRIPS_FEW
    named = [names_in(Path(folder)) for folder in folders]
    if not transformers.always_below(since) and any("lora_magnitude_vector" in name for it in named for name in it):
        return f"load_adapter of transformers from {since} drops the vectors of DoRA"
    if transformers.always_below(since) or transformers.always_at_least(until):
        return ""
    if not (transformers.always_at_least(since) or transformers.always_below(until)):
        return ""
    if named and all(names and all(name.startswith(f"{PEFT_PREFIX}model.") for name in names) for names in named):
        return ""
    return f"load_adapter of transformers {since} to 5.5 drops such an adapter ({transformers.origin})"
