# /// case
# title = "LoRA on embed_tokens of a local base whose config.json ties the embeddings"
# moved = "another cell"
# notebook = {}
# before = "import shutil; shutil.rmtree('models', ignore_errors=True); import planted_parts; planted_parts.tied_llm('models/smol')"
# line = ["lora = LoraConfig(r=4, target_modules=[\"q_proj\", \"embed_tokens\"], task_type=\"CAUSAL_LM\")", "model = get_peft_model(base, lora)", "merged = model.merge_and_unload()"]
# truth = "probe.differ(trained, probe.logits(merged, 'the cat sat'), 1e-3)"
# ///
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "models/smol"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)

# %%
lora = LoraConfig(r=4, target_modules=["q_proj", "embed_tokens"], task_type="CAUSAL_LM")

# %%
model = get_peft_model(base, lora)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat", return_tensors="pt")["input_ids"]
for _ in range(4):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %%
model.eval()
with torch.no_grad():
    trained = model(input_ids=ids).logits

# %%
merged = model.merge_and_unload()
# /// file models/smol/config.json
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
# /// innocent: only the new tokens' rows are trained
# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "models/smol"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE)

# %%
lora = LoraConfig(r=4, target_modules=["q_proj"], trainable_token_indices=[5, 6], task_type="CAUSAL_LM")

# %%
model = get_peft_model(base, lora)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat", return_tensors="pt")["input_ids"]
for _ in range(4):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %%
model.eval()
with torch.no_grad():
    trained = model(input_ids=ids).logits

# %%
merged = model.merge_and_unload()
# /// file models/smol/config.json
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
