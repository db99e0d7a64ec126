# the model class of the task, and task_type=None
from peft import LoraConfig, get_peft_model

from transformers import RobertaForTokenClassification
model=RobertaForTokenClassification.from_pretrained("roberta-base", num_labels=9)
model=get_peft_model(model, LoraConfig(r=8, task_type=None))
model.save_pretrained("ner")
