# task from a dict
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, Trainer

TASKS={"cls":"SEQ_CLS"}
model=AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=3)
model=get_peft_model(model, LoraConfig(task_type=TASKS[kind], r=8))
Trainer(model=model).train()
