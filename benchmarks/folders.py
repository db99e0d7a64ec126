"""`check` over thousands of small adapters: how time and memory grow, and how it compares with loading each by hand.

Twice: over folders as a sweep or a training run leaves them (one config, one header, values of their own), and over
folders no two of which have a tensor name, a config or a base model in common, where nothing can be remembered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import stages
from benchmarks.ratio import Ratio

MANY, FEW = 10_000, 1_000
LAYERS, KINDS, RANK, WIDTH = 12, ("q_proj", "v_proj"), 8, 32  # 2 factors of 24 modules: 48 tensors
OTHERS = ("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj")
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


Folder = tuple[dict[str, Any], dict[str, tuple[int, int]]]
"""A config, and the shapes of the tensors by name."""


def measure(many: int = MANY, few: int = FEW, rounds: int = 3) -> list[Ratio]:
    """Growth of time, growth of memory, and speed against the loop, all over the same folders."""
    return [
        *_measure("folders", sweep, many, few, rounds),
        *_measure("folders, all different", mixed, many, few, rounds),
    ]


def _measure(name: str, folders: Callable[[int], Iterator[Folder]], many: int, few: int, rounds: int) -> list[Ratio]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "few", folders(few))
        write(root / "many", folders(many))
        times: dict[str, list[float]] = {"few": [], "many": [], "serial": [], "loop": []}
        peaks: dict[str, list[float]] = {"few": [], "many": []}
        for turn in range(rounds + 1):
            found = {name: check(root / name) for name in ("few", "many")}
            serial = check(root / "many", "--jobs", "1")
            by_hand = loop(root / "few", few)
            if turn:  # the first turn fills the caches
                for size, (seconds, peak) in found.items():
                    times[size].append(seconds)
                    peaks[size].append(peak)
                times["serial"].append(serial[0])
                times["loop"].append(by_hand * many / few)
        notes = stages.split(root / "few", few)
    return ratios(name, many, few, times, peaks, notes)


def ratios(
    name: str, many: int, few: int, times: dict[str, list[float]], peaks: dict[str, list[float]], notes: list[str]
) -> list[Ratio]:
    """The four quotients and their bars. Where all folders differ, the bar of the speed is that of the loop itself."""
    return [
        Ratio(
            f"{name}, time",
            (f"{many} folders of 48 tensors", times["many"]),
            (f"{few} folders", times["few"]),
            at_most=round(1.1 * many / few, 1),
        ),
        Ratio(
            f"{name}, memory",
            (f"peak with {many} folders", peaks["many"]),
            (f"peak with {few} folders", peaks["few"]),
            at_most=1.3,
            unit="MB",
        ),
        Ratio(
            f"{name}, against loading",
            (f"adapterlint check, {many} folders, all rules", times["many"]),
            ("PeftConfig, load_file, isfinite and any", times["loop"]),
            at_least=8 if name == "folders" else 1,
            notes=(
                f"time of importing left out on both sides; theirs measured on {few} folders, times {many // few}",
                *notes,
            ),
        ),
        Ratio(f"{name}, jobs", ("default --jobs", times["many"]), ("--jobs 1", times["serial"]), at_most=1.1),
    ]


def sweep(number: int) -> Iterator[Folder]:
    """Adapters of one run."""
    config = {
        "base_model_name_or_path": "base", "inference_mode": True, "lora_alpha": 16, "peft_type": "LORA", "r": RANK,
        "target_modules": list(KINDS), "task_type": "CAUSAL_LM",
    }  # fmt: skip
    shapes = _shapes("model", range(LAYERS), KINDS, RANK, WIDTH)
    for _ in range(number):
        yield config, shapes


def mixed(number: int) -> Iterator[Folder]:
    """Adapters of as many people: each has a base model, a rank, widths, layers, modules and names of its own."""
    for at in range(number):
        rank = 4 + at % 13
        kinds = (OTHERS[at % 6], OTHERS[(at + 1 + at // 6 % 5) % 6])
        config: dict[str, Any] = {
            "alpha_pattern": {}, "auto_mapping": None, "base_model_name_or_path": f"org-{at % 97}/model-{at}",
            "bias": "none", "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True,
            "lora_alpha": rank * (1 + at % 3), "lora_dropout": at % 11 / 100, "modules_to_save": None,
            "peft_type": "LORA", "r": rank, "rank_pattern": {}, "revision": None, "target_modules": list(kinds),
            "task_type": "CAUSAL_LM",
        }  # fmt: skip
        layers = range(at // 7 % 9, at // 7 % 9 + LAYERS)
        yield config, _shapes(f"model_{at}", layers, kinds, rank, 24 + at % 37)


def _shapes(model: str, layers: range, kinds: tuple[str, ...], rank: int, width: int) -> dict[str, tuple[int, int]]:
    path = "base_model.model.{}.layers.{}.self_attn.{}.lora_{}.weight"
    return {
        path.format(model, layer, kind, factor): shape
        for layer in layers
        for kind in kinds
        for factor, shape in (("A", (rank, width)), ("B", (width, rank)))
    }


def write(root: Path, folders: Iterator[Folder]) -> None:
    """The adapters as PEFT saves them, with values of their own."""
    import numpy as np

    rng = np.random.default_rng(0)
    for index, (config, shapes) in enumerate(folders):
        table: dict[str, object] = {"__metadata__": {"format": "pt"}}
        end = 0
        for name, (rows, columns) in shapes.items():
            table[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [end, end + 4 * rows * columns]}
            end += 4 * rows * columns
        header = json.dumps(table).encode()
        header += b" " * (-len(header) % 8)
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
from adapterlint.artifacts import config, config_fields
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
