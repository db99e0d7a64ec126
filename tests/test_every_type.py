"""Every PEFT type that can be trained here is trained and saved by PEFT: silent. Untrained twins: inert-adapter."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
from adapterlint.knowledge.peft_types import PEFT_TYPES
from adapterlint.knowledge.updates import (
    EYE,
    FIXED,
    FOREIGN_TERMS,
    NEEDS_BASE,
    NO_IDENTITY,
    SCALES,
    STARTS,
    TERMS,
    TITLES,
    TOGETHER,
    UNPROVEN,
)
from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.updates import factor_of
from adapterlint.model import Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Finding, Report, Verdict

NOT_BUILT = {
    "XLORA": "a mixture of saved adapters; test_a_mixture_of_adapters_is_never_called_broken saves one",
}
"""Types that are not trained like the others, with the reason."""

BUILT = sorted(PEFT_TYPES - NOT_BUILT.keys())


def judged(folder: Path) -> tuple[list[Finding], Verdict]:
    report = adapterlint.check([str(folder)], level="warning", isolated=True)
    verdicts = [it for it in report.verdicts if Path(it.path) == folder] or list(report.verdicts)
    return shown(report), verdicts[0]


def shown(report: Report) -> list[Finding]:
    """What a person sees at the default level."""
    return [it for it in report.findings if it.severity >= Severity.warning]


def test_every_type_of_the_newest_peft_is_known_to_the_tables() -> None:
    assert TERMS.keys() - {"BONE"} | NEEDS_BASE | NO_IDENTITY == PEFT_TYPES
    assert not TERMS.keys() & (NEEDS_BASE | NO_IDENTITY)
    for table in (FIXED, TOGETHER, SCALES, TITLES, UNPROVEN):
        assert table.keys() <= PEFT_TYPES
    factors = {factor for terms in (FOREIGN_TERMS, *TERMS.values()) for term in terms for factor, _ in term}
    assert factors >= STARTS


@pytest.mark.runtime
def test_every_type_of_the_installed_peft_is_built_here() -> None:
    import peft

    import peft_adapters

    known = {kind.value for kind in peft.PeftType}
    assert known == PEFT_TYPES, "the tables were made for another PEFT"
    assert known == peft_adapters.OPTIONS.keys() | NOT_BUILT.keys(), "each type is built, or left out for a reason"


@pytest.mark.runtime
@pytest.mark.parametrize("kind", BUILT)
def test_a_trained_adapter_of_every_type_is_silent(kind: str, tmp_path: Path) -> None:
    import peft_adapters

    model = peft_adapters.train(peft_adapters.make(kind))
    peft_adapters.save(model, tmp_path)
    findings, verdict = judged(tmp_path)
    assert not findings
    assert verdict.status is (Status.unknown if kind in NEEDS_BASE else Status.works), verdict
    assert verdict.reason.startswith(TITLES.get(kind, kind)), verdict
    assert not verdict.rules


@pytest.mark.runtime
@pytest.mark.parametrize("kind", BUILT)
def test_an_untrained_adapter_is_inert_where_it_starts_as_the_base(kind: str, tmp_path: Path) -> None:
    import torch

    import peft_adapters

    # The default of C3A is a random start.
    model = peft_adapters.make(kind, **({"init_weights": True} if kind == "C3A" else {})).eval()
    peft_adapters.save(model, tmp_path)
    findings, verdict = judged(tmp_path)
    extra = peft_adapters.inputs(model)
    with torch.no_grad():
        outputs = model(input_ids=peft_adapters.IDS, attention_mask=torch.ones_like(peft_adapters.IDS), **extra)[0]
        base = peft_adapters.llama()(input_ids=peft_adapters.IDS)[0]
    is_base = outputs.shape == base.shape and torch.allclose(outputs, base, atol=1e-6)
    assert is_base is (kind not in NO_IDENTITY)
    if kind in UNPROVEN:
        assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.warning)]
        assert verdict.status is Status.unknown
    elif kind in TERMS:
        assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.error)]
        assert "(never trained, or saved too early)" in findings[0].message
        assert verdict.status is Status.inert
    else:
        assert not findings
        assert verdict.status is (Status.unknown if kind in NEEDS_BASE else Status.works)


VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("LORA", {"use_dora": True}),
    ("LORA", {"use_rslora": True}),
    ("LORA", {"target_modules": "all-linear"}),
    ("LORA", {"target_modules": r".*\.[01]\.self_attn\.(q|v)_proj"}),
    ("LORA", {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.self_attn.v_proj": 2}}),
    ("LORA", {"layers_to_transform": [1]}),
    ("LORA", {"exclude_modules": ["v_proj"]}),
    ("LORA", {"modules_to_save": ["lm_head"]}),
    ("LORA", {"trainable_token_indices": [1, 5]}),
    ("LORA", {"target_modules": ["embed_tokens", "lm_head", "q_proj"]}),
    ("LORA", {"init_lora_weights": "gaussian", "bias": "all"}),
    ("LOKR", {"r": 2, "decompose_both": True}),
    ("LOKR", {"r": 2, "init_weights": "lycoris"}),
    ("MISS", {"init_weights": "bat"}),
    ("MISS", {"init_weights": "mini", "mini_r": 8}),
    ("GRALORA", {"hybrid_r": 2}),
    ("PEANUT", {"depth": 4}),
    ("GLORA", {"config_A_B": "vector"}),
    ("GLORA", {"config_A_B": "constant"}),
    ("VBLORA", {"save_only_topk_weights": True}),
    ("SUPERTUNING", {"r": 4}),
    ("SUPERTUNING", {"save_precomputed_indices": False}),
    ("TINYLORA", {"save_projection": False}),
    ("VERA", {"save_projection": False}),
    ("ROAD", {"variant": "road_4"}),
    ("HIRA", {"target_modules": ["embed_tokens"]}),
    ("OFT", {"coft": True}),
    ("OFT", {"block_share": True}),
    ("OFT", {"target_modules": ["embed_tokens"]}),
    ("PSOFT", {"psoft_orth": False}),
    ("PSOFT", {"psoft_mag_a": False, "psoft_mag_b": False}),
    ("DEFT", {"para": True}),
    ("IA3", {"modules_to_save": ["lm_head"]}),
    ("ADALORA", {"modules_to_save": ["lm_head"]}),
]


def _ids(given: object) -> str:
    return given if isinstance(given, str) else " ".join(map(str, given)) if isinstance(given, dict) else ""


@pytest.mark.runtime
@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=_ids)
def test_variants_are_silent_when_trained(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    import peft_adapters

    peft_adapters.save(peft_adapters.train(peft_adapters.make(kind, **options)), tmp_path)
    findings, verdict = judged(tmp_path)
    assert not findings
    assert verdict.status is (Status.unknown if kind in NEEDS_BASE else Status.works), verdict


@pytest.mark.runtime
@pytest.mark.parametrize("kind", sorted(SCALES))
def test_a_scale_of_zero_is_the_base(kind: str, tmp_path: Path) -> None:
    import peft
    import torch

    import peft_adapters

    peft_adapters.save(peft_adapters.train(peft_adapters.make(kind)), tmp_path)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | dict.fromkeys(SCALES[kind], 0)))
    findings, verdict = judged(tmp_path)
    assert [it.rule for it in findings] == ["zero-scale"] and verdict.status is Status.inert
    model = peft.PeftModel.from_pretrained(peft_adapters.llama(), str(tmp_path)).eval()
    with torch.no_grad():
        outputs = model(input_ids=peft_adapters.IDS)[0]
        assert torch.equal(outputs, peft_adapters.llama()(input_ids=peft_adapters.IDS)[0])


@pytest.mark.runtime
@pytest.mark.parametrize("kind", sorted(TERMS.keys() - UNPROVEN.keys() - {"BONE", "HRA"}))
def test_every_factor_that_is_said_to_kill_the_update_kills_it(kind: str, tmp_path: Path) -> None:
    """HRA has no such value: its vectors cancel in pairs."""
    from safetensors.torch import load_file, save_file

    import peft_adapters

    model = peft_adapters.train(peft_adapters.make(kind, **WHOLE.get(kind, {})))
    peft_adapters.save(model, tmp_path)
    file = tmp_path / "adapter_model.safetensors"
    tensors = load_file(file)
    factors = {name: factor_of(part) for name in tensors if (part := split(name)) is not None}
    present = [[kill for kill in term if kill[0] in factors.values() and kill[1] != EYE] for term in TERMS[kind]]
    terms = [term for term in present if term]
    for at in range(max(map(len, terms))):
        kills = dict(term[min(at, len(term) - 1)] for term in terms)
        killed = {
            name: it.new_full(it.shape, kills[f]) if (f := factors.get(name)) in kills else it
            for name, it in tensors.items()
        }
        save_file(killed, file, metadata={"format": "pt"})
        findings, verdict = judged(tmp_path)
        assert [it.rule for it in findings] == ["inert-adapter"] and verdict.status is Status.inert
        assert _changes(tmp_path) == 0, kills


WHOLE: dict[str, dict[str, Any]] = {
    "GRALORA": {"hybrid_r": 2},
    "LOKR": {"r": 2, "decompose_both": True},
    "SUPERTUNING": {"r": 4},
}
"""Options with which a type writes all its factors."""


@pytest.mark.runtime
@pytest.mark.parametrize("kind", sorted(TOGETHER))
def test_a_factor_without_its_partners(kind: str, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    import peft_adapters

    peft_adapters.save(peft_adapters.train(peft_adapters.make(kind, **WHOLE.get(kind, {}))), tmp_path)
    file = tmp_path / "adapter_model.safetensors"
    tensors = load_file(file)
    factors = {name: factor_of(part) for name in tensors if (part := split(name)) is not None}
    members = {factor for group in TOGETHER[kind] for member in group for factor in member.split("|")}
    for lost in sorted(members & set(factors.values())):
        save_file(
            {name: it for name, it in tensors.items() if factors.get(name) != lost}, file, metadata={"format": "pt"}
        )
        findings, verdict = judged(tmp_path)
        assert [it.rule for it in findings] == ["half-a-pair"]
        assert verdict.status is (Status.partly_loaded if _changes(tmp_path) > 1e-6 else Status.inert), lost


def _changes(folder: Path) -> float:
    """By how much the output with the adapter differs from the base's."""
    import warnings

    import peft
    import torch

    import peft_adapters

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        model = peft.PeftModel.from_pretrained(peft_adapters.llama(), str(folder)).eval()
        ids = {"input_ids": peft_adapters.IDS, "attention_mask": torch.ones_like(peft_adapters.IDS)}
        base = peft_adapters.llama()(**ids)[0]
        return float((model(**ids, **peft_adapters.inputs(model))[0] - base).abs().max())


