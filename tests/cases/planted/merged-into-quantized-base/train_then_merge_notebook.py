# /// case
# title = "QLoRA training and the merge in one kernel"
# moved = "another cell"
# notebook = {}
# not_run = "needs bitsandbytes, which the stacks do not have"
# line = ["merged_model = trainer.model.merge_and_unload()"]
# ///
# %%
import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer

model_id = "mistralai/Mistral-7B-v0.1"
quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float16)

# %%
model = AutoModelForCausalLM.from_pretrained(model_id, quantization_config=quantization)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=16, task_type="CAUSAL_LM"))

# %%
trainer = SFTTrainer(model=model, train_dataset=load_dataset("imdb", split="train"), args=SFTConfig("out"))
trainer.train()

# %%
merged_model = trainer.model.merge_and_unload()
merged_model.save_pretrained("mistral-merged")
# /// innocent: the adapter is saved, the base loaded again in half precision, and merged
# %%
import torch
from datasets import load_dataset
from peft import AutoPeftModelForCausalLM, LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer

model_id = "mistralai/Mistral-7B-v0.1"
quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float16)

# %%
model = AutoModelForCausalLM.from_pretrained(model_id, quantization_config=quantization)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=16, task_type="CAUSAL_LM"))

# %%
trainer = SFTTrainer(model=model, train_dataset=load_dataset("imdb", split="train"), args=SFTConfig("out"))
trainer.train()

# %%
trainer.save_model("mistral-lora")
del model, trainer
torch.cuda.empty_cache()

# %%
model = AutoPeftModelForCausalLM.from_pretrained("mistral-lora", torch_dtype=torch.float16)
merged_model = model.merge_and_unload()
merged_model.save_pretrained("mistral-merged")
