"""What the rules about adapter_config.json claim, held to the PEFT that is installed and to older ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import adapterlint
from adapterlint.artifacts import config as configs
from adapterlint.artifacts.config import Config
from adapterlint.checks import base_path_unusable, pattern_matches_nothing, unknown_field
from adapterlint.model import Run, Severity

if TYPE_CHECKING:
    from adapterlint.model import Finding

LORA: dict[str, Any] = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}

# Run by the interpreter of a stack, with paths of folders. Prints what became of each config there.
LOAD = """
import json, sys, warnings
from peft import PeftConfig
said = {}
for folder in sys.argv[1:]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            loaded = PeftConfig.from_pretrained(folder)
            dropped = any("Unexpected keyword arguments" in str(it.message) for it in caught)
            said[folder] = "dropped" if dropped else "taken"
        except Exception as error:
            said[folder] = type(error).__name__
print(json.dumps(said))
"""
# Run likewise, with one folder: writes the config of every type that can be made without arguments.
WRITE = """
import sys
import warnings
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING as types
for kind, config in types.items():
    try:
        made = config()
    except Exception:
        continue
    made.save_pretrained(f"{sys.argv[1]}/{getattr(kind, 'value', kind)}")
"""


def read(folder: Path, data: dict[str, Any]) -> Config:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    found = configs.read(str(path))
    assert isinstance(found, Config)
    return found


def on(version: str | None, config: Config) -> list[Finding]:
    return list(unknown_field.check(config, Run(versions={"peft": version} if version else {})))


@pytest.fixture(scope="session")
def python_of() -> Callable[[str], str]:
    """The interpreter of a stack; skips where none is given."""
    from conftest import STACKS

    def python(name: str) -> str:
        variable = STACKS[name]
        found = os.environ.get(variable, "") if variable else sys.executable
        if not found:
            pytest.skip(f"{variable} names no interpreter")
        return found

    return python


def run(python: str, program: str, *arguments: str) -> str:
    done = subprocess.run([python, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.runtime
@pytest.mark.parametrize(("name", "version"), [("old", "0.12.0"), ("mid", "0.18.1"), ("new", "0.21.2")])
def test_what_is_said_of_a_version_is_what_it_does(
    name: str, version: str, python_of: Callable[[str], str], tmp_path: Path
) -> None:
    extras: dict[str, dict[str, Any]] = {
        "plain": {},
        "default_of_a_newer": {"use_bdlora": None},
        "value_of_a_newer": {"kasa_config": {"beta": 1.0}},
        "nobodys": {"swift_version": "3.1"},
        "legacy": {"enable_lora": None, "merge_weights": False},
        "of_the_middle": {"trainable_token_indices": [1, 2]},
    }
    python = python_of(name)
    folders = {case: tmp_path / case for case in extras}
    read_back = {case: read(folders[case], {**LORA, **extra}) for case, extra in extras.items()}
    said = json.loads(run(python, LOAD, *map(str, folders.values())).splitlines()[-1])
    for case, config in read_back.items():
        found = on(version, config)
        worst = max((finding.severity for finding in found), default=None)
        outcome = said[str(folders[case])]
        if outcome == "TypeError":
            assert worst is Severity.error, case
        elif outcome == "taken":
            assert worst is None, case
        else:
            assert outcome == "dropped" and found, case
            lost = case in ("value_of_a_newer", "of_the_middle")
            assert (worst is Severity.error) == lost, case


@pytest.mark.runtime
@pytest.mark.parametrize("name", ["old", "mid", "new"])
def test_what_any_peft_writes_is_known(name: str, python_of: Callable[[str], str], tmp_path: Path) -> None:
    run(python_of(name), WRITE, str(tmp_path))
    folders = sorted(path for path in tmp_path.iterdir() if path.is_dir())
    assert len(folders) >= 15
    for folder in folders:
        config = configs.read(str(folder / "adapter_config.json"))
        assert isinstance(config, Config)
        assert not on(None, config), folder.name


def test_a_range_is_an_error_only_where_all_of_it_is_hurt(tmp_path: Path) -> None:
    config = read(tmp_path, {**LORA, "use_bdlora": None, "alora_invocation_tokens": [1]})
    assert [it.severity for it in on(">=0.8,<0.12", config)] == [Severity.error]
    assert [it.severity for it in on(">=0.13,<0.18", config)] == [Severity.warning] * 2  # refused, then lost
    assert [it.severity for it in on(">=0.15,<0.18", config)] == [Severity.error]
    assert [it.severity for it in on(">=0.17,<0.20", config)] == [Severity.warning]
    assert not on(">=0.19", config) and not on("no version", config)
    assert not [it for it in on("0.5", config) if "refuses" in it.message]


def test_a_refusal_says_which_release_and_which_fields(tmp_path: Path) -> None:
    config = read(tmp_path, {**LORA, "peft_version": "0.21.2", "use_bdlora": None, "lora_bias": False})
    (found,) = on("0.12", config)
    assert found.message == (
        "PEFT 0.12 refuses a config with 3 fields that it does not know (peft_version, use_bdlora, lora_bias)"
    )
    assert (found.place.pointer, [it.pointer for it in found.related]) == (
        "/peft_version",
        ["/use_bdlora", "/lora_bias"],
    )


def test_many_unknown_keys_are_few_findings(tmp_path: Path) -> None:
    many = {f"key_{number}": number for number in range(20_000)}
    config = read(tmp_path, {**LORA, **many, "\u2028" * 500: 1})
    (found,) = on(None, config)
    assert found.severity is Severity.info and len(found.message) < 300 and "19,9" not in found.message
    assert len(on("0.12", config)) == 1


@pytest.mark.parametrize(
    "version", [None, "0.18.2.dev0@UNKNOWN", "0.17.1.dev0", "x", "99.0.0", "0.99.0.dev0@abc"], ids=str
)
def test_odd_versions_of_the_writer_are_no_fault(version: str | None, tmp_path: Path) -> None:
    config = read(tmp_path, {**LORA, "peft_version": version, "enable_lora": None, "merge_weights": False})
    assert not on(None, config)


@pytest.mark.parametrize(
    ("base", "severity"),
    [
        ("C:\\Users\\me\\models\\llama", Severity.warning),
        ("D:/models/llama", Severity.warning),
        ("..\\base", Severity.warning),
        ("/kaggle/input/llama-3/transformers/8b-hf/1", Severity.info),
        ("~/models/llama", Severity.info),
        ("outputs\\llama", Severity.info),
        ("  ", Severity.warning),
        ("your-org/your-model", Severity.warning),
        ("${BASE_MODEL}", Severity.warning),
        ("yourbench/llama", None),
        ("none-of-the-above/base", None),
        ("pathto/model", None),
        ("google/flan-t5-xl", None),
        ("base", None),
        ("m", None),
    ],
)
def test_base_paths(base: str, severity: Severity | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_path_unusable, "ON_WINDOWS", False)
    found = list(base_path_unusable.check(read(tmp_path, {**LORA, "base_model_name_or_path": base})))
    assert [it.severity for it in found] == ([severity] if severity is not None else [])


def test_a_windows_path_is_at_home_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_path_unusable, "ON_WINDOWS", True)
    (found,) = base_path_unusable.check(read(tmp_path, {**LORA, "base_model_name_or_path": "C:\\models\\llama"}))
    assert found.severity is Severity.info


def test_the_cache_of_the_hub_tells_the_id(tmp_path: Path) -> None:
    cached = "/cache/hub/models--Qwen--Qwen2.5-0.5B/snapshots/0123abcd"
    (found,) = base_path_unusable.check(read(tmp_path, {**LORA, "base_model_name_or_path": cached}))
    assert "the cache of Qwen/Qwen2.5-0.5B" in found.message


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Path]:
    """A function that trains a tiny Llama's adapter, saves it and returns its folder."""
    import tiny

    def train(**options: Any) -> Path:
        folder = tmp_path / "adapter"
        tiny.save(tiny.llama(), folder, steps=4, **options)
        return folder

    return train


