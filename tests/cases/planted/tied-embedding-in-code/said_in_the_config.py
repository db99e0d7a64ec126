# /// case
# title = "the code itself ties the embeddings, a function targets both ends and merges"
# moved = "function"
# line = ["config = LoraConfig(r=4, target_modules=[\"embed_tokens\", \"lm_head\"], task_type=\"CAUSAL_LM\")", "model = get_peft_model(model, config)", "merged = finetune(model).merge_and_unload()"]
# truth = "probe.differ(probe.locals['finetune']['trained'], probe.logits(merged), 1e-3)"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer


def finetune(model):
    config = LoraConfig(r=4, target_modules=["embed_tokens", "lm_head"], task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    ids = AutoTokenizer.from_pretrained("llm")("the cat sat on the mat", return_tensors="pt")["input_ids"]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    for _ in range(4):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    trained = model.eval()(input_ids=ids).logits.detach()
    return model


settings = AutoConfig.from_pretrained("llm")
settings.tie_word_embeddings = True
model = AutoModelForCausalLM.from_config(settings)
merged = finetune(model).merge_and_unload()
# /// innocent: the code unties them
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer


def finetune(model):
    config = LoraConfig(r=4, target_modules=["embed_tokens", "lm_head"], task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    ids = AutoTokenizer.from_pretrained("llm")("the cat sat on the mat", return_tensors="pt")["input_ids"]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    for _ in range(4):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    trained = model.eval()(input_ids=ids).logits.detach()
    return model


settings = AutoConfig.from_pretrained("llm")
settings.tie_word_embeddings = False
model = AutoModelForCausalLM.from_config(settings)
merged = finetune(model).merge_and_unload()
# /// innocent: tied, with a full copy that PEFT is told to keep tied
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer


def finetune(model):
    config = LoraConfig(
        r=4,
        target_modules=["q_proj"],
        modules_to_save=["embed_tokens"],
        ensure_weight_tying=True,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, config)
    ids = AutoTokenizer.from_pretrained("llm")("the cat sat on the mat", return_tensors="pt")["input_ids"]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    for _ in range(4):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    trained = model.eval()(input_ids=ids).logits.detach()
    return model


settings = AutoConfig.from_pretrained("llm")
settings.tie_word_embeddings = True
model = AutoModelForCausalLM.from_config(settings)
merged = finetune(model).merge_and_unload()
