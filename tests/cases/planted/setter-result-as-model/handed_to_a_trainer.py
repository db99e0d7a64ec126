# /// case
# title = "the Trainer is given the setter's result"
# moved = "argument"
# line = ["model=set_peft_model_state_dict("]
# truth = "bool(probe.raised)"
# ///
from datasets import Dataset
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("llm")
lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
net = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora)
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
trainer = Trainer(
    model=set_peft_model_state_dict(net, load_peft_weights("adapters/chat")),
    args=TrainingArguments("out", max_steps=1, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=rows,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
# /// innocent: set before, the Trainer gets the model
from datasets import Dataset
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("llm")
lora = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
net = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), lora)
rows = Dataset.from_dict({"text": ["the cat sat", "a dog ran"]}).map(lambda r: tokenizer(r["text"]), remove_columns="text")
status = set_peft_model_state_dict(net, load_peft_weights("adapters/chat"))
print(status.unexpected_keys)
trainer = Trainer(
    model=net,
    args=TrainingArguments("out", max_steps=1, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=rows,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