def rewrite(folder: Path, **changes: Any) -> None:
    path = folder / "adapter_config.json"
    data = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps({key: value for key, value in data.items() if value is not ...}), encoding="utf-8")


def rules_of(folder: Path) -> set[str]:
    findings = adapterlint.check([str(folder)], isolated=True).findings
    return {it.rule for it in findings if it.severity >= Severity.warning}


@pytest.mark.runtime
def test_without_alpha_the_default_scales(trained: Callable[..., Path]) -> None:
    import torch

    import tiny

    folder = trained()
    right = tiny.output(tiny.llama(), folder)
    assert not rules_of(folder)
    rewrite(folder, lora_alpha=...)
    missing = tiny.output(tiny.llama(), folder)
    assert "alpha-missing" in rules_of(folder)
    rewrite(folder, lora_alpha=8)
    assert torch.equal(missing, tiny.output(tiny.llama(), folder))
    rewrite(folder, lora_alpha=32)
    assert not torch.allclose(missing, tiny.output(tiny.llama(), folder))
    assert torch.equal(right, missing), "this one was trained with the default"


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("q_proj", True),
        ("self_attn.q_proj", True),
        (r".*layers\.0\..*", True),
        (r"layers\.\d+\.self_attn\.[qk]_proj", True),
        ("model.layers.1.self_attn.v_proj", True),
        ("layers.0", False),
        ("q_proj.weight", False),
        ("proj", False),
        ("query", False),
        ("base_model.model.model.layers.0.self_attn.q_proj", False),
    ],
)
def test_a_pattern_counts_where_we_say_it_does(key: str, counts: bool, trained: Callable[..., Path]) -> None:
    import torch

    import tiny

    folder = trained()
    plain = tiny.output(tiny.llama(), folder)
    rewrite(folder, alpha_pattern={key: 64})
    assert torch.equal(plain, tiny.output(tiny.llama(), folder)) != counts
    assert rules_of(folder) == (set() if counts else {"pattern-matches-nothing"})


