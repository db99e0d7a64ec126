"""What the names in a weights file say about the object they were saved from, and so about the load that fits them.

Names alone decide; no tensor is read. PEFT drops every key it does not expect without an exception, so a key form
that differs from the loader's is the difference between an adapter and nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from adapterlint.artifacts.remembered import remembered
from adapterlint.knowledge.keys import OWN_NAMES, PEFT_PREFIX
from adapterlint.model import Broken


class KeyForm(Enum):
    """One of the shapes in which adapter weights are found. The value is how a message calls it."""

    peft = "PEFT"
    prompt = "PEFT prompt embeddings"
    wrapped_st = "PEFT around a SentenceTransformer"
    compiled = "torch.compile"
    ddp = "DistributedDataParallel"
    fsdp = "FSDP"
    doubled = "PEFT wrapped twice"
    bare = "PEFT without base_model.model."
    kohya = "kohya"
    lycoris = "LyCORIS"
    diffusers = "diffusers"
    mlx = "MLX"
    gguf = "GGUF"
    torchtune = "torchtune"
    adapterhub = "AdapterHub"
    comfyui = "ComfyUI"
    xlora = "X-LoRA"
    unmerged = "a full model with unmerged adapter layers"
    full_model = "a full model"
    none = "no tensors"

    @property
    def is_foreign(self) -> bool:
        """Whether another library than PEFT writes and reads such names."""
        return self in _FOREIGN

    @property
    def is_adapter(self) -> bool:
        """Whether such a file holds an adapter, of PEFT or of another family."""
        return self not in (KeyForm.unmerged, KeyForm.full_model, KeyForm.none)


_FOREIGN = frozenset(
    {
        KeyForm.kohya,
        KeyForm.lycoris,
        KeyForm.diffusers,
        KeyForm.mlx,
        KeyForm.gguf,
        KeyForm.torchtune,
        KeyForm.adapterhub,
        KeyForm.comfyui,
        KeyForm.xlora,
    }
)


class Part(NamedTuple):
    """One tensor name taken apart: `<prefix><module>.<factor>[.<adapter>][.<tail>]`.

    `prefix` is `base_model.model.` or "", `module` the path inside the base model with any wrapper still in it,
    `factor` the segment that the adapter owns ("lora_A"), `adapter` an adapter name left in the key ("default"),
    `tail` "weight", "bias" or "".
    """

    prefix: str
    module: str
    factor: str
    adapter: str = ""
    tail: str = ""


_LORA = frozenset({"lora_A", "lora_B", "lora_E", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector"})
_DOWN_UP = frozenset({"lora_down", "lora_up", "lora_mid"})
_LOWER = frozenset({"lora_a", "lora_b"})
_UNMISTAKABLE = re.compile(
    r"(?:hada_[wt][12](?:_[ab])?|lokr_[wt][12](?:_[ab])?|ia3_l|oft_blocks|trainable_tokens_delta)$"
)
_LYCORIS = frozenset({"diff", "diff_b", "w_norm", "b_norm", "a1", "a2", "b1", "b2", "bm", "on_input"})
"""LyCORIS' own besides: names that other models have too, so they count behind its one-segment module names only."""
_ADAPTERHUB = frozenset({"adapter_down", "adapter_up", "loras"})
# Beginnings such as "poly_" or "road_" also begin segments of ordinary models, so they count below `base_model.` only.
_PEFT_OWN = tuple(sorted({own for owns in OWN_NAMES.values() for own in owns if own.endswith("_")}))
_WRAPPERS = {
    "_orig_mod": KeyForm.compiled,
    "_fsdp_wrapped_module": KeyForm.fsdp,
    "_checkpoint_wrapped_module": KeyForm.fsdp,
}
_MIXTURE = ("base_model.lora_model.", "base_model.internal_xlora_classifier.")
_AROUND_ST = re.compile(r"\d+\.(?:sub_modules\.[^.]+\.\d+\.)?(?:auto_model|model)\.")
_DIFFUSERS = re.compile(r"(?:unet|text_encoder(?:_\d)?|transformer(?=\..*(?:\.to_|\.ff\.net|transformer_blocks\.)))\.")


