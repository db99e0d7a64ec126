# /// case
# title = "unload() without its result: the next get_peft_model wraps the PeftModel"
# moved = "loop"
# line = ["model.unload()"]
# truth = "any('model.base_model.model' in name for name in probe.saved('runs/r8'))"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
for run, rank in enumerate((4, 8)):
    if run:
        model.unload()
    config = LoraConfig(r=rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    model.print_trainable_parameters()
    # train(model)
    model.save_pretrained(f"runs/r{rank}")
# /// innocent: the result is the next base
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
for rank in (4, 8):
    config = LoraConfig(r=rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    model.print_trainable_parameters()
    for _ in range(2):
        model(input_ids=model.dummy_inputs["input_ids"] % 20, labels=model.dummy_inputs["input_ids"] % 20).loss.backward()
    model.save_pretrained(f"runs/r{rank}")
    model = model.unload()
# /// innocent: the base has a name of its own and is wrapped again
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
for rank in (4, 8):
    config = LoraConfig(r=rank, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    model.print_trainable_parameters()
    for _ in range(2):
        model(input_ids=base.dummy_inputs["input_ids"] % 20, labels=base.dummy_inputs["input_ids"] % 20).loss.backward()
    model.save_pretrained(f"runs/r{rank}")
    model.unload()
