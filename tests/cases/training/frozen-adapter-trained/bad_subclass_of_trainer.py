# a subclass of Trainer
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer

class MyTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        return model(**inputs).loss
model=PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("gpt2"), "sft")
trainer=MyTrainer(model=model, args=a, train_dataset=d)
trainer.train()
