"""Models and adapters: which calls make, wrap, merge, save and use them.

Sources: the signatures of peft 0.12 to 0.21, sentence-transformers 3.0 to 6.2 and transformers 4.44 to 5.23, read from
the released packages; unsloth, diffusers and adapters by their documentation.
"""

from __future__ import annotations

from adapterlint.knowledge.effects import (
    ACTIVATED,
    ADAPTERS,
    DELETED,
    DISABLED,
    ENABLED,
    EVALUATED,
    FILLED,
    LOADED,
    MERGED,
    PREPARED,
    READ,
    SAVED,
    TRAINED,
    UNLOADED,
    UNMERGED,
    USED,
    Call,
    each,
)
from adapterlint.knowledge.training import REPORT, STATE

MODULE = "torch.nn.Module"
SENTENCE_TRANSFORMER = "sentence_transformers.SentenceTransformer"
CROSS_ENCODER = "sentence_transformers.CrossEncoder"
SPARSE_ENCODER = "sentence_transformers.SparseEncoder"
TRANSFORMER_MODULE = "sentence_transformers.models.Transformer"
PRETRAINED = "transformers.PreTrainedModel"
PEFT_MODEL = "peft.PeftModel"
PEFT_CONFIG = "peft.PeftConfig"
TUNER = "peft.tuners.BaseTuner"
ADAPTERS_MODEL = "adapters.Model"

TASKS = ("CausalLM", "FeatureExtraction", "QuestionAnswering", "Seq2SeqLM", "SequenceClassification",
         "TokenClassification")  # fmt: skip
PEFT_CLASSES = (PEFT_MODEL, *(f"peft.PeftModelFor{task}" for task in TASKS), "peft.PeftMixedModel")
AUTO_PEFT_CLASSES = ("peft.AutoPeftModel", *(f"peft.AutoPeftModelFor{task}" for task in TASKS))
#: Prompt-learning types put nothing into the base: a second one around it does not stack.
PROMPT_CONFIGS = frozenset(
    f"peft.{name}Config" for name in ("PromptTuning", "PromptEncoder", "PrefixTuning", "MultitaskPromptTuning", "CPT",
                                      "Cartridge")
)  # fmt: skip

_ID = ("pretrained_model_name_or_path",)
PRETRAINED_LOAD = Call(PRETRAINED, parameters=_ID, base=_ID[0])
_PEFT_FROM_PRETRAINED = Call(
    returns=PEFT_MODEL,
    wraps="model",
    adapter="model_id",
    parameters=("model", "model_id", "adapter_name", "is_trainable", "config"),
)
_ST_MODEL = ("model_name_or_path",)
_UNSLOTH_LOAD = Call(PRETRAINED, parameters=("model_name",), base="model_name", pair=True)
_UNSLOTH_WRAP = Call(PEFT_MODEL, wraps="model", parameters=("model", "r", "target_modules"))

