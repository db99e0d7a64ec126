# /// case
# title = "the Trainer continues from an adapter loaded for inference"
# moved = "another cell"
# notebook = {}
# line = ["trainer = Trainer(", "trainer.train()", "model = PeftModel.from_pretrained("]
# truth = "bool(probe.raised) or probe.same_lora(model, 'chat')"
# ///
# %%
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

model_id = "mistralai/Mistral-7B-v0.1"
tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id)

# %% [markdown]
# Load yesterday's checkpoint and keep going for another epoch.

# %%
model = PeftModel.from_pretrained(model, "adapters/chat")
model.train()
model.print_trainable_parameters()

# %%
data = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"]})
data = data.map(lambda row: tokenizer(row["text"]), remove_columns=["text"])

# %%
trainer = Trainer(
    model=model,
    args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=data,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
# /// innocent: loaded to be trained
# %%
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

model_id = "mistralai/Mistral-7B-v0.1"
tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id)

# %% [markdown]
# Load yesterday's checkpoint and keep going for another epoch.

# %%
model = PeftModel.from_pretrained(model, "adapters/chat", is_trainable=True)
model.train()
model.print_trainable_parameters()

# %%
data = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"]})
data = data.map(lambda row: tokenizer(row["text"]), remove_columns=["text"])

# %%
trainer = Trainer(
    model=model,
    args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=data,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
# /// innocent: merged, and a new adapter is trained
# %%
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments

model_id = "mistralai/Mistral-7B-v0.1"
tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id)

# %% [markdown]
# Load yesterday's checkpoint and keep going for another epoch.

# %%
model = PeftModel.from_pretrained(model, "adapters/chat").merge_and_unload()
model = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model.train()
model.print_trainable_parameters()

# %%
data = Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"]})
data = data.map(lambda row: tokenizer(row["text"]), remove_columns=["text"])

# %%
trainer = Trainer(
    model=model,
    args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=data,
    data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
)
trainer.train()