@lru_cache(maxsize=1 << 13)  # every rule asks about the names of one adapter, then come those of the next
def split(name: str) -> Part | None:
    """`name` taken apart, or None if no segment of it belongs to an adapter.

    The two spellings of diffusers' attention processors (`to_q_lora.down`, `lora.down`) come back as `lora_down`.
    """
    prefix = PEFT_PREFIX if name.startswith(PEFT_PREFIX) else ""
    segments = name[len(prefix) :].split(".")
    below_peft = "base_model." in name
    last = len(segments) - (2 if segments[-1] in ("weight", "bias") else 1)
    for at in range(last, -1, -1):
        found = _factor_at(segments, at, below_peft=below_peft)
        if found is not None:
            module, factor, after = found
            tail = after.pop() if after and after[-1] in ("weight", "bias") else ""
            return Part(prefix, ".".join(module), factor, ".".join(after), tail)
    return None


def _factor_at(segments: list[str], at: int, *, below_peft: bool) -> tuple[list[str], str, list[str]] | None:
    """(module segments, factor, segments after it) if segment `at` is an adapter's own, else None."""
    segment, before, after = segments[at], segments[:at], segments[at + 1 :]
    if segment in _LORA or segment in _DOWN_UP or segment in _LOWER or _UNMISTAKABLE.match(segment):
        return before, segment, after
    if segment in ("down", "up") and before and (before[-1] == "lora" or before[-1].endswith("_lora")):
        stem = before[-1].removesuffix("lora").rstrip("_")
        return before[:-1] + ([stem] if stem else []), f"lora_{segment}", after
    if segment in _LYCORIS and len(before) == 1 and before[0].startswith(("lycoris_", "lora_unet_", "lora_te")):
        return before, segment, after
    if segment in ("diff", "diff_b") and not after and segments[0] == "diffusion_model":
        return before, segment, after
    if segment == "prompt_embeddings" and len(segments) == 1:
        return [], segment, []
    if segment in _ADAPTERHUB and before:
        return before, segment, after
    if below_peft and segment.startswith(_PEFT_OWN):
        return before, segment, after
    return None


@lru_cache(maxsize=1 << 13)
def form_of(name: str) -> KeyForm:
    """The form of one tensor name; `full_model` if nothing in it belongs to an adapter."""
    part = split(name)
    if part is None:
        return KeyForm.full_model
    if part.factor == "prompt_embeddings":
        return KeyForm.prompt
    if name.startswith(_MIXTURE):
        return KeyForm.xlora
    return _wrapper_of(name, part) or _family_of(name, part)


def _wrapper_of(name: str, part: Part) -> KeyForm | None:
    """The wrapper whose name stands in the way, None for plain PEFT and for other families."""
    for wrapper, form in _WRAPPERS.items():
        if wrapper in name and wrapper in part.module.split("."):
            return form
    # An inner module may truly be called "module"; DDP's own is always the outermost, and never itself adapted.
    if part.module.startswith("module."):
        return KeyForm.ddp
    if part.prefix and part.module.startswith(PEFT_PREFIX):
        return KeyForm.doubled
    if part.prefix and _AROUND_ST.match(part.module):
        return KeyForm.wrapped_st
    return KeyForm.peft if part.prefix or _is_shared(name, part) else None


def _is_shared(name: str, part: Part) -> bool:
    """Whether this is a tensor of the tuner itself (`base_model.vera_A`), which lies beside `base_model.model.`."""
    return name.startswith("base_model.") and part.factor not in _LORA and part.factor.startswith(_PEFT_OWN)


def _family_of(name: str, part: Part) -> KeyForm:
    """The family of a name without `base_model.model.`."""
    if name.startswith("diffusion_model."):
        return KeyForm.comfyui
    if part.factor in _LOWER:
        if name.startswith(("blk.", "token_embd.", "output.")):
            return KeyForm.gguf
        return KeyForm.torchtune if part.tail else KeyForm.mlx
    if part.factor in _ADAPTERHUB or ".loras." in name:
        return KeyForm.adapterhub
    if part.factor in _DOWN_UP and name.startswith("lycoris_"):
        return KeyForm.lycoris
    if part.factor in _DOWN_UP:
        return KeyForm.kohya if name.startswith("lora_") else KeyForm.diffusers
    if part.factor in _LORA:
        return KeyForm.diffusers if _DIFFUSERS.match(name) else KeyForm.bare
    return KeyForm.bare if part.factor.startswith(("ia3_", "trainable_")) else KeyForm.lycoris