#: Calls of functions and classes, by canonical name.
FUNCTIONS: dict[str, Call] = {
    SENTENCE_TRANSFORMER: Call(
        SENTENCE_TRANSFORMER, parameters=_ST_MODEL, base=_ST_MODEL[0], keeps=(("modules", "modules"),)
    ),
    CROSS_ENCODER: Call(CROSS_ENCODER, parameters=("model_name_or_path",), base="model_name_or_path"),
    SPARSE_ENCODER: Call(SPARSE_ENCODER, parameters=_ST_MODEL, base=_ST_MODEL[0], keeps=(("modules", "modules"),)),
    TRANSFORMER_MODULE: Call(TRANSFORMER_MODULE, parameters=_ST_MODEL, base=_ST_MODEL[0]),
    "peft.get_peft_model": Call(
        PEFT_MODEL, wraps="model", parameters=("model", "peft_config", "adapter_name", "mixed")
    ),
    "peft.inject_adapter_in_model": Call(
        wraps="model", parameters=("peft_config", "model", "adapter_name"), gives="model"
    ),
    **{f"{name}.from_pretrained": _PEFT_FROM_PRETRAINED for name in PEFT_CLASSES},
    **{name: Call(PEFT_MODEL, wraps="model", parameters=("model", "peft_config", "adapter_name"))
       for name in PEFT_CLASSES},
    **{f"{name}.from_pretrained": Call(PEFT_MODEL, adapter="model_id", parameters=("model_id",), inner=PRETRAINED)
       for name in AUTO_PEFT_CLASSES},
    "peft.set_peft_model_state_dict": Call(
        REPORT, parameters=("model", "peft_model_state_dict", "adapter_name"), act=FILLED, on="model",
        adapter="peft_model_state_dict",
    ),
    "peft.get_peft_model_state_dict": Call(
        STATE, parameters=("model", "state_dict", "adapter_name"), act=READ, on="model", keeps=(("model", "of"),)
    ),
    "peft.load_peft_weights": Call(STATE, parameters=("model_id",), adapter="model_id"),
    "peft.PeftConfig.from_pretrained": Call(PEFT_CONFIG, parameters=("pretrained_model_name_or_path",),
                                            adapter="pretrained_model_name_or_path"),
    **each("prepare_model_for_kbit_training prepare_model_for_int8_training",
           Call(parameters=("model", "use_gradient_checkpointing"), act=PREPARED, on="model", gives="model"), "peft."),
    "transformers.AutoConfig.from_pretrained": Call("transformers.PretrainedConfig", parameters=_ID),
    "transformers.BitsAndBytesConfig": Call("transformers.BitsAndBytesConfig"),
    "transformers.TrainingArguments": Call("transformers.TrainingArguments", parameters=("output_dir",)),
    **{f"unsloth.{name}.from_pretrained": _UNSLOTH_LOAD
       for name in ("FastLanguageModel", "FastModel", "FastVisionModel", "FastLlamaModel", "FastMistralModel")},
    **{f"unsloth.{name}.get_peft_model": _UNSLOTH_WRAP
       for name in ("FastLanguageModel", "FastModel", "FastVisionModel", "FastSentenceTransformer")},
    "unsloth.FastSentenceTransformer.from_pretrained": Call(
        SENTENCE_TRANSFORMER, parameters=("model_name",), base="model_name"
    ),
    **each("for_inference for_training", Call(parameters=("model",), act="mode", on="model", gives="model"),
           "unsloth.FastLanguageModel."),
    "adapters.init": Call(parameters=("model",), act=ADAPTERS, on="model"),
}  # fmt: skip

_NATIVE_LOAD = Call(wraps="self", adapter="peft_model_id", parameters=("peft_model_id", "adapter_name"))
_NATIVE_ADD = Call(wraps="self", parameters=("adapter_config", "adapter_name"))
_SAVE = Call(act=SAVED, parameters=("save_directory",))
_ST_USES = "encode encode_query encode_document encode_multi_process predict rank similarity"

#: Methods of models that transformers' PEFT integration and sentence-transformers (from 3.3) have alike.
_NATIVE = {
    "load_adapter": _NATIVE_LOAD,
    "add_adapter": _NATIVE_ADD,
    "set_adapter": Call(act=ACTIVATED, parameters=("adapter_name",)),
    "delete_adapter": Call(act=DELETED, parameters=("adapter_names",)),
    "enable_adapters": Call(act=ENABLED),
    "disable_adapters": Call(act=DISABLED),
    "get_adapter_state_dict": Call(STATE, act=READ, keeps=(("self", "of"),)),
    "save_pretrained": _SAVE,
    "push_to_hub": Call(act=SAVED),
}
_PEFT = {
    "load_adapter": Call(
        REPORT, act=LOADED, adapter="model_id", parameters=("model_id", "adapter_name", "is_trainable")
    ),
    "add_adapter": Call(act=LOADED, parameters=("adapter_name", "peft_config")),
    "add_weighted_adapter": Call(act=LOADED, parameters=("adapters", "weights", "adapter_name")),
    "set_adapter": Call(act=ACTIVATED, parameters=("adapter_name",)),
    "delete_adapter": Call(act=DELETED, parameters=("adapter_name",)),
    "merge_and_unload": Call(act=MERGED, gives=".base_model"),
    "merge_adapter": Call(act=MERGED),
    "unmerge_adapter": Call(act=UNMERGED),
    "unload": Call(act=UNLOADED, gives=".base_model"),
    "get_base_model": Call(gives=".base_model"),
    "disable_adapter": Call("peft.DisableAdapter", act=DISABLED),
    "disable_adapter_layers": Call(act=DISABLED),
    "enable_adapter_layers": Call(act=ENABLED),
    "save_pretrained": _SAVE,
    "push_to_hub": Call(act=SAVED),
}
_TRAINS = {
    "gradient_checkpointing_enable": Call(act=PREPARED),
    "enable_input_require_grads": Call(act=PREPARED),
}

