"""The base model has one matrix for its input and its output embeddings, and the adapter changes one of the two, or
both, each its own way. Around the base this works: PEFT keeps the updates apart, and a loaded adapter gives the trained
output. Merged, it does not, for there is one matrix to merge into. Measured on a tied Llama, with PEFT 0.12, 0.18 and
0.21, by how much the logits of the merged model are off, against what the adapter changes in them:

- LoRA on `embed_tokens`, on `lm_head` or on both: 13, 2.5 and 12 times as much, since the update of one side reaches
  the other as well;
- with `ensure_weight_tying` in PEFT 0.21, which gives both sides the same update: as much, since it is added twice;
- whole copies in `modules_to_save`: nothing in memory, and 1 to 2.7 times as much once the merged model was saved and
  loaded with transformers 4, which ties the two again. With transformers 5 it is right, so this is only noted;
- `trainable_token_indices`, and `ensure_weight_tying` with `modules_to_save`: right.

Whether an adapter will ever be merged is not in its files, so this is noted and not warned of. PEFT 0.18 and 0.21
warn while wrapping, none warns while merging. Whatever else merges meets the same single matrix.

That the base ties its embeddings is told by `--base`: its file lacks the output embeddings, or its config says
`tie_word_embeddings` and both are the same. Without a base it is told where `ensure_weight_tying` has made PEFT write
factors for a layer that `target_modules` does not name, or where PEFT's copies of both layers are the same.

To mend it, train new tokens with `trainable_token_indices`; or untie the base before training
(`model.config.tie_word_embeddings = False` and a copy of the weight in `lm_head`); or never merge the adapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.base_models import GENERATES, HEAD_NAMES, INPUT_EMBEDDINGS
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.pairs import layout
from adapterlint.model import Example, ExampleTensor, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.pairs import Pair
    from adapterlint.model import Finding

_CONFIG = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "tiny/llama", "r": 2}
_WORDS, _HEAD, _QUERY = "model.embed_tokens", "lm_head", "model.layers.0.self_attn.q_proj"
_TIED = {f"{_WORDS}.weight": ExampleTensor((16, 8), varied=1), f"{_QUERY}.weight": ExampleTensor((8, 8), varied=2)}
_LLAMA = {"base/config.json": '{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}'}
_SAID = {"base/config.json": _LLAMA["base/config.json"].replace("}", ', "tie_word_embeddings": true}')}
_ON_WORDS = {
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_A": ExampleTensor((2, 16), varied=3),
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_B": ExampleTensor((8, 2), varied=4),
}
_ON_HEAD = {
    f"{PEFT_PREFIX}{_HEAD}.lora_A.weight": ExampleTensor((2, 8), varied=5),
    f"{PEFT_PREFIX}{_HEAD}.lora_B.weight": ExampleTensor((16, 2), varied=6),
}
_ON_QUERY = {
    f"{PEFT_PREFIX}{_QUERY}.lora_A.weight": ExampleTensor((2, 8), varied=7),
    f"{PEFT_PREFIX}{_QUERY}.lora_B.weight": ExampleTensor((8, 2), varied=8),
}
_ALIKE = {
    f"{PEFT_PREFIX}{_HEAD}.lora_A.weight": ExampleTensor((2, 8), 0.03),
    f"{PEFT_PREFIX}{_HEAD}.lora_B.weight": ExampleTensor((16, 2), 0.02),
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_A": ExampleTensor((2, 16), 0.02),
    f"{PEFT_PREFIX}{_WORDS}.lora_embedding_B": ExampleTensor((8, 2), 0.03),
}
_COPIES = {f"{PEFT_PREFIX}{path}.base_layer.weight": ExampleTensor((16, 8), varied=9) for path in (_WORDS, _HEAD)}

RULE = Rule(
    id="tied-layer-adapted",
    family="load",
    severity=Severity.info,
    summary="LoRA on embeddings that the base uses twice, so that merging gives another output",
    why=__doc__ or "",
    examples=(
        Example(
            "LoRA on the input embeddings",
            config={**_CONFIG, "target_modules": ["embed_tokens"]},
            tensors=_ON_WORDS,
            base=_TIED,
            files=_LLAMA,
        ),
        Example(
            "LoRA on the output embeddings, which the base's file has too",
            config={**_CONFIG, "target_modules": ["lm_head"]},
            tensors=_ON_HEAD,
            base={**_TIED, "lm_head.weight": _TIED[f"{_WORDS}.weight"]},
            files=_SAID,
        ),
        Example(
            "kept alike, so that it is merged twice",
            config={**_CONFIG, "target_modules": ["embed_tokens"], "ensure_weight_tying": True},
            tensors=_ALIKE,
        ),
        Example(
            "the copies PEFT saved are the same",
            config={**_CONFIG, "target_modules": ["embed_tokens", "lm_head"]},
            tensors={**_ON_WORDS, **_ON_HEAD, **_COPIES},
        ),
        Example(
            "saved whole",
            config={**_CONFIG, "target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
            tensors={**_ON_QUERY, f"{PEFT_PREFIX}lm_head.weight": ExampleTensor((16, 8), varied=9)},
            base=_TIED,
            files=_LLAMA,
        ),
        Example(
            "the base has a matrix for each",
            fires=0,
            config={**_CONFIG, "target_modules": ["lm_head"]},
            tensors=_ON_HEAD,
            base={**_TIED, "lm_head.weight": ExampleTensor((16, 8), varied=9)},
            files=_SAID,
        ),
        Example(
            "a class without output embeddings",
            fires=0,
            config={**_CONFIG, "task_type": "FEATURE_EXTRACTION", "target_modules": ["embed_tokens"]},
            tensors=_ON_WORDS,
            base=_TIED,
            files=_LLAMA,
        ),
        Example(
            "other layers",
            fires=0,
            config={**_CONFIG, "target_modules": ["q_proj"]},
            tensors=_ON_QUERY,
            base=_TIED,
            files=_LLAMA,
        ),
        Example(
            "nothing tells that the base ties them",
            fires=0,
            config={**_CONFIG, "target_modules": ["embed_tokens", "lm_head"]},
            tensors={**_ON_WORDS, **_ON_HEAD},
        ),
    ),
    references=(
        "https://github.com/huggingface/transformers/issues/45127",
        "https://github.com/unslothai/unsloth/issues/1971",
    ),
)


def check(config: Config, weights: Weights, base: Base | None = None) -> Iterator[Finding]:
    """At most one finding, at the first tensor of a tied layer."""
    if config.peft_type != "LORA":
        return
    adapted = {name: pair for pair in layout(weights.tensors).complete if (name := _last(pair.module)) in _NAMES}
    saved = {name: tensor for tensor in weights.tensors if (name := _saved(tensor, config)) in _NAMES}
    if not (adapted or saved) or not _is_tied(config, weights, base, adapted.keys() | saved.keys()):
        return
    if adapted:
        named = " and ".join(adapted)
        how = (
            "adds the same update twice" if _are_alike(weights, adapted.values()) else "reaches both ends of the model"
        )
        message = f"LoRA changes {named}, and the base's input and output embeddings are one matrix, so merging {how}"
        yield RULE.finding(message, weights.place(next(iter(adapted.values())).names[-1]))
    elif not config.get("ensure_weight_tying"):
        message = (
            f"{' and '.join(saved)} is saved whole, and the base's input and output embeddings are one matrix, so a "
            "merged model that transformers 4 saves and loads has lost one of the two"
        )
        yield RULE.finding(message, weights.place(next(iter(saved.values()))))


_NAMES = INPUT_EMBEDDINGS | set(HEAD_NAMES)


def _are_alike(weights: Weights, pairs: Iterable[Pair]) -> bool:
    """Whether both ends have one update: the factors of one are those of the other, exchanged and transposed."""
    facts = [[weights.facts(name) for name in pair.names] for pair in pairs]
    if len(facts) != 2 or None in (*facts[0], *facts[1]):
        return False
    largest = [[fact.max_abs for fact in both if fact is not None] for both in facts]
    return largest[0] == largest[1][::-1]


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _saved(tensor: str, config: Config) -> str:
    """The last name of the module whose whole weight this is, saved because the config says so; "" if it is not."""
    listed = config.get("modules_to_save")
    if split(tensor) is not None or not isinstance(listed, list) or not tensor.endswith(".weight"):
        return ""
    path = tensor.removesuffix(".weight")
    if _last(path) not in _NAMES:
        return ""
    return _last(path) if any(isinstance(name, str) and path.endswith(name) for name in listed) else ""


def _is_tied(config: Config, weights: Weights, base: Base | None, changed: set[str]) -> bool:
    """Whether it is certain that the layers `changed` share one weight in the model that the adapter is for."""
    if base is not None:
        return bool(base.shared_head) and (not changed.isdisjoint(HEAD_NAMES) or _has_head(config))
    if changed.isdisjoint(HEAD_NAMES) or changed.isdisjoint(INPUT_EMBEDDINGS):
        return False
    targets = config.get("target_modules")
    if config.get("ensure_weight_tying") is True and isinstance(targets, list):
        named = {_last(target) for target in targets if isinstance(target, str)}
        if not changed <= named:
            return True
    copies = [name for name in weights.tensors if name.endswith(".base_layer.weight")]
    copies = [name for name in copies if _last(name.removesuffix(".base_layer.weight")) in _NAMES]
    facts = [weights.facts(name) for name in copies]
    return len(facts) == 2 and facts[0] is not None and facts[0] == facts[1] and facts[0].any_nonzero


def _has_head(config: Config) -> bool:
    """Whether the class that the adapter was trained on has output embeddings."""
    mapping = config.get("auto_mapping")
    cls = str(mapping.get("base_model_class") or "") if isinstance(mapping, dict) else ""
    return config.get("task_type") in ("CAUSAL_LM", "SEQ_2_SEQ_LM") or bool(GENERATES.search(cls))
