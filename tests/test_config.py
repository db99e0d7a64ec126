"""adapter_config.json as PEFT takes it: what can be read, where each value stands, what PEFT refuses or misreads."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest

from adapterlint.artifacts import config as configs
from adapterlint.artifacts.config import Config
from adapterlint.artifacts.config_fields import field_errors
from adapterlint.knowledge import peft_types
from adapterlint.model import Broken, Fault, Severity, Status

pytestmark = pytest.mark.filterwarnings("ignore")  # PEFT's own, about the values it is given here

LORA = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["query", "value"]}
QUERY = "encoder.layer.0.attention.self.query"

REFUSED: list[dict[str, Any]] = [
    {"r": "4"},
    {"r": None},
    {"r": True},
    {"r": [4]},
    {"lora_alpha": "8"},
    {"lora_alpha": None},
    {"lora_alpha": [8]},
    {"lora_alpha": 10**400},
    {"lora_dropout": 2},
    {"lora_dropout": "0.1"},
    {"lora_dropout": None},
    {"task_type": "foo"},
    {"task_type": "feature_extraction"},
    {"task_type": ""},
    {"task_type": False},
    {"bias": "some"},
    {"bias": None},
    {"bias": True},
    {"target_modules": 3},
    {"target_modules": True},
    {"target_modules": []},
    {"target_modules": "*query"},
    {"target_modules": ["query", "value", 3]},
    {"target_modules": ["query", "value", ["key"]]},
    {"exclude_modules": 3},
    {"exclude_modules": "["},
    {"rank_pattern": None},
    {"rank_pattern": []},
    {"rank_pattern": {"query": "4"}},
    {"rank_pattern": {"query": True}},
    {"rank_pattern": {"[": 4}},
    {"alpha_pattern": None},
    {"alpha_pattern": 3},
    {"alpha_pattern": {"query": "8"}},
    {"modules_to_save": 3},
    {"modules_to_save": [3]},
    {"modules_to_save": "classifier"},
    {"layers_to_transform": "0"},
    {"layers_to_transform": ["0", "1"]},
    {"layers_to_transform": {}},
    {"layers_to_transform": 1.5},
    {"layers_to_transform": [0, 1], "target_modules": ".*query"},
    {"layers_pattern": ["layer"]},
    {"layers_pattern": 3, "layers_to_transform": [0]},
    {"layers_pattern": "(", "layers_to_transform": [0]},
    {"init_lora_weights": "true"},
    {"init_lora_weights": "PISSA"},
    {"init_lora_weights": "pissa_niter_x"},
    {"init_lora_weights": 1},
    {"init_lora_weights": "loftq"},
    {"lora_bias": True, "use_dora": True},
    {"lora_bias": True, "init_lora_weights": "pissa"},
    {"layer_replication": 3},
    {"target_parameters": "x"},
    {"trainable_token_indices": "x"},
    {"trainable_token_indices": ["a"]},
    {"eva_config": 3},
    {"use_bdlora": False},
]
MISREAD: list[dict[str, Any]] = [
    {"lora_alpha": True},
    {"lora_alpha": math.nan},
    {"lora_alpha": math.inf},
    {"alpha_pattern": {"query": True}},
    {"use_rslora": "false"},
    {"use_dora": "False"},
    {"layers_to_transform": True},
    {"layers_to_transform": False},
]
TAKEN: list[dict[str, Any]] = [
    {"lora_alpha": 8.0},
    {"lora_dropout": 0},
    {"lora_dropout": -1},
    {"lora_dropout": True},
    {"lora_dropout": math.nan},
    {"bias": "lora_only"},
    {"bias": "all"},
    {"target_modules": None},
    {"target_modules": ".*(query|value)"},
    {"target_modules": ["query", "value", "value", ""]},
    {"target_modules": {"query": 1, "value": 2}},
    {"target_modules": ["self.query", "attention.self.value"]},
    {"exclude_modules": False},
    {"exclude_modules": [3]},
    {"rank_pattern": {"query": 4}},
    {"alpha_pattern": {"query": 8.0, "": 0}},
    {"modules_to_save": []},
    {"modules_to_save": ["nope", "nope"]},
    {"layers_to_transform": [0, 1, 99]},
    {"layers_to_transform": [0.0, 1.0]},
    {"layers_pattern": "layer", "layers_to_transform": [0, 1]},
    {"init_lora_weights": None},
    {"init_lora_weights": "Gaussian"},
    {"init_lora_weights": "orthogonal"},
    {"init_lora_weights": False},
    {"use_rslora": None},
    {"use_dora": 0},
    {"inference_mode": "x"},
    {"fan_in_fan_out": None},
    {"task_type": "FEATURE_EXTRACTION"},
    {"peft_version": None},
    {"peft_version": "0.18.2.dev0@UNKNOWN"},
    {"base_model_name_or_path": None, "auto_mapping": {"base_model_class": "BertModel"}},
    {"revision": 3, "auto_mapping": "x", "megatron_core": None},
    {"enable_lora": None, "merge_weights": False, "a_new_field": {"a": [1]}},
    {"runtime_config": {"ephemeral_gpu_offload": False}},
    {"layer_replication": [], "target_parameters": {}, "alora_invocation_tokens": []},
]


def _fields(fields: dict[str, Any]) -> str:
    return json.dumps(fields)[1:-1][:60]


def _read(folder: Path, content: str | bytes | dict[str, Any]) -> Config | Broken:
    path = folder / "adapter_config.json"
    text = json.dumps(content, indent=2) if isinstance(content, dict) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return configs.read(path.as_posix())


def _config(folder: Path, content: str | bytes | dict[str, Any]) -> Config:
    config = _read(folder, content)
    assert isinstance(config, Config), config
    return config


GOOD = json.dumps(LORA)
BROKEN: list[tuple[str, str | bytes, Fault, int | None]] = [
    ("empty", b"", Fault.empty, None),
    ("blank", b" \n\n", Fault.empty, None),
    ("cut off", GOOD[:-8], Fault.truncated, 1),
    ("cut off in a string", GOOD[:9], Fault.truncated, 1),
    ("trailing comma", '{"r": 8,\n}', Fault.syntax, 1),
    ("comment", f"// alpha is 8\n{GOOD}", Fault.syntax, 1),
    ("single quotes", "{'r': 8}", Fault.syntax, 1),
    ("two values", f"{GOOD}\n{{}}", Fault.syntax, 2),
    ("control character", '{"r": 8,\n "x": "a\x00b"}', Fault.syntax, 2),
    ("list", f"[{GOOD}]", Fault.shape, 1),
    ("string", '\n"LORA"', Fault.shape, 2),
    ("null", "null", Fault.shape, 1),
    ("UTF-8 mark", b"\xef\xbb\xbf" + GOOD.encode(), Fault.encoding, None),
    ("UTF-16", GOOD.encode("utf-16"), Fault.encoding, None),
    ("UTF-16 without mark", GOOD.encode("utf-16-le"), Fault.encoding, None),
    ("UTF-16 big end first", GOOD.encode("utf-16-be"), Fault.encoding, None),
    ("Latin-1", '{"r": 8,\n "author": "Zoë"}'.encode("latin-1"), Fault.encoding, 2),
    ("UTF-32", '{"r": 8}'.encode("utf-32"), Fault.encoding, None),
    ("zeros, as a crash leaves them", b"\0" * 50, Fault.damaged, None),
    ("Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 86\n", Fault.lfs_pointer, None),
    ("HTML", b"\n<!doctype html><title>Sign in</title>", Fault.html, None),
    ("nested too deeply", b"[" * 200_000, Fault.unsupported, None),
    ("nested too deeply but whole", b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", Fault.unsupported, None),
    ("a number of 10,000 digits", '{"r": 8,\n "x": ' + "9" * 10_000 + "}", Fault.syntax, 2),
    ("over the limit", b'{"x": "' + b"a" * configs.MAX_BYTES + b'"}', Fault.unsupported, None),
]


@pytest.mark.parametrize(("content", "fault", "line"), [it[1:] for it in BROKEN], ids=[it[0] for it in BROKEN])
def test_what_cannot_be_a_config(tmp_path: Path, content: str | bytes, fault: Fault, line: int | None) -> None:
    begun = time.perf_counter()
    found = _read(tmp_path, content)
    assert time.perf_counter() - begun < 5
    assert isinstance(found, Broken)
    assert found.reads == "config" and found.reason and not found.reason.endswith(".")
    if not found.reason.startswith("not JSON: values are nested"):
        assert found.fault is fault, found
    if line is not None:
        assert found.place is not None and found.place.line == line, found.place


def test_missing_and_folder(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").mkdir()
    found = configs.read(str(tmp_path / "adapter_config.json"))
    assert isinstance(found, Broken) and found.fault is Fault.shape
    found = configs.read(str(tmp_path / "nothing.json"))
    assert isinstance(found, Broken) and found.fault is Fault.missing


def test_place_of_a_value(tmp_path: Path) -> None:
    config = _config(tmp_path, b'{\r\n  "peft_type": "LORA",\r\n  "rank_pattern": {"a/b": 4},\r\n  "r": 16\r\n}\r\n')
    place = config.place("/r")
    assert (place.line, place.column, place.file_line) == (4, 8, 4)
    assert place.excerpt.splitlines() == ['  "rank_pattern": {"a/b": 4},', '  "r": 16']
    assert place.span is not None and config.text[place.span.start : place.span.end] == "16"
    assert config.place("/rank_pattern/a~1b").column == 27
    assert config.place("/lora_alpha").line is None
    assert config.place("").line == 1


def test_a_long_line_has_no_excerpt(tmp_path: Path) -> None:
    config = _config(tmp_path, {**LORA, "target_modules": ["x" * 500]} | {})
    assert config.place("/target_modules/0").excerpt == ""
    assert config.place("/r").excerpt


def test_duplicate_keys(tmp_path: Path) -> None:
    config = _config(tmp_path, '{"peft_type": "LORA",\n "r": 4, "rank_pattern": {"q": 1, "q": 2},\n "r": 8}')
    assert config.get("r") == 8
    assert [(pointer, place.line, place.column) for pointer, place in config.duplicates] == [
        ("/r", 3, 2),
        ("/rank_pattern/q", 2, 35),
    ]
    assert config.place("/r").line == 3


def test_families(tmp_path: Path) -> None:
    assert _config(tmp_path, LORA).looks_like is None
    assert _config(tmp_path, {"fine_tune_type": "lora", "model": "x"}).looks_like == "an MLX adapter config"
    assert _config(tmp_path, {"base_model": "x"}).looks_like == "a stub that only names a base model"
    assert _config(tmp_path, {}).looks_like == "an empty JSON object"
    assert _config(tmp_path, {"swift_type": "LORA", "r": 8}).looks_like == "an ms-swift config"
    assert _config(tmp_path, {"some": 1, "thing": 2}).looks_like == "a config of another kind"
    lost = _config(tmp_path, {"r": 8, "lora_alpha": 16, "target_modules": ["q"], "base_model": "x"})
    assert lost.is_peft and lost.peft_type is None


def test_rank_alpha_and_scaling(tmp_path: Path) -> None:
    patterns = {"rank_pattern": {r"layer\.0\..*\.query": 16, "value": 2}, "alpha_pattern": {"self.value": 1}}
    config = _config(tmp_path, {**LORA, **patterns})
    assert config.rank(QUERY) == 16 and config.alpha(QUERY) == 8 and config.scaling(QUERY) == 0.5
    value = "encoder.layer.3.attention.self.value"
    assert config.rank(value) == 2 and config.alpha(value) == 1 and config.scaling(value) == 0.5
    assert config.rank("pooler.dense") == 4 and config.scaling("pooler.dense") == 2
    assert config.rank("novalue") == 4, "a name matches from a dot on, not in the middle of a word"
    assert config.alpha_pointer(value) == "/alpha_pattern/self.value"
    assert _config(tmp_path, {**LORA, "use_rslora": True}).scaling(QUERY) == 4
    bare = _config(tmp_path, {"peft_type": "LORA"})
    assert (bare.rank(QUERY), bare.alpha(QUERY), bare.scaling(QUERY)) == (8, 8, 1)
    for odd in ({"r": "4"}, {"r": True}, {"r": 4.0}, {"r": None}, {"peft_type": "LOHA"}, {"rank_pattern": [4]}):
        assert _config(tmp_path, {**LORA, **odd}).rank(QUERY) is None, odd
    assert _config(tmp_path, {**LORA, "r": 0}).scaling(QUERY) is None
    assert _config(tmp_path, {**LORA, "lora_alpha": 10**400}).alpha(QUERY) is None


def test_a_hostile_pattern_takes_bounded_time(tmp_path: Path) -> None:
    module = "a" * 200
    endless = ("(a+)+b", "(a|aa)*b", "a*" * 20 + "b", "a?" * 200 + "a" * 201, "(a|aa)" * 60 + "b", ".*" * 9 + "b")
    for key in (*endless, "(", "a{99999999999999}", "a" * 5000 + "?"):
        begun = time.perf_counter()
        rank = _config(tmp_path, {**LORA, "rank_pattern": {key: 2}}).rank(module)
        assert rank in ((None, 4) if key in endless else (None,)), key
        assert time.perf_counter() - begun < 1


def test_many_patterns_stay_fast(tmp_path: Path) -> None:
    """Per-module patterns, as EVA and AdaLoRA write them: 500 entries for 500 modules."""
    modules = [f"model.layers.{layer}.self_attn.{name}" for layer in range(125) for name in "qkvo"]
    config = _config(tmp_path, {**LORA, "rank_pattern": dict.fromkeys(modules, 2)})
    begun = time.perf_counter()
    assert {config.rank(module) for module in modules} == {2}
    assert time.perf_counter() - begun < 5


def test_newer_versions() -> None:
    assert configs.newer_than_known("99.0.0") and configs.newer_than_known("99.0.0.dev0@abc")
    for old in (peft_types.NEWEST_PEFT, "0.18.2.dev0@UNKNOWN", "x", None, 3):
        assert not configs.newer_than_known(old)


@pytest.mark.parametrize("fields", REFUSED + MISREAD, ids=_fields)
def test_invalid_field(fields: dict[str, Any], tmp_path: Path) -> None:
    config = _config(tmp_path, {**LORA, **fields})
    (error,) = config.errors
    assert error.message and not error.message.endswith(".")
    assert config.place(error.pointer).line is not None, "the pointer must lead to the value"
    assert (error.status is Status.wrong) == (fields in MISREAD or "NaN" in error.message)


@pytest.mark.parametrize("fields", TAKEN, ids=_fields)
def test_odd_but_valid_field(fields: dict[str, Any]) -> None:
    assert field_errors({**LORA, **fields}) == ()


def test_fields_of_other_types_are_left_alone() -> None:
    assert field_errors({"peft_type": "OFT", "r": None, "bias": 3, "rank_pattern": []}) == ()
    assert field_errors({"peft_type": "PROMPT_TUNING", "target_modules": 3}) == ()
    assert len(field_errors({"peft_type": "IA3", "target_modules": 3, "task_type": "foo"})) == 2
    assert len(field_errors({"peft_type": "NEWER", "task_type": "foo"})) == 1


def test_several_errors_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    config = _config(tmp_path, {"lora_alpha": "8", "r": "4", "peft_type": "LORA", "bias": 1, "unknown": 2})
    assert [error.pointer for error in config.errors] == ["/lora_alpha", "/r", "/bias"]


@pytest.mark.runtime
def test_types_are_those_of_the_installed_peft() -> None:
    import peft
    from packaging.version import Version

    version = Version(peft.__version__)
    known = {
        name
        for name, (since, gone) in peft_types.VERSIONS_OF_TYPE.items()
        if Version(since) <= version and (gone is None or version < Version(gone))
    }
    assert known == {kind.value for kind in peft.PeftType}
    if str(version) == peft_types.NEWEST_PEFT:
        assert len(peft_types.PEFT_TYPES) == 45
        assert set(peft_types.TASK_TYPES) == {kind.value for kind in peft.TaskType}


class World:
    """A tiny BERT and a LoRA on it whose weights are random, so that any change of its config shows in the output."""

    def __init__(self, folder: Path) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import BertConfig, BertModel

        torch.manual_seed(0)
        self.shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
        self.model = BertModel(BertConfig(vocab_size=32, max_position_embeddings=16, **self.shape))
        self.state = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.folder = folder
        self.base = self.output(self.fresh())
        config = LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"])
        adapted = get_peft_model(self.fresh(), config)
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(parameter, std=0.3)
        adapted.save_pretrained(str(folder))
        self.config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        self.good = self.load({})
        assert not self.same(self.good, self.base)

    def fresh(self) -> Any:
        from transformers import BertConfig, BertModel

        model = BertModel(BertConfig(vocab_size=32, max_position_embeddings=16, **self.shape))
        model.load_state_dict(self.state)
        return model.eval()

    def output(self, model: Any) -> Any:
        import torch

        with torch.no_grad():
            return model.eval()(input_ids=torch.arange(8)[None]).last_hidden_state

    def same(self, one: Any, other: Any) -> bool:
        import torch

        return torch.allclose(one, other, atol=1e-5)

    def load(self, fields: dict[str, Any], *, without: str = "") -> Any:
        """The output with the adapter loaded under a changed config; raises what PEFT raises."""
        from peft import PeftModel

        config = {name: value for name, value in {**self.config, **fields}.items() if name != without}
        (self.folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        return self.output(PeftModel.from_pretrained(self.fresh(), str(self.folder)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("adapter"))


@pytest.mark.runtime
@pytest.mark.parametrize("fields", REFUSED, ids=_fields)
def test_peft_refuses(fields: dict[str, Any], world: World) -> None:
    with pytest.raises(Exception):  # noqa: B017 - from TypeError to re.error, PEFT raises them all
        world.load(fields)


@pytest.mark.runtime
@pytest.mark.parametrize("fields", MISREAD, ids=_fields)
def test_peft_misreads(fields: dict[str, Any], world: World) -> None:
    assert not world.same(world.load(fields), world.good)


@pytest.mark.runtime
@pytest.mark.parametrize("fields", TAKEN, ids=_fields)
def test_peft_takes(fields: dict[str, Any], world: World) -> None:
    assert world.same(world.load(fields), world.good)


@pytest.mark.runtime
@pytest.mark.parametrize(
    "fields",
    [{"r": 0}, {"r": -4}, {"r": 4.0}, {"rank_pattern": {"query": 0}}, {"peft_type": "lora"}, {"peft_type": None}],
    ids=_fields,
)
def test_peft_refuses_ranks_and_types(fields: dict[str, Any], world: World) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        world.load(fields)


@pytest.mark.runtime
def test_peft_needs_a_type(world: World) -> None:
    with pytest.raises((KeyError, TypeError)):
        world.load({}, without="peft_type")


@pytest.mark.runtime
@pytest.mark.parametrize("name", [3, [], {}])
def test_a_base_name_of_another_kind_fails_where_it_is_used(name: Any, world: World) -> None:
    from peft import AutoPeftModelForFeatureExtraction

    assert world.same(world.load({"base_model_name_or_path": name}), world.good)
    (error,) = field_errors({**LORA, "base_model_name_or_path": name})
    assert (error.severity, error.status) == (Severity.warning, Status.unknown)
    with pytest.raises(Exception):  # noqa: B017 - TypeError, OSError or whatever a Hub name like that ends in
        AutoPeftModelForFeatureExtraction.from_pretrained(str(world.folder))


@pytest.mark.runtime
def test_a_pattern_that_matches_nothing_is_ignored(world: World) -> None:
    assert world.same(world.load({"rank_pattern": {"key": "x"}, "alpha_pattern": {"key": 0}}), world.good)
    assert world.same(world.load({"r": 0, "rank_pattern": {"query": 4, "value": 4}}), world.good)


@pytest.mark.runtime
@pytest.mark.parametrize(
    "fields", [{"lora_alpha": 0}, {"lora_alpha": False}, {"alpha_pattern": {".*": 0}}], ids=_fields
)
def test_alpha_zero_is_the_base_model(fields: dict[str, Any], world: World) -> None:
    assert world.same(world.load(fields), world.base)


@pytest.mark.runtime
def test_alpha_zero_with_a_pissa_start_is_nan(world: World) -> None:
    assert world.load({"lora_alpha": 0, "init_lora_weights": "pissa"}).isnan().all()


@pytest.mark.runtime
@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_peft_refuses_encodings(mark: str, tmp_path: Path) -> None:
    from peft import PeftConfig

    (tmp_path / "adapter_config.json").write_text(GOOD, encoding=mark)
    with pytest.raises(ValueError):  # UnicodeDecodeError or JSONDecodeError
        PeftConfig.from_pretrained(str(tmp_path))