def forms(names: Iterable[str]) -> dict[str, KeyForm]:
    """The form of each adapter tensor; heads, biases and other plain tensors are left out.

    DDP wraps a model as a whole: a `module.` under PEFT's prefix that not all tensors have is the model's own.
    """
    found: dict[str, KeyForm] = {name: form for name in names if (form := form_of(name)) is not KeyForm.full_model}
    if KeyForm.ddp in found.values() and any(form is not KeyForm.ddp for form in found.values()):
        own = [name for name, form in found.items() if form is KeyForm.ddp and name.startswith(PEFT_PREFIX)]
        found.update(dict.fromkeys(own, KeyForm.peft))
    return found


@remembered
def keyform(names: Iterable[str]) -> KeyForm:
    """The form of a whole file: that of most of its adapter tensors.

    A tie goes to the damaged form, since a file half of whose keys do not land is not a plain PEFT file.
    """
    listed = list(names)
    if not listed:
        return KeyForm.none
    counted = Counter(forms(listed).values())
    if not counted:
        return KeyForm.full_model
    if KeyForm.xlora in counted:
        return KeyForm.xlora  # with a copy of the base beside it
    if _is_unmerged(listed):
        return KeyForm.unmerged
    return max(counted, key=lambda form: (counted[form], form is not KeyForm.peft))


def _is_unmerged(names: list[str]) -> bool:
    """Whether the file is a whole model in which the adapter layers still stand beside their `base_layer`.

    An adapter, too, may hold `base_layer` tensors: PEFT copies the weights of targeted input and output embeddings,
    at most two, and heads in `modules_to_save` are plain tensors. A model has a base layer for every adapted module
    and plain tensors by the dozen.
    """
    others = {name for name in names if split(name) is None}
    # with `bias="all"` the biases of base layers are part of an adapter
    base_layers = sum(".base_layer." in name and not name.endswith(".bias") for name in others)
    plain = len(others) - base_layers
    # Before PEFT 0.6 the base weight stood under its own name beside the factors.
    factors = [part for part in map(split, names) if part is not None and part.factor == "lora_A"]
    base_layers += sum(f"{part.prefix}{part.module}.weight" in others for part in factors)
    if any(name.startswith(PEFT_PREFIX) for name in others):
        return base_layers > 2
    return base_layers > 2 or (base_layers > 0 and plain >= 4)


def is_adapter_header(names: Iterable[str], metadata: Mapping[str, str] | None = None) -> bool:
    """Whether a file with these tensor names (and header metadata) is an adapter of a known family."""
    del metadata  # no family is known by its metadata alone: kohya writes ss_network_module into full models as well
    return keyform(names).is_adapter


def of_folder(path: str) -> KeyForm | None:
    """The key form of the adapter in the folder `path` (or of the weights file `path`), from its header only.

    None if there is no adapter there or its names cannot be read.
    """
    names = names_in(Path(path))
    if not names:
        return None
    form = keyform(names)
    return form if form.is_adapter else None


def names_in(path: Path) -> list[str]:
    """The tensor names of the adapter in a folder or of a weights file; none if they cannot be read."""
    from adapterlint.artifacts.pickled import read_pickled
    from adapterlint.artifacts.weights.header import read_header

    try:
        files = [path] if path.is_file() else _weight_files(path)
    except OSError:
        return []
    names: list[str] = []
    for file in files:
        read = read_header(str(file)) if file.suffix == ".safetensors" else read_pickled(str(file))
        if isinstance(read, Broken):
            return []
        names.extend(read.tensors)
    return names


def _weight_files(folder: Path) -> list[Path]:
    """The files that PEFT would read, safetensors before pickle, shards in order."""
    for suffix in ("safetensors", "bin"):
        whole = folder / f"adapter_model.{suffix}"
        if whole.is_file():
            return [whole]
        shards = sorted(folder.glob(f"adapter_model-*-of-*.{suffix}"))
        if shards:
            return shards
    return []
