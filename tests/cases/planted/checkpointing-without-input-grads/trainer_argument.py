# /// case
# title = "gradient_checkpointing=True with a frozen base: the head learns, LoRA gets no gradient"
# moved = "argument"
# target = {transformers = "4.57.6"}
# stacks = ["mid"]
# line = ["gradient_checkpointing=True,", "model = get_peft_model(model, config)", "trainer = Trainer(model=model, args=args, train_dataset=dataset)", "args = TrainingArguments("]
# truth = "not any(v.abs().max() > 0 for k, v in model.state_dict().items() if 'lora_B' in k)"
# ///
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
config = LoraConfig(task_type=TaskType.SEQ_CLS, r=8, target_modules=["query", "value"])
model = get_peft_model(model, config)

texts = [("the cat sat on the mat", 0), ("a dog ran in the rain", 1)]
dataset = [tokenizer(text, padding="max_length", max_length=12) | {"labels": label} for text, label in texts]
args = TrainingArguments(
    "out",
    max_steps=2,
    learning_rate=1e-2,
    gradient_checkpointing=True,
    use_cpu=True,
    report_to=[],
    save_strategy="no",
)
trainer = Trainer(model=model, args=args, train_dataset=dataset)
trainer.train()
# /// innocent: checkpointing that does not re-enter
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
config = LoraConfig(task_type=TaskType.SEQ_CLS, r=8, target_modules=["query", "value"])
model = get_peft_model(model, config)

texts = [("the cat sat on the mat", 0), ("a dog ran in the rain", 1)]
dataset = [tokenizer(text, padding="max_length", max_length=12) | {"labels": label} for text, label in texts]
args = TrainingArguments(
    "out",
    max_steps=2,
    learning_rate=1e-2,
    gradient_checkpointing=True,
    gradient_checkpointing_kwargs={"use_reentrant": False},
    use_cpu=True,
    report_to=[],
    save_strategy="no",
)
trainer = Trainer(model=model, args=args, train_dataset=dataset)
trainer.train()
# /// innocent: the inputs are told to require gradients
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
model.enable_input_require_grads()
config = LoraConfig(task_type=TaskType.SEQ_CLS, r=8, target_modules=["query", "value"])
model = get_peft_model(model, config)

texts = [("the cat sat on the mat", 0), ("a dog ran in the rain", 1)]
dataset = [tokenizer(text, padding="max_length", max_length=12) | {"labels": label} for text, label in texts]
args = TrainingArguments(
    "out",
    max_steps=2,
    learning_rate=1e-2,
    gradient_checkpointing=True,
    use_cpu=True,
    report_to=[],
    save_strategy="no",
)
trainer = Trainer(model=model, args=args, train_dataset=dataset)
trainer.train()
