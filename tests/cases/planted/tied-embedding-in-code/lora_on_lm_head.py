# /// case
# title = "LoRA on lm_head of a base that ties it to the embeddings, then merged"
# moved = "list"
# before = "import planted_parts; planted_parts.tied_llm('meta-llama/Llama-3.2-1B')"
# line = ["target_modules=[\"q_proj\", \"v_proj\", \"lm_head\"],", "merged = model.merge_and_unload()", "config = LoraConfig("]
# truth = "probe.differ(trained, probe.logits(merged), 1e-3)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B", tie_word_embeddings=True)
config = LoraConfig(
    r=8,
    target_modules=["q_proj", "v_proj", "lm_head"],
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(4):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.eval()
with torch.no_grad():
    trained = model(input_ids=ids).logits
merged = model.merge_and_unload()
merged.save_pretrained("merged")
# /// innocent: only layers that are tied to nothing
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B", tie_word_embeddings=True)
config = LoraConfig(
    r=8,
    target_modules=["q_proj", "v_proj"],
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(4):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.eval()
with torch.no_grad():
    trained = model(input_ids=ids).logits
merged = model.merge_and_unload()
merged.save_pretrained("merged")
# /// innocent: a base that ties nothing
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")
model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")
config = LoraConfig(
    r=8,
    target_modules=["q_proj", "v_proj", "lm_head"],
    task_type="CAUSAL_LM",
)
model = get_peft_model(model, config)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(4):
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.eval()
with torch.no_grad():
    trained = model(input_ids=ids).logits
merged = model.merge_and_unload()
merged.save_pretrained("merged")
