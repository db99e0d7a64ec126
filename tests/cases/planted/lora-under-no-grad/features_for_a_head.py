# /// case
# title = "the adapted encoder runs under no_grad in the training loop: only the head outside learns"
# moved = "loop"
# line = ["with torch.no_grad():"]
# truth = "all(p.grad is None for p in encoder.parameters())"
# ///
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
encoder = get_peft_model(
    AutoModel.from_pretrained("google-bert/bert-base-uncased"), LoraConfig(r=8, target_modules=["query", "value"])
)
head = torch.nn.Linear(32, 2)
parameters = [p for p in encoder.parameters() if p.requires_grad] + list(head.parameters())
optimizer = torch.optim.AdamW(parameters, lr=1e-3)

batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
labels = torch.tensor([0, 1])
for epoch in range(3):
    optimizer.zero_grad()
    with torch.no_grad():
        features = encoder(**batch).last_hidden_state[:, 0]
    loss = torch.nn.functional.cross_entropy(head(features), labels)
    loss.backward()
    optimizer.step()
# /// innocent: the validation is under no_grad, the training is not
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
encoder = get_peft_model(
    AutoModel.from_pretrained("google-bert/bert-base-uncased"), LoraConfig(r=8, target_modules=["query", "value"])
)
head = torch.nn.Linear(32, 2)
parameters = [p for p in encoder.parameters() if p.requires_grad] + list(head.parameters())
optimizer = torch.optim.AdamW(parameters, lr=1e-3)

batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
labels = torch.tensor([0, 1])
for epoch in range(3):
    optimizer.zero_grad()
    features = encoder(**batch).last_hidden_state[:, 0]
    loss = torch.nn.functional.cross_entropy(head(features), labels)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        features = encoder(**batch).last_hidden_state[:, 0]
        accuracy = (head(features).argmax(-1) == labels).float().mean()
        loss = torch.nn.functional.cross_entropy(head(features), labels)
    print(epoch, accuracy)
# /// innocent: a frozen adapter gives the features, and only the head is to learn
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
encoder = PeftModel.from_pretrained(AutoModel.from_pretrained("google-bert/bert-base-uncased"), "adapters/good")
head = torch.nn.Linear(32, 2)
optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3)

batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
labels = torch.tensor([0, 1])
for epoch in range(3):
    optimizer.zero_grad()
    with torch.no_grad():
        features = encoder(**batch).last_hidden_state[:, 0]
    loss = torch.nn.functional.cross_entropy(head(features), labels)
    loss.backward()
    optimizer.step()
encoder = torch.nn.Linear(1, 1)
encoder(torch.ones(1, 1)).sum().backward()
# /// innocent: the teacher of a distillation is under no_grad, the student is trained
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
teacher = PeftModel.from_pretrained(AutoModel.from_pretrained("google-bert/bert-base-uncased"), "adapters/good")
encoder = get_peft_model(
    AutoModel.from_pretrained("google-bert/bert-base-uncased"), LoraConfig(r=8, target_modules=["query", "value"])
)
optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad], lr=1e-3)

batch = tokenizer(["the cat sat", "a dog ran"], return_tensors="pt")
for epoch in range(3):
    optimizer.zero_grad()
    with torch.no_grad():
        wanted = teacher(**batch).last_hidden_state
    loss = torch.nn.functional.mse_loss(encoder(**batch).last_hidden_state, wanted)
    loss.backward()
    optimizer.step()
