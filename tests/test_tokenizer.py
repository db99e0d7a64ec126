"""The tokens a tokenizer adds, and new ones whose embedding stayed behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import adapterlint
from adapterlint.artifacts.tokenizer import tokenizer
from adapterlint.knowledge.vocabularies import ROWS


def write(folder: Path, **files: Any) -> None:
    folder.mkdir(exist_ok=True)
    for stem, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{stem}.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "tokens"),
    [
        ({"added_tokens": {"<a>": 7, "<b>": 8}}, {"<a>": 7, "<b>": 8}),
        ({"tokenizer_config": {"added_tokens_decoder": {"7": {"content": "<a>", "special": True}}}}, {"<a>": 7}),
        ({"tokenizer": {"version": "1.0", "added_tokens": [{"id": 7, "content": "<a>"}], "model": {}}}, {"<a>": 7}),
        ({"added_tokens": {"<a>": 7}, "tokenizer": {"added_tokens": [{"id": 9, "content": "<c>"}]}}, {"<a>": 7}),
        ({"added_tokens": {"<a>": 7, "<pad>": 8, "[PAD]": 9, "<|pad|>": 10}}, {"<a>": 7}),
        ({"added_tokens": {"<a>": 7, "<fill>": 8}, "tokenizer_config": {"pad_token": "<fill>"}}, {"<a>": 7}),
        ({"added_tokens": {"<f>": 8}, "special_tokens_map": {"pad_token": {"content": "<f>"}}}, {}),
        ({"added_tokens": "not JSON"}, {}),
        ({"added_tokens": ["<a>"], "tokenizer": "{"}, {}),
        ({"added_tokens": {"<a>": "7"}, "tokenizer_config": {"added_tokens_decoder": {"x": "<a>", "7": 3}}}, {}),
        ({"tokenizer": '{"added_tokens": [{"id": 1'}, {}),
        ({}, {}),
    ],
)
def test_added_tokens(files: dict[str, Any], tokens: dict[str, int], tmp_path: Path) -> None:
    write(tmp_path, **files)
    found = tokenizer(str(tmp_path))
    assert (found.added if found is not None else {}) == tokens


def test_the_vocabulary_behind_the_added_tokens_is_not_read(tmp_path: Path) -> None:
    vocabulary = "x" * 3_000_000
    write(tmp_path, tokenizer='{"added_tokens": [{"id": 7, "content": "<a>"}], "model": "' + vocabulary)
    found = tokenizer(str(tmp_path))
    assert found is not None and found.added == {"<a>": 7}


def test_models_are_known_with_and_without_their_owner() -> None:
    assert ROWS["bert-base-uncased"] == ROWS["google-bert/bert-base-uncased"] == 30522
    assert ROWS["distilgpt2"] == ROWS["distilbert/distilgpt2"] == ROWS["openai-community/gpt2-xl"] == 50257
    assert "google-bert/distilbert-base-uncased" not in ROWS


def test_a_tokenizer_beside_the_last_of_many_alike_is_seen(tmp_path: Path) -> None:
    """The checkpoints of a run are alike in config and weights; the tokenizer lies beside some of them only."""
    import scenes
    from adapterlint.checks import tokens_without_embedding as rule

    for number in range(4):
        (tmp_path / str(number)).mkdir()
        scenes.write(rule.RULE.examples[0], tmp_path / str(number))
        if number != 2:
            (tmp_path / str(number) / "adapter" / "added_tokens.json").unlink()
    findings = adapterlint.check([str(tmp_path)], isolated=True).findings
    assert [it.place.path.split("/")[-3] for it in findings if it.rule == rule.RULE.id] == ["2"]


@pytest.mark.runtime
@pytest.mark.parametrize("saved", [False, True])
def test_rows_of_new_tokens_travel_or_are_missed(saved: bool, tmp_path: Path) -> None:
    """A tiny Llama whose vocabulary was resized from 60 to 62 before it was wrapped and trained."""
    from peft import LoraConfig, get_peft_model

    import tiny

    base, folder = tmp_path / "base", tmp_path / "adapter"
    model = tiny.llama()
    model.save_pretrained(base)
    model.resize_token_embeddings(62)
    peft_model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"]))
    for name, parameter in peft_model.named_parameters():
        if "lora_B" in name:
            parameter.data.fill_(0.1)
    peft_model.peft_config["default"].base_model_name_or_path = base.as_posix()
    peft_model.save_pretrained(str(folder), save_embedding_layers="auto" if saved else False)
    write(folder, added_tokens={"<call>": 60, "<end>": 61, "<s>": 1})
    found = [it for it in adapterlint.check([str(folder)], isolated=True).findings if "token" in it.rule]
    assert [it.rule for it in found] == ([] if saved else ["tokens-without-embedding"])
    if not saved:
        assert "2 tokens (<call>, <end>) beyond the 60 rows" in found[0].message
        (folder / "added_tokens.json").write_text('{"<s>": 1}', encoding="utf-8")
        assert not [it for it in adapterlint.check([str(folder)], isolated=True).findings if "token" in it.rule]
