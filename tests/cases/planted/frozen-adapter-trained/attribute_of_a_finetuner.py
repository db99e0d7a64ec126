# /// case
# title = "the constructor loads the adapter for inference, a method trains self.model"
# moved = "method"
# line = ["trainer = Trainer(", "trainer.train()", "self.model = PeftModel.from_pretrained("]
# truth = "intended and (bool(probe.raised) or probe.same_lora(finetuner.model, 'chat'))"
# ///
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments


class Finetuner:
    def __init__(self, model_id, adapter=None):
        self.tokenizer = AutoTokenizer.from_pretrained(model_id)
        self.model = AutoModelForCausalLM.from_pretrained(model_id)
        if adapter is not None:
            self.model = PeftModel.from_pretrained(self.model, adapter)

    def dataset(self, texts):
        return Dataset.from_dict({"text": texts}).map(lambda row: self.tokenizer(row["text"]), remove_columns=["text"])

    def run(self, texts):
        data = self.dataset(texts)
        trainer = Trainer(
            model=self.model,
            args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
            train_dataset=data,
            eval_dataset=data,
            data_collator=DataCollatorForLanguageModeling(self.tokenizer, mlm=False),
        )
        trained = trainer.train()
        return trained.training_loss


finetuner = Finetuner("meta-llama/Llama-3.2-1B", adapter="adapters/chat")
intended = True
loss = finetuner.run(["the cat sat on the mat", "a dog ran in the rain"])
# /// innocent: loaded to be trained
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments


class Finetuner:
    def __init__(self, model_id, adapter=None):
        self.tokenizer = AutoTokenizer.from_pretrained(model_id)
        self.model = AutoModelForCausalLM.from_pretrained(model_id)
        if adapter is not None:
            self.model = PeftModel.from_pretrained(self.model, adapter, is_trainable=True)

    def dataset(self, texts):
        return Dataset.from_dict({"text": texts}).map(lambda row: self.tokenizer(row["text"]), remove_columns=["text"])

    def run(self, texts):
        data = self.dataset(texts)
        trainer = Trainer(
            model=self.model,
            args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
            train_dataset=data,
            eval_dataset=data,
            data_collator=DataCollatorForLanguageModeling(self.tokenizer, mlm=False),
        )
        trained = trainer.train()
        return trained.training_loss


finetuner = Finetuner("meta-llama/Llama-3.2-1B", adapter="adapters/chat")
intended = True
loss = finetuner.run(["the cat sat on the mat", "a dog ran in the rain"])
# /// innocent: the Trainer only evaluates
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling, Trainer, TrainingArguments


class Finetuner:
    def __init__(self, model_id, adapter=None):
        self.tokenizer = AutoTokenizer.from_pretrained(model_id)
        self.model = AutoModelForCausalLM.from_pretrained(model_id)
        if adapter is not None:
            self.model = PeftModel.from_pretrained(self.model, adapter)

    def dataset(self, texts):
        return Dataset.from_dict({"text": texts}).map(lambda row: self.tokenizer(row["text"]), remove_columns=["text"])

    def run(self, texts):
        data = self.dataset(texts)
        trainer = Trainer(
            model=self.model,
            args=TrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
            train_dataset=data,
            eval_dataset=data,
            data_collator=DataCollatorForLanguageModeling(self.tokenizer, mlm=False),
        )
        return trainer.evaluate()["eval_loss"]


finetuner = Finetuner("meta-llama/Llama-3.2-1B", adapter="adapters/chat")
intended = False
loss = finetuner.run(["the cat sat on the mat", "a dog ran in the rain"])
