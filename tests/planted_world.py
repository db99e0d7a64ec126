"""Where the planted programs run: a folder with tiny models and adapters, one interpreter for all programs of a stack.

    python tests/planted_world.py build FOLDER     tests/worlds.py's world with llm/ and checkpoints/ added
    python tests/planted_world.py run JOBS.json    run programs one after the other and ask each for its `truth`

A job is a program's path, the statements to run before it, its arguments and an expression over what it left behind:
its globals, and `probe` (see `planted_probe.Probe`).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import worlds
from planted_probe import TEXTS, Probe

# Names of the hub that are folders here, so that the programs may say what their authors would have said.
ENCODERS = ("BAAI/bge-small-en-v1.5", "sentence-transformers/all-MiniLM-L6-v2", "google-bert/bert-base-uncased")
LLMS = (
    "meta-llama/Llama-3.2-1B",
    "mistralai/Mistral-7B-v0.1",
    "Qwen/Qwen2.5-0.5B",
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
)
TEMPLATE = "{% for m in messages %}{{ m['content'] }} {% endfor %}"


def build(folder: Path) -> None:
    """What is not there yet of `worlds.build`, then what only planted programs need."""
    if not (folder / "base").exists():
        worlds.build(folder)
    build_llm(folder / "llm")
    for seed, name in enumerate(("chat", "chat2")):
        build_chat_adapter(folder / "llm", folder / "adapters" / name, seed=seed)
    build_checkpoints(folder)
    for place, names in (("base", ENCODERS), ("llm", LLMS)):
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).symlink_to(folder / place, target_is_directory=True)


def build_llm(folder: Path) -> None:
    """Write a LlamaForCausalLM with random weights (seeded), 2 layers, hidden size 32, and a word tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ["<pad>", "<unk>", "<s>", "</s>", *worlds.VOCABULARY.split()[5:]]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        bos_token_id=2,
        eos_token_id=3,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


def build_chat_adapter(base: Path, folder: Path, *, seed: int, steps: int = 8) -> None:
    """Train LoRA on one sentence per seed."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(str(base)), config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-2)
    batch = tokenizer(TEXTS[seed], return_tensors="pt")
    for _ in range(steps):
        loss = model(input_ids=batch["input_ids"], labels=batch["input_ids"]).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.peft_config["default"].base_model_name_or_path = "llm"
    model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)


def build_checkpoints(folder: Path) -> None:
    """The trained chat adapter as people keep it by hand: pickled files, with and without PEFT's own key form."""
    import torch
    from peft import PeftModel, get_peft_model_state_dict
    from transformers import AutoModelForCausalLM

    kept = folder / "checkpoints"
    kept.mkdir()
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(str(folder / "llm")), folder / "adapters" / "chat"
    )
    weights = get_peft_model_state_dict(model)
    torch.save(weights, kept / "adapter_model.bin")
    torch.save({k: v for k, v in model.state_dict().items() if "lora_" in k}, kept / "lora_state.pt")
    torch.save({f"module.{k}": v for k, v in weights.items()}, kept / "ddp_adapter.pt")
    pickled = folder / "adapters" / "pickled"
    pickled.mkdir()
    (pickled / "adapter_config.json").write_bytes((folder / "adapters" / "chat" / "adapter_config.json").read_bytes())
    torch.save(weights, pickled / "adapter_model.bin")


@contextlib.contextmanager
def restored(job: dict[str, Any]) -> Iterator[None]:
    """One program's changes to the process, undone: folder, path, modules, arguments, seeds, modes."""
    import numpy as np
    import torch

    cwd, path, modules, argv, environment = Path.cwd(), [*sys.path], {*sys.modules}, sys.argv, dict(os.environ)
    threads, dtype, load = torch.get_num_threads(), torch.get_default_dtype(), torch.load
    folder = Path(job["path"]).parent
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = [job["path"], *job["argv"]]
    main = sys.modules["__main__"]
    sys.modules["__main__"] = job["module"]
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    try:
        yield
    finally:
        os.chdir(cwd)
        sys.path[:], sys.argv, sys.modules["__main__"] = path, argv, main
        os.environ.clear()
        os.environ.update(environment)
        for name in {*sys.modules} - modules:
            held = getattr(sys.modules[name], "__file__", None)
            if held and Path(held).is_relative_to(folder):
                del sys.modules[name]
        torch.set_grad_enabled(True)
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        torch.load = load


@contextlib.contextmanager
def watched(probe: Probe) -> Iterator[None]:
    """Note the locals of the program's own functions as they return, and its own calls of `torch.load`."""
    import torch

    prefix, load = str(probe.folder), torch.load

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "return" and code.co_filename.startswith(prefix) and code.co_name != "<module>":
            probe.locals.setdefault(code.co_name, {}).update(frame.f_locals)

    def noting(*arguments: Any, **keywords: Any) -> Any:
        if sys._getframe(1).f_code.co_filename.startswith(prefix):
            probe.loads.append(dict(zip(("f", "map_location"), map(str, arguments), strict=False)) | keywords)
        return load(*arguments, **keywords)

    torch.load = noting
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """{"truth": bool, "raised": how it ended, "" if it ran through} or {"trouble": traceback}."""
    path, output = Path(job["path"]), io.StringIO()
    probe = Probe(path.parent)
    module = ModuleType("__main__")
    module.__file__ = str(path)
    namespace: dict[str, Any] = module.__dict__
    job = job | {"module": module}
    try:
        with restored(job), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            exec(job["before"], namespace)
            with watched(probe):
                try:
                    exec(compile(worlds.program_text(path), str(path), "exec"), namespace)
                except (Exception, SystemExit) as raised:
                    probe.raised = None if isinstance(raised, SystemExit) and not raised.code else raised
            if probe.raised and "probe.raised" not in job["truth"]:
                raise probe.raised
            probe.stdout = output.getvalue()
            truth = bool(eval(job["truth"], namespace | {"probe": probe}))
            return {"truth": truth, "raised": repr(probe.raised) if probe.raised else ""}
    except BaseException:
        return {"trouble": traceback.format_exc() + output.getvalue()[-2000:]}


def main(arguments: list[str]) -> None:
    os.environ.update(worlds.OFFLINE, WANDB_DISABLED="true", HF_DATASETS_OFFLINE="1", CUDA_VISIBLE_DEVICES="")
    os.environ["OMP_NUM_THREADS"] = "1"  # the models are too small to share out
    warnings.simplefilter("ignore")
    command, path = arguments
    if command == "build":
        build(Path(path))
        return
    jobs = Path(path)
    outcomes = {job["path"]: run(job) for job in json.loads(jobs.read_text(encoding="utf-8"))}
    jobs.with_suffix(".outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
