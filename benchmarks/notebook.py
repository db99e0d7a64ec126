"""`check` on one long notebook of adapter code, against an interpreter that does nothing; and growth with its cells.

The notebook is what people write: data, a base model, LoRA, training, evaluation, embeddings, figures, over and over.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from benchmarks.ratio import Ratio, alternate
from benchmarks.startup import bytecode, run, script

LINES = 5_000
FEW, MANY = 1_000, 10_000

# One study, cell after cell; {n} is its number. Cells are parted by lines of three dashes.
STUDY = '''
# %pip install is done by the image
import json
import os
import random
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from datasets import Dataset, load_dataset
from peft import LoraConfig, PeftConfig, PeftModel, TaskType, get_peft_model
from sentence_transformers import SentenceTransformer, util
from sklearn.metrics import accuracy_score, classification_report, f1_score
from torch.utils.data import DataLoader
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)
---
SEED = {n}
DATA = Path("data") / "tickets-{n}"
OUTPUT = Path("models") / "support-{n}"
BASE = "distilbert-base-uncased"
EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
device = "cuda" if torch.cuda.is_available() else "cpu"


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


set_seed(SEED)
print(device, OUTPUT)
---
frame = pd.read_csv(DATA / "tickets.csv")
frame["text"] = frame["subject"].fillna("") + "\\n" + frame["body"].fillna("")
frame["text"] = frame["text"].str.replace(r"\\s+", " ", regex=True).str.strip()
frame = frame[frame["text"].str.len() > 20].drop_duplicates("text").reset_index(drop=True)
frame["label"] = frame["queue"].astype("category").cat.codes
labels = list(frame["queue"].astype("category").cat.categories)
frame.head()
---
counts = frame["queue"].value_counts()
figure, axes = plt.subplots(1, 2, figsize=(12, 4))
counts.plot.barh(ax=axes[0], color="steelblue")
axes[0].set_title("Tickets per queue, study {n}")
frame["text"].str.len().clip(upper=2000).plot.hist(bins=50, ax=axes[1])
axes[1].set_xlabel("characters")
plt.tight_layout()
plt.show()
---
shuffled = frame.sample(frac=1.0, random_state=SEED).reset_index(drop=True)
cut = int(len(shuffled) * 0.9)
train_frame, test_frame = shuffled[:cut], shuffled[cut:]
train_set = Dataset.from_pandas(train_frame[["text", "label"]])
test_set = Dataset.from_pandas(test_frame[["text", "label"]])
len(train_set), len(test_set)
---
tokenizer = AutoTokenizer.from_pretrained(BASE)


def tokenize(batch):
    return tokenizer(batch["text"], truncation=True, max_length=256)


train_tokens = train_set.map(tokenize, batched=True, remove_columns=["text"])
test_tokens = test_set.map(tokenize, batched=True, remove_columns=["text"])
collator = DataCollatorWithPadding(tokenizer)
---
base_model = AutoModelForSequenceClassification.from_pretrained(
    BASE,
    num_labels=len(labels),
    id2label=dict(enumerate(labels)),
    label2id={label: number for number, label in enumerate(labels)},
)
lora = LoraConfig(
    task_type=TaskType.SEQ_CLS,
    r=16,
    lora_alpha=32,
    lora_dropout=0.05,
    target_modules=["q_lin", "v_lin"],
)
model = get_peft_model(base_model, lora)
model.print_trainable_parameters()
---
def metrics(prediction):
    guessed = np.argmax(prediction.predictions, axis=-1)
    return {
        "accuracy": accuracy_score(prediction.label_ids, guessed),
        "f1": f1_score(prediction.label_ids, guessed, average="macro"),
    }


arguments = TrainingArguments(
    output_dir=str(OUTPUT / "checkpoints"),
    learning_rate=2e-4,
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    num_train_epochs=3,
    weight_decay=0.01,
    eval_strategy="epoch",
    save_strategy="epoch",
    logging_steps=50,
    report_to="none",
    seed=SEED,
)
trainer = Trainer(
    model=model,
    args=arguments,
    train_dataset=train_tokens,
    eval_dataset=test_tokens,
    data_collator=collator,
    compute_metrics=metrics,
)
trainer.train()
---
history = pd.DataFrame(trainer.state.log_history)
losses = history.dropna(subset=["loss"])
scores = history.dropna(subset=["eval_f1"])
plt.figure(figsize=(8, 3))
plt.plot(losses["step"], losses["loss"], label="training loss")
plt.plot(scores["step"], scores["eval_f1"], marker="o", label="macro F1")
plt.legend()
plt.show()
---
model.save_pretrained(OUTPUT)
tokenizer.save_pretrained(OUTPUT)
with open(OUTPUT / "labels.json", "w") as file:
    json.dump(labels, file, indent=1)
sorted(os.listdir(OUTPUT))
---
config = PeftConfig.from_pretrained(OUTPUT)
fresh = AutoModelForSequenceClassification.from_pretrained(config.base_model_name_or_path, num_labels=len(labels))
loaded = PeftModel.from_pretrained(fresh, OUTPUT)
loaded.to(device)
loaded.eval()
---
loader = DataLoader(test_tokens.with_format("torch"), batch_size=64, collate_fn=collator)
guesses, truths = [], []
with torch.no_grad():
    for batch in loader:
        batch = {key: value.to(device) for key, value in batch.items()}
        logits = loaded(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        guesses.extend(logits.argmax(dim=-1).cpu().tolist())
        truths.extend(batch["labels"].cpu().tolist())
print(classification_report(truths, guesses, target_names=labels, zero_division=0))
---
wrong = [(text, truth, guess) for text, truth, guess in zip(test_frame["text"], truths, guesses) if truth != guess]
for text, truth, guess in wrong[:10]:
    print(f"{labels[truth]:>20} taken for {labels[guess]:<20} {text[:80]!r}")
confusion = pd.crosstab(pd.Series(truths, name="is"), pd.Series(guesses, name="taken for"))
confusion.style.background_gradient(cmap="Blues")
---
encoder = SentenceTransformer(EMBEDDER, device=device)
sentences = test_frame["text"].tolist()
baseline = encoder.encode(sentences, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
baseline.shape
---
adapted = SentenceTransformer(EMBEDDER, device=device)
adapted.load_adapter(str(OUTPUT / "embedder"))
vectors = adapted.encode(sentences, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
---
def recall_at(vectors, classes, k=10):
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -1.0)
    nearest = np.argsort(-similarity, axis=1)[:, :k]
    hits = np.asarray(classes)[nearest] == np.asarray(classes)[:, None]
    return hits.any(axis=1).mean()


rows = []
for k in (1, 5, 10):
    rows.append({"k": k, "baseline": recall_at(baseline, truths, k), "adapted": recall_at(vectors, truths, k)})
results = pd.DataFrame(rows).set_index("k")
results
---
class Report:
    """What was measured in one study."""

    def __init__(self, name, model, results):
        self.name = name
        self.model = model
        self.results = results

    def rows(self):
        for k, row in self.results.iterrows():
            yield {"study": self.name, "k": k, **row.to_dict()}

    def save(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(list(self.rows()), indent=1))
        return path


report = Report("study-{n}", loaded, results)
print(report.save(OUTPUT / "reports"))
---
try:
    merged = loaded.merge_and_unload()
    merged.save_pretrained(OUTPUT / "merged")
except RuntimeError as error:
    print("not merged:", error)
---
queries = ["the printer does not print", "how do I change my password", "invoice {n} is wrong"]
for query in queries:
    vector = adapted.encode(query, normalize_embeddings=True)
    found = util.semantic_search(vector, vectors, top_k=3)[0]
    print(query)
    for hit in found:
        print(f"  {hit['score']:.3f}  {sentences[hit['corpus_id']][:70]}")
---
del base_model, model, trainer, fresh, loaded
if device == "cuda":
    torch.cuda.empty_cache()
'''


def cells() -> Iterator[str]:
    """The code cells of one study after another, without end."""
    parts = STUDY.strip("\n").split("\n---\n")
    for number in count(1):
        for part in parts:
            yield part.replace("{n}", str(number))


def written(path: Path, sources: list[str]) -> None:
    """A notebook of these code cells, as Jupyter saves it, each with an output."""
    listed = [
        {
            "cell_type": "code",
            "execution_count": number,
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["done\n"]}],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources, 1)
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.11.9"},
    }
    whole = {"cells": listed, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def lines(number: int) -> list[str]:
    """As many cells as have that many lines."""
    found, total = [], 0
    for cell in cells():
        found.append(cell)
        total += cell.count("\n") + 1
        if total >= number:
            return found
    return found


def measure(rounds: int = 7) -> list[Ratio]:
    """The long notebook against `python -c pass`, and many cells against few, in turn."""
    with tempfile.TemporaryDirectory() as folder, bytecode() as environment:
        long, few, many = (Path(folder) / name / "study.ipynb" for name in ("long", "few", "many"))
        for path in (long, few, many):
            path.parent.mkdir()
        written(long, lines(LINES))
        written(few, list(islice(cells(), FEW)))
        written(many, list(islice(cells(), MANY)))

        def check(path: Path) -> str:
            return run([script(), "check", str(path), "--isolated", "--exit-zero"], environment)

        bare = [sys.executable, "-c", "pass"]
        ours, theirs = alternate(lambda: check(long), lambda: run(bare, environment), rounds)
        most, least = alternate(lambda: check(many), lambda: check(few), max(1, rounds // 2))
    return [
        Ratio(
            "notebook",
            (f"adapterlint check, one notebook of {LINES} lines", ours),
            ("python -c pass", theirs),
            at_most=12,
        ),
        Ratio("notebook, growth", (f"{MANY} cells", most), (f"{FEW} cells", least), at_most=1.2 * MANY / FEW),
    ]
