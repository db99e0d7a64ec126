# /// case
# expect = "silent"
# ///
from my_models import SentenceTransformer
from peft import PeftModel

base = SentenceTransformer("base")
model = PeftModel.from_pretrained(base, "adapters/good")
