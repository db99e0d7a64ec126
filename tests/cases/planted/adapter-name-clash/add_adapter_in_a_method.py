# /// case
# title = "the second adapter of a class is called l, which every key contains"
# moved = "method"
# target = {peft = "0.12.0"}
# stacks = ["old"]
# line = ["self.model.add_adapter(\"l\", self.config)"]
# truth = "not any(name.endswith('q_proj.lora_A.weight') for name in probe.saved('two/' + two.second))"
# ///
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class TwoAdapters:
    second = "l"

    def __init__(self, name):
        self.config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), self.config, adapter_name="small")
        self.model.add_adapter("l", self.config)
        self.model.set_adapter("l")

    def step(self):
        ids = self.model.dummy_inputs["input_ids"] % 20
        self.model(input_ids=ids, labels=ids).loss.backward()

    def save(self, folder):
        self.model.save_pretrained(folder)


two = TwoAdapters("llm")
two.step()
two.save("two")
# /// innocent: called large
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class TwoAdapters:
    second = "large"

    def __init__(self, name):
        self.config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), self.config, adapter_name="small")
        self.model.add_adapter("large", self.config)
        self.model.set_adapter("large")

    def step(self):
        ids = self.model.dummy_inputs["input_ids"] % 20
        self.model(input_ids=ids, labels=ids).loss.backward()

    def save(self, folder):
        self.model.save_pretrained(folder)


two = TwoAdapters("llm")
two.step()
two.save("two")
