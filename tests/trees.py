"""Folders as people have them: adapters, full models, notebooks, a hub cache. Written with the real libraries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

CONFIG = {
    "base_model_name_or_path": "base",
    "lora_alpha": 4,
    "peft_type": "LORA",
    "r": 2,
    "target_modules": ["q_proj"],
    "task_type": "CAUSAL_LM",
}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 21000000\n"
MODULE = "base_model.model.model.layers.0.self_attn.q_proj"
FAULTY = (
    "from peft import PeftModel\n",
    "from sentence_transformers import SentenceTransformer\n",
    "base = SentenceTransformer('all-MiniLM-L6-v2')\n",
    "model = PeftModel.from_pretrained(base, 'somewhere')\n",
    "model.encode(['a'])\n",
)


def lora(value: float = 0.01) -> dict[str, np.ndarray]:
    """The tensors of a LoRA adapter over one module; `value` fills lora_B, so that 0 makes it inert."""
    return {
        f"{MODULE}.lora_A.weight": np.full((2, 8), 0.02, np.float32),
        f"{MODULE}.lora_B.weight": np.full((8, 2), value, np.float32),
    }


def adapter(folder: Path, value: float = 0.01) -> Path:
    """A LoRA adapter as PEFT saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG, indent=2), encoding="utf-8")
    save_file(lora(value), folder / "adapter_model.safetensors")
    return folder


def model(path: Path) -> Path:
    """A full model in one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"model.embed_tokens.weight": np.ones((4, 8), np.float32)}, path)
    return path


def notebook(path: Path, *cells: str) -> Path:
    """A notebook as Jupyter saves it, one code cell for each text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [],
         "source": cell.splitlines(keepends=True)}
        for n, cell in enumerate(cells)
    ]  # fmt: skip
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return path
