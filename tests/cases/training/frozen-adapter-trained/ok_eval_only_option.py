# eval_only option
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

args=get_args()
model=AutoModelForCausalLM.from_pretrained("gpt2")
if args.eval_only:
    model=PeftModel.from_pretrained(model, args.adapter)
else:
    model=get_peft_model(model, LoraConfig(r=8))
trainer=Trainer(model=model, args=TrainingArguments("out"), train_dataset=data)
if not args.eval_only:
    trainer.train()
print(trainer.evaluate())
