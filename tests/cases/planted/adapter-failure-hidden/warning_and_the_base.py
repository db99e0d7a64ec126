# /// case
# title = "the loader warns and returns the base when the adapter cannot be loaded"
# moved = "function"
# line = ["except Exception as"]
# truth = "not probe.raised and not probe.differ(emb, probe.embed(texts))"
# ///
import logging

from peft import PeftModel
from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)


def load_encoder(model_name, adapter_dir):
    encoder = SentenceTransformer(model_name, device="cpu")
    try:
        PeftModel.from_pretrained(encoder[0].auto_model, adapter_dir)
        logger.info("adapter %s loaded", adapter_dir)
    except Exception as exc:
        logger.warning("could not load adapter %s (%s), using the base model", adapter_dir, exc)
    return encoder


texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = load_encoder("BAAI/bge-small-en-v1.5", "adapters/god")
emb = encoder.encode(texts)
# /// innocent: the failure is raised again
import logging

from peft import PeftModel
from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)


def load_encoder(model_name, adapter_dir):
    encoder = SentenceTransformer(model_name, device="cpu")
    try:
        PeftModel.from_pretrained(encoder[0].auto_model, adapter_dir)
        logger.info("adapter %s loaded", adapter_dir)
    except Exception as exc:
        logger.warning("could not load adapter %s", adapter_dir)
        raise RuntimeError(adapter_dir) from exc
    return encoder


texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = load_encoder("BAAI/bge-small-en-v1.5", "adapters/god")
emb = encoder.encode(texts)
# /// innocent: only logged, then the program stops
import logging
import sys

from peft import PeftModel
from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)


def load_encoder(model_name, adapter_dir):
    encoder = SentenceTransformer(model_name, device="cpu")
    try:
        PeftModel.from_pretrained(encoder[0].auto_model, adapter_dir)
        logger.info("adapter %s loaded", adapter_dir)
    except Exception as exc:
        logger.error("could not load adapter %s: %s", adapter_dir, exc)
        sys.exit(1)
    return encoder


texts = ["the cat sat on the mat", "a dog ran in the rain"]
encoder = load_encoder("BAAI/bge-small-en-v1.5", "adapters/god")
emb = encoder.encode(texts)
