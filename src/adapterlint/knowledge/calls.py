"""What the libraries' calls do to models, as data. Sources: the signatures of peft 0.12 to 0.21 and
sentence-transformers 3.0 to 6.2, read from the released packages."""

from __future__ import annotations

from dataclasses import dataclass

SENTENCE_TRANSFORMER = "sentence_transformers.SentenceTransformer"
TRANSFORMER_MODULE = "sentence_transformers.models.Transformer"
PRETRAINED = "transformers.PreTrainedModel"
PEFT_MODEL = "peft.PeftModel"


@dataclass(frozen=True, slots=True)
class Call:
    """`returns`: class of the object that comes back. `wraps`: parameter whose object gets layers in place.

    `adapter`: parameter that names the adapter's folder. `parameters`: names of the positional parameters, in order.
    """

    returns: str | None = None
    wraps: str | None = None
    adapter: str | None = None
    parameters: tuple[str, ...] = ()


_PEFT_FROM_PRETRAINED = Call(
    returns=PEFT_MODEL,
    wraps="model",
    adapter="model_id",
    parameters=("model", "model_id", "adapter_name", "is_trainable", "config"),
)
_TASKS = ("CausalLM", "FeatureExtraction", "QuestionAnswering", "Seq2SeqLM", "SequenceClassification",
          "TokenClassification")  # fmt: skip
PEFT_CLASSES = (PEFT_MODEL, *(f"peft.PeftModelFor{task}" for task in _TASKS), "peft.PeftMixedModel")
AUTO_PEFT_CLASSES = ("peft.AutoPeftModel", *(f"peft.AutoPeftModelFor{task}" for task in _TASKS))
AUTO_CLASSES = tuple(
    f"transformers.{name}"
    for name in (
        "AutoModel", "AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForQuestionAnswering",
        "AutoModelForSeq2SeqLM", "AutoModelForSequenceClassification", "AutoModelForTokenClassification",
        "BertModel", "MPNetModel", "RobertaModel", "XLMRobertaModel", "DistilBertModel", "Qwen3Model",
    )
)  # fmt: skip

#: Calls of library functions and classes, by canonical name.
CALLS: dict[str, Call] = {
    SENTENCE_TRANSFORMER: Call(SENTENCE_TRANSFORMER, parameters=("model_name_or_path",)),
    "sentence_transformers.CrossEncoder": Call("sentence_transformers.CrossEncoder"),
    "sentence_transformers.SparseEncoder": Call("sentence_transformers.SparseEncoder"),
    TRANSFORMER_MODULE: Call(TRANSFORMER_MODULE),
    "peft.get_peft_model": Call(
        PEFT_MODEL, wraps="model", parameters=("model", "peft_config", "adapter_name", "mixed")
    ),
    **{f"{name}.from_pretrained": _PEFT_FROM_PRETRAINED for name in PEFT_CLASSES},
    **{f"{name}.from_pretrained": Call(PEFT_MODEL, adapter="model_id", parameters=("model_id",))
       for name in AUTO_PEFT_CLASSES},
    **{f"{name}.from_pretrained": Call(PRETRAINED, parameters=("model_name_or_path",)) for name in AUTO_CLASSES},
}  # fmt: skip

_NATIVE_LOAD = Call(wraps="self", adapter="peft_model_id", parameters=("peft_model_id", "adapter_name"))
_NATIVE_ADD = Call(wraps="self", parameters=("adapter_config", "adapter_name"))

#: Calls of methods, by class and name. `self` is the object the method belongs to.
METHODS: dict[str, Call] = {
    f"{SENTENCE_TRANSFORMER}.load_adapter": _NATIVE_LOAD,
    f"{SENTENCE_TRANSFORMER}.add_adapter": _NATIVE_ADD,
    f"{PRETRAINED}.load_adapter": _NATIVE_LOAD,
    f"{PRETRAINED}.add_adapter": _NATIVE_ADD,
    f"{PEFT_MODEL}.load_adapter": Call(adapter="model_id", parameters=("model_id", "adapter_name")),
}

#: Parts of an object: class and step (".attribute", "[0]", ".method()") to the part's class.
PARTS: dict[tuple[str, str], str] = {
    (SENTENCE_TRANSFORMER, "[0]"): TRANSFORMER_MODULE,
    (SENTENCE_TRANSFORMER, "._first_module()"): TRANSFORMER_MODULE,
    (TRANSFORMER_MODULE, ".auto_model"): PRETRAINED,
    (TRANSFORMER_MODULE, ".model"): PRETRAINED,
}
#: Different spellings of one part.
SAME_PART = {"._first_module()": "[0]", ".auto_model": ".model"}

#: Methods of torch modules that return the module itself.
RETURNS_SELF = frozenset(
    {"to", "eval", "train", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "compile"}
)
#: Steps from a PeftModel to the object it wraps.
UNWRAPS = frozenset({".base_model", ".get_base_model()", ".merge_and_unload()", ".unload()"})

#: Functions that keep what they are given, by their last name; a class keeps what it is made with as well.
KEEPING = frozenset({
    "append", "add", "insert", "extend", "update", "setdefault", "put", "put_nowait", "appendleft", "push", "register",
    "dict", "partial", "submit", "setattr",
})  # fmt: skip
#: Decorators that leave what a function returns as it is, by the start of their name.
TRANSPARENT = ("functools.", "torch.", "streamlit.cache", "builtins.", "joblib.", "contextlib.ContextDecorator")

#: Class names by library; a name imported from any module of the library is the same class.
CLASSES: dict[str, frozenset[str]] = {}
for _name in [*CALLS, *PEFT_CLASSES, *AUTO_PEFT_CLASSES, "peft.PeftConfig", "peft.LoraConfig"]:
    _parts = _name.removesuffix(".from_pretrained").split(".")
    CLASSES[_parts[0]] = CLASSES.get(_parts[0], frozenset()) | {_parts[-1]}

LIBRARIES = frozenset({"peft", "sentence_transformers", "transformers", "os", "pathlib", "builtins", "torch"})


def canonical(name: str) -> str:
    """The one name of a library object: `peft.peft_model.PeftModel` is `peft.PeftModel`.

    sentence_transformers keeps its modules apart from its models: `Transformer` is `models.Transformer`.
    """
    parts = name.split(".")
    known = CLASSES.get(parts[0], frozenset())
    for index, part in enumerate(parts[1:], 1):
        if part in known and (index == len(parts) - 1 or parts[index + 1] not in known):
            home = ["models"] if (parts[0], part) == ("sentence_transformers", "Transformer") else []
            return ".".join([parts[0], *home, *parts[index:]])
    return name
