"""Key forms: what the names say, and that PEFT indeed drops what wrapper-prefix says it drops."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import scenes
from adapterlint.loadplan.keyform import KeyForm, form_of, forms, is_adapter_header, keyform, of_folder, split
from adapterlint.loadplan.pairs import in_groups, layout
from adapterlint.model import ExampleTensor, Severity, Status

if TYPE_CHECKING:
    from adapterlint.model import Report

PREFIX = "base_model.model."


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", KeyForm.peft),
        ("base_model.model.model.layers.0.mlp.experts.base_layer.lora_A.weight", KeyForm.peft),
        ("base_model.model.embed_tokens.lora_embedding_A", KeyForm.peft),
        ("base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", KeyForm.peft),
        ("base_model.model.q_proj.lora_magnitude_vector", KeyForm.peft),
        ("base_model.model.q_proj.lora_A.default.weight", KeyForm.peft),
        ("base_model.model.0.lora_A.weight", KeyForm.peft),
        ("base_model.model.model.layers.0.module.q_proj.lora_A.weight", KeyForm.peft),
        ("base_model.model.q_proj.vera_lambda_b", KeyForm.peft),
        ("base_model.vera_A", KeyForm.peft),
        ("prompt_embeddings", KeyForm.prompt),
        ("base_model.model.0.model.encoder.layer.0.attention.self.query.lora_A.weight", KeyForm.wrapped_st),
        ("base_model.model.0.auto_model.encoder.layer.0.attention.self.query.lora_B.weight", KeyForm.wrapped_st),
        ("base_model.model.0.sub_modules.query.0.model.layers.0.q_proj.lora_B.weight", KeyForm.wrapped_st),
        ("base_model.model._orig_mod.layers.0.q_proj.lora_A.weight", KeyForm.compiled),
        ("base_model.model.layers.0._orig_mod.q_proj.lora_A.weight", KeyForm.compiled),
        ("_orig_mod.base_model.model.layers.0.q_proj.lora_A.weight", KeyForm.compiled),
        ("_orig_mod.base_model.model.0.model.layers.0.q_proj.lora_A.weight", KeyForm.compiled),
        ("module.base_model.model.layers.0.q_proj.lora_A.weight", KeyForm.ddp),
        ("base_model.model.module.layers.0.q_proj.lora_A.weight", KeyForm.ddp),
        ("base_model.model.layers.0._fsdp_wrapped_module.q_proj.lora_A.weight", KeyForm.fsdp),
        ("base_model.model.base_model.model.layers.0.q_proj.lora_A.weight", KeyForm.doubled),
        ("encoder.layer.0.attention.self.query.lora_A.weight", KeyForm.bare),
        ("base_model.layers.0.q_proj.lora_A.weight", KeyForm.bare),
        ("transformer.h.0.attn.c_attn.lora_A.weight", KeyForm.bare),
        ("transformer.transformer_blocks.0.attn.to_q.lora_A.weight", KeyForm.diffusers),
        ("unet.down_blocks.0.attn.to_q.lora_A.weight", KeyForm.diffusers),
        ("down_blocks.0.attn1.processor.to_k_lora.down.weight", KeyForm.diffusers),
        ("lora_unet_down_blocks_0_to_q.lora_down.weight", KeyForm.kohya),
        ("lora_unet_down_blocks_0_to_q.hada_w1_a", KeyForm.lycoris),
        ("lycoris_blocks_0_to_q.lokr_w1", KeyForm.lycoris),
        ("model.layers.0.self_attn.q_proj.lora_a", KeyForm.mlx),
        ("layers.0.attn.q_proj.lora_a.weight", KeyForm.torchtune),
        ("blk.0.attn_q.weight.lora_a", KeyForm.gguf),
        ("bert.encoder.layer.0.attention.self.query.loras.mine.lora_A", KeyForm.adapterhub),
        ("model.layers.0.self_attn.q_proj.weight", KeyForm.full_model),
        ("poly_embed.weight", KeyForm.full_model),
        ("base_model.model.lm_head.base_layer.weight", KeyForm.full_model),
    ],
)
def test_form_of_a_name(name: str, form: KeyForm) -> None:
    assert form_of(name) is form


@pytest.mark.parametrize(
    ("name", "module", "factor", "adapter", "tail"),
    [
        ("base_model.model.a.q.lora_A.weight", "a.q", "lora_A", "", "weight"),
        ("base_model.model.a.q.lora_B.default.bias", "a.q", "lora_B", "default", "bias"),
        ("base_model.model.wte.lora_embedding_B", "wte", "lora_embedding_B", "", ""),
        ("base_model.model.wte.lora_embedding_B.mine", "wte", "lora_embedding_B", "mine", ""),
        ("down.processor.to_q_lora.up.weight", "down.processor.to_q", "lora_up", "", "weight"),
        ("down.to_q.lora.up.weight", "down.to_q", "lora_up", "", "weight"),
    ],
)
def test_a_name_is_taken_apart(name: str, module: str, factor: str, adapter: str, tail: str) -> None:
    part = split(name)
    assert part is not None
    assert (part.module, part.factor, part.adapter, part.tail) == (module, factor, adapter, tail)


def test_a_file_has_the_form_of_most_of_its_tensors() -> None:
    good = [f"base_model.model.layers.{at}.q_proj.lora_A.weight" for at in range(3)]
    bad = ["base_model.model.layers.3._orig_mod.q_proj.lora_A.weight"]
    assert keyform([*good, *bad]) is KeyForm.peft
    assert keyform([*good[:1], *bad]) is KeyForm.compiled, "a tie goes to the damage"
    expected = {**dict.fromkeys(good, KeyForm.peft), bad[0]: KeyForm.compiled}
    assert forms([*good, *bad, "base_model.model.score.weight"]) == expected, "a head is no adapter tensor"
    assert keyform([]) is KeyForm.none


def test_a_module_of_the_model_may_be_called_module() -> None:
    inner = "base_model.model.module.lora_A.weight"
    below = "base_model.model.module.proj.lora_A.weight"
    assert set(forms([below]).values()) == {KeyForm.ddp}
    assert set(forms([inner]).values()) == {KeyForm.peft}, "DDP itself is never adapted"
    beside = [below, "base_model.model.head.lora_A.weight"]
    assert set(forms(beside).values()) == {KeyForm.peft}, "DDP wraps a model as a whole"


def test_full_models_are_no_adapters() -> None:
    plain = ["embed.weight", "norm.weight", "lm_head.weight", "layers.0.mlp.weight"]
    adapted = ["layers.0.q.base_layer.weight", "layers.0.q.lora_A.default.weight", "layers.0.q.lora_B.default.weight"]
    before_06 = ["layers.0.q.weight", "layers.0.q.lora_A.default.weight", "layers.0.q.lora_B.default.weight"]
    assert keyform([*plain, "layers.0.q.weight"]) is KeyForm.full_model
    assert keyform([*plain, *adapted]) is KeyForm.unmerged
    assert keyform([*plain, *before_06]) is KeyForm.unmerged
    assert not is_adapter_header([*plain, *adapted]) and not is_adapter_header(plain)


def test_an_adapter_with_copies_of_embeddings_and_a_head_stays_an_adapter() -> None:
    path = "base_model.model."
    names = [
        f"{path}model.embed_tokens.base_layer.weight",
        f"{path}model.embed_tokens.lora_embedding_A",
        f"{path}model.embed_tokens.lora_embedding_B",
        f"{path}lm_head.base_layer.weight",
        f"{path}lm_head.lora_A.weight",
        f"{path}lm_head.lora_B.weight",
        f"{path}score.weight",
        f"{path}model.norm.weight",
    ]
    assert keyform(names) is KeyForm.peft and is_adapter_header(names)
    file = layout(names)
    assert [pair.module for pair in file.complete] == ["model.embed_tokens", "lm_head"]
    assert file.beside == (f"{path}score.weight", f"{path}model.norm.weight")


def test_modules_are_named_by_kind_and_layer() -> None:
    names = [f"base_model.model.layers.{at}.{kind}.lora_A.weight" for kind in "qv" for at in (0, 1, 2, 7)]
    assert in_groups(layout(names).pairs) == "q (layers 0-2, 7), v (layers 0-2, 7)"
    assert in_groups(layout([f"base_model.model.m{at}.lora_A.weight" for at in range(9)]).pairs) == (
        "m0, m1, m2, 6 more kinds"
    )


def test_a_folder_is_asked_by_its_header_only(tmp_path: Path) -> None:
    assert of_folder(str(tmp_path)) is None
    tensors = {f"base_model.model.0.model.q.lora_{half}.weight": ExampleTensor((2, 2)) for half in "AB"}
    (tmp_path / "adapter_model.safetensors").write_bytes(scenes.safetensors(tensors))
    assert of_folder(str(tmp_path)) is KeyForm.wrapped_st
    assert of_folder(str(tmp_path / "adapter_model.safetensors")) is KeyForm.wrapped_st
    (tmp_path / "adapter_model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert of_folder(str(tmp_path)) is None


def test_shards_are_one_adapter(tmp_path: Path) -> None:
    for number, half in enumerate("AB", 1):
        content = scenes.safetensors({f"base_model.model.q.lora_{half}.weight": ExampleTensor((2, 2))})
        (tmp_path / f"adapter_model-{number:05}-of-00002.safetensors").write_bytes(content)
    assert of_folder(str(tmp_path)) is KeyForm.peft


def check(folder: Path) -> Report:
    return adapterlint.check([str(folder)], level="hint", isolated=True)


# What each wrapper makes of PEFT's own key; PeftModel.from_pretrained gives the base model's output for every one.
DAMAGES: dict[str, Callable[[str], str]] = {
    "compiled base": lambda key: f"{PREFIX}_orig_mod.{key}",
    "compiled PeftModel": lambda key: f"_orig_mod.{PREFIX}{key}",
    "compiled layers": lambda key: PREFIX + key.replace(".0.", ".0._orig_mod.").replace(".1.", ".1._orig_mod."),
    "parallel base": lambda key: f"{PREFIX}module.{key}",
    "parallel PeftModel": lambda key: f"module.{PREFIX}{key}",
    "sharded base": lambda key: f"{PREFIX}_fsdp_wrapped_module.{key}",
    "sharded PeftModel": lambda key: f"_fsdp_wrapped_module.{PREFIX}{key}",
    "checkpointed layers": lambda key: PREFIX + key.replace(".0.", ".0._checkpoint_wrapped_module."),
    "wrapped twice": lambda key: PREFIX + PREFIX + key,
    "bare": lambda key: key,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Callable[[], Any], Path]]:
    """A tiny BERT and a tiny Llama, each with a trained adapter on disk."""
    import tiny

    built = {}
    for name, make in (("bert", tiny.bert), ("llama", tiny.llama)):
        folder = tmp_path_factory.mktemp(name)
        tiny.save(make(), folder, steps=4)
        built[name] = (make, folder)
    return built


@pytest.mark.runtime
@pytest.mark.parametrize("family", ["bert", "llama"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_keys_that_are_reported_are_keys_that_peft_drops(
    trained: dict[str, tuple[Callable[[], Any], Path]], family: str, damage: str, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    import tiny

    make, good = trained[family]
    tensors = load_file(good / "adapter_model.safetensors")
    damaged = {DAMAGES[damage](key.removeprefix(PREFIX)): value for key, value in tensors.items()}
    kept = {key for key in damaged if key in tensors}
    save_file(damaged, tmp_path / "adapter_model.safetensors", metadata={"format": "pt"})
    (tmp_path / "adapter_config.json").write_text((good / "adapter_config.json").read_text())

    found = [finding for finding in check(tmp_path).findings if finding.rule == "wrapper-prefix"]
    assert [finding.severity for finding in found] == [Severity.error]
    assert check(tmp_path).verdicts[0].status is (Status.partly_loaded if kept else Status.loads_nothing)
    assert torch.equal(tiny.output(make(), tmp_path), tiny.output(make())) != bool(kept)


@pytest.mark.runtime
@pytest.mark.parametrize("family", ["bert", "llama"])
def test_peft_own_keys_are_silent(trained: dict[str, tuple[Callable[[], Any], Path]], family: str) -> None:
    import torch

    import tiny

    make, good = trained[family]
    report = check(good)
    assert not report.findings
    assert [verdict.status for verdict in report.verdicts] == [Status.works]
    assert not torch.allclose(tiny.output(make(), good), tiny.output(make()))


@pytest.mark.runtime
@pytest.mark.parametrize("family", ["bert", "llama"])
def test_bare_keys_are_taken_by_transformers(
    trained: dict[str, tuple[Callable[[], Any], Path]], family: str, tmp_path: Path
) -> None:
    """The message says that load_adapter may take them; it does."""
    import torch
    from safetensors.torch import load_file, save_file

    import tiny

    make, good = trained[family]
    tensors = load_file(good / "adapter_model.safetensors")
    save_file(
        {key.removeprefix(PREFIX): value for key, value in tensors.items()}, tmp_path / "adapter_model.safetensors"
    )
    (tmp_path / "adapter_config.json").write_text((good / "adapter_config.json").read_text())
    model = make()
    model.load_adapter(str(tmp_path))
    assert torch.allclose(tiny.output(model), tiny.output(make(), good), atol=1e-6)


@pytest.mark.runtime
def test_a_model_saved_unmerged_is_told(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    import tiny

    model = get_peft_model(tiny.llama(), LoraConfig(target_modules=["q_proj"], init_lora_weights=False))
    model.get_base_model().save_pretrained(tmp_path / "unmerged")
    model.merge_and_unload().save_pretrained(tmp_path / "merged")
    found = check(tmp_path).findings
    assert [(finding.rule, finding.place.path) for finding in found] == [
        ("unmerged-full-model", (tmp_path / "unmerged" / "model.safetensors").as_posix())
    ]


@pytest.mark.runtime
def test_a_wrapped_sentence_transformer_is_told_by_its_keys(stack_named: Callable[[str], Any]) -> None:
    stack = stack_named("new")
    verdicts = {Path(verdict.path).name: verdict for verdict in check(stack.world / "adapters").verdicts}
    assert verdicts["good"].status is Status.works
    assert verdicts["inert"].status is Status.inert
    assert verdicts["wrapped"].status is Status.unknown
    assert "around a SentenceTransformer (0.model., sentence-transformers 5.4 or later)" in verdicts["wrapped"].reason


@pytest.mark.runtime
def test_code_that_loads_wrapped_keys_rightly_silences_the_rule(
    stack_named: Callable[[str], Any], tmp_path: Path
) -> None:
    adapter = (stack_named("new").world / "adapters" / "wrapped").as_posix()
    program = tmp_path / "evaluate.py"
    lines = "from sentence_transformers import SentenceTransformer\nfrom peft import PeftModel\n"
    program.write_text(
        f"{lines}model = PeftModel.from_pretrained(SentenceTransformer('base'), {json.dumps(adapter)})\n"
    )
    report = adapterlint.check([str(program), adapter], level="hint", isolated=True)
    assert not report.findings
    assert [verdict.status for verdict in report.verdicts] == [Status.works]
