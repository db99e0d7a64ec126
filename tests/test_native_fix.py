"""Which load the fix of `peft-on-sentence-transformer` writes, where one of them would drop the adapter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import adapterlint
import scenes
from adapterlint.model import ExampleTensor

HEAD = "from peft import PeftModel\nfrom sentence_transformers import CrossEncoder, SentenceTransformer\n\n"
PROGRAM = HEAD + (
    'model = SentenceTransformer("base")\n'
    'model = PeftModel.from_pretrained(model, "adapter")\n'
    'print(model.encode("a sentence"))\n'
)
CROSS = HEAD + (
    'model = CrossEncoder("base")\n'
    'model = PeftModel.from_pretrained(model, "adapter")\n'
    'print(model.predict([("a question", "an answer")]))\n'
)
NATIVE, WRAPPED = 'model.load_adapter("adapter")', "model[0].model = PeftModel.from_pretrained(model[0].model"


def adapter(folder: Path, *modules: str, dora: bool = False) -> None:
    """An adapter for these modules, by the part of their name after `base_model.model.`."""
    pairs = {"lora_A.weight": (2, 8), "lora_B.weight": (8, 2)} | ({"lora_magnitude_vector": (8,)} if dora else {})
    tensors = {
        f"base_model.model.{module}.{name}": ExampleTensor(shape) for module in modules for name, shape in pairs.items()
    }
    (folder / "adapter").mkdir()
    config = {"peft_type": "LORA", "r": 2, "target_modules": ["query"], "use_dora": dora}
    (folder / "adapter" / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(scenes.safetensors(tensors))


def fixed(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = PROGRAM, **versions: str) -> str:
    """The program as `--fix` leaves it."""
    monkeypatch.chdir(folder)
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    target = {name.replace("_", "-"): version for name, version in versions.items()}
    adapterlint.check("program.py", target={"sentence-transformers": "6.0.0"} | target, isolated=True, fix=True)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("transformers", "written"),
    [
        (None, NATIVE),
        ("==4.57.6", NATIVE),
        (">=4.41", NATIVE),
        ("==5.6.0", NATIVE),
        ("==5.0.0", WRAPPED),
        ("==5.5.4", WRAPPED),
        (">=5.0,<5.6", WRAPPED),
        ("<5.6", WRAPPED),
        (">=5.2", WRAPPED),
    ],
)
def test_the_native_load_is_not_written_where_transformers_drops_it(
    transformers: str | None, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if transformers:
        (tmp_path / "requirements.txt").write_text(f"transformers{transformers}\n", encoding="utf-8")
    assert written in fixed(tmp_path, monkeypatch)


def test_keys_that_go_on_with_model_are_taken_by_every_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter(tmp_path, "model.layers.0.self_attn.q_proj")
    assert NATIVE in fixed(tmp_path, monkeypatch, transformers="5.4.0")


@pytest.mark.parametrize(("transformers", "written"), [("4.57.6", NATIVE), ("5.23.0", WRAPPED)])
def test_the_vectors_of_dora_are_not_left_to_a_load_that_drops_them(
    transformers: str, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter(tmp_path, "encoder.layer.0.attention.self.query", dora=True)
    assert written in fixed(tmp_path, monkeypatch, transformers=transformers)


def test_a_style_that_was_asked_for_is_only_shown_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM, encoding="utf-8")
    target = {"sentence-transformers": "6.0.0", "transformers": "5.4.0"}
    report = adapterlint.check("program.py", target=target, fix_style="native", isolated=True)
    assert [str(it.fix.applicability) for it in report.findings if it.fix] == ["display"]


@pytest.mark.parametrize(
    ("module", "version", "found"),
    [
        ("model.bert.encoder.layer.0.attention.self.query", "5.3.0", 0),  # saved from PEFT around a CrossEncoder
        ("model.bert.encoder.layer.0.attention.self.query", "6.2.0", 1),
        ("0.model.bert.encoder.layer.0.attention.self.query", "6.2.0", 0),
        ("bert.encoder.layer.0.attention.self.query", "5.3.0", 1),
        ("model.layers.0.self_attn.q_proj", "5.3.0", 1),  # a reranker made of a language model
    ],
)
def test_an_adapter_saved_from_a_cross_encoder_fits_the_load_it_was_saved_for(
    module: str, version: str, found: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter(tmp_path, module)
    text = fixed(tmp_path, monkeypatch, CROSS, sentence_transformers=version)
    report = adapterlint.check(
        "program.py", select=["peft-on-sentence-transformer"], target={"sentence-transformers": version}, isolated=True
    )
    left = len(report.findings)
    assert (left or text != CROSS) == bool(found)
    if left == 0 and found:
        assert "PeftModel.from_pretrained(model.model," in text


def test_a_method_that_may_be_called_again_is_not_made_to_load_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HEAD + (
        "class Search:\n    def __init__(self):\n"
        '        self.encoder = SentenceTransformer("base")\n\n'
        "    def embed(self, texts):\n"
        '        model = PeftModel.from_pretrained(self.encoder, "adapter")\n'
        "        return model.encode(texts)\n"
    )
    assert fixed(tmp_path, monkeypatch, text) == text
