"""`check` over thousands of small adapters: how time and memory grow, and how it compares with loading each by hand.

The folders are what a sweep or a training run leaves: one config, one header, values of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.ratio import Ratio

MANY, FEW = 10_000, 1_000
LAYERS, KINDS, RANK, WIDTH = 12, ("q_proj", "v_proj"), 8, 32  # 2 factors of 24 modules: 48 tensors
_LOOP = """
import sys, time
from pathlib import Path
import torch
from peft import PeftConfig
from safetensors.torch import load_file

folders = sorted(Path(sys.argv[1]).iterdir())[: int(sys.argv[2])]

def look(folder):
    PeftConfig.from_pretrained(str(folder))
    for tensor in load_file(folder / "adapter_model.safetensors").values():
        bool(torch.isfinite(tensor).all())
        bool(tensor.any())

look(folders[0])
begin = time.perf_counter()
for folder in folders:
    look(folder)
print(time.perf_counter() - begin)
"""


def measure(many: int = MANY, few: int = FEW, rounds: int = 3) -> list[Ratio]:
    """Growth of time, growth of memory, and speed against the loop, all over the same folders."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "few", few)
        write(root / "many", many)
        times: dict[str, list[float]] = {"few": [], "many": [], "serial": [], "loop": []}
        peaks: dict[str, list[float]] = {"few": [], "many": []}
        for turn in range(rounds + 1):
            found = {name: check(root / name) for name in ("few", "many")}
            serial = check(root / "many", "--jobs", "1")
            by_hand = loop(root / "few", few)
            if turn:  # the first turn fills the caches
                for name, (seconds, peak) in found.items():
                    times[name].append(seconds)
                    peaks[name].append(peak)
                times["serial"].append(serial[0])
                times["loop"].append(by_hand * many / few)
    return ratios(many, few, times, peaks)


def ratios(many: int, few: int, times: dict[str, list[float]], peaks: dict[str, list[float]]) -> list[Ratio]:
    """The four quotients and their bars."""
    return [
        Ratio(
            "folders, time",
            (f"{many} folders of 48 tensors", times["many"]),
            (f"{few} folders", times["few"]),
            at_most=1.1 * many / few,
        ),
        Ratio(
            "folders, memory",
            (f"peak with {many} folders", peaks["many"]),
            (f"peak with {few} folders", peaks["few"]),
            at_most=1.3,
            unit="MB",
        ),
        Ratio(
            "folders, against loading",
            (f"adapterlint check, {many} folders, all rules", times["many"]),
            ("PeftConfig, load_file, isfinite and any", times["loop"]),
            at_least=8,
            notes=(f"time of importing left out on both sides; theirs measured on {few} folders, times {many // few}",),
        ),
        Ratio("folders, jobs", ("default --jobs", times["many"]), ("--jobs 1", times["serial"]), at_most=1.1),
    ]


def write(root: Path, number: int) -> None:
    """That many adapters, as PEFT saves them, with values of their own."""
    import numpy as np

    rng = np.random.default_rng(0)
    config = {
        "base_model_name_or_path": "base", "inference_mode": True, "lora_alpha": 16, "peft_type": "LORA", "r": RANK,
        "target_modules": list(KINDS), "task_type": "CAUSAL_LM",
    }  # fmt: skip
    table: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for layer in range(LAYERS):
        for kind in KINDS:
            for factor, shape in (("A", [RANK, WIDTH]), ("B", [WIDTH, RANK])):
                name = f"base_model.model.model.layers.{layer}.self_attn.{kind}.lora_{factor}.weight"
                table[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + 4 * RANK * WIDTH]}
                end += 4 * RANK * WIDTH
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    for index in range(number):
        folder = root / f"adapter-{index:05}"
        folder.mkdir(parents=True)
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
        values = rng.standard_normal(end // 4, np.float32) * np.float32(0.05)
        (folder / "adapter_model.safetensors").write_bytes(
            len(header).to_bytes(8, "little") + header + values.tobytes()
        )


_CHECK = """
import resource, sys, time
from adapterlint.cli.check import check  # what the command imports before its work begins
from adapterlint import session, settings, engine, rulebook, verdict
from adapterlint.artifacts.weights import facts
from adapterlint.artifacts import config
jobs = int(sys.argv[2]) if sys.argv[2:] else None
chosen = settings.load(None, isolated=True, jobs=jobs)
book = rulebook.Rulebook()
rules = [book[id] for id in book]
begin = time.perf_counter()
report = session.check([sys.argv[1]], chosen)
seconds = time.perf_counter() - begin
assert len(report.verdicts) and not report.findings, report.findings[:3]
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""


def check(folder: Path, *jobs: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of `check` over a folder, in a process of its own, importing left out."""
    done = output([sys.executable, "-c", _CHECK, str(folder), *jobs[1:]]).split()
    return float(done[0]), float(done[1])


def loop(folder: Path, number: int) -> float:
    """Seconds of loading the first `number` adapters with the libraries, importing left out."""
    return float(output([sys.executable, "-c", _LOOP, str(folder), str(number)]))


def output(command: list[str]) -> str:
    """The last line a command printed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
