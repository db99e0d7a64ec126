# /// case
# title = "SFTTrainer is given an adapter that was loaded for inference"
# moved = "trainer"
# line = ["trainer = SFTTrainer(", "trainer.train()", "model = PeftModel.from_pretrained("]
# truth = "bool(probe.raised) or probe.same_lora(model, 'chat')"
# ///
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

base = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base)
model = PeftModel.from_pretrained(model, "adapters/chat")

trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, bf16=False, save_strategy="no", gradient_checkpointing=False),
    train_dataset=Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"]}),
    processing_class=tokenizer,
)
trainer.train()
trainer.save_model("out/final")
# /// innocent: loaded to be trained
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

base = "Qwen/Qwen2.5-0.5B"
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base)
model = PeftModel.from_pretrained(model, "adapters/chat", is_trainable=True)

trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir="out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, bf16=False, save_strategy="no", gradient_checkpointing=False),
    train_dataset=Dataset.from_dict({"text": ["the cat sat on the mat", "a dog ran in the rain"]}),
    processing_class=tokenizer,
)
trainer.train()
trainer.save_model("out/final")
