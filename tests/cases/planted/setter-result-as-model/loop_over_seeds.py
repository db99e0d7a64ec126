# /// case
# title = "the second turn of the loop works on the first turn's report"
# moved = "loop"
# line = ["model = model.load_state_dict("]
# truth = "bool(probe.raised)"
# ///
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), "adapters/chat2")
ids = torch.tensor([[2, 5, 6, 7]])
losses = []
for checkpoint in ["checkpoints/lora_state.pt", "checkpoints/lora_state.pt"]:
    weights = torch.load(checkpoint, weights_only=True)
    model = model.load_state_dict({**model.state_dict(), **weights})
    losses.append(model(input_ids=ids, labels=ids).loss.item())
print(losses)
# /// innocent: a statement of its own
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B"), "adapters/chat2")
ids = torch.tensor([[2, 5, 6, 7]])
losses = []
for checkpoint in ["checkpoints/lora_state.pt", "checkpoints/lora_state.pt"]:
    weights = torch.load(checkpoint, weights_only=True)
    model.load_state_dict({**model.state_dict(), **weights})
    losses.append(model(input_ids=ids, labels=ids).loss.item())
print(losses)
