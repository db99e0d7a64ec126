# /// case
# title = "the trl trainer is given a PeftModel and a peft_config"
# moved = "trainer"
# line = ["trainer = SFTTrainer(", "peft_config=peft_config"]
# truth = "'peft_config' in str(probe.raised)"
# ///
from datasets import Dataset
from peft import AutoPeftModelForCausalLM, LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

dataset = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"] * 2})
tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)

peft_config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no"),
    train_dataset=dataset,
    processing_class=tokenizer,
    peft_config=peft_config,
)
trainer.train()
# /// innocent: no second config
from datasets import Dataset
from peft import AutoPeftModelForCausalLM, LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

dataset = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"] * 2})
tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat", is_trainable=True)

peft_config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no"),
    train_dataset=dataset,
    processing_class=tokenizer,
)
trainer.train()
# /// innocent: the model is merged first
from datasets import Dataset
from peft import AutoPeftModelForCausalLM, LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

dataset = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"] * 2})
tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoPeftModelForCausalLM.from_pretrained("adapters/chat").merge_and_unload()

peft_config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no"),
    train_dataset=dataset,
    processing_class=tokenizer,
    peft_config=peft_config,
)
trainer.train()
# /// innocent: the model is a plain one
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

dataset = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"] * 2})
tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")

peft_config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no"),
    train_dataset=dataset,
    processing_class=tokenizer,
    peft_config=peft_config,
)
trainer.train()
