"""adapter_config.json does not say the alpha of the adapter. Nothing complains: PEFT takes its default (8 for LoRA),
and the update is scaled with alpha / r. An adapter trained with `lora_alpha` 32 then works at a quarter of its
strength; measured, the output is another one and no warning is given. Serving engines differ even more: some take
alpha for r, some for 0, some refuse.

The rank is safer: where `r` is missing, PEFT takes its default as well, and tensors of another rank do not fit, which
is reported as rank-differs. If they fit, the rank is right, and the missing `r` is only noted.

PEFT itself always writes both. They are missing from configs written by hand, converted from another library's, or
trimmed. A config of which every module has an entry in `alpha_pattern` says enough.

To mend it, write the `lora_alpha` (and `r`) of the training run into adapter_config.json. The training script, the
logged arguments or a checkpoint-N folder beside it usually have them; the tensors do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding, Target

_BASE = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"]}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"


def _pair(rank: int) -> dict[str, ExampleTensor]:
    return {
        f"{_QUERY}.lora_A.weight": ExampleTensor((rank, 4)),
        f"{_QUERY}.lora_B.weight": ExampleTensor((4, rank)),
    }


RULE = Rule(
    id="alpha-missing",
    family="config",
    severity=Severity.warning,
    summary="no alpha in the config, so that the default of PEFT decides the scaling",
    why=__doc__ or "",
    examples=(
        Example("no lora_alpha", config={**_BASE, "r": 2}, tensors=_pair(2), status=Status.unknown),
        Example("neither of them", config=_BASE, tensors=_pair(8), status=Status.unknown),
        Example("LoHa calls it alpha", config={**_BASE, "peft_type": "LOHA", "r": 4}, status=Status.unknown),
        Example(
            "no r, and tensors of the default rank",
            config={**_BASE, "lora_alpha": 16},
            tensors=_pair(8),
            severity=Severity.hint,
        ),
        Example("both there", fires=0, config={**_BASE, "r": 2, "lora_alpha": 0.5}, tensors=_pair(2)),
        Example(
            "alpha_pattern says it of every module",
            fires=0,
            config={**_BASE, "r": 2, "alpha_pattern": {"query": 4}},
            tensors=_pair(2),
        ),
        Example(
            "rank-differs tells of a missing r",
            fires=0,
            config={**_BASE, "lora_alpha": 16},
            tensors=_pair(2),
        ),
        Example("a template of nothing yet", fires=0, config={"peft_type": "LORA", "r": 8}),
        Example("misspelt, which unknown-field tells", fires=0, config={**_BASE, "r": 8, "lora_aplha": 16}),
        Example("a type without alpha", fires=0, config={**_BASE, "peft_type": "IA3"}),
    ),
)

_ALPHAS = {"LORA": "lora_alpha", "ADALORA": "lora_alpha", "LOHA": "alpha", "LOKR": "alpha", "GRALORA": "alpha"}
"""The field that, divided by `r`, scales the update of a type."""


def check(target: Target, config: Config, weights: Weights | None = None) -> Iterator[Finding]:
    """At most one finding, at the config."""
    field = _ALPHAS.get(config.peft_type or "")
    if field is None or target.kind is not TargetKind.adapter or _is_template(config, weights):
        return
    if field in config.data or _misspelt(config, field) or not _default_counts(config, weights):
        if "r" not in config.data and weights is not None and _fits(config, weights):
            message = f"no r in the config; the tensors have the rank {_default(config, 'r')} that PEFT takes then"
            yield RULE.finding(message, config.place(""), severity=Severity.hint)
        return
    what = f"no {field}" if "r" in config.data else f"neither {field} nor r"
    message = f"{what} in the config, so PEFT scales the update with its default of {_default(config, field)}"
    yield RULE.finding(message, config.place(""), status=Status.unknown)


def _is_template(config: Config, weights: Weights | None) -> bool:
    return weights is None and not (config.get("base_model_name_or_path") or config.get("target_modules"))


def _misspelt(config: Config, field: str) -> bool:
    from adapterlint.knowledge.peft_fields import meant

    return any(meant(config.peft_type or "", key, config.data) == field for key in list(config.data)[:100])


def _default_counts(config: Config, weights: Weights | None) -> bool:
    """Whether some module takes its alpha from the field; true where no module is known."""
    if weights is None or config.peft_type != "LORA":
        return True
    from adapterlint.loadplan.pairs import layout

    modules = layout(weights.tensors).modules
    return not modules or any(config.alpha_pointer(module) == "/lora_alpha" for module in modules)


def _fits(config: Config, weights: Weights) -> bool:
    """Whether all LoRA tensors have the rank that PEFT takes for them."""
    from adapterlint.loadplan.pairs import layout

    first = [(pair.module, weights.tensors[pair.first].shape) for pair in layout(weights.tensors).pairs if pair.first]
    return bool(first) and all(shape[:1] == (config.rank(module),) for module, shape in first)


def _default(config: Config, field: str) -> object:
    from adapterlint.knowledge import peft_fields

    history = peft_fields.field(config.peft_type or "", field)
    return None if history is None else history.default_in(peft_fields.newest())
