# do_train/do_eval
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

args=get_args()
base=AutoModelForCausalLM.from_pretrained("gpt2")
if args.do_train:
    model=get_peft_model(base, LoraConfig(r=8))
else:
    model=PeftModel.from_pretrained(base, args.adapter)
trainer=Trainer(model=model, args=TrainingArguments("out"), train_dataset=data)
if args.do_train:
    trainer.train()
trainer.evaluate()
