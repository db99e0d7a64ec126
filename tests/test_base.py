"""Reading base models: every form a folder of one takes, and what of the load plan is certain with it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import scenes
from adapterlint.artifacts import base, regex
from adapterlint.artifacts.base import Base, Kind
from adapterlint.artifacts.regex import fullmatch, prefix_match
from adapterlint.errors import UsageError
from adapterlint.model import Broken, ExampleTensor, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding

BERT = {"model_type": "bert", "architectures": ["BertModel"]}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
QUERY = "encoder.layer.{}.attention.self.query.weight"


def layers(number: int, size: int = 8) -> dict[str, ExampleTensor]:
    return {QUERY.format(layer): ExampleTensor((size, size)) for layer in range(number)}


def model(folder: Path, config: dict[str, Any], tensors: dict[str, ExampleTensor]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(scenes.safetensors(tensors))
    return folder.as_posix()


def adapter(folder: Path, modules: Iterable[str], **fields: Any) -> str:
    config = {"peft_type": "LORA", "base_model_name_or_path": "org/base", "target_modules": ["query"], "r": 2}
    config |= {"lora_alpha": 4, **fields}
    tensors = {}
    for number, module in enumerate(modules):
        value = 0.01 * (number + 1)
        tensors[f"base_model.model.{module}.lora_A.weight"] = ExampleTensor((2, 8), value)
        tensors[f"base_model.model.{module}.lora_B.weight"] = ExampleTensor((8, 2), value)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "adapter_model.safetensors").write_bytes(scenes.safetensors(tensors))
    return folder.as_posix()


def read(path: str) -> Base:
    found = base.read(path)
    assert isinstance(found, Base), found
    return found


def test_shards_are_read_through_their_index(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    model(folder, BERT, {})
    (folder / "model.safetensors").unlink()
    names = {}
    for number in range(2):
        shard = f"model-{number}.safetensors"
        name = QUERY.format(number)
        (folder / shard).write_bytes(scenes.safetensors({name: ExampleTensor((8, 8))}))
        names[name] = shard
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}), encoding="utf-8")
    assert set(read(str(folder)).parameters) == set(names)
    assert read(str(folder)).layers == 2


def test_a_pickled_base_is_read_without_unpickling(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    model(folder, BERT, {})
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(scenes.pickled(layers(1)))
    assert read(str(folder)).parameters == {QUERY.format(0): (8, 8)}


def test_a_sentence_transformer_stands_for_its_transformer(tmp_path: Path) -> None:
    (tmp_path / "st").mkdir()
    (tmp_path / "st" / "modules.json").write_text("[]", encoding="utf-8")
    model(tmp_path / "st" / "0_Transformer", BERT, layers(1))
    assert set(read(str(tmp_path / "st")).modules) == {"encoder.layer.0.attention.self.query"}


def test_a_name_is_looked_up_in_the_local_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    model(tmp_path / "models--org--tiny" / "snapshots" / "0123", BERT, layers(1))
    assert read("org/tiny").modules


@pytest.mark.parametrize("config", [LLAMA, {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}], ids=str)
def test_a_head_tied_to_the_embeddings_is_there_though_no_file_holds_it(config: dict[str, Any], tmp_path: Path) -> None:
    words = "model.embed_tokens.weight"
    found = read(model(tmp_path / "base", config, {words: ExampleTensor((40, 8))}))
    assert found.parameters["lm_head.weight"] == (40, 8)
    assert found.modules["model.embed_tokens"].kind is Kind.embedding
    assert found.modules["lm_head"].kind is Kind.linear


def test_packed_weights_have_no_shape(tmp_path: Path) -> None:
    packed = {
        "layers.0.q_proj.weight": ExampleTensor((32, 1), 1, "U8"),
        "layers.0.k_proj.qweight": ExampleTensor((4, 4), 1, "I32"),
    }
    modules = read(model(tmp_path / "base", LLAMA, packed)).modules
    assert {path: (it.kind, it.shape) for path, it in modules.items()} == {
        "layers.0.q_proj": (Kind.linear, None),
        "layers.0.k_proj": (Kind.linear, None),
    }


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "not a folder with a config.json"),
        ({"config.json": "["}, "not a JSON object"),
        ({"config.json": "{}"}, "without model.safetensors and pytorch_model.bin"),
        ({"config.json": "{}", "model.safetensors": ""}, "empty (0 bytes)"),
        ({"config.json": "{}", "model.safetensors.index.json": "{}"}, "not an index of shards"),
        ({"config.json": "{}", "model.safetensors.index.json": '{"weight_map": {"a": "b.safetensors"}}'}, "missing"),
    ],
    ids=str,
)
def test_a_base_that_cannot_be_read_is_one_sentence(files: dict[str, str], reason: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = base.read(str(tmp_path))
    assert isinstance(found, Broken)
    assert found.reason == reason
    with pytest.raises(UsageError, match=r"the base model .* is"):
        adapterlint.check(adapter(tmp_path / "adapter", ["query"]), base=tmp_path, isolated=True)


def findings(adapter: str, base: str) -> list[Finding]:
    report = adapterlint.check(adapter, base=base, isolated=True, level="hint")
    return [finding for finding in report.findings if finding.rule not in ("base-path-unusable", "constant-tensor")]


def names(number: int, prefix: str = "") -> list[str]:
    return [prefix + QUERY.format(layer).removesuffix(".weight") for layer in range(number)]


def test_an_adapter_that_fits_its_base_is_silent(tmp_path: Path) -> None:
    made = adapter(tmp_path / "adapter", names(2))
    report = adapterlint.check(made, base=model(tmp_path / "base", BERT, layers(2)), isolated=True)
    assert not report.findings
    assert report.verdicts[0].status is Status.works


@pytest.mark.parametrize(
    ("fields", "silent"),
    [
        ({"task_type": "CAUSAL_LM"}, True),
        ({"auto_mapping": {"base_model_class": "BertForMaskedLM"}}, True),
        ({"task_type": "FEATURE_EXTRACTION"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_the_prefix_of_a_head_is_put_before_where_the_config_asks_for_it(
    fields: dict[str, Any], silent: bool, tmp_path: Path
) -> None:
    made = adapter(tmp_path / "adapter", names(2, "bert."), **fields)
    found = findings(made, model(tmp_path / "base", BERT, layers(2)))
    assert [finding.rule for finding in found] == ([] if silent else ["loaders-disagree", "not-in-base"])


def test_another_nesting_names_both_paths(tmp_path: Path) -> None:
    nested = {f"model.language_model.{name}": it for name, it in layers(2).items()}
    made = adapter(tmp_path / "adapter", names(2, "model."))
    config = {"model_type": "llama", "architectures": ["SomethingForConditionalGeneration"]}
    (found,) = findings(made, model(tmp_path / "base", config, nested))
    assert found.rule == "not-in-base"
    assert "under model where" in found.message and "under model.language_model," in found.message
    assert found.status is Status.unknown


def test_a_base_that_transformers_renames_is_not_held_against_an_adapter(tmp_path: Path) -> None:
    made = adapter(tmp_path / "adapter", ["vit.layers.0.query"])
    config = {"model_type": "vit", "architectures": ["ViTModel"]}
    assert not findings(made, model(tmp_path / "base", config, layers(2)))


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r".*\.(q|v)_proj$", "model.layers.0.q_proj", True),
        (r".*decoder.*(SelfAttention|EncDecAttention).*(q|v)$", "decoder.block.0.layer.0.SelfAttention.q", True),
        (r"^(?!.*vision).*(?:gate_proj|o_proj).*", "model.vision.o_proj", False),
        (r"(?:\bmodel\.layers\.[\d]{1,}\.(?:mlp)\.(?:(?:up_proj)))", "model.layers.11.mlp.up_proj", True),
        (r"(?<!x)y\Z", "y", True),
        (r"(a|aa)+b", "a" * 200, False),
        (r"(a+)+b", "a" * 200, False),
        (r"((a?){60})a{60}", "a" * 60, True),
        (r"(.)\1", "aa", True),
        (r"(?i)A", "a", True),
        (r"(.+)+\1", "aa", None),
        (r"(?i)(A+)+", "a", None),
        (r"(", "a", None),
        ("a" * 30_000, "a", None),
    ],
)
def test_a_strangers_pattern_takes_bounded_time(pattern: str, text: str, matches: bool | None) -> None:
    assert fullmatch(pattern, text) is matches


def test_a_match_at_the_beginning() -> None:
    assert prefix_match(r"(^|.*\.)score($|\..*)", "model.score.dense") is True
    assert prefix_match(r"(^|.*\.)score($|\..*)", "model.scores") is False


def test_the_bounded_matcher_answers_as_python_does() -> None:
    """Patterns put together at random, each by both matchers."""
    atoms = ["a", "b", ".", "[ab]", "[^a]", r"\.", "(a|b)", "(ab|a)?", "a*", "b+", ".*", ".*?", "a{1,3}", r"\w+", "$"]
    atoms += ["^", "(?=a)", "(?!b)", "(?:ab)*", "(a|b|)", r"\b", "(?:a|ab)", "(?:a*b)*", "(?:(?:ab)?)*"]
    chosen = random.Random(1)
    for _ in range(3000):
        pattern = "".join(chosen.choices(atoms, k=chosen.randint(1, 6)))
        text = "".join(chosen.choices("ab.", k=chosen.randint(0, 8)))
        wanted = re.fullmatch(pattern, text) is not None
        assert fullmatch(pattern, text) is wanted, (pattern, text)
        assert regex._walked(pattern, text, 100_000)[0] is wanted, (pattern, text)
