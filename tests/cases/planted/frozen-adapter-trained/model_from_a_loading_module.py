# /// case
# title = "another module loads the adapter without is_trainable, this one trains it"
# moved = "second file"
# line = ["optimizer = AdamW(", "loss.backward()"]
# truth = "bool(probe.raised) or probe.same_lora(model, 'chat')"
# ///
from torch.optim import AdamW
from transformers import get_linear_schedule_with_warmup

from modeling import get_model_and_tokenizer

EPOCHS = 2
model, tokenizer = get_model_and_tokenizer("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "adapters/chat")
optimizer = AdamW(model.parameters(), lr=1e-2)
scheduler = get_linear_schedule_with_warmup(optimizer, 0, EPOCHS)

model.train()
for epoch in range(EPOCHS):
    for text in ["the cat sat on the mat", "a dog ran in the rain"]:
        ids = tokenizer(text, return_tensors="pt").input_ids
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    scheduler.step()
model.save_pretrained("out")
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def get_model_and_tokenizer(base, adapter):
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter)
    return model, tokenizer
# /// innocent: loaded to be trained
from torch.optim import AdamW
from transformers import get_linear_schedule_with_warmup

from modeling import get_model_and_tokenizer

EPOCHS = 2
model, tokenizer = get_model_and_tokenizer("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "adapters/chat")
optimizer = AdamW(model.parameters(), lr=1e-2)
scheduler = get_linear_schedule_with_warmup(optimizer, 0, EPOCHS)

model.train()
for epoch in range(EPOCHS):
    for text in ["the cat sat on the mat", "a dog ran in the rain"]:
        ids = tokenizer(text, return_tensors="pt").input_ids
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    scheduler.step()
model.save_pretrained("out")
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def get_model_and_tokenizer(base, adapter):
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter, is_trainable=True)
    return model, tokenizer
# /// innocent: an option of the loader makes it trainable
from torch.optim import AdamW
from transformers import get_linear_schedule_with_warmup

from modeling import get_model_and_tokenizer

EPOCHS = 2
model, tokenizer = get_model_and_tokenizer("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "adapters/chat", trainable=True)
optimizer = AdamW(model.parameters(), lr=1e-2)
scheduler = get_linear_schedule_with_warmup(optimizer, 0, EPOCHS)

model.train()
for epoch in range(EPOCHS):
    for text in ["the cat sat on the mat", "a dog ran in the rain"]:
        ids = tokenizer(text, return_tensors="pt").input_ids
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    scheduler.step()
model.save_pretrained("out")
# /// file modeling.py
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def get_model_and_tokenizer(base, adapter, trainable=False):
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    model = PeftModel.from_pretrained(model, adapter, is_trainable=trainable)
    return model, tokenizer
