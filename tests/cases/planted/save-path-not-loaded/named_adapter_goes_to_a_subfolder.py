# /// case
# title = "adapter_name puts the files into a folder of that name, the load looks in the folder above"
# moved = "argument"
# line = ["model = PeftModel.from_pretrained(base, \"out/adapters\")", "model.save_pretrained(\"out/adapters\")"]
# truth = "isinstance(probe.raised, ValueError)"
# ///
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config, adapter_name="support")
for _ in range(2):
    ids = base.dummy_inputs["input_ids"] % 20
    model(input_ids=ids, labels=ids).loss.backward()
model.save_pretrained("out/adapters")

base = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(base, "out/adapters")
# /// innocent: loaded from the folder of the adapter's name
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("llm")
config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, config, adapter_name="support")
for _ in range(2):
    ids = base.dummy_inputs["input_ids"] % 20
    model(input_ids=ids, labels=ids).loss.backward()
model.save_pretrained("out/adapters")

base = AutoModelForCausalLM.from_pretrained("llm")
model = PeftModel.from_pretrained(base, "out/adapters/support")
