# /// case
# title = "the encoder's adapter is loaded for inference and then trained on"
# moved = "helper"
# line = ["trainer = SentenceTransformerTrainer(", "trainer.train()", "PeftModel.from_pretrained(encoder[0]"]
# truth = "bool(probe.raised) or probe.same_lora(encoder, 'good')"
# ///
from datasets import Dataset
from peft import PeftModel
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses


def load_encoder(name, adapter):
    encoder = SentenceTransformer(name, device="cpu")
    PeftModel.from_pretrained(encoder[0].auto_model, adapter)
    return encoder


encoder = load_encoder("BAAI/bge-small-en-v1.5", "adapters/good")
pairs = Dataset.from_dict({"anchor": ["the cat sat", "a dog ran"], "positive": ["the cat slept", "the dog ran in the rain"]})
trainer = SentenceTransformerTrainer(
    model=encoder,
    args=SentenceTransformerTrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=pairs,
    loss=losses.MultipleNegativesRankingLoss(encoder),
)
trainer.train()
# /// innocent: loaded to be trained
from datasets import Dataset
from peft import PeftModel
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses


def load_encoder(name, adapter):
    encoder = SentenceTransformer(name, device="cpu")
    PeftModel.from_pretrained(encoder[0].auto_model, adapter, is_trainable=True)
    return encoder


encoder = load_encoder("BAAI/bge-small-en-v1.5", "adapters/good")
pairs = Dataset.from_dict({"anchor": ["the cat sat", "a dog ran"], "positive": ["the cat slept", "the dog ran in the rain"]})
trainer = SentenceTransformerTrainer(
    model=encoder,
    args=SentenceTransformerTrainingArguments("out", max_steps=2, learning_rate=1e-2, report_to="none", use_cpu=True, save_strategy="no"),
    train_dataset=pairs,
    loss=losses.MultipleNegativesRankingLoss(encoder),
)
trainer.train()
