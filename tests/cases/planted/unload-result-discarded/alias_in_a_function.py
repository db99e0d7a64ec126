# /// case
# title = "the base is measured through the wrapper and then trained under a second wrap"
# moved = "function, alias"
# line = ["peft_model.unload()"]
# truth = "any('model.base_model.model' in name for name in probe.saved('stage2'))"
# ///
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def second_stage(first, out):
    peft_model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), first)
    peft_model.unload()
    clean = peft_model
    tuned = get_peft_model(clean, LoraConfig(r=4, task_type="CAUSAL_LM"))
    tuned.save_pretrained(out)


second_stage("adapters/chat", "stage2")
# /// innocent: merge_adapter and then the bound result of unload, which is the merged model
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def second_stage(first, out):
    peft_model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("llm"), first)
    peft_model.merge_adapter()
    clean = peft_model.unload()
    tuned = get_peft_model(clean, LoraConfig(r=4, task_type="CAUSAL_LM"))
    for _ in range(2):
        ids = clean.dummy_inputs["input_ids"] % 20
        tuned(input_ids=ids, labels=ids).loss.backward()
    tuned.save_pretrained(out)


second_stage("adapters/chat", "stage2")
