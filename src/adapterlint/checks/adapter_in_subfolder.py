"""The folder looks like a saved adapter and is none: PEFT has written its README.md there, and the adapter into a
folder below. That is how `save_pretrained` saves an adapter that is not called "default": the name becomes a
subfolder. Measured with PEFT 0.21.2, `PeftModel.from_pretrained(base, folder)` then asks the Hub for a repository of
that name and raises "Can't find 'adapter_config.json'".

adapterlint finds the adapter below and judges it, so this is a note: told only where the folder above was named
itself, holds PEFT's model card and no adapter, and has one adapter under it.

To mend it, load the folder below, or say `PeftModel.from_pretrained(base, folder, subfolder="name")`; or wrap the
model without `adapter_name=`, whose adapter is saved into the folder itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Place, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.model import Finding, Run, Target

_CONFIG = '{"peft_type": "LORA", "base_model_name_or_path": "gpt2", "target_modules": ["c_attn"], "r": 2}'
_CARD = "---\nbase_model: gpt2\nlibrary_name: peft\n---\n\n# Model Card for Model ID\n"

RULE = Rule(
    id="adapter-in-subfolder",
    family="load",
    severity=Severity.info,
    summary="a folder that was named for its adapter, which lies in a folder below",
    why=__doc__ or "",
    examples=(
        Example(
            "saved under a name of its own",
            files={"out/README.md": _CARD, "out/mine/adapter_config.json": _CONFIG},
            targets=("out",),
        ),
        Example(
            "a tree in which it was found",
            fires=0,
            files={"out/README.md": _CARD, "out/mine/adapter_config.json": _CONFIG},
        ),
        Example(
            "checkpoints of an adapter",
            fires=0,
            files={
                "out/README.md": _CARD,
                "out/adapter_config.json": _CONFIG,
                "out/checkpoint-3/adapter_config.json": _CONFIG,
            },
            targets=("out",),
        ),
        Example(
            "several adapters of one run",
            fires=0,
            files={
                "out/README.md": _CARD,
                "out/one/adapter_config.json": _CONFIG,
                "out/two/adapter_config.json": _CONFIG,
            },
            targets=("out",),
        ),
    ),
    references=("https://huggingface.co/docs/peft/developer_guides/checkpoint",),
)


def check(target: Target, parent: str, run: Run) -> Iterator[Finding]:
    """At most one finding, at the folder above."""
    below = [path for path in run.adapters if path.startswith(f"{parent}/")]
    if below == [target.path]:
        name = target.path.rpartition("/")[2]
        message = f"the adapter is in the subfolder {name}, so PEFT finds none in {parent.rpartition('/')[2]} itself"
        yield RULE.finding(message, Place(parent), related=(Place(target.path),))
