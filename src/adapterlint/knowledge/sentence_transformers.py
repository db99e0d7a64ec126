"""What sentence-transformers can do with an adapter, by version. Measured with 3.0.1, 5.3.0 and 6.2.0."""

from __future__ import annotations

PACKAGE = "sentence-transformers"
#: `SentenceTransformer.load_adapter` and its siblings exist from here.
NATIVE_SINCE = "3.3"
#: `model[0].model` exists and `model[0].auto_model` is a read-only property from here.
RENAMED_SINCE = "5.4"

#: Parameters both PeftModel.from_pretrained and SentenceTransformer.load_adapter take, on every version of either.
NATIVE_ARGUMENTS = {"model_id": "peft_model_id", "adapter_name": "adapter_name"}
#: The same for get_peft_model and SentenceTransformer.add_adapter.
NATIVE_ADD_ARGUMENTS = {"peft_config": "adapter_config", "adapter_name": "adapter_name"}

#: Members only a PeftModel has, or that mean something else on it: after the fix these would fail or differ.
PEFT_ONLY = frozenset({
    "merge_and_unload", "merge_adapter", "unmerge_adapter", "unload", "disable_adapter", "print_trainable_parameters",
    "get_nb_trainable_parameters", "peft_config", "base_model", "get_base_model", "load_adapter",
    "add_weighted_adapter", "peft_type", "create_or_update_model_card", "get_layer_status", "get_model_status",
    "active_peft_config", "modules_to_save", "__class__", "add_adapter", "model", "active_adapter", "active_adapters",
})  # fmt: skip
#: Members a SentenceTransformer has as well, from NATIVE_SINCE on.
NATIVE_MEMBERS = frozenset({"set_adapter", "delete_adapter"})
#: Members that write files; what a PeftModel writes and what a SentenceTransformer writes are different folders.
SAVES = frozenset({"save_pretrained", "save", "push_to_hub", "save_to_hub", "state_dict"})
#: Reading these from the base after the wrap says nothing of its weights.
HARMLESS = frozenset({
    "device", "max_seq_length", "get_max_seq_length", "tokenizer", "tokenize", "similarity_fn_name",
    "get_sentence_embedding_dimension", "get_embedding_dimension", "model_card_data",
})  # fmt: skip
#: Functions that ask what class an object is.
ASKS_CLASS = frozenset({"builtins.isinstance", "builtins.type"})
#: Functions that write an object as it is.
WRITES = frozenset({"torch.save", "torch.jit.save", "torch.onnx.export"})
#: Libraries whose functions do with a SentenceTransformer what its own callers do.
TRUSTED = frozenset({"sentence_transformers", "builtins", "torch", "numpy", "sklearn", "scipy", "mteb", "gc"})
