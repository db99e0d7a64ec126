# /// case
# title = "after the resume branch loads the adapter, the wrap below runs as well"
# moved = "branch"
# argv = ["--resume-from", "adapters/chat"]
# line = ["model = get_peft_model(model, config)"]
# truth = "not probe.same_lora(model, 'chat')"
# ///
import argparse

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="meta-llama/Llama-3.2-1B")
parser.add_argument("--resume-from", default=None)
parser.add_argument("--r", type=int, default=4)
args = parser.parse_args()

model = AutoModelForCausalLM.from_pretrained(args.model)
model.gradient_checkpointing_enable()
model.enable_input_require_grads()
config = LoraConfig(r=args.r, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
if args.resume_from:
    print("resuming from", args.resume_from)
    model = PeftModel.from_pretrained(model, args.resume_from, is_trainable=True)
model = get_peft_model(model, config)
model.print_trainable_parameters()
# /// innocent: exclusive branches
import argparse

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="meta-llama/Llama-3.2-1B")
parser.add_argument("--resume-from", default=None)
parser.add_argument("--r", type=int, default=4)
args = parser.parse_args()

model = AutoModelForCausalLM.from_pretrained(args.model)
model.gradient_checkpointing_enable()
model.enable_input_require_grads()
config = LoraConfig(r=args.r, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
if args.resume_from:
    print("resuming from", args.resume_from)
    model = PeftModel.from_pretrained(model, args.resume_from, is_trainable=True)
else:
    model = get_peft_model(model, config)
model.print_trainable_parameters()
# /// innocent: wrapped only where nothing was resumed
import argparse

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="meta-llama/Llama-3.2-1B")
parser.add_argument("--resume-from", default=None)
parser.add_argument("--r", type=int, default=4)
args = parser.parse_args()

model = AutoModelForCausalLM.from_pretrained(args.model)
model.gradient_checkpointing_enable()
model.enable_input_require_grads()
config = LoraConfig(r=args.r, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
if args.resume_from:
    print("resuming from", args.resume_from)
    model = PeftModel.from_pretrained(model, args.resume_from, is_trainable=True)
if not isinstance(model, PeftModel):
    model = get_peft_model(model, config)
model.print_trainable_parameters()
