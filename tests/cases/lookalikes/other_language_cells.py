# /// case
# notebook = {}
# expect = "silent"
# ///
# %%
from peft import PeftModel
from sentence_transformers import SentenceTransformer
base = SentenceTransformer("base")
# %%
%%bash
cat <<END > load.py
model = PeftModel.from_pretrained(base, "adapters/good")
END
# %%
%%writefile load.py
model = PeftModel.from_pretrained(base, "adapters/good")
# %%
!python -c 'model = PeftModel.from_pretrained(base, "adapters/good")'
