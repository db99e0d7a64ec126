"""What the `load_adapter` of a transformers model does with a folder of the differential test, key by key."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

from transformers import core_model_loading

from differential import Damage, Outcome, World, in_file, is_adapters, renaming

ARRIVALS: dict[str, Damage] = {
    "prefix_lost": renaming("base_model.model.", ""),
    "prefix_twice": renaming("base_model.model.", "base_model.model.base_model.model."),
    "wrapped": renaming("base_model.model.", "base_model.model.module."),
    "head_prefix_lost": renaming("base_model.model.model.", "base_model.model."),
    "gpt_prefix_lost": renaming("base_model.model.transformer.", "base_model.model."),
    "bert_prefix_lost": renaming("base_model.model.bert.", "base_model.model."),
    "own_prefix_added": renaming("base_model.model.", "base_model.model.model."),
    "head_prefix_added": renaming("base_model.model.", "base_model.model.transformer."),
    "vectors_spelled_anew": renaming("lora_magnitude_vector", "lora_magnitude_vector.weight"),
}
"""Damages of the prefix, some of which `load_adapter` repairs, and what it takes otherwise."""


def load_adapter(world: World, folder: Path, model: str, monkeypatch: Any) -> Outcome:
    """What `load_adapter` of the model itself did with the folder, told to go on where sizes differ.

    Keys come back under the name that the file has for them. Of keys that share one memory the first stands
    for all: transformers always misses the trained tokens of tied embeddings under the other names.
    """
    outcome = Outcome()
    target = copy.deepcopy(world.models[model])
    put, rename = target._load_pretrained_model, core_model_loading.rename_source_key
    names: dict[str, list[str]] = {}

    def renamed(name: str, *args: Any, **options: Any) -> Any:
        key, pattern = rename(name, *args, **options)
        names.setdefault(key, []).append(name)
        return key, pattern

    def loaded(**options: Any) -> Any:
        info, offloaded = put(**options)
        state = target.state_dict()
        outcome.mismatched = {names[key][0] for key, _, _ in info.mismatched_keys}
        outcome.unexpected = {name for key in info.unexpected_keys for name in names[key]}
        there = set(state) - info.missing_keys
        outcome.overwriting = {names[key][0] for key in there if not is_adapters(key)} - outcome.mismatched
        firsts: dict[int, str] = {}
        same = {key for key, it in state.items() if it.numel() and firsts.setdefault(it.data_ptr(), key) != key}
        info.missing_keys -= same
        return info, offloaded

    with monkeypatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patched.setattr(target, "_load_pretrained_model", loaded)
        patched.setattr(core_model_loading, "rename_source_key", renamed)
        try:
            info = target.load_adapter(str(folder), ignore_mismatched_sizes=True)
            outcome.missing = {in_file(f"base_model.model.{key}") for key in info.missing_keys}
        except Exception as error:
            outcome.raised = f"{type(error).__name__}: {error}"
    return outcome
