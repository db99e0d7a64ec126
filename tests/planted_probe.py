"""What the `truth` of a planted program may ask: see tests/cases/planted/README.md. Torch loads on first use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


class Probe:
    """What a `truth` may ask beside the program's own globals.

    `stdout` is what the program printed, `locals` the last locals of each of its functions by name (`locals["main"]`),
    `loads` the keyword arguments of each of its own calls of `torch.load`, the file among them as `f`; `raised` is the
    exception it ended with (a truth that does not ask for it is not asked of a program that raised).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stdout = ""
        self.locals: dict[str, dict[str, Any]] = {}
        self.loads: list[dict[str, Any]] = []
        self.raised: BaseException | None = None

    def differ(self, one: Any, other: Any, by: float = 1e-5) -> bool:
        """Whether two arrays, tensors or lists of numbers differ anywhere by more than `by` (or in shape)."""
        a, b = self.array(one), self.array(other)
        return a.shape != b.shape or bool(abs(a - b).max() > by)

    def array(self, values: Any) -> Any:
        import numpy as np

        if isinstance(values, (list, tuple)):
            return np.stack([self.array(value) for value in values])
        return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, dtype="float64")

    def embed(self, sentences: Any = TEXTS, adapter: str = "", model: str = "base") -> Any:
        """What a fresh SentenceTransformer gives, untouched or with `adapters/<adapter>` around its transformer."""
        from peft import PeftModel
        from sentence_transformers import SentenceTransformer

        encoder = SentenceTransformer(str(self.folder / model), device="cpu")
        if adapter:
            PeftModel.from_pretrained(encoder[0].auto_model, str(self.path(adapter)))
        return encoder.encode(sentences)

    def llm(self, adapter: str = "", model: str = "llm") -> Any:
        """A fresh causal language model, untouched or with one adapter rightly loaded."""
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        base = AutoModelForCausalLM.from_pretrained(str(self.folder / model))
        return (PeftModel.from_pretrained(base, str(self.path(adapter))) if adapter else base).eval()

    def path(self, adapter: str) -> Path:
        """`adapters/<adapter>`, or a folder that the program wrote."""
        named = self.folder / "adapters" / adapter
        return named if named.exists() else self.folder / adapter

    def logits(self, model: Any = None, text: str = TEXTS[0], **fresh: str) -> Any:
        """The logits of `model` (or of a fresh `llm(**fresh)`) for `text`, without dropout."""
        import torch
        from transformers import AutoTokenizer

        model = (self.llm(**fresh) if model is None else model).eval()
        batch = AutoTokenizer.from_pretrained(str(self.folder / "llm"))(text, return_tensors="pt")
        with torch.no_grad():
            return model(input_ids=batch["input_ids"]).logits

    def saved(self, adapter: str) -> dict[str, Any]:
        """The tensors of `adapters/<adapter>`, or of a folder the program wrote, with PEFT's names."""
        from safetensors.torch import load_file

        return load_file(str(self.path(adapter) / "adapter_model.safetensors"))

    def lora(self, model: Any) -> dict[str, Any]:
        """Copies of the LoRA tensors inside `model`, without prefix and adapter name, as in `saved`'s last parts."""
        return {k: v.detach().clone() for k, v in model.state_dict().items() if "lora_" in k}

    def same_lora(self, model: Any, adapter: str) -> bool:
        """Whether the LoRA tensors in `model` are those of `adapters/<adapter>`, each under whatever prefix."""
        held = {_tail(name): value for name, value in self.lora(model).items()}
        kept = {_tail(name): value for name, value in self.saved(adapter).items()}
        return held.keys() == kept.keys() and not any(self.differ(held[name], kept[name]) for name in held)


def _tail(name: str) -> str:
    """`layers.0.self_attn.q_proj.lora_A`: from the layer list on, without the adapter's name."""
    parts = name.split(".")
    start = max(i for i, part in enumerate(parts) if part in ("layers", "layer"))
    end = next(i for i, part in enumerate(parts) if part.startswith("lora_"))
    return ".".join(part for part in parts[start : end + 1] if part != "base_layer")
