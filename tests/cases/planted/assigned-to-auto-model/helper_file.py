# /// case
# title = "a helper in a second file assigns the PeftModel, the script saves the encoder for deployment"
# moved = "second file"
# file = "adapters_util.py"
# target = {sentence-transformers = "6.2.0"}
# line = ["encoder[0].auto_model = tuned"]
# truth = "probe.differ(SentenceTransformer('deploy/encoder').encode(['the cat sat']), probe.embed(['the cat sat'], 'good'), 1e-4)"
# ///
from adapters_util import attach_adapter
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
attach_adapter(encoder, "adapters/good")
encoder.save_pretrained("deploy/encoder")
print("saved")
# /// file adapters_util.py
from peft import PeftModel


def attach_adapter(encoder, path):
    """Puts the LoRA weights of `path` on the transformer of a SentenceTransformer."""
    tuned = PeftModel.from_pretrained(encoder[0].auto_model, path)
    encoder[0].auto_model = tuned
    return encoder
# /// innocent: the helper merges before it assigns
from adapters_util import attach_adapter
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cpu")
attach_adapter(encoder, "adapters/good")
encoder.save_pretrained("deploy/encoder")
print("saved")
# /// file adapters_util.py
from peft import PeftModel


def attach_adapter(encoder, path):
    """Puts the LoRA weights of `path` on the transformer of a SentenceTransformer."""
    tuned = PeftModel.from_pretrained(encoder[0].auto_model, path)
    encoder[0].auto_model = tuned.merge_and_unload()
    return encoder
