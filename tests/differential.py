"""Folders for the differential test: real saves of PEFT on tiny models, one thing broken in each.

And what the real PEFT does with one, key by key. Imported by runtime tests only.
"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peft.peft_model
import peft.utils.save_and_load
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.tuners_utils import _remove_adapter_name_from_state_dict_key as without_adapter_name
from safetensors.torch import load_file, save_file

SIZES = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}
MODELS: dict[str, Callable[[], Any]] = {
    "bert": lambda: transformers.BertModel(transformers.BertConfig(vocab_size=40, **SIZES)),
    "classifier": lambda: transformers.BertForSequenceClassification(transformers.BertConfig(vocab_size=40, **SIZES)),
    "llama": lambda: transformers.LlamaForCausalLM(
        transformers.LlamaConfig(vocab_size=40, num_key_value_heads=1, tie_word_embeddings=False, **SIZES)
    ),
    "tied": lambda: transformers.LlamaForCausalLM(
        transformers.LlamaConfig(vocab_size=40, num_key_value_heads=1, tie_word_embeddings=True, **SIZES)
    ),
    "gpt2": lambda: transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=40, n_embd=16, n_layer=2, n_head=2, n_positions=32)
    ),
    "t5": lambda: transformers.T5ForConditionalGeneration(transformers.T5Config(vocab_size=40, **T5)),
    "resnet": lambda: transformers.ResNetForImageClassification(
        transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    ),
    "experts": lambda: transformers.GptOssForCausalLM(
        transformers.GptOssConfig(
            vocab_size=40, num_key_value_heads=1, head_dim=8, num_local_experts=2, num_experts_per_tok=1, **SIZES
        )
    ),
    "vit": lambda: transformers.ViTForImageClassification(
        transformers.ViTConfig(image_size=16, patch_size=8, **SIZES)
    ),
}  # fmt: skip

# (name, model, LoraConfig): each is saved as it is, and then once for each damage
ADAPTERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("plain", "bert", {"target_modules": ["query", "value"]}),
    ("heads", "classifier", {"target_modules": ["query", "dense"], "task_type": "SEQ_CLS"}),
    ("biases", "bert", {"target_modules": ["key"], "bias": "all"}),
    ("own_biases", "bert", {"target_modules": ["key"], "bias": "lora_only", "lora_bias": True}),
    ("everything", "llama", {"target_modules": "all-linear", "use_dora": True, "task_type": "CAUSAL_LM"}),
    ("embeddings", "llama", {"target_modules": ["embed_tokens", "q_proj", "lm_head"]}),
    ("saved_head", "llama", {"target_modules": ["q_proj", "v_proj"], "modules_to_save": ["lm_head", "norm"]}),
    ("regex", "llama", {"target_modules": r".*\.layers\.(0|1)\.(self_attn\.[qk]_proj|mlp\.up_proj)"}),
    ("patterns", "llama", {"target_modules": ["q_proj", "down_proj"], "rank_pattern": {"down_proj": 5}}),
    ("tokens", "tied", {"target_modules": ["q_proj"], "trainable_token_indices": [1, 2]}),
    ("layers", "tied", {"target_modules": ["v_proj"], "layers_to_transform": [1], "layers_pattern": "layers"}),
    ("projections", "gpt2", {"target_modules": ["c_attn", "c_proj"], "fan_in_fan_out": True}),
    ("positions", "gpt2", {"target_modules": ["wte", "c_fc"], "use_dora": True, "fan_in_fan_out": True}),
    ("seq2seq", "t5", {"target_modules": ["q", "wo"], "exclude_modules": ["EncDecAttention.q"]}),
    ("images", "resnet", {"target_modules": ["convolution"], "modules_to_save": ["classifier"]}),
    ("parameters", "llama", {"target_modules": ["v_proj"], "target_parameters": ["q_proj.weight"]}),
    ("packed", "experts", {"target_modules": ["q_proj"], "target_parameters": ["experts.down_proj"]}),
    ("packed_twice", "experts", {"target_modules": [], "target_parameters": ["experts.down_proj", "gate_up_proj"]}),
    ("vision", "vit", {"target_modules": ["q_proj", "v_proj"]}),
)

Config = dict[str, Any]
Tensors = dict[str, torch.Tensor]
Damage = Callable[[Config, Tensors], None]


def _factors(tensors: Tensors) -> list[str]:
    return [name for name in tensors if ".lora_" in name]


def _first(tensors: Tensors, part: str = ".lora_A") -> str:
    return next((name for name in sorted(tensors) if part in name), sorted(tensors)[0])


def _set(**fields: Any) -> Damage:
    return lambda config, tensors: config.update(fields)


def _drop(choose: Callable[[str], bool]) -> Damage:
    def damage(config: Config, tensors: Tensors) -> None:
        for name in [name for name in tensors if choose(name)]:
            del tensors[name]

    return damage


def renaming(old: str, new: str) -> Damage:
    """The damage that names keys otherwise."""

    def damage(config: Config, tensors: Tensors) -> None:
        for name in list(tensors):
            if old in name:
                tensors[name.replace(old, new)] = tensors.pop(name)

    return damage


def _shape(part: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Damage:
    def damage(config: Config, tensors: Tensors) -> None:
        name = _first(tensors, part)
        tensors[name] = change(tensors[name]).contiguous()

    return damage


def _add(*names: str) -> Damage:
    return lambda config, tensors: tensors.update({f"base_model.model.{name}": torch.ones(16, 16) for name in names})


def _another_layer(config: Config, tensors: Tensors) -> None:
    for name in _factors(tensors):
        for found in (".0.", ".1."):
            if found in name:
                tensors[name.replace(found, ".7.")] = tensors[name].clone()


def _named(config: Config, tensors: Tensors) -> None:
    for name in _factors(tensors):
        path, _, last = name.rpartition(".")
        tensors[f"{path}.default.{last}" if last in ("weight", "bias") else f"{name}.default"] = tensors.pop(name)


def _narrower(config: Config, tensors: Tensors) -> None:
    targets = config["target_modules"]
    config["target_modules"] = sorted(targets)[:1] if isinstance(targets, list) else r".*\.0\..*q.*"


def _wider(config: Config, tensors: Tensors) -> None:
    targets = config["target_modules"]
    more = ["dense", "k_proj", "c_fc", "wi", "classifier", "key", "nothing_of_the_kind"]
    config["target_modules"] = [*targets, *more] if isinstance(targets, list) else r".*_proj|score"


DAMAGES: dict[str, Damage] = {
    "sound": lambda config, tensors: None,
    "one_factor_lost": lambda config, tensors: _drop(_first(tensors, ".lora_B").__eq__)(config, tensors),
    "second_factors_lost": _drop(lambda name: ".lora_B" in name or "embedding_B" in name),
    "layer_lost": _drop(lambda name: ".0." in name),
    "factors_lost": _drop(lambda name: ".lora_" in name and "lora_A" not in name),
    "others_lost": _drop(lambda name: ".lora_" not in name),
    "another_layer": _another_layer,
    "another_module": _add("odd.lora_A.weight", "odd.lora_B.weight"),
    "stray_tensors": _add("lm_head.weight", "pooler.dense.weight", "model.norm.weight", "nowhere.weight"),
    "module_renamed": renaming("self_attn", "attn"),
    "path_renamed": renaming("base_model.model.encoder", "base_model.model.bert.encoder"),
    "adapter_name_in_keys": _named,
    "other_adapter_name": renaming(".lora_A.weight", ".lora_A.mine.weight"),
    "targets_narrower": _narrower,
    "targets_wider": _wider,
    "targets_of_nothing": _set(target_modules=["nothing"]),
    "targets_by_pattern": _set(target_modules=r".*\.(query|q_proj|c_attn|q|convolution)"),
    "targets_by_default": _set(target_modules=None),
    "targets_a_block": _set(target_modules=["attention", "self_attn", "attn", "SelfAttention", "layer"]),
    "targets_a_norm": _set(target_modules=["LayerNorm", "norm", "ln_f", "final_layer_norm", "normalization"]),
    "one_layer_only": _set(layers_to_transform=[0]),
    "one_layer_as_number": _set(layers_to_transform=1, layers_pattern=None),
    "other_layers_name": _set(layers_to_transform=[0], layers_pattern=["h", "layer", "block"]),
    "layers_of_nothing": _set(layers_to_transform=[9]),
    "excluded": _set(exclude_modules=["query", "q_proj", "c_proj", "q"]),
    "excluded_by_pattern": _set(exclude_modules=r".*\.1\..*"),
    "other_rank": _set(r=3),
    "other_rank_in_places": _set(rank_pattern={"query|q_proj|c_attn": 7}),
    "other_alpha": _set(lora_alpha=1, alpha_pattern={"q_proj": 3}),
    "vectors_asked_for": _set(use_dora=True),
    "vectors_not_asked_for": _set(use_dora=False),
    "bias_asked_for": _set(lora_bias=True),
    "bias_not_asked_for": _set(lora_bias=False, bias="none"),
    "saves_nothing": _set(modules_to_save=None, task_type=None),
    "saves_a_head": _set(modules_to_save=["lm_head", "pooler", "classifier"]),
    "saves_what_is_not_there": _set(modules_to_save=["absent"]),
    "saves_by_ending": _set(modules_to_save=["head"]),
    "is_a_classifier": _set(task_type="SEQ_CLS"),
    "trains_tokens": _set(trainable_token_indices=[0, 5, 6]),
    "trains_no_tokens": _set(trainable_token_indices=None),
    "trains_named_tokens": _set(trainable_token_indices={"embed_tokens": [1], "wte": [2]}),
    "transposed": _shape(".lora_A", lambda tensor: tensor.transpose(0, 1)),
    "row_lost": _shape(".lora_B", lambda tensor: tensor[:-1]),
    "dimension_added": _shape(".lora_A", lambda tensor: tensor.unsqueeze(0)),
    "emptied": _shape(".lora_B", lambda tensor: tensor[:0]),
    "other_shape_in_the_base": _shape("base_layer", lambda tensor: tensor[:-1]),
}


@dataclass(slots=True)
class Outcome:
    """What PEFT did with a folder, in the spelling of the file. `raised` is empty where it loaded."""

    missing: set[str] = field(default_factory=set)
    unexpected: set[str] = field(default_factory=set)
    mismatched: set[str] = field(default_factory=set)
    overwriting: set[str] = field(default_factory=set)
    raised: str = ""


class World:
    """The tiny models, saved as bases below `folder`, and the folders of adapters beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        torch.manual_seed(0)
        transformers.logging.set_verbosity_error()
        self.models = {name: make() for name, make in MODELS.items()}
        for name, model in self.models.items():
            model.save_pretrained(folder / "bases" / name)

    def base(self, model: str) -> str:
        return (self.folder / "bases" / model).as_posix()

    def folders(self, damages: dict[str, Damage] = DAMAGES) -> Iterator[tuple[Path, str]]:
        """Each adapter with each damage: its folder and the name of its model."""
        for name, model, options in ADAPTERS:
            saved = self.save(name, model, options)
            config = json.loads((saved / "adapter_config.json").read_text(encoding="utf-8"))
            tensors = load_file(saved / "adapter_model.safetensors")
            for damage, break_it in damages.items():
                yield self._broken(f"{name}-{damage}", config, tensors, break_it), model

    def save(self, name: str, model: str, options: dict[str, Any]) -> Path:
        """An adapter as PEFT saves it, untouched."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrapped = get_peft_model(copy.deepcopy(self.models[model]), LoraConfig(r=4, **options))
            wrapped.save_pretrained(self.folder / "saved" / name)
        return self.folder / "saved" / name

    def between_classes(self) -> Iterator[tuple[Path, str, str]]:
        """Adapters of one class whose base is saved as the other, with or without a head: folder, base, model."""
        headed = transformers.BertForSequenceClassification(self.models["bert"].config)
        for name, model, options in ADAPTERS:
            whole = headed if model == "bert" else self.models[model]
            for kind, trained, stored in (("whole", whole, whole.base_model), ("inner", whole.base_model, whole)):
                if kind == "inner" and (name == "regex" or "task_type" in options):
                    continue  # means nothing without the head
                base = self.folder / "bases" / f"{name}-{kind}"
                stored.save_pretrained(base)
                self.models[f"{name}-{kind}"] = trained
                folder = self.save(f"{name}-{kind}", f"{name}-{kind}", options)
                self.models[f"{name}-{kind}"] = type(trained).from_pretrained(base)
                yield folder, base.as_posix(), f"{name}-{kind}"

    def _broken(self, name: str, config: Config, tensors: Tensors, break_it: Damage) -> Path:
        config, tensors = copy.deepcopy(config), {key: tensor.clone() for key, tensor in tensors.items()}
        break_it(config, tensors)
        folder = self.folder / name
        folder.mkdir()
        (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        save_file(tensors, folder / "adapter_model.safetensors")
        return folder

    def load(self, folder: Path, model: str, monkeypatch: Any) -> Outcome:
        """Load the folder with `PeftModel.from_pretrained` and write down what became of each key.

        A tensor of another shape is left out, as `ignore_mismatched_sizes` does, so that the others are seen too.
        """
        outcome = Outcome()
        find = peft.utils.save_and_load._find_mismatched_keys
        put = PeftModel.load_state_dict

        def found(model: Any, state: Tensors, ignore_mismatched_sizes: bool = False) -> Any:
            kept, mismatched = find(model, state, True)
            outcome.mismatched = {in_file(key) for key, _, _ in mismatched}
            return kept, []

        def loaded(self: Any, state: Tensors, **options: Any) -> Any:
            result = put(self, state, **options)
            outcome.missing = {in_file(k) for k in result.missing_keys if "lora_" in k and "default" in k}
            outcome.unexpected = {in_file(key) for key in result.unexpected_keys}
            onto = set(state) - set(result.unexpected_keys)
            outcome.overwriting = {in_file(key) for key in onto if not is_adapters(key)}
            return result

        with monkeypatch.context() as patched, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            patched.setattr(peft.utils.save_and_load, "_find_mismatched_keys", found)
            patched.setattr(PeftModel, "load_state_dict", loaded)
            try:
                PeftModel.from_pretrained(copy.deepcopy(self.models[model]), str(folder))
            except Exception as error:
                outcome.raised = f"{type(error).__name__}: {error}"
        outcome.missing -= outcome.mismatched
        return outcome


def is_adapters(key: str) -> bool:
    """Whether PEFT made the tensor of that key in a model."""
    return ".lora_" in key or ".modules_to_save.default." in key or "trainable_tokens_delta" in key


def in_file(key: str) -> str:
    """The key as a file spells it."""
    key = without_adapter_name(key.replace(".modules_to_save.default.", "."), "default")
    return key.removesuffix(".weight") if key.endswith("lora_magnitude_vector.weight") else key
