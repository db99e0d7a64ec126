# /// case
# title = "a short name for the setter, whose result is used as the model"
# moved = "alias"
# line = ["peft_model = set_weights("]
# truth = "bool(probe.raised)"
# ///
import peft
import torch
from transformers import AutoModel, AutoTokenizer

set_weights = peft.set_peft_model_state_dict

encoder = AutoModel.from_pretrained("google-bert/bert-base-uncased")
peft_model = peft.get_peft_model(encoder, peft.LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))
peft_model = set_weights(peft_model, peft.load_peft_weights("adapters/good"))

batch = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")("the cat sat", return_tensors="pt")
print(peft_model(**batch).last_hidden_state.shape)
# /// innocent: two names
import peft
import torch
from transformers import AutoModel, AutoTokenizer

set_weights = peft.set_peft_model_state_dict

encoder = AutoModel.from_pretrained("google-bert/bert-base-uncased")
peft_model = peft.get_peft_model(encoder, peft.LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]))
incompatible = set_weights(peft_model, peft.load_peft_weights("adapters/good"))

assert not incompatible.unexpected_keys
batch = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")("the cat sat", return_tensors="pt")
print(peft_model(**batch).last_hidden_state.shape)
# /// innocent: inject_adapter_in_model does return the model
import peft
import torch
from transformers import AutoModel, AutoTokenizer

inject = peft.inject_adapter_in_model

encoder = AutoModel.from_pretrained("google-bert/bert-base-uncased")
peft_model = inject(peft.LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"]), encoder)
result = peft.set_peft_model_state_dict(encoder, peft.load_peft_weights("adapters/good"))
assert result.unexpected_keys is not None

batch = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")("the cat sat", return_tensors="pt")
print(peft_model(**batch).last_hidden_state.shape)