@pytest.mark.runtime
@pytest.mark.parametrize("init", ["pissa", "olora", "eva", "gaussian", "orthogonal"])
def test_starts_that_peft_repeats_load_as_trained(init: str, trained: Callable[..., Path]) -> None:
    import torch

    import tiny

    folder = trained(init_lora_weights=init)
    first = tiny.output(tiny.llama(), folder)
    torch.manual_seed(7)
    assert torch.equal(first, tiny.output(tiny.llama(), folder))
    assert not rules_of(folder)
    rewrite(folder, init_lora_weights=True)
    plain = tiny.output(tiny.llama(), folder)
    assert torch.equal(first, plain) == (init not in ("pissa", "olora"))


@pytest.mark.runtime
def test_a_random_start_differs_at_every_load(trained: Callable[..., Path]) -> None:
    import torch

    import tiny

    folder = trained(init_lora_weights="pissa_niter_4")
    outputs = []
    for seed in (7, 8):
        model = tiny.llama()
        torch.manual_seed(seed)
        outputs.append(tiny.output(model, folder))
    assert not torch.allclose(*outputs, atol=1e-3)
    assert rules_of(folder) == {"base-altering-init"}


@pytest.mark.runtime
def test_corda_cannot_be_loaded_around_the_plain_base(trained: Callable[..., Path]) -> None:
    import tiny

    folder = trained()
    rewrite(folder, init_lora_weights="corda", corda_config={"corda_method": "ipm"})
    with pytest.raises(ValueError, match="eigens"):
        tiny.output(tiny.llama(), folder)
    assert rules_of(folder) == {"base-altering-init"}


