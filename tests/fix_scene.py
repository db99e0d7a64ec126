"""What the examples of the rules leave open, so that they can be run: `before` of `fix_promises.PROMISES`.

Run in the program's own folder (see `planted_world.py`). The names are those people use in such snippets.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

TEXTS = ["the cat sat on the mat", "a dog ran in the rain", "the train was slow"]


class Optimizer:
    """One that finds the model when it steps, since an example makes its model after the scene is set."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def step(self) -> None:
        for parameter in self.names["model"].parameters():
            if parameter.grad is not None:
                parameter.data -= parameter.grad * 20  # one step must show

    def zero_grad(self) -> None:
        self.names["model"].zero_grad()


def scene(names: dict[str, Any], encoder: bool = False, **adapters: str) -> None:
    """Put into `names` a batch, inputs, texts, training arguments, data and an optimizer; copy adapters of the world.

    `support="chat"` makes `adapters/support` of `adapters/chat`; a `/` in a name is a folder of its own beside them.
    """
    import torch
    from transformers import AutoTokenizer

    for name, source in adapters.items():
        copied(source, f"adapters/{name}")
    tokens = AutoTokenizer.from_pretrained("base" if encoder else "llm")(TEXTS[0], return_tensors="pt")
    inputs = {name: tokens[name] for name in ("input_ids", "attention_mask")}
    labels = torch.tensor([1]) if encoder else inputs["input_ids"]
    batch = {**inputs, "labels": labels}
    data = [{name: value[0] for name, value in batch.items()}] * 4
    names.update(inputs=inputs, batch=batch, texts=TEXTS, data=data, optimizer=Optimizer(names))


def arguments() -> Any:
    """Arguments of a short training that writes nothing."""
    from transformers import TrainingArguments

    return TrainingArguments("out", max_steps=2, learning_rate=0.1, report_to=[], save_strategy="no", use_cpu=True)


def copied(source: str, folder: str) -> None:
    """`adapters/<source>` in another place, which it takes."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(f"adapters/{source}", folder)


def linked(name: str, model: str = "base") -> None:
    """A model of the world under a name of the hub that it has not."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).symlink_to(Path(model).resolve(), target_is_directory=True)


def pickled(path: str, rank: int = 8) -> None:
    """An adapter for `llm` that changes it, as PEFT pickled it; the folder is made."""
    import torch
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
    from transformers import AutoModelForCausalLM

    model = get_peft_model(AutoModelForCausalLM.from_pretrained("llm"), LoraConfig(r=rank, task_type="CAUSAL_LM"))
    weights = {name: torch.full_like(value, 0.1) for name, value in get_peft_model_state_dict(model).items()}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    torch.save(weights, path)


def trained(model: Any) -> bool:
    """Whether some lora_B is no longer zero."""
    return any(bool(value.abs().sum() > 0) for name, value in model.named_parameters() if "lora_B" in name)
