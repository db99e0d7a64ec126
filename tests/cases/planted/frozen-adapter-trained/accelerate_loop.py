# /// case
# title = "accelerate prepares and trains an adapter loaded for inference"
# moved = "library"
# line = ["optimizer = torch.optim.AdamW(", "accelerator.backward(loss)", "model = PeftModel.from_pretrained(", "accelerator.prepare("]
# truth = "bool(probe.raised) or probe.same_lora(probe.locals['main']['model'], 'good')"
# ///
import torch
from accelerate import Accelerator
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModel, AutoTokenizer


def main():
    accelerator = Accelerator(cpu=True)
    tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
    model = AutoModel.from_pretrained("google-bert/bert-base-uncased")
    model = PeftModel.from_pretrained(model, "adapters/good")
    classifier = torch.nn.Linear(32, 2)
    optimizer = torch.optim.AdamW([*model.parameters(), *classifier.parameters()], lr=1e-2)
    rows = [("the cat sat on the mat", 0), ("the train was slow", 1)]
    loader = DataLoader(rows, batch_size=2)
    model, classifier, optimizer, loader = accelerator.prepare(model, classifier, optimizer, loader)

    model.train()
    for epoch in range(2):
        for texts, labels in loader:
            batch = tokenizer(list(texts), padding=True, return_tensors="pt")
            logits = classifier(model(**batch).last_hidden_state.mean(1))
            loss = torch.nn.functional.cross_entropy(logits, labels)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        accelerator.print(epoch, loss.item())
    accelerator.unwrap_model(model).save_pretrained("out")


if __name__ == "__main__":
    main()
# /// innocent: loaded to be trained
import torch
from accelerate import Accelerator
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import AutoModel, AutoTokenizer


def main():
    accelerator = Accelerator(cpu=True)
    tokenizer = AutoTokenizer.from_pretrained("google-bert/bert-base-uncased")
    model = AutoModel.from_pretrained("google-bert/bert-base-uncased")
    model = PeftModel.from_pretrained(model, "adapters/good", is_trainable=True)
    classifier = torch.nn.Linear(32, 2)
    optimizer = torch.optim.AdamW([*model.parameters(), *classifier.parameters()], lr=1e-2)
    rows = [("the cat sat on the mat", 0), ("the train was slow", 1)]
    loader = DataLoader(rows, batch_size=2)
    model, classifier, optimizer, loader = accelerator.prepare(model, classifier, optimizer, loader)

    model.train()
    for epoch in range(2):
        for texts, labels in loader:
            batch = tokenizer(list(texts), padding=True, return_tensors="pt")
            logits = classifier(model(**batch).last_hidden_state.mean(1))
            loss = torch.nn.functional.cross_entropy(logits, labels)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        accelerator.print(epoch, loss.item())
    accelerator.unwrap_model(model).save_pretrained("out")


if __name__ == "__main__":
    main()
