# /// case
# title = "DPO starts from the SFT adapter and adds a second LoRA through peft_config"
# moved = "function"
# line = ["return DPOTrainer(", "peft_config=LoraConfig("]
# truth = "'peft_config' in str(probe.raised)"
# ///
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

BASE, SFT = "Qwen/Qwen2.5-0.5B", "adapters/chat"
PAIRS = {"prompt": ["the cat", "a dog"], "chosen": [" sat on the mat", " ran"], "rejected": [" was slow", " slept"]}


def build_policy():
    model = AutoModelForCausalLM.from_pretrained(BASE)
    model = PeftModel.from_pretrained(model, SFT, is_trainable=True)
    model.config.use_cache = False
    return model


def build_trainer(model):
    args = DPOConfig(output_dir="dpo", max_steps=1, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no")
    return DPOTrainer(
        model=model,
        args=args,
        train_dataset=Dataset.from_dict(PAIRS),
        processing_class=AutoTokenizer.from_pretrained(BASE),
        peft_config=LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM"),
    )


def main():
    trainer = build_trainer(build_policy())
    trainer.train()


if __name__ == "__main__":
    main()
# /// innocent: SFT is merged before
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

BASE, SFT = "Qwen/Qwen2.5-0.5B", "adapters/chat"
PAIRS = {"prompt": ["the cat", "a dog"], "chosen": [" sat on the mat", " ran"], "rejected": [" was slow", " slept"]}


def build_policy():
    model = AutoModelForCausalLM.from_pretrained(BASE)
    model = PeftModel.from_pretrained(model, SFT)
    model = model.merge_and_unload()
    model.config.use_cache = False
    return model


def build_trainer(model):
    args = DPOConfig(output_dir="dpo", max_steps=1, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False, save_strategy="no")
    return DPOTrainer(
        model=model,
        args=args,
        train_dataset=Dataset.from_dict(PAIRS),
        processing_class=AutoTokenizer.from_pretrained(BASE),
        peft_config=LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM"),
    )


def main():
    trainer = build_trainer(build_policy())
    trainer.train()


if __name__ == "__main__":
    main()
