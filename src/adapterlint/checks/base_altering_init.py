"""`init_lora_weights` names a start that takes something out of the base model and puts it into the adapter (PiSSA,
OLoRA, CorDA, LoftQ, LoRA-GA). The tensors are then relative to that altered base, and right only around it. PEFT alters
the base anew whenever it loads such an adapter, as far as it can. Measured with PEFT 0.12, 0.18 and 0.21, on adapters
trained and saved in the plain way:

- `pissa` and `olora` load exactly as trained around the same base, in PEFT and in transformers (only noted);
- so does `loftq` (PEFT 0.21, 4 and 8 bits, with its quantiser moved to the CPU to measure it), but PEFT quantises on
  the GPU at every load and raises where there is none;
- `pissa_niter_N` takes a random approximation, another one at every load: the output is not the trained one. The
  component taken out differed by 25 % with 4 iterations and by 8 to 16 % with 16;
- `lora_ga` leaves the base as it is when it loads, so what training took out of it comes on top;
- `corda` raises "`eigens` attribute not found" unless the base was prepared for it once more.

Every reader that takes the file for plain LoRA is off by the same amount, without a word: serving engines, converters,
merge tools, and PEFT itself when the field is edited or dropped, or when a second adapter is loaded beside it. With
`low_cpu_mem_usage=True` PEFT 0.18 and 0.21 raise on `pissa` and `olora`.

To mend it, save the adapter as the difference to the untouched base: keep the untrained start
(`model.save_pretrained("start")` before training) and save with
`model.save_pretrained(folder, path_initial_model_for_weight_conversion="start")`. PEFT then writes plain LoRA of twice
the rank, which every reader understands. Or publish the altered base and set `init_lora_weights` to true.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_PAIR = {f"{_QUERY}.lora_A.weight": ExampleTensor((2, 8)), f"{_QUERY}.lora_B.weight": ExampleTensor((8, 2))}


def _started(init: object, **more: Any) -> dict[str, Any]:
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query"]}
    return {**config, "init_lora_weights": init, **more}


RULE = Rule(
    id="base-altering-init",
    family="load",
    severity=Severity.error,
    summary="an init_lora_weights that changes the base, so that the tensors fit only a base changed alike",
    why=__doc__ or "",
    examples=(
        Example("CorDA cannot be loaded", config=_started("corda"), tensors=_PAIR, status=Status.unreadable),
        Example(
            "PiSSA by a random approximation",
            config=_started("pissa_niter_16"),
            tensors=_PAIR,
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "LoRA-GA, which is not repeated",
            config=_started("lora_ga"),
            tensors=_PAIR,
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example("PiSSA, which PEFT repeats exactly", config=_started("pissa"), tensors=_PAIR, severity=Severity.info),
        Example("OLoRA in any case", config=_started("OLoRA"), tensors=_PAIR, severity=Severity.info),
        Example(
            "LoftQ",
            config=_started("loftq", loftq_config={"loftq_bits": 4, "loftq_iter": 1}),
            tensors=_PAIR,
            severity=Severity.info,
        ),
        Example("saved as the difference", fires=0, config=_started(True), tensors=_PAIR),
        Example("starts that leave the base alone", fires=0, config=_started("gaussian"), tensors=_PAIR),
        Example("EVA only chooses lora_A", fires=0, config=_started("eva"), tensors=_PAIR),
        Example("no weights beside it", fires=0, config=_started("corda")),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/1929",
        "https://github.com/huggingface/peft/pull/1626",
        "https://github.com/huggingface/peft/issues/2270",
    ),
)


def check(config: Config, weights: Weights) -> Iterator[Finding]:
    """At most one finding, at `init_lora_weights`."""
    init = config.get("init_lora_weights")
    if config.peft_type != "LORA" or not isinstance(init, str) or not weights.tensors:
        return
    place = config.place("/init_lora_weights")
    said = f'init_lora_weights is "{init[:40]}"'
    if init.startswith("corda"):
        message = f"{said}, with which PEFT refuses to load around a base that was not prepared for CorDA again"
        yield RULE.finding(message, place, status=Status.unreadable)
    elif init.startswith("pissa_niter_"):
        message = f"{said}, with which every load takes another random part out of the base than training did"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    elif init == "lora_ga":
        message = f"{said}, with which training took a part out of the base that a load leaves in"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    elif init in ("pissa", "loftq") or init.lower() == "olora":
        message = f"{said}, so the tensors fit a base that PEFT changes at every load, and no plain LoRA reader"
        yield RULE.finding(message, place, severity=Severity.info)
