# argparse script main with resume
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

import argparse
def parse():
    p=argparse.ArgumentParser(); p.add_argument("--resume"); p.add_argument("--base", default="gpt2"); return p.parse_args()
def main():
    args=parse()
    model=AutoModelForCausalLM.from_pretrained(args.base)
    if args.resume:
        model=PeftModel.from_pretrained(model, args.resume)
    else:
        model=get_peft_model(model, LoraConfig(r=8))
    trainer=Trainer(model=model, args=TrainingArguments("out"), train_dataset=data)
    trainer.train(resume_from_checkpoint=args.resume)
if __name__=="__main__":
    main()
