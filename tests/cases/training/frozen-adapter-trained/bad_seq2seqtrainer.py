# Seq2SeqTrainer
from peft import PeftModel
from transformers import AutoModelForCausalLM

from transformers import Seq2SeqTrainer
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
model.config.use_cache=False
trainer=Seq2SeqTrainer(model=model, args=a, train_dataset=d)
trainer.train()
