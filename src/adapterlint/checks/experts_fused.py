"""The adapter has LoRA on single experts (`experts.0.w1`, `experts.0.gate_proj`), as they were in transformers 4. In
transformers 5 the experts of a layer are one parameter, in which the gate and up projections (w1 and w3) lie fused, and
PEFT converts such an adapter while it loads. What the conversion does not carry over was measured on tiny Mixtral and
Qwen3-MoE models, adapters trained with PEFT 0.18 and transformers 4.57, loaded with PEFT 0.21.2 and transformers 5.23:

- `use_rslora`: the fused projection has twice the rank and gets twice the alpha, and alpha / √r is then √2 times too
  large. Nothing is said, and the output is another one.
- `alpha_pattern` for w1, w2, w3, gate_proj or up_proj: the names are no longer there, so the global alpha counts.
  Nothing is said, and the output is another one. (`down_proj` keeps its name and its alpha.)
- dense layers and shared experts beside them (`mlp.gate_proj`, `mlp.shared_expert.up_proj`, …), which the same entry of
  `target_modules` selected: the entry becomes one of `target_parameters`, they get no layer, and their tensors are
  dropped. Nothing is said, and the output is another one.
- `rank_pattern` for the same names, `use_dora`, or gate without up: PEFT raises. That is a note, as nobody can miss it.

With transformers 4 all of these load as trained, so without `--target transformers=5` the finding is a note, and with
`--target transformers=4.57.6` nothing is said. PEFT converts since 0.19; where `peft_version` is no older, the model
may be one whose experts are not fused, and the finding is a note too. Plain LoRA over gate, up and down loads exactly.

To mend it, load the adapter where it was trained and merge it (`model.merge_and_unload()`), then save the whole model;
or train again with transformers 5, with `target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.reading import in_words
from adapterlint.model import Example, ExampleTensor, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding, Run

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "tiny", "target_modules": ["w1", "w2", "w3"], "r": 2}


def _pair(module: str) -> dict[str, ExampleTensor]:
    stem = f"base_model.model.model.{module}"
    return {f"{stem}.lora_A.weight": ExampleTensor((2, 4)), f"{stem}.lora_B.weight": ExampleTensor((4, 2))}


def _experts(*modules: str, block: str = "block_sparse_moe") -> dict[str, ExampleTensor]:
    paths = [f"layers.0.{block}.experts.{module}" for module in modules]
    return {name: it for path in paths for name, it in _pair(path).items()}


_WHOLE = _experts("0.w1", "0.w2", "0.w3")
_QWEN = _experts("0.gate_proj", "0.up_proj", "0.down_proj", block="mlp")

_FIVE = {"transformers": "5.0.0"}

RULE = Rule(
    id="experts-fused",
    family="load",
    severity=Severity.warning,
    summary="LoRA on single experts, part of which is lost where transformers 5 fuses them",
    why=__doc__ or "",
    examples=(
        Example("rsLoRA", config={**_CONFIG, "use_rslora": True}, tensors=_WHOLE, versions=_FIVE),
        Example("an alpha of its own", config={**_CONFIG, "alpha_pattern": {"w1": 8}}, tensors=_WHOLE, versions=_FIVE),
        Example(
            "a dense layer before the experts",
            config={**_CONFIG, "target_modules": ["gate_proj", "up_proj", "down_proj"]},
            tensors={**_QWEN, **_pair("layers.1.mlp.gate_proj")},
            versions=_FIVE,
        ),
        Example(
            "by a PEFT that may have seen an unfused model",
            config={**_CONFIG, "use_rslora": True, "peft_version": "0.21.2"},
            tensors=_WHOLE,
            versions=_FIVE,
            severity=Severity.info,
        ),
        Example(
            "for transformers of no known version",
            config={**_CONFIG, "use_rslora": True},
            tensors=_WHOLE,
            severity=Severity.info,
        ),
        Example(
            "gate without up is refused",
            config={**_CONFIG, "target_modules": ["w1"]},
            tensors=_experts("0.w1"),
            severity=Severity.info,
        ),
        Example(
            "and a rank of its own",
            config={**_CONFIG, "rank_pattern": {"w2": 2}},
            tensors=_WHOLE,
            severity=Severity.info,
        ),
        Example("plain LoRA on all three", fires=0, config=_CONFIG, tensors=_WHOLE),
        Example(
            "down_proj keeps its name",
            fires=0,
            config={
                **_CONFIG,
                "target_modules": ["gate_proj", "up_proj", "down_proj"],
                "alpha_pattern": {"down_proj": 8},
            },
            tensors=_QWEN,
        ),
        Example(
            "for transformers 4",
            fires=0,
            config={**_CONFIG, "use_rslora": True},
            tensors=_WHOLE,
            versions={"transformers": "4.57.6"},
        ),
    ),
    references=("https://github.com/huggingface/peft/issues/3711",),
)

_EXPERT = re.compile(
    r".*\.(?:block_sparse_moe\.experts\.\d+\.(w[123])|mlp\.experts\.\d+\.(gate_proj|up_proj|down_proj))"
)
_FUSED = (("w1", "w3"), ("gate_proj", "up_proj"))
_KEPT = "down_proj"


def check(config: Config, weights: Weights, plan: Plan, run: Run) -> Iterator[Finding]:
    """At most one finding: what is lost without a word, else why PEFT refuses it."""
    if config.peft_type != "LORA" or not plan.landed or _before(run.versions.get("transformers", "5"), 5):
        return
    modules = _modules(weights)
    kinds = set(modules.values())
    lost = _lost(config, modules, kinds) or _dropped(weights, kinds)
    if lost:
        pointer, message = lost
        # it may run on transformers 4, and PEFT that converts may itself have written it around a model not fused
        certain = "transformers" in run.versions and _before(config.get("peft_version"), 0, 19)
        severity = Severity.warning if certain else Severity.info
        message += ", so with transformers 5 the output is another one"
        yield RULE.finding(message, config.place(pointer), severity=severity)
        return
    refused = _refused(config, modules, kinds)
    if refused:
        message = f"the experts have {refused}, which PEFT refuses with transformers 5"
        yield RULE.finding(message, weights.place(next(iter(weights.tensors))), severity=Severity.info)


def _modules(weights: Weights) -> dict[str, str]:
    """The paths of adapted experts -> the last name in them."""
    found: dict[str, str] = {}
    for name in weights.tensors:
        part = split(name)
        match = _EXPERT.fullmatch(part.module) if part is not None else None
        if part is not None and match:
            found[part.module] = match[1] or match[2]
    return found


def _lost(config: Config, modules: dict[str, str], kinds: set[str]) -> tuple[str, str] | None:
    """Where the config says what the conversion drops, and the first half of a message."""
    if config.get("use_rslora") and any(set(pair) <= kinds for pair in _FUSED):
        return "/use_rslora", "the experts are scaled with alpha / √r, and fusing two of them doubles r and alpha"
    for module, kind in modules.items():
        pointer = config.alpha_pointer(module) if kind != _KEPT else None
        if pointer and pointer.startswith("/alpha_pattern") and config.get("lora_alpha") != config.alpha(module):
            return pointer, f"alpha_pattern has an entry for {kind} of the experts, a name that fusing takes away"
    return None


def _dropped(weights: Weights, kinds: set[str]) -> tuple[str, str] | None:
    """The same for modules outside of the experts that have the name of one inside."""
    parts = [part for part in map(split, weights.tensors) if part is not None and ".experts." not in part.module]
    names = {part.module: part.module.rpartition(".")[2] for part in parts}
    outside = [module for module, name in names.items() if name in kinds]
    if not outside:
        return None
    what = f"{len(outside)} modules" if len(outside) > 1 else "one module"
    return (
        "/target_modules",
        f"{what} outside of the experts ({in_words(outside)}) {'lose' if outside[1:] else 'loses'} the target to them",
    )


def _refused(config: Config, modules: dict[str, str], kinds: set[str]) -> str:
    for gate, up in _FUSED:
        if len({gate, up} & kinds) == 1:
            present, absent = (gate, up) if gate in kinds else (up, gate)
            return f"{present} adapted and {absent} not"
    if not modules:
        return ""
    if config.get("use_dora"):
        return "magnitudes of DoRA"
    for module, kind in modules.items():
        if kind != _KEPT and (config.rank_pointer(module) or "").startswith("/rank_pattern"):
            return f"a rank of their own for {kind} (rank_pattern)"
    return ""


def _before(version: object, *release: int) -> bool:
    """Whether `version` says a release before this one; true where it says none."""
    found = re.search(r"\d+(?:\.\d+)*", version) if isinstance(version, str) and version[:1] != "<" else None
    return found is None or tuple(int(part) for part in found[0].split(".")) < release