# What travels beside, or loading that changes the base, makes "nothing" a warning.
_BESIDE = ("use_dora", "modules_to_save", "trainable_token_indices")
_NO_IDENTITY = ({"save_only_topk_weights": True}, {"para": True})


@pytest.mark.runtime
@pytest.mark.parametrize(("kind", "options"), [it for it in VARIANTS if it[1] not in _NO_IDENTITY], ids=_ids)
def test_variants_are_inert_when_untrained(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    import peft_adapters

    peft_adapters.save(peft_adapters.make(kind, **options), tmp_path)
    findings, verdict = judged(tmp_path)
    certain = not any(name in options for name in _BESIDE)
    assert [(it.rule, it.severity) for it in findings] == [
        ("inert-adapter", Severity.error if certain else Severity.warning)
    ]
    assert verdict.status is (Status.inert if certain else Status.unknown)


@pytest.mark.runtime
@pytest.mark.parametrize("bias", ["all", "lora_only"])
def test_trained_biases_are_silent_and_untrained_ones_leave_it_open(bias: str, tmp_path: Path) -> None:
    import peft_adapters

    for name, steps in (("trained", 3), ("untrained", 0)):
        model = peft_adapters.make("LORA", peft_adapters.biased(), bias=bias, lora_bias=True)
        peft_adapters.save(peft_adapters.train(model, steps), tmp_path / name)
    findings, verdict = judged(tmp_path / "trained")
    assert not findings and verdict.status is Status.works
    findings, verdict = judged(tmp_path / "untrained")
    assert [(it.rule, it.severity) for it in findings] == [("inert-adapter", Severity.warning)]
    assert verdict.status is Status.unknown


@pytest.mark.runtime
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("kind", ["LORA", "IA3", "LOHA", "BOFT", "VERA", "ROAD", "HRA"])
def test_half_precision(kind: str, dtype: str, tmp_path: Path) -> None:
    import torch

    import peft_adapters

    for name, steps in (("trained", 3), ("untrained", 0)):
        model = peft_adapters.train(peft_adapters.make(kind), steps)
        peft_adapters.save(model.to(getattr(torch, dtype)), tmp_path / name)
    findings, verdict = judged(tmp_path / "trained")
    assert not findings and verdict.status is Status.works
    findings, verdict = judged(tmp_path / "untrained")
    assert [it.rule for it in findings] == ["inert-adapter"] and verdict.status is Status.inert


@pytest.mark.runtime
@pytest.mark.parametrize("kind", ["LORA", "IA3", "HRA", "PROMPT_TUNING", "VERA"])
def test_pickled_weights(kind: str, tmp_path: Path) -> None:
    import peft_adapters

    for name, steps in (("trained", 3), ("untrained", 0)):
        model = peft_adapters.train(peft_adapters.make(kind), steps)
        peft_adapters.save(model, tmp_path / name, safe_serialization=False)
        assert (tmp_path / name / "adapter_model.bin").is_file()
    findings, verdict = judged(tmp_path / "trained")
    assert not findings and verdict.status is Status.works
    findings, verdict = judged(tmp_path / "untrained")
    inert = kind != "PROMPT_TUNING"
    assert [it.rule for it in findings] == ["inert-adapter"] * inert
    assert verdict.status is (Status.inert if inert else Status.works)


@pytest.mark.runtime
def test_several_adapters_in_one_folder(tmp_path: Path) -> None:
    import peft

    import peft_adapters

    model = peft_adapters.make("LORA")
    model.add_adapter("second", peft.LoraConfig(r=2, lora_alpha=4, target_modules=["k_proj"]))
    for name in ("default", "second"):
        model.set_adapter(name)
        peft_adapters.train(model)
    peft_adapters.save(model, tmp_path)
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert not shown(report)
    reasons = {Path(it.path).name: (it.status, it.reason) for it in report.verdicts}
    assert reasons == {
        tmp_path.name: (Status.works, "LoRA r=4, scaling 2, 4 modules"),
        "second": (Status.works, "LoRA r=2, scaling 2, 2 modules"),
    }


@pytest.mark.runtime
def test_a_head_on_a_classifier(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    import peft_adapters

    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    base = BertForSequenceClassification(BertConfig(vocab_size=60, num_labels=3, **sizes)).eval()
    model = peft_adapters.make("LORA", base, task_type="SEQ_CLS", target_modules=["query", "value"])
    peft_adapters.save(peft_adapters.train(model), tmp_path)
    saved = json.loads((tmp_path / "adapter_config.json").read_text())["modules_to_save"]
    assert saved == ["classifier", "score"]
    findings, verdict = judged(tmp_path)
    assert not findings and verdict.status is Status.works


@pytest.mark.runtime
@pytest.mark.skipif(not importlib.util.find_spec("sentence_transformers"), reason="needs sentence-transformers")
def test_a_sentence_transformer_that_trained_an_adapter(tmp_path: Path) -> None:
    import peft
    import torch

    import worlds

    worlds.build_base(tmp_path / "base")
    model = worlds.load(tmp_path / "base")
    torch.manual_seed(1)
    model.add_adapter(peft.LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"]))
    model.save_pretrained(str(tmp_path / "untrained"))
    worlds.train(model, model, steps=3)
    model.save_pretrained(str(tmp_path / "trained"))
    findings, verdict = judged(tmp_path / "trained")
    assert not findings and verdict.status is Status.works, verdict
    findings, verdict = judged(tmp_path / "untrained")
    assert [it.rule for it in findings] == ["inert-adapter"] and verdict.status is Status.inert


@pytest.mark.runtime
def test_a_mixture_of_adapters_is_never_called_broken(tmp_path: Path) -> None:
    import peft

    import peft_adapters

    peft_adapters.save(peft_adapters.train(peft_adapters.make("LORA")), tmp_path / "one")
    base = peft_adapters.llama()
    base.config.use_cache = False
    adapters = {"0": str(tmp_path / "one"), "1": str(tmp_path / "one")}
    config = peft.XLoraConfig(task_type="CAUSAL_LM", hidden_size=32, xlora_depth=1, adapters=adapters)
    model = peft.get_peft_model(base, config)
    peft_adapters.save(model, tmp_path / "mixture")
    report = adapterlint.check([str(tmp_path / "mixture")], isolated=True)
    assert not shown(report)
    assert {it.status for it in report.verdicts} == {Status.not_checked}
