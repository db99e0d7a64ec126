"""Two folders with the same weights: a fault between adapters, normal between the saves of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import adapterlint
from adapterlint.model import Severity


def found(folder: Path) -> list[tuple[str, str]]:
    """The last part of the path and the message of each finding of the rule."""
    findings = adapterlint.check([str(folder)], isolated=True).findings
    loud = [it for it in findings if it.severity >= Severity.warning]
    assert {it.rule for it in loud} <= {"identical-adapters"}
    return [(Path(it.place.path).relative_to(folder).as_posix(), it.message) for it in loud]


@pytest.fixture(scope="module")
def trained() -> Any:
    import peft_adapters

    return peft_adapters.train(peft_adapters.make("LORA"))


@pytest.mark.runtime
def test_one_model_saved_for_two_languages(trained: Any, tmp_path: Path) -> None:
    import peft_adapters

    for language in ("german", "french"):
        peft_adapters.save(trained, tmp_path / language)
    other = peft_adapters.train(peft_adapters.make("LORA"), steps=4)
    peft_adapters.save(other, tmp_path / "dutch")
    assert found(tmp_path) == [
        ("german", f"the weights are those of {(tmp_path / 'french').as_posix()}, to the last bit")
    ]


@pytest.mark.runtime
def test_the_last_checkpoint_of_a_trainer_equals_what_it_saves_at_the_end(trained: Any, tmp_path: Path) -> None:
    import peft_adapters

    peft_adapters.save(peft_adapters.train(peft_adapters.make("LORA"), steps=1), tmp_path / "run" / "checkpoint-1")
    for place in ("run/checkpoint-3", "run", "run/best_model"):
        peft_adapters.save(trained, tmp_path / place)
    assert found(tmp_path) == []


@pytest.mark.runtime
def test_a_copied_run_is_told_once_and_not_for_each_of_its_saves(trained: Any, tmp_path: Path) -> None:
    import peft_adapters

    for place in ("german", "french/checkpoint-3", "french"):
        peft_adapters.save(trained, tmp_path / place)
    assert [place for place, _ in found(tmp_path)] == ["german"]
    peft_adapters.save(trained, tmp_path / "spanish" / "checkpoint-3")
    peft_adapters.save(trained, tmp_path / "spanish")
    assert [place for place, _ in found(tmp_path)] == ["german", "spanish"]
