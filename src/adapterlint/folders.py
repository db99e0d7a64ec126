"""The files of one folder -> the adapter, the lone adapters and the full model they make up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adapterlint.model import Broken, Skipped, Target, TargetKind

SOURCES = (".py", ".ipynb")
CONFIG = "adapter_config.json"
MODULES = "modules.json"

# not compiled here but by `re` on first use: most runs meet no such file
_SHARD = r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<total>\d{5})\.(?P<kind>safetensors|bin)"
_ADAPTER = r"adapter_model(?:-\d{5}-of-\d{5})?\.(?:safetensors|bin)|adapter_model\.\w+\.index\.json"
_FULL = r"(?:model|pytorch_model)(?:[.-][\w.-]+)?\.(?:safetensors|bin)"
_NEVER = r"(?:optimizer|scheduler|training_args|rng_state\w*|scaler)\.(?:pt|pth|bin|safetensors)"
_LONE_PICKLES = ("pytorch_lora_weights.bin",)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_MOST_SHARDS = 999


def is_weights(name: str) -> bool:
    """Whether a file of this name is looked at by `targets`."""
    if name.endswith(".safetensors"):
        return not re.fullmatch(_NEVER, name)
    if name.endswith(".bin"):
        return name in _LONE_PICKLES or bool(re.fullmatch(_ADAPTER, name) or re.fullmatch(_FULL, name))
    return name == CONFIG or (name.endswith(".index.json") and bool(re.fullmatch(_ADAPTER, name)))


def stands_for_folder(name: str) -> bool:
    """Whether the name is a file of a PEFT adapter, so that a path to it means the whole folder."""
    return name == CONFIG or bool(re.fullmatch(_ADAPTER, name))


def targets(prefix: str, names: Sequence[str], skipped: list[Skipped], named: str | None = None) -> Iterator[Target]:
    """The targets that the files `names` (sorted) of the folder `prefix` ("" or "a/b/") make up.

    `named` is the file the user asked for, which is then not passed over for being unreadable or of an odd name.
    Whatever is passed over is appended to `skipped`.
    """
    folder = prefix.rstrip("/") or ("/" if prefix else ".")
    weights = _files(prefix, names, "safetensors")
    pickled = _files(prefix, names, "bin")
    rest = [name for name in names if not stands_for_folder(name)]
    if CONFIG in names and not weights and "adapters.safetensors" in rest:  # MLX's name for its adapter
        rest.remove("adapters.safetensors")
        weights = (prefix + "adapters.safetensors",)
    if CONFIG in names or weights or pickled:
        config = prefix + CONFIG if CONFIG in names else None
        yield Target(folder, TargetKind.adapter, config, weights, pickled)
    full: list[str] = []
    for group in _groups(rest):
        yield from _lone(prefix, group, full, skipped, named)
    if full:
        yield Target(
            folder,
            TargetKind.model,
            weights=tuple(prefix + name for name in full if name.endswith(".safetensors")),
            pickled=tuple(prefix + name for name in full if not name.endswith(".safetensors")),
        )


def _files(prefix: str, names: Sequence[str], kind: str) -> tuple[str, ...]:
    """adapter_model.<kind>, or its shards in order, those included that should be there and are not."""
    if f"adapter_model.{kind}" in names:
        return (f"{prefix}adapter_model.{kind}",)
    shards: set[str] = set()
    for name in names:
        match = re.fullmatch(_SHARD, name)
        if match and match["stem"] == "adapter_model" and match["kind"] == kind:
            total = min(int(match["total"]), _MOST_SHARDS)
            shards |= {name, *(f"adapter_model-{n:05}-of-{match['total']}.{kind}" for n in range(1, total + 1))}
    if f"adapter_model.{kind}.index.json" in names:
        shards |= _indexed(f"{prefix}adapter_model.{kind}.index.json")
    return tuple(prefix + name for name in sorted(shards))


def _indexed(path: str) -> set[str]:
    """The shards an index file names; none if it cannot be read, as the shards on disk then speak for themselves."""
    import json

    try:
        with open(path, "rb") as file:  # noqa: PTH123
            files = set(json.load(file)["weight_map"].values())
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return set()
    return {name for name in files if isinstance(name, str) and re.fullmatch(_ADAPTER, name)}


def _groups(names: Sequence[str]) -> Iterator[list[str]]:
    """Files that belong together: the shards of one model, every other file alone."""
    shards: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        match = re.fullmatch(_SHARD, name)
        key = (match["stem"], match["total"], match["kind"]) if match else (name,)
        shards.setdefault(key, []).append(name)
    yield from shards.values()


def _lone(
    prefix: str, group: list[str], full: list[str], skipped: list[Skipped], named: str | None
) -> Iterator[Target]:
    """A target for a file, or shards of one, that is no adapter_model; what is a full model is added to `full`."""
    name, path = group[0], prefix + group[0]
    if re.fullmatch(_NEVER, name):
        skipped.append(Skipped(path, "file", "state of the training, never weights"))
    elif not name.endswith((".safetensors", *_PICKLES)):
        skipped.append(Skipped(path, "file", "no adapter, notebook or script"))
    elif not name.endswith(".safetensors") and re.fullmatch(_FULL, name):
        full += group
    else:
        found = _family(path)
        files = tuple(prefix + each for each in group)
        if found is True or (isinstance(found, Broken) and named is not None):
            pickled = not name.endswith(".safetensors")
            yield Target(
                path, TargetKind.adapter, weights=() if pickled else files, pickled=files if pickled else (), lone=True
            )
        elif re.fullmatch(_FULL, name):
            full += group
        elif isinstance(found, Broken):
            skipped.append(Skipped(path, "file", found.reason))
        else:
            yield Target(path, TargetKind.model, weights=files)


def _family(path: str) -> bool | Broken:
    """Whether the names in the file are an adapter's, of PEFT or another family. Reads a header only."""
    from adapterlint.loadplan.keyform import is_adapter_header

    if path.endswith(".safetensors"):
        from adapterlint.artifacts.weights.header import read_header

        header = read_header(path)
        return header if isinstance(header, Broken) else is_adapter_header(header.tensors)
    from adapterlint.artifacts.pickled import read_pickled

    table = read_pickled(path)
    return table if isinstance(table, Broken) else is_adapter_header(table.tensors)
