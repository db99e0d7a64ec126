# /// case
# title = "the pipeline meant as the baseline holds the model that is wrapped later"
# moved = "pipeline"
# notebook = {}
# line = ["base_out = base_pipe("]
# truth = "probe.differ(base_out[0][0], AutoModel.from_pretrained('base')(**tokenizer(texts[0], return_tensors='pt')).last_hidden_state[0], 1e-4)"
# ///
# %%
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer, pipeline

checkpoint = "sentence-transformers/all-MiniLM-L6-v2"
texts = ["the cat sat on the mat", "a dog ran in the rain"]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
encoder = AutoModel.from_pretrained(checkpoint)
base_pipe = pipeline("feature-extraction", model=encoder, tokenizer=tokenizer)

# %%
lora_encoder = PeftModel.from_pretrained(encoder, "adapters/good").eval()
lora_pipe = pipeline("feature-extraction", model=lora_encoder, tokenizer=tokenizer)

# %%
lora_out = lora_pipe(texts)
base_out = base_pipe(texts)
print("base:", base_out[0][0][0][:4])
print("lora:", lora_out[0][0][0][:4])
# /// innocent: the baseline runs before the wrap
# %%
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer, pipeline

checkpoint = "sentence-transformers/all-MiniLM-L6-v2"
texts = ["the cat sat on the mat", "a dog ran in the rain"]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
encoder = AutoModel.from_pretrained(checkpoint)
base_pipe = pipeline("feature-extraction", model=encoder, tokenizer=tokenizer)
base_out = base_pipe(texts)

# %%
lora_encoder = PeftModel.from_pretrained(encoder, "adapters/good").eval()
lora_pipe = pipeline("feature-extraction", model=lora_encoder, tokenizer=tokenizer)

# %%
lora_out = lora_pipe(texts)
print("base:", base_out[0][0][0][:4])
print("lora:", lora_out[0][0][0][:4])
# /// innocent: the pipeline loads a model of its own
# %%
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer, pipeline

checkpoint = "sentence-transformers/all-MiniLM-L6-v2"
texts = ["the cat sat on the mat", "a dog ran in the rain"]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
encoder = AutoModel.from_pretrained(checkpoint)
base_pipe = pipeline("feature-extraction", model=checkpoint)

# %%
lora_encoder = PeftModel.from_pretrained(encoder, "adapters/good").eval()
lora_pipe = pipeline("feature-extraction", model=lora_encoder, tokenizer=tokenizer)

# %%
lora_out = lora_pipe(texts)
base_out = base_pipe(texts)
print("base:", base_out[0][0][0][:4])
print("lora:", lora_out[0][0][0][:4])
