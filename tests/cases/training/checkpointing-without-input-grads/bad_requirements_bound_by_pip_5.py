# requirements bound by pip <5
# target transformers=4.40.0
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

model=AutoModelForCausalLM.from_pretrained("gpt2")
model=get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))
args=TrainingArguments(output_dir="o", gradient_checkpointing=True, gradient_checkpointing_kwargs=dict(use_reentrant=True))
Trainer(model, args, train_dataset=d).train()
