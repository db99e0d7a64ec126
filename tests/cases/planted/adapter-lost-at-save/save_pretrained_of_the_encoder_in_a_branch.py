# /// case
# title = "with --full the encoder is saved while its adapter is not merged"
# moved = "branch"
# argv = ["--full"]
# line = ["encoder.save_pretrained(\"out\")"]
# truth = "probe.differ(SentenceTransformer('out', device='cpu').encode(texts), vectors)"
# ///
import sys

from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2", device="cpu")
transformer = encoder._first_module()
tuned = PeftModel.from_pretrained(transformer.auto_model, "adapters/good")
vectors = encoder.encode(texts)

if "--full" in sys.argv:
    encoder.save_pretrained("out")
else:
    tuned.save_pretrained("out")
# /// innocent: merged in the branch
import sys

from peft import PeftModel
from sentence_transformers import SentenceTransformer

texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2", device="cpu")
transformer = encoder._first_module()
tuned = PeftModel.from_pretrained(transformer.auto_model, "adapters/good")
vectors = encoder.encode(texts)

if "--full" in sys.argv:
    tuned.merge_and_unload()
    encoder.save_pretrained("out")
else:
    tuned.save_pretrained("out")
