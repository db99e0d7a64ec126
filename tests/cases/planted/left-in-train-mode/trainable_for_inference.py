# /// case
# title = "is_trainable=True for generation, and no eval()"
# moved = "argument"
# before = "import planted_parts; planted_parts.with_dropout('chat')"
# line = ["model = PeftModel.from_pretrained(base, \"adapters/chat\", is_trainable=True)", "first = model(input_ids=ids).logits"]
# truth = "probe.differ(first, second)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat", is_trainable=True)

ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
with torch.no_grad():
    first = model(input_ids=ids).logits
    second = model(input_ids=ids).logits
print((first - second).abs().max())
# /// innocent: eval() before it is used
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat", is_trainable=True)
model.eval()

ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
with torch.no_grad():
    first = model(input_ids=ids).logits
    second = model(input_ids=ids).logits
print((first - second).abs().max())
# /// innocent: not trainable, which PEFT puts into eval mode
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat", is_trainable=False)

ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
with torch.no_grad():
    first = model(input_ids=ids).logits
    second = model(input_ids=ids).logits
print((first - second).abs().max())
# /// innocent: trained further, and nothing else
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.2-1B")
base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/chat", is_trainable=True)
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-4)

ids = tokenizer("the cat sat on the mat", return_tensors="pt")["input_ids"]
for _ in range(2):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained("continued")
first = second = loss.detach()
