"""PEFT is not the only library that writes a file called adapter_config.json. MLX (`lora_parameters`,
`fine_tune_type`), AdapterHub's `adapters`, ms-swift and others do too, and PEFT can load none of them: without
`peft_type` it raises TypeError ("missing required keys") or KeyError.

That is no fault of the adapter. It is named so that you know why nothing else was checked here, and so that nobody
tries `PeftModel.from_pretrained` on it.

Load it with the library that wrote it, or convert it first: an MLX adapter, for instance, keeps its `scale` where PEFT
wants `lora_alpha` = scale × rank, and has its matrices transposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.model import Finding

RULE = Rule(
    id="not-a-peft-config",
    family="config",
    severity=Severity.info,
    summary="an adapter_config.json that another library wrote",
    why=__doc__ or "",
    examples=(
        Example(
            "MLX",
            config={
                "fine_tune_type": "lora",
                "lora_parameters": {"rank": 8, "dropout": 0.0, "scale": 20.0},
                "model": "mlx-community/Mistral-7B-Instruct-v0.3-4bit",
                "num_layers": 8,
            },
            status=Status.not_checked,
        ),
        Example(
            "AdapterHub",
            config={
                "config": {"architecture": "lora", "alpha": 8, "r": 8},
                "hidden_size": 768,
                "model_class": "BertAdapterModel",
                "model_name": "bert-base-uncased",
                "name": "sst-2",
            },
        ),
        Example("a stub that only names a base model", config={"base_model": "lerobot/smolvla_base"}),
        Example("a model's config.json under this name", config={"architectures": ["BertModel"], "vocab_size": 30522}),
        Example("PEFT", fires=0, config={"peft_type": "LORA", "r": 8, "target_modules": ["query"]}),
        Example(
            "a PEFT config that lost its peft_type is broken, not foreign",
            fires=0,
            config={"r": 8, "lora_alpha": 16, "target_modules": ["query"]},
        ),
    ),
)


def check(config: Config) -> Iterator[Finding]:
    """At most one finding, at the top of the config."""
    if config.looks_like is not None:
        keys = ", ".join(list(config.data)[:4]) or "no keys"
        message = f"this looks like {config.looks_like}, not like PEFT's (no peft_type; it has {keys})"
        yield RULE.finding(message, config.place(""), status=Status.not_checked)
