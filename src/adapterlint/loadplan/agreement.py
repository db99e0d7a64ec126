"""Whether the keys of an adapter saved from a SentenceTransformer fit the version they are loaded with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
    names = names_in(Path(folder))
    if KeyForm.wrapped_st not in map(form_of, names):
        return True
    old = any(".auto_model." in name for name in names)
    return not (version.always_at_least(RENAMED_SINCE) if old else version.always_below(RENAMED_SINCE))
