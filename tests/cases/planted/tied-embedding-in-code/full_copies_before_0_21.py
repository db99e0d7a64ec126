# /// case
# title = "modules_to_save of both ends of a tied base: merged and saved, the copies are tied again"
# moved = "class"
# before = "import shutil; shutil.rmtree('google', ignore_errors=True); import planted_parts; planted_parts.tied_llm('google/gemma-2-2b')"
# target = {peft = "0.18.1", transformers = "4.57.6"}
# stacks = ["mid", "old"]
# line = ["modules_to_save=[\"embed_tokens\", \"lm_head\"],", "merged = self.model.merge_and_unload()"]
# truth = "probe.differ(job.trained, probe.logits(AutoModelForCausalLM.from_pretrained('gemma-merged')), 1e-3)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class Job:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        config = LoraConfig(
            r=4,
            target_modules=["q_proj", "v_proj"],
            modules_to_save=["embed_tokens", "lm_head"],
            task_type="CAUSAL_LM",
        )
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), config)

    def fit(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=5e-2)
        for _ in range(4):
            self.model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        self.trained = self.model.eval()(input_ids=ids).logits.detach()

    def export(self, folder):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(folder)


job = Job("google/gemma-2-2b")
job.fit("the cat sat on the mat")
job.export("gemma-merged")
# /// file google/gemma-2-2b/config.json
{
  "architectures": ["LlamaForCausalLM"],
  "hidden_size": 32,
  "intermediate_size": 64,
  "max_position_embeddings": 128,
  "model_type": "llama",
  "num_attention_heads": 2,
  "num_hidden_layers": 2,
  "num_key_value_heads": 2,
  "tie_word_embeddings": true,
  "vocab_size": 24
}
# /// innocent: not merged
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class Job:
    def __init__(self, name):
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        config = LoraConfig(
            r=4,
            target_modules=["q_proj", "v_proj"],
            task_type="CAUSAL_LM",
        )
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), config)

    def fit(self, text):
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=5e-2)
        for _ in range(4):
            self.model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        self.trained = self.model.eval()(input_ids=ids).logits.detach()

    def export(self, folder):
        merged = self.model.merge_and_unload()
        merged.save_pretrained(folder)


job = Job("google/gemma-2-2b")
job.fit("the cat sat on the mat")
job.export("gemma-merged")
# /// file google/gemma-2-2b/config.json
{
  "architectures": ["LlamaForCausalLM"],
  "hidden_size": 32,
  "intermediate_size": 64,
  "max_position_embeddings": 128,
  "model_type": "llama",
  "num_attention_heads": 2,
  "num_hidden_layers": 2,
  "num_key_value_heads": 2,
  "tie_word_embeddings": true,
  "vocab_size": 24
}
