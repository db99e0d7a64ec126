"""The one place that decides: precedence of statuses, reasons in short, and what is said where nothing was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import adapterlint
import scenes
from adapterlint.model import (
    Broken,
    Example,
    ExampleTensor,
    Fault,
    Finding,
    Place,
    Severity,
    Status,
    Target,
    TargetKind,
    Verdict,
)
from adapterlint.verdict import decide, shortened

QUERY = "base_model.model.encoder.layer.0.attention.self.query"
PAIR = {f"{QUERY}.lora_A.weight": ExampleTensor((2, 4)), f"{QUERY}.lora_B.weight": ExampleTensor((4, 2))}
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "bert-base-uncased",
    "target_modules": ["query"],
    "r": 2,
    "lora_alpha": 8,
}
NEVER = " (never trained, or saved too early)"
TARGET = Target("adapter", TargetKind.adapter)


def finding(rule: str, status: Status | None, message: str = "a fact, so a consequence") -> Finding:
    return Finding(rule, Severity.error, message, Place("adapter"), status=status)


def verdict_of(folder: Path, tensors: dict[str, ExampleTensor] | None = PAIR, **config: Any) -> Verdict:
    scenes.write(Example("", config={**CONFIG, **config}, tensors=tensors), folder)
    (verdict,) = adapterlint.check([str(folder)], isolated=True).verdicts
    return verdict


def test_the_first_status_in_order_decides_and_every_rule_with_a_status_is_named() -> None:
    found = [
        finding("partly", Status.partly_loaded),
        finding("without", None),
        finding("inert", Status.inert, "lora_B is zero, so nothing changes"),
        finding("also-inert", Status.inert),
        finding("unknown", Status.unknown),
    ]
    verdict = decide(TARGET, None, None, (), found)
    assert verdict == Verdict("adapter", Status.inert, "lora_B is zero", ("inert", "also-inert", "partly", "unknown"))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_yields_to_all_before_it(status: Status) -> None:
    order = list(Status)
    for stronger in order[: order.index(status)]:
        verdict = decide(TARGET, None, None, (), [finding("a", status), finding("b", stronger)])
        assert verdict.status is stronger and verdict.rules == ("b", "a")


def test_a_reason_is_the_fact_without_its_consequence() -> None:
    assert (
        shortened("lora_B is zero in all 2 modules, so the adapter changes nothing")
        == "lora_B is zero in all 2 modules"
    )
    assert shortened("a plain fact") == "a plain fact"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.lfs_pointer, Status.not_checked),
        (Fault.unsupported, Status.not_checked),
        (Fault.truncated, Status.unreadable),
        (Fault.damaged, Status.unreadable),
        (Fault.html, Status.unreadable),
    ],
)
def test_what_could_not_be_read_is_never_called_clean(fault: Fault, status: Status) -> None:
    broken = Broken("adapter/adapter_model.safetensors", "weights", fault, "a reason")
    verdict = decide(TARGET, None, None, [broken], ())
    assert (verdict.status, verdict.reason) == (status, "adapter_model.safetensors is a reason")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"lora_alpha": 4}, "LoRA r=2, scaling 2, 1 module"),
        ({"lora_alpha": 1}, "LoRA r=2, scaling 0.5, 1 module"),
        ({"lora_alpha": 4, "use_rslora": True}, "LoRA r=2, scaling 2.82843, 1 module"),
        ({"r": 9, "rank_pattern": {"query": 2}, "lora_alpha": 4}, "LoRA r=2, scaling 2, 1 module"),
    ],
)
def test_what_works_is_said_in_a_few_words(config: dict[str, Any], reason: str, tmp_path: Path) -> None:
    verdict = verdict_of(tmp_path, **config)
    assert (verdict.status, verdict.reason, verdict.rules) == (Status.works, reason, ())


def test_ranges_where_modules_differ(tmp_path: Path) -> None:
    other = f"{QUERY[:-5]}value"
    tensors = PAIR | {
        f"{other}.lora_A.weight": ExampleTensor((4, 4)),
        f"{other}.lora_B.weight": ExampleTensor((4, 4)),
    }
    verdict = verdict_of(tmp_path, tensors, rank_pattern={"value": 4}, target_modules=["query", "value"])
    assert verdict.reason == "LoRA r=2 to 4, scaling 2 to 4, 2 modules"


@pytest.mark.parametrize(
    ("peft_type", "tensors", "status", "reason"),
    [
        ("IA3", {f"{QUERY}.ia3_l": ExampleTensor((4, 1), 1.5)}, Status.works, "IA3, 1 module"),
        (
            "IA3",
            {f"{QUERY}.ia3_l": ExampleTensor((4, 1), 1.0)},
            Status.inert,
            "ia3_l is one in the only module" + NEVER,
        ),
        (
            "LOHA",
            {
                f"{QUERY}.{factor}": ExampleTensor((2, 4), 0.0 if factor == "hada_w2_b" else 0.1)
                for factor in ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
            },
            Status.inert,
            "hada_w2_b is zero in the only module" + NEVER,
        ),
        (
            "PROMPT_TUNING",
            {"prompt_embeddings": ExampleTensor((2, 4))},
            Status.works,
            "prompt tuning, 2 virtual tokens",
        ),
        (
            "ADALORA",
            {f"{QUERY}.{factor}": ExampleTensor((3, 1)) for factor in ("lora_A", "lora_B", "lora_E")},
            Status.works,
            "AdaLoRA r=3, 1 module",
        ),
        (
            "LN_TUNING",
            {f"{QUERY}.ln_tuning_layers.weight": ExampleTensor((4,))},
            Status.unknown,
            "layer norm tuning, 1 module; it starts with the base's own values, so only they show what it changes",
        ),
    ],
)
def test_other_types_work_only_if_they_have_left_their_start(
    peft_type: str, tensors: dict[str, ExampleTensor], status: Status, reason: str, tmp_path: Path
) -> None:
    verdict = verdict_of(tmp_path, tensors, peft_type=peft_type, r=None)
    assert (verdict.status, verdict.reason) == (status, reason)


def test_an_adapter_name_in_the_keys_fits_no_load_by_another_name(tmp_path: Path) -> None:
    tensors = {name.replace(".weight", ".mine.weight"): tensor for name, tensor in PAIR.items()}
    verdict = verdict_of(tmp_path, tensors)
    assert verdict.rules == ("adapter-name-in-keys",)
    assert verdict.status is Status.loads_nothing and '"mine"' in verdict.reason


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("shape", "rule", "status"),
    [
        ("shards", "sharded-or-partial-save", Status.unreadable),
        ("adapter name in the keys", "adapter-name-in-keys", Status.loads_nothing),
    ],
)
def test_values_that_no_load_brings_in_are_no_adapter(shape: str, rule: str, status: Status, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    import tiny

    tiny.save(tiny.bert(), tmp_path, steps=3)
    whole = tmp_path / "adapter_model.safetensors"
    tensors = load_file(whole)
    whole.unlink()
    if shape == "shards":
        for at, part in enumerate((list(tensors)[::2], list(tensors)[1::2]), start=1):
            save_file({name: tensors[name] for name in part}, tmp_path / f"adapter_model-{at:05}-of-00002.safetensors")
        with pytest.raises((OSError, ValueError)):  # PEFT goes on to look for the folder's name on the Hub
            tiny.output(tiny.bert(), tmp_path)
    else:
        save_file({name.replace(".weight", ".mine.weight"): value for name, value in tensors.items()}, whole)
        assert torch.equal(tiny.output(tiny.bert(), tmp_path), tiny.output(tiny.bert()))
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert [finding.rule for finding in report.findings] == [rule]
    assert [verdict.status for verdict in report.verdicts] == [status]


def test_an_expert_of_x_lora_is_no_damaged_adapter(tmp_path: Path) -> None:
    prefix = "base_model.lora_model.model.encoder.layer.0.attention.self.query"
    tensors = {name.replace(QUERY, prefix): tensor for name, tensor in PAIR.items()}
    tensors |= {f"{prefix}.base_layer.weight": ExampleTensor((4, 4))}
    tensors |= {f"base_model.lora_model.model.encoder.{at}.weight": ExampleTensor((4,)) for at in range(9)}
    verdict = verdict_of(tmp_path, tensors)
    assert (verdict.status, verdict.rules) == (Status.not_checked, ()) and "X-LoRA" in verdict.reason


def test_values_of_an_unknown_dtype_were_not_read(tmp_path: Path) -> None:
    header = {
        f"{QUERY}.lora_A.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
        f"{QUERY}.lora_B.weight": {"dtype": "F4", "shape": [2, 2], "data_offsets": [8, 10]},
    }
    text = json.dumps(header).encode()
    (tmp_path / "adapter_config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "adapter_model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"\1" * 10)
    (verdict,) = adapterlint.check([str(tmp_path)], isolated=True).verdicts
    assert verdict.status is Status.not_checked
    assert verdict.reason == "values of 1 tensor were not read (F4)"


def test_verdicts_do_not_depend_on_what_is_selected(tmp_path: Path) -> None:
    scenes.write(
        Example("", config=CONFIG, tensors={name: ExampleTensor(it.shape, 0.0) for name, it in PAIR.items()}), tmp_path
    )
    report = adapterlint.check([str(tmp_path)], select=["zero-scale"], isolated=True)
    assert not report.findings
    assert [(it.status, it.rules) for it in report.verdicts] == [(Status.inert, ("inert-adapter",))]


def test_weights_without_a_config_and_configs_without_weights(tmp_path: Path) -> None:
    (tmp_path / "lone.safetensors").write_bytes(scenes.safetensors(PAIR))
    kohya = {f"lora_unet_a.lora_{half}.weight": ExampleTensor((2, 2)) for half in ("down", "up")}
    (tmp_path / "kohya.safetensors").write_bytes(scenes.safetensors(kohya))
    (tmp_path / "template").mkdir()
    (tmp_path / "template" / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 2})
    )
    verdicts = adapterlint.check([str(tmp_path)], isolated=True).verdicts
    assert {Path(it.path).name: it.status for it in verdicts} == {
        "lone.safetensors": Status.unknown,
        "kohya.safetensors": Status.not_checked,
        "template": Status.not_checked,
    }
