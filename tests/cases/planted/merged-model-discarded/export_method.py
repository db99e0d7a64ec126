# /// case
# title = "export() merges, drops the result and saves the wrapper"
# moved = "method"
# line = ["self.model.merge_and_unload()", "self.model.save_pretrained(folder)"]
# truth = "probe.path('export').joinpath('adapter_model.safetensors').exists()"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class FineTuner:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), config)

    def fit(self, text):
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=1e-2)
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        for _ in range(3):
            self.model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    def export(self, folder):
        self.model.merge_and_unload()
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


tuner = FineTuner("Qwen/Qwen2.5-0.5B")
tuner.fit("the cat sat on the mat")
tuner.export("export")
# /// innocent: the merged model is saved
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class FineTuner:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), config)

    def fit(self, text):
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=1e-2)
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        for _ in range(3):
            self.model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    def export(self, folder):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


tuner = FineTuner("Qwen/Qwen2.5-0.5B")
tuner.fit("the cat sat on the mat")
tuner.export("export")