#: Methods of the tuner (`peft_model.base_model`) that do what the PeftModel's own do; the rest it hands to the base.
TUNER_METHODS = frozenset({
    "merge_adapter", "unmerge_adapter", "add_weighted_adapter", "disable_adapter_layers", "enable_adapter_layers",
    "merge_and_unload", "unload", "set_adapter", "delete_adapter",
})  # fmt: skip

#: Calls of methods, by the class that defines them. `self` is the object the method belongs to.
METHODS: dict[str, Call] = {
    **{f"{SENTENCE_TRANSFORMER}.{name}": call for name, call in _NATIVE.items()},
    **{f"{PRETRAINED}.{name}": call for name, call in (_NATIVE | _TRAINS).items()},
    **{f"{PEFT_MODEL}.{name}": call for name, call in (_PEFT | _TRAINS).items()},
    **each(_ST_USES, Call(act=USED), f"{SENTENCE_TRANSFORMER}."),
    **each("save save_to_hub", Call(act=SAVED, parameters=("path",)), f"{SENTENCE_TRANSFORMER}."),
    **each("fit old_fit", Call(act=TRAINED), f"{SENTENCE_TRANSFORMER}."),
    f"{SENTENCE_TRANSFORMER}.evaluate": Call(act=EVALUATED, parameters=("evaluator",)),
    **each("generate", Call(act=USED), f"{PRETRAINED}."),
    **each("generate", Call(act=USED), f"{PEFT_MODEL}."),
    **each("save_pretrained_merged save_pretrained_gguf push_to_hub_merged", _SAVE, f"{PRETRAINED}."),
    **each("save_pretrained_merged save_pretrained_gguf push_to_hub_merged", _SAVE, f"{PEFT_MODEL}."),
}

#: Classes whose methods an object of the class has as well.
BASES: dict[str, tuple[str, ...]] = {
    PEFT_MODEL: (MODULE,),
    PRETRAINED: (MODULE,),
    TRANSFORMER_MODULE: (MODULE,),
    SENTENCE_TRANSFORMER: (MODULE,),
    CROSS_ENCODER: (SENTENCE_TRANSFORMER, MODULE),
    SPARSE_ENCODER: (SENTENCE_TRANSFORMER, MODULE),
}

#: Parts of an object: class and step (".attribute", "[0]", ".method()") to the part's class.
PARTS: dict[tuple[str, str], str] = {
    (SENTENCE_TRANSFORMER, "[0]"): TRANSFORMER_MODULE,
    (SENTENCE_TRANSFORMER, "._first_module()"): TRANSFORMER_MODULE,
    (SPARSE_ENCODER, "[0]"): TRANSFORMER_MODULE,
    (SPARSE_ENCODER, "._first_module()"): TRANSFORMER_MODULE,
    (CROSS_ENCODER, ".model"): PRETRAINED,
    (TRANSFORMER_MODULE, ".auto_model"): PRETRAINED,
    (TRANSFORMER_MODULE, ".model"): PRETRAINED,
}
