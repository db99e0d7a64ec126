"""The adapter loads without complaint and changes nothing: every output is the base model's, to the last bit.

What it means. LoRA adds `scaling · lora_B · lora_A` to the weight of each adapted module. Training starts with
lora_B full of zeros (for embeddings: lora_embedding_A), so that the model starts as the base model. If at the
end one of the two factors is still all zero in every module, every product is zero, and the file is a long way
of writing "no change". An evaluation of it scores exactly as the base does, which looks like a fine-tuning that
did not help.

Other types have other ways to be nothing, each of them measured: IA3 multiplies and is nothing at one, AdaLoRA's
singular values (lora_E), LoHa's and LoKr's products, VeRA's scaling vectors, OFT's rotations at zero, BOFT and RoAd at
zero and one together, Householder reflections (HRA) that cancel in pairs. Where the values are those the type starts
with, the message says "never trained, or saved too early". Types that start at random (prompt tuning and its kin,
FourierFT, VB-LoRA, Uni-LoRA) are never called inert; those that start with the base's own values (layer norm tuning,
OSF, DEFT, trainable tokens) show nothing without the base, and their verdict is unknown.

How it comes about.

- Never trained: the optimizer was built before `get_peft_model`, so it holds the parameters of the bare model and
  not those of the adapter; or the adapter was frozen (loaded with `PeftModel.from_pretrained` without
  `is_trainable=True`); or gradient checkpointing cut the gradients (call `model.enable_input_require_grads()`).
- Saved too early: `save_pretrained` ran before `trainer.train()`, in a notebook often by running cells out of order.
- Loaded fresh and saved again: the trained keys did not fit (see wrapper-prefix) and PEFT made new zero layers with
  a warning at most, or the code called `get_peft_model(base, config)` where it meant
  `PeftModel.from_pretrained(base, path)`; saving that over the old folder loses the training.
- Gathered wrongly: under DeepSpeed ZeRO-3 or FSDP one process saved parameters that live on others.
- The wrong object: a model with two adapters of which the untrained one was saved, or training of a copy.

Where something beside the LoRA part travels in the file (a classification head, biases, DoRA magnitudes, token
rows) or loading changes the base itself (`init_lora_weights` pissa, olora, corda, loftq, lora_ga), the output
may differ from the base's after all. That is reported as a warning, with the verdict unknown. A scaling of zero
is zero-scale's to tell.

How to check, in two lines of Python:

    from safetensors.torch import load_file
    print({k: v.abs().max().item() for k, v in load_file("adapter_model.safetensors").items() if "lora_B" in k})

Where all numbers are 0.0, nothing was learnt. Do the same during training, after ten steps: they must have moved.

How to mend it. The file holds no trained weights, so it cannot be repaired: look for an earlier checkpoint that
works (`adapterlint check` on the output folder tells which), else train again. Wrap first, then build the
optimizer from `model.parameters()`; print `model.print_trainable_parameters()` and see that it is not 0; train;
save last, with `model.save_pretrained(folder)`; and run adapterlint on the folder before the evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.keys import BASE_ALTERING_INITS, INSIDE_PRODUCT
from adapterlint.knowledge.updates import NO_IDENTITY, TITLES, UNPROVEN
from adapterlint.loadplan.pairs import is_zero, layout
from adapterlint.loadplan.updates import add_up, kind_of, lacking, scaled_away
from adapterlint.model import Example, ExampleTensor, Rule, Severity, Status, TargetKind

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.updates import Sum
    from adapterlint.model import Finding, Target

_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"], "r": 2}
_QUERY = "base_model.model.encoder.layer.0.attention.self.query"
_EMBEDDING = "base_model.model.embeddings.word_embeddings"
_A, _B, _ZERO = ExampleTensor((2, 4)), ExampleTensor((4, 2)), ExampleTensor((4, 2), 0.0)
_UNTRAINED = {f"{_QUERY}.lora_A.weight": _A, f"{_QUERY}.lora_B.weight": _ZERO}

RULE = Rule(
    id="inert-adapter",
    family="weights",
    severity=Severity.error,
    summary="every module's update is zero, so the adapter changes nothing",
    why=__doc__ or "",
    examples=(
        Example("never trained", config=_CONFIG, tensors=_UNTRAINED, status=Status.inert),
        Example(
            "an embedding starts with the other factor at zero",
            config={**_CONFIG, "target_modules": ["word_embeddings"]},
            tensors={
                f"{_EMBEDDING}.lora_embedding_A": ExampleTensor((2, 9), 0.0),
                f"{_EMBEDDING}.lora_embedding_B": _B,
                f"{_EMBEDDING}.base_layer.weight": ExampleTensor((9, 4)),
            },
            status=Status.inert,
        ),
        Example(
            "a head travels beside it",
            config={**_CONFIG, "modules_to_save": ["classifier"]},
            tensors={**_UNTRAINED, "base_model.model.classifier.weight": ExampleTensor((3, 4))},
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "loading changes the base",
            config={**_CONFIG, "init_lora_weights": "pissa_niter_4"},
            tensors=_UNTRAINED,
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "trained",
            fires=0,
            config=_CONFIG,
            tensors={f"{_QUERY}.lora_A.weight": _A, f"{_QUERY}.lora_B.weight": _B},
        ),
        Example(
            "the scaling is zero, which is another fault",
            fires=0,
            config={**_CONFIG, "lora_alpha": 0},
            tensors=_UNTRAINED,
        ),
        Example(
            "some modules are alive",
            fires=0,
            config=_CONFIG,
            tensors={
                **_UNTRAINED,
                "base_model.model.encoder.layer.1.attention.self.query.lora_A.weight": _A,
                "base_model.model.encoder.layer.1.attention.self.query.lora_B.weight": _B,
            },
        ),
        Example(
            "IA3 multiplies, and starts at one",
            config={**_CONFIG, "peft_type": "IA3"},
            tensors={f"{_QUERY}.ia3_l": ExampleTensor((4, 1), 1.0)},
            status=Status.inert,
        ),
        Example(
            "AdaLoRA's singular values are zero",
            config={**_CONFIG, "peft_type": "ADALORA"},
            tensors={f"{_QUERY}.lora_A": _A, f"{_QUERY}.lora_B": _B, f"{_QUERY}.lora_E": ExampleTensor((2, 1), 0.0)},
            status=Status.inert,
        ),
        Example(
            "a kohya file without a config",
            files={},
            tensors={"lora_unet_a.lora_down.weight": _A, "lora_unet_a.lora_up.weight": _ZERO},
            status=Status.inert,
        ),
        Example(
            "prompt tuning has no value that is nothing",
            fires=0,
            config={"peft_type": "PROMPT_TUNING", "base_model_name_or_path": "gpt2", "num_virtual_tokens": 2},
            tensors={"prompt_embeddings": ExampleTensor((2, 4), 0.0)},
        ),
    ),
    references=(
        "https://github.com/huggingface/peft/issues/1402",
        "https://huggingface.co/docs/peft/developer_guides/troubleshooting",
    ),
)


def check(target: Target, weights: Weights, config: Config | None = None) -> Iterator[Finding]:
    """At most one finding, at the first tensor that makes a module nothing."""
    kind = kind_of(weights, config)
    if target.kind is not TargetKind.adapter or kind in NO_IDENTITY or (config is not None and not kind):
        return
    if lacking(weights, kind):
        return  # half-a-pair tells what becomes of those
    if config is not None and scaled_away(config, kind, layout(weights.tensors).modules):
        return
    found = add_up(weights, kind)
    if not found.dead or len(found.dead) < found.total:
        return
    place = weights.place(found.first)
    hint = " (never trained, or saved too early)" if _untrained(found, config) else ""
    what = f"{found.words()} {found.where}"
    beside = _beside(weights, found.beside, config) or UNPROVEN.get(kind, "")
    if beside:
        part = TITLES.get(kind, kind) or "low-rank"
        message = f"{what} and only {beside} can change the output, so the {part} part does nothing"
        yield RULE.finding(message, place, severity=Severity.warning, status=Status.unknown)
    else:
        message = f"{what}{hint}, so the adapter leaves the base model unchanged"
        yield RULE.finding(message, place, status=Status.inert)


def _untrained(found: Sum, config: Config | None) -> bool:
    """Whether the values are those the type starts with. MiCA, a start of LoRA, has the other factor at zero."""
    init = config.get("init_lora_weights") if config is not None else None
    if isinstance(init, str) and init.lower() == "mica":
        return all(factor == "lora_A" for kills in found.dead.values() for factor, _ in kills)
    return found.untrained


def _beside(weights: Weights, names: tuple[str, ...], config: Config | None) -> str:
    """What else can make the output differ from the base's, in words; "" if nothing can."""
    if config is not None:
        init = config.get("init_lora_weights")
        if isinstance(init, str) and init.lower().startswith(BASE_ALTERING_INITS):
            return f'what init_lora_weights "{init}" does to the base when the adapter is loaded'
        if config.get("layer_replication"):
            return "the replicated layers (layer_replication)"
        if config.get("kasa_config"):
            return "what kasa_config does to the base when the adapter is loaded"
    # A bias of lora_B is added as it is; at its start it is zero like lora_B itself.
    left = [name for name in names if not (name.endswith(".lora_B.bias") and is_zero(weights, name))]
    left = [name for name in left if not any(inside in name for inside in INSIDE_PRODUCT)]
    if not left:
        return ""
    kinds = list(dict.fromkeys(name.rpartition("base_model.model.")[2] for name in left))
    return kinds[0] + (
        f" and {len(kinds) - 1} more tensors" if len(kinds) > 2 else f" and {kinds[1]}" if kinds[1:] else ""
    )
