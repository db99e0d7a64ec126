"""The weights are there in pieces, or in the form of another program, and PEFT loads neither: it looks for
adapter_model.safetensors, then for adapter_model.bin, then asks the Hub for a repository of the folder's name, and
so the error it raises speaks of a repository id and not of the weights.

Shards (adapter_model-00001-of-00002.safetensors) come from a save with the Trainer's or transformers' own
`save_pretrained` around a PeftModel, from a `max_shard_size`, or by hand; transformers reads shards of full models,
PEFT reads none. Parts (adapter_model_part_aa) were cut with `split` to pass a size limit, and nothing but `cat` puts
them together. Folders such as global_step100 (DeepSpeed) and pytorch_model_fsdp_0, and files such as
pytorch_model_fsdp.bin, are states of a distributed run: they hold the parameters in a form that only that program
reads. adapter_model.safetensors.incomplete (or .part, .crdownload, .aria2) is a download that did not end.

To mend it: join shards (`save_file({**load_file(first), **load_file(second)}, "adapter_model.safetensors")` with
safetensors.torch); `cat adapter_model_part_* > adapter_model.safetensors`; start a download again; turn a DeepSpeed
state into a state dict with its own `zero_to_fp32.py` and an FSDP one with `accelerate merge-weights`, and save the
adapter from that. In the next run save with `trainer.save_model()`, with `stage3_gather_16bit_weights_on_model_save`
or the full state dict type of FSDP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.leftovers import SHARD, parts, state, unfinished
from adapterlint.model import Example, Place, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding, Target

_CONFIG = (
    '{"peft_type": "LORA", "base_model_name_or_path": "gpt2", "target_modules": ["c_attn"], "r": 2,'
    ' "inference_mode": true}'
)


def _folder(*names: str) -> dict[str, str | bytes]:
    return {"adapter/adapter_config.json": _CONFIG, **{f"adapter/{name}": b"\0" for name in names}}


_HEADER = b'{"base_model.model.h.0.attn.c_attn.lora_A.weight":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
_FILE = len(_HEADER).to_bytes(8, "little") + _HEADER

RULE = Rule(
    id="sharded-or-partial-save",
    family="weights",
    severity=Severity.error,
    summary="weights in shards, parts or a training state, which PEFT does not load",
    why=__doc__ or "",
    examples=(
        Example(
            "two shards",
            files={
                "adapter/adapter_config.json": _CONFIG,
                "adapter/adapter_model-00001-of-00002.safetensors": _FILE,
                "adapter/adapter_model-00002-of-00002.safetensors": _FILE.replace(b"lora_A", b"lora_B"),
            },
            status=Status.unreadable,
        ),
        Example(
            "a file cut in parts",
            files=_folder("adapter_model_part_aa", "adapter_model_part_ab"),
            status=Status.unreadable,
        ),
        Example("what ZeRO leaves", files=_folder("global_step100/zero_pp_rank_0_mp_rank_00_model_states.pt")),
        Example("a download broken off", files=_folder("adapter_model.safetensors.incomplete")),
        Example(
            "what FSDP leaves of each rank",
            files=_folder("pytorch_model_fsdp_rank0.bin", "pytorch_model_fsdp_rank1.bin"),
        ),
        Example("what FSDP leaves", files=_folder("pytorch_model_fsdp.bin"), status=Status.unreadable),
        Example(
            "a DeepSpeed state beside saved weights",
            fires=0,
            files={**_folder("global_step100/mp_rank_00_model_states.pt"), "adapter/adapter_model.safetensors": _FILE},
        ),
        Example("no weights and nothing in their place", fires=0, files=_folder("README.md")),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/2892",
        "https://github.com/huggingface/accelerate/issues/4206",
    ),
)


def check(target: Target, listing: tuple[str, ...]) -> Iterator[Finding]:
    """At most one finding: at the first shard, or at the folder."""
    shards = [name for name in listing if SHARD.fullmatch(name)]
    whole = any(name in ("adapter_model.safetensors", "adapter_model.bin") for name in listing)
    if whole:
        return
    if shards:
        match = SHARD.fullmatch(shards[0])
        if match is not None and len(shards) < int(match[2]):
            return  # weights-unreadable names the shard that is missing
        message = f"the weights are in {len(shards)} shards ({shards[0]}), and PEFT loads one file only"
        yield RULE.finding(message, Place(f"{target.path}/{shards[0]}"), status=Status.unreadable)
    elif target.config is not None and not (target.weights or target.pickled):
        yield from _leftovers(target, listing)


def _leftovers(target: Target, listing: tuple[str, ...]) -> Iterator[Finding]:
    pieces, left, begun = parts(listing), state(listing), unfinished(listing)
    if begun:
        message = f"{begun} is an unfinished download, and there is no whole file beside it"
        yield RULE.finding(message, Place(f"{target.path}/{begun}"), status=Status.unreadable)
    elif pieces:
        what = f"{len(pieces)} parts ({pieces[0]})" if len(pieces) > 1 else f"one part ({pieces[0]})"
        message = f"the weights are in {what}, which have to be joined before PEFT can load them"
        yield RULE.finding(message, Place(f"{target.path}/{pieces[0]}"), status=Status.unreadable)
    elif left is not None:
        message = f"beside the config is {left[1]} ({left[0]}) and no adapter_model.safetensors"
        yield RULE.finding(message, Place(target.path), status=Status.unreadable)
