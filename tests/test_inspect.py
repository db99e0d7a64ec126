"""`adapterlint inspect`: what is inside an adapter, and the strength of its modules."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import trees
from adapterlint.artifacts import config as configs
from adapterlint.artifacts import weights as tables
from adapterlint.artifacts.config import Config
from adapterlint.artifacts.weights import Weights
from adapterlint.errors import UsageError
from adapterlint.inspection import inspect
from adapterlint.loadplan.strength import bounds, effective_rank, strengths
from adapterlint.report.inspection import as_json, as_text
from adapterlint.settings import load

LAYER = "base_model.model.model.layers.{}.self_attn.{}"


def random(shape: tuple[int, ...], seed: int, dtype: type = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, shape).astype(dtype)


def save(folder: Path, tensors: dict[str, np.ndarray], **config: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    whole = {**trees.CONFIG, "r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], **config}
    (folder / "adapter_config.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


def layers(number: int, rank: int = 4, dtype: type = np.float32) -> dict[str, np.ndarray]:
    tensors = {}
    for layer in range(number):
        for at, kind in enumerate(("q_proj", "v_proj")):
            module = LAYER.format(layer, kind)
            tensors[f"{module}.lora_A.weight"] = random((rank, 24), 4 * layer + at, dtype)
            tensors[f"{module}.lora_B.weight"] = random((16, rank), 4 * layer + at + 2, dtype)
    return tensors


def opened(folder: Path) -> tuple[Weights, Config]:
    weights = tables.read([str(folder / "adapter_model.safetensors")])
    config = configs.read(str(folder / "adapter_config.json"))
    assert isinstance(weights, Weights) and isinstance(config, Config)
    return weights, config


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64])
@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"alpha_pattern": {"v_proj": 32}}], ids=str)
def test_strength_is_that_of_the_whole_product(tmp_path: Path, dtype: type, settings: dict[str, object]) -> None:
    tensors = layers(2, dtype=dtype)
    weights, config = opened(save(tmp_path, tensors, **settings))
    found = list(strengths(weights, config))
    assert len(found) == 4
    for it, bound in zip(found, bounds(weights, config), strict=True):
        alpha = 32 if settings.get("alpha_pattern") and "v_proj" in it.pair.module else 8
        scaling = alpha / math.sqrt(4) if settings.get("use_rslora") else alpha / 4
        first, second = (tensors[name].astype(np.float64) for name in it.pair.names)
        values = np.linalg.svd(scaling * second @ first, compute_uv=False)
        shares = values[:4] / values.sum()
        assert it.norm == pytest.approx(float(np.sqrt((values**2).sum())), rel=1e-6)
        assert it.effective_rank == pytest.approx(float(np.exp(-(shares * np.log(shares)).sum())), rel=1e-6)
        assert it.norm <= bound.norm * (1 + 1e-4)


def test_a_convolution_counts_every_tap(tmp_path: Path) -> None:
    module = "base_model.model.encoder.conv"
    first, second = random((4, 3, 5, 5), 0), random((8, 4, 1, 1), 1)
    tensors = {f"{module}.lora_A.weight": first, f"{module}.lora_B.weight": second}
    weights, config = opened(save(tmp_path, tensors))
    (found,) = strengths(weights, config)
    assert found.norm == pytest.approx(float(np.linalg.norm(2 * second.reshape(8, 4) @ first.reshape(4, -1))), rel=1e-6)


def test_effective_rank_of_equal_values_is_their_number() -> None:
    assert effective_rank([3.0] * 5) == pytest.approx(5)
    assert effective_rank([1.0, 0.0, 0.0]) == pytest.approx(1)
    assert effective_rank([0.0, 0.0]) == 0


def test_the_sheet_says_what_the_adapter_is(tmp_path: Path) -> None:
    found = inspect(str(save(tmp_path, layers(3), use_rslora=True)), load(isolated=True))
    assert (found.type, found.ranks, found.scalings, found.flags) == ("LORA", (4,), (4.0,), ("rsLoRA",))
    assert found.parameters == sum(tensor.size for tensor in layers(3).values())
    assert [module.kind for module in found.modules[:2]] == ["self_attn.q_proj", "self_attn.v_proj"]
    text = as_text(found, color=False, width=100, encoding="utf-8")
    assert "works" in text and "rsLoRA" in text and "self_attn.q_proj" in text and "█" in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("width", [40, 60, 200])
def test_the_map_fits_the_screen(tmp_path: Path, encoding: str, width: int) -> None:
    found = inspect(str(save(tmp_path / "a", layers(70))), load(isolated=True))
    text = as_text(found, color=False, width=width, encoding=encoding)
    text.encode(encoding)
    rows = [line for line in text.splitlines() if line.startswith(("self_attn", "…lf_attn"))]
    assert rows and all(len(row) <= width for row in rows)
    assert as_text(found, color=True, width=width, encoding=encoding) != text


def test_json_is_versioned_and_strict(tmp_path: Path) -> None:
    found = json.loads(as_json(inspect(str(save(tmp_path, layers(2))), load(isolated=True))))
    assert found["version"] == 1 and found["verdict"]["status"] == "works"
    assert found["kinds"][0]["modules"] == 2 and found["modules"][0]["layer"] == 0
    assert found["kinds"][0]["strength_max"] == max(
        module["strength"] for module in found["modules"] if module["kind"] == "self_attn.q_proj"
    )


def test_an_inert_adapter_shows_zeros(tmp_path: Path) -> None:
    tensors = {name: np.zeros_like(it) if "lora_B" in name else it for name, it in layers(2).items()}
    found = inspect(str(save(tmp_path, tensors)), load(isolated=True))
    assert str(found.verdict.status) == "inert"
    assert {module.zeros for module in found.modules} == {1.0} and {it.effective_rank for it in found.modules} == {0.0}
    assert "100%" in as_text(found, color=False, width=100, encoding="ascii")


def test_values_that_are_not_numbers_leave_the_strength_open(tmp_path: Path) -> None:
    tensors = layers(2)
    tensors[next(iter(tensors))][0, 0] = np.nan
    found = inspect(str(save(tmp_path, tensors)), load(isolated=True))
    assert found.modules[0].strength is None and found.modules[1].strength is not None
    json.loads(as_json(found), parse_constant=pytest.fail)


def test_an_adapter_below_another_is_left_out(tmp_path: Path) -> None:
    save(tmp_path / "a", layers(2))
    save(tmp_path / "a" / "checkpoint-1", layers(3))
    assert len(inspect(str(tmp_path / "a"), load(isolated=True)).modules) == 4


def test_other_types_show_what_is_known(tmp_path: Path) -> None:
    module = LAYER.format(0, "k_proj")
    found = inspect(str(save(tmp_path, {f"{module}.ia3_l": random((16, 1), 0)}, peft_type="IA3")), load(isolated=True))
    assert found.type == "IA3" and found.modules[0].strength is None
    assert "k_proj" in as_text(found, color=False, width=80, encoding="utf-8")


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("nothing", "no such file or folder"),
        ("empty", "there is no adapter in"),
        ("many", "holds 2 adapters"),
        ("template", "a config and no weights"),
        ("cut", "is cut off"),
        ("model", "holds a full model"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, case: str, sentence: str) -> None:
    folder = tmp_path / case
    if case != "nothing":
        folder.mkdir()
    if case == "many":
        trees.adapter(folder / "a")
        trees.adapter(folder / "b")
    if case in ("template", "cut"):
        trees.adapter(folder)
        weights = folder / "adapter_model.safetensors"
        data = weights.read_bytes()
        weights.unlink()
        if case == "cut":
            weights.write_bytes(data[:-9])
    if case == "model":
        trees.model(folder / "model.safetensors")
    with pytest.raises(UsageError) as error:
        inspect(str(folder), load(isolated=True))
    assert sentence in error.value.message and "\n" not in error.value.message