def test_hostile_patterns_take_no_time(tmp_path: Path) -> None:
    import time

    from adapterlint.artifacts.weights import Tensor, Weights

    names = [f"base_model.model.layers.{n}.self_attn.q_proj.lora_A.weight" for n in range(2000)]
    tensors = {name: Tensor(name, "F32", (4, 8), "x", 0, 0) for name in names}
    patterns = {f"(a|b|ab)*c{number}.x": 3 for number in range(20_000)} | {
        f"plain{number}": 3 for number in range(20_000)
    }
    config = read(tmp_path, {**LORA, "alpha_pattern": patterns})
    begun = time.process_time()
    found = list(pattern_matches_nothing.check(config, Weights(["x"], tensors)))
    assert time.process_time() - begun < 5 and len(found) <= 21


@pytest.mark.parametrize(
    "patterns",
    [
        {"alpha_pattern": {f"(a|b|ab|s|e|l|f)*(.*)*c{number}.x": 3 for number in range(1000)}},
        {"target_modules": "(?:" + "(?:[a-z]|b)?" * 5000 + ")*.*z"},
        {"target_modules": "(?:(?:(?:a|b|ab|[a-z._0-9])*)*(.*)*)*(x|y|.{1,100})*z"},
    ],
    ids=["thousands of keys", "long", "nested"],
)
def test_a_whole_check_of_hostile_patterns_ends(tmp_path: Path, patterns: dict[str, Any]) -> None:
    import time

    read(tmp_path, {**LORA, **patterns})
    modules = [f"base_model.model.layers.{number}.self_attn.q_proj" for number in range(500)]
    shapes = {"lora_A": (4, 8), "lora_B": (8, 4)}
    tensors = {f"{it}.{name}.weight": np.ones(shape, np.float32) for it in modules for name, shape in shapes.items()}
    save_file(tensors, tmp_path / "adapter_model.safetensors")
    begun = time.process_time()
    assert adapterlint.check([tmp_path], isolated=True, jobs=1).verdicts
    assert time.process_time() - begun < 60


@pytest.fixture
def oft(trained: Callable[..., Path]) -> Path:
    from peft import OFTConfig

    return trained(config=OFTConfig(r=0, oft_block_size=8, target_modules=["q_proj"]))


@pytest.mark.runtime
def test_oft_without_its_block_size_is_refused(oft: Path) -> None:
    import tiny

    assert not rules_of(oft)
    rewrite(oft, oft_block_size=...)
    with pytest.raises(ValueError, match="OFT has been updated"):
        tiny.output(tiny.llama(), oft)
    assert "outdated-oft" in rules_of(oft)


@pytest.mark.runtime
def test_oft_under_its_old_name_is_left_out(oft: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    import tiny

    path = oft / "adapter_model.safetensors"
    base = tiny.output(tiny.llama())
    assert not torch.allclose(base, tiny.output(tiny.llama(), oft))
    renamed = {name.replace("oft_R.weight", "oft_r"): tensor for name, tensor in load_file(path).items()}
    save_file(renamed, path)
    assert torch.allclose(base, tiny.output(tiny.llama(), oft), atol=1e-6)
    assert "outdated-oft" in rules_of(oft)


@pytest.mark.runtime
@pytest.mark.parametrize(("version", "changed"), [("0.17.1", True), ("0.18.0", False), ("0.18.2.dev0@UNKNOWN", False)])
def test_oft_of_another_series_is_warned_of(version: str, changed: bool, oft: Path) -> None:
    from peft import PeftModel

    import tiny

    rewrite(oft, peft_version=version)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        PeftModel.from_pretrained(tiny.llama(), str(oft))
    assert any("cayley" in str(it.message) for it in caught) == changed
    assert rules_of(oft) == ({"outdated-oft"} if changed else set())
