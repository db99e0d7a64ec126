"""What only the base tells: each fault is made with the real PEFT on a tiny base, and what it does is looked at."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapterlint
import scenes
from adapterlint.artifacts import base, config, weights
from adapterlint.artifacts.base import Base
from adapterlint.artifacts.config import Config
from adapterlint.artifacts.weights import Weights
from adapterlint.loadplan.merging import loss
from adapterlint.model import ExampleTensor, Severity
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapterlint.model import Finding

runtime = pytest.mark.runtime
QUIET = ("base-path-unusable",)


def of(adapter: Path, base: Path | None, least: Severity = Severity.hint) -> dict[str, Finding]:
    report = adapterlint.check(adapter, base=base, isolated=True, level="hint")
    found = [finding for finding in report.findings if finding.severity >= least]
    return {finding.rule: finding for finding in found if finding.rule not in QUIET}


def sized(**more: Any) -> dict[str, Any]:
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return {"vocab_size": 60, **sizes, **more}


def tied(*, tie: bool = True) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**sized(tie_word_embeddings=tie))).eval()


def gpt2() -> Any:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    ids = {"bos_token_id": 1, "eos_token_id": 2}
    return GPT2LMHeadModel(GPT2Config(vocab_size=60, n_embd=32, n_layer=2, n_head=4, **ids)).eval()


def trained(model: Any, folder: Path, **options: Any) -> Any:
    """`model` with LoRA trained for a few steps and saved to `folder`; the PeftModel."""
    import torch
    from peft import LoraConfig, get_peft_model

    from tiny import IDS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        wrapped = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **options))
        optimizer = torch.optim.AdamW([it for it in wrapped.parameters() if it.requires_grad], lr=3e-2)
        for _ in range(3):
            step = ((wrapped(input_ids=IDS)[0] - 1.0) ** 2).mean()
            optimizer.zero_grad()
            step.backward()
            optimizer.step()
        wrapped.eval().save_pretrained(str(folder))
    return wrapped


ON_TIED: dict[str, dict[str, Any]] = {
    "input": {"target_modules": ["q_proj", "embed_tokens"]},
    "output": {"target_modules": ["q_proj", "lm_head"]},
    "both": {"target_modules": ["embed_tokens", "lm_head"]},
    "alike": {"target_modules": ["embed_tokens"], "ensure_weight_tying": True},
}


@runtime
@pytest.mark.parametrize("name", ON_TIED)
def test_lora_on_tied_embeddings_is_lost_in_merging_only(name: str, tmp_path: Path) -> None:
    from tiny import output

    tied().save_pretrained(str(tmp_path / "base"))
    expected = output(trained(tied(), tmp_path / "adapter", **ON_TIED[name]))
    effect = (expected - output(tied())).abs().max()
    assert (output(tied(), tmp_path / "adapter") - expected).abs().max() < 1e-5
    assert (output(merged(tied(), tmp_path / "adapter")) - expected).abs().max() > 0.5 * effect
    found = of(tmp_path / "adapter", tmp_path / "base")
    assert found["tied-layer-adapted"].severity is Severity.info
    assert ("the same update twice" in found["tied-layer-adapted"].message) is (name == "alike")
    told = name in ("both", "alike")  # PEFT's own copies, and factors nobody asked for, show it without the base
    assert list(of(tmp_path / "adapter", None)) == ["tied-layer-adapted"] * told


def merged(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


SOUND: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "tokens": (tied, {"target_modules": ["q_proj"], "trainable_token_indices": [1, 2]}),
    "saved alike": (
        tied,
        {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"], "ensure_weight_tying": True},
    ),
    "untied": (lambda: tied(tie=False), {"target_modules": ["q_proj", "embed_tokens", "lm_head"]}),
    "saved": (tied, {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}),
}


@runtime
@pytest.mark.parametrize("name", SOUND)
def test_what_merging_keeps_is_no_warning(name: str, tmp_path: Path) -> None:
    from tiny import output

    make, options = SOUND[name]
    make().save_pretrained(str(tmp_path / "base"))
    expected = output(trained(make(), tmp_path / "adapter", **options))
    assert (output(merged(make(), tmp_path / "adapter")) - expected).abs().max() < 1e-5
    assert not of(tmp_path / "adapter", tmp_path / "base", Severity.warning)
    assert not of(tmp_path / "adapter", None, Severity.warning)
    noted = of(tmp_path / "adapter", tmp_path / "base").get("tied-layer-adapted")
    assert (noted is not None) is (name == "saved")


WORDS = ExampleTensor((16, 8), varied=1)
GENERATING = {"model_type": "x", "architectures": ["XForConditionalGeneration"]}


@pytest.mark.parametrize(
    ("said", "more", "head"),
    [
        ({}, {}, "lm_head"),
        ({"tie_word_embeddings": False}, {}, ""),
        ({"text_config": {"tie_word_embeddings": False}}, {}, ""),
        ({}, {"language_model.lm_head.weight": WORDS}, ""),
        ({}, {"transformer.output_layer.weight": WORDS}, ""),
        ({"tie_word_embeddings": True}, {"lm_head.weight": WORDS}, "lm_head"),
        ({"tie_word_embeddings": True}, {"language_model.lm_head.weight": WORDS}, "language_model.lm_head"),
        ({"tie_word_embeddings": True}, {"lm_head.weight": ExampleTensor((16, 8), varied=2)}, ""),
        ({"architectures": ["XModel"]}, {}, ""),
    ],
    ids=str,
)
def test_embeddings_are_tied_only_where_that_is_certain(
    said: dict[str, Any], more: dict[str, ExampleTensor], head: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**GENERATING, **said}), encoding="utf-8")
    tensors = {"language_model.model.embed_tokens.weight": WORDS, **more}
    (tmp_path / "model.safetensors").write_bytes(scenes.safetensors(tensors))
    model = base.read(tmp_path.as_posix())
    assert isinstance(model, Base) and model.shared_head == head


@runtime
@pytest.mark.parametrize(("make", "target"), [(gpt2, "c_attn"), (tied, "q_proj")], ids=["Conv1D", "Linear"])
def test_either_layout_loads_and_the_wrong_one_is_noted(make: Callable[[], Any], target: str, tmp_path: Path) -> None:
    from tiny import output

    make().save_pretrained(str(tmp_path / "base"))
    expected = output(trained(make(), tmp_path / "adapter", target_modules=[target]))
    path = tmp_path / "adapter" / "adapter_config.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    assert given["fan_in_fan_out"] is (make is gpt2)
    for value in (False, True):
        path.write_text(json.dumps({**given, "fan_in_fan_out": value}), encoding="utf-8")
        assert (output(make(), tmp_path / "adapter") == expected).all()
        assert (output(merged(make(), tmp_path / "adapter")) - expected).abs().max() < 1e-5
        found = of(tmp_path / "adapter", tmp_path / "base")
        assert ("fan-in-fan-out" in found) is (value is not given["fan_in_fan_out"])


def resnet() -> Any:
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    torch.manual_seed(0)
    sizes = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "num_labels": 3}
    return ResNetForImageClassification(ResNetConfig(layer_type="basic", **sizes)).eval()


@runtime
@pytest.mark.parametrize("saved", [None, ["normalization"]], ids=["left", "saved"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_running_statistics_move_only_in_training_mode(training: bool, saved: list[str] | None, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    images = torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(3)) * 3 + 1
    options = {"target_modules": ["convolution"], "modules_to_save": saved}
    model = get_peft_model(resnet(), LoraConfig(r=4, lora_alpha=8, **options)).train(training)
    optimizer = torch.optim.AdamW([it for it in model.parameters() if it.requires_grad], lr=1e-2)
    for _ in range(3):
        step = ((model(images)[0] - 1) ** 2).mean()
        optimizer.zero_grad()
        step.backward()
        optimizer.step()
    resnet().save_pretrained(str(tmp_path / "base"))
    model.save_pretrained(str(tmp_path / "adapter"))
    with torch.no_grad():
        expected = model.eval()(images)[0]
        loaded = PeftModel.from_pretrained(resnet(), str(tmp_path / "adapter")).eval()(images)[0]
    assert bool((loaded - expected).abs().max() < 1e-5) is not (training and not saved)
    found = of(tmp_path / "adapter", tmp_path / "base")
    assert ("batch-norm-stats" in found) is not bool(saved)
    assert not of(tmp_path / "adapter", tmp_path / "base", Severity.warning)


def wide(dtype: str) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 96, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    return LlamaForCausalLM(LlamaConfig(vocab_size=60, **sizes)).to(getattr(torch, dtype)).eval()


def pieces(adapter: Path, folder: Path) -> tuple[Config, Weights, Base]:
    given = config.read((adapter / "adapter_config.json").as_posix())
    tensors = weights.read([(adapter / "adapter_model.safetensors").as_posix()])
    model = base.read(folder.as_posix())
    assert isinstance(given, Config) and isinstance(tensors, Weights) and isinstance(model, Base)
    return given, tensors, model


@runtime
@pytest.mark.parametrize("size", [4e-2, 4e-3, 1e-3, 2e-4])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_what_merging_loses_is_told_from_a_sample(dtype: str, size: float, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    targets = ["q_proj", "down_proj", "embed_tokens"]
    model = get_peft_model(wide(dtype), LoraConfig(r=8, lora_alpha=16, target_modules=targets))
    factors = [it for name, it in model.named_parameters() if "lora_" in name]
    layers = [layer for layer in model.modules() if hasattr(layer, "get_delta_weight") and hasattr(layer, "base_layer")]
    with torch.no_grad():
        for factor in factors:
            factor.normal_()
        for layer in layers:  # an update `size` times the weight
            scale = size * layer.base_layer.weight.float().std() / layer.get_delta_weight("default").float().std()
            (layer.lora_B if len(layer.lora_B) else layer.lora_embedding_B)["default"].requires_grad_(False)
            factor = layer.lora_B["default"].weight if len(layer.lora_B) else layer.lora_embedding_B["default"]
            factor.mul_(scale)
    model.save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=False)
    wide(dtype).save_pretrained(str(tmp_path / "base"))
    loaded = PeftModel.from_pretrained(wide(dtype), str(tmp_path / "adapter"))
    named = {name: it for name, it in loaded.named_modules() if hasattr(it, "get_delta_weight") and "default" in it.r}
    before = {
        name: (it.base_layer.weight.detach().clone(), it.get_delta_weight("default").detach().float())
        for name, it in named.items()
    }
    loaded.merge_adapter()
    same = changed = 0
    missed = squares = 0.0
    for name, layer in named.items():
        old, delta = before[name]
        now = layer.base_layer.weight.detach()
        same += int(((now == old) & (delta != 0)).sum())
        changed += int((delta != 0).sum())
        missed += float(((now.double() - old.double() - delta.double()) ** 2).sum())
        squares += float((delta.double() ** 2).sum())
    told = loss(*pieces(tmp_path / "adapter", tmp_path / "base"))
    assert told is not None and told.dtype == dtype
    assert told.elements < changed / 2
    assert abs(told.kept - same / changed) < 0.03
    assert abs(told.error - (missed / squares) ** 0.5) < 0.03
    found = of(tmp_path / "adapter", tmp_path / "base")
    assert ("merge-precision" in found) is (told.kept >= 0.5)
    assert not of(tmp_path / "adapter", tmp_path / "base", Severity.warning)


@runtime
def test_an_adapter_around_other_weights_of_the_same_size_loses_its_gain_without_a_word(tmp_path: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from tiny import output

    def loss_of(model: Any, adapter: Path | None = None) -> float:
        return float(((output(model, adapter) - 1.0) ** 2).mean())

    trained(tied(), tmp_path / "adapter", target_modules=["q_proj", "v_proj", "down_proj"])
    torch.manual_seed(9)
    other = LlamaForCausalLM(LlamaConfig(**sized(tie_word_embeddings=True))).eval()
    alone = loss_of(other)
    gain = loss_of(tied()) - loss_of(tied(), tmp_path / "adapter")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert abs(alone - loss_of(other, tmp_path / "adapter")) < gain / 2


@runtime
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("seed", [0, 9], ids=["its own base", "another"])
def test_the_copy_of_an_embedding_tells_one_base_from_another(seed: int, dtype: str, tmp_path: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    trained(tied(tie=False), tmp_path / "adapter", target_modules=["q_proj", "embed_tokens"])
    torch.manual_seed(seed)
    given = LlamaForCausalLM(LlamaConfig(**sized(tie_word_embeddings=False))).to(getattr(torch, dtype))
    given.save_pretrained(str(tmp_path / "base"))
    found = of(tmp_path / "adapter", tmp_path / "base").get("wrong-base")
    assert (found is not None) is (seed == 9)
    assert found is None or (found.severity is Severity.warning and "15 of 15 rows" in found.message)


COMMITS = ("0" * 40, "1" * 40)


def cached(folder: Path, name: str, **said: Any) -> str:
    """A model in a cache of the Hub at `folder`; the path of its snapshot."""
    snapshot = folder / f"models--{name.replace('/', '--')}" / "snapshots" / COMMITS[0]
    snapshot.mkdir(parents=True)
    settings = {"model_type": "bert", "architectures": ["BertModel"], **said}
    (snapshot / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (snapshot / "model.safetensors").write_bytes(scenes.safetensors(dict(BASE)))
    return snapshot.as_posix()


def named(folder: Path, name: str, **fields: Any) -> Path:
    folder.mkdir()
    given = {**CONFIG, "base_model_name_or_path": name, **fields}
    (folder / "adapter_config.json").write_text(json.dumps(given), encoding="utf-8")
    tensors = pair(f"{SELF}.query", "encoder.layer.1.attention.self.query")
    (folder / "adapter_model.safetensors").write_bytes(scenes.safetensors(tensors))
    return folder


@pytest.mark.parametrize(
    ("asked", "fields", "severity"),
    [
        ("org/Tiny-7b-chat", {}, Severity.warning),
        ("org/Tiny-7b-v0.2", {}, Severity.warning),
        ("org/Tiny-7b-GPTQ", {}, Severity.info),
        ("unsloth/tiny-7b-unsloth-bnb-4bit", {}, Severity.info),
        ("org/another", {}, Severity.info),
        ("mirror/tiny-7b", {}, None),
        ("/data/models/Tiny-7b", {}, None),
        ("/data/models/whatever", {}, None),
        ("org/Tiny-7b", {"revision": COMMITS[1]}, Severity.info),
        ("org/Tiny-7b", {"revision": COMMITS[0]}, None),
        ("org/Tiny-7b", {"revision": "main"}, None),
        (None, {}, None),
    ],
    ids=str,
)
def test_a_base_in_the_cache_says_its_name(
    asked: str, fields: dict[str, Any], severity: Severity | None, tmp_path: Path
) -> None:
    snapshot = cached(tmp_path / "hub", "org/Tiny-7b", _name_or_path="org/made-from-this")
    found = of(named(tmp_path / "adapter", asked, **fields), Path(snapshot)).get("wrong-base")
    assert (None if found is None else found.severity) is severity


def test_a_name_is_as_good_as_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(tmp_path / "hub", "org/Tiny-7b")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    found = of(named(tmp_path / "adapter", "org/Tiny-7b-instruct"), Path("org/Tiny-7b"))
    assert "the base is org/Tiny-7b, a model of the same size" in found["wrong-base"].message


@pytest.mark.parametrize(
    ("name", "severity"),
    [("tiny-7b", None), ("tiny-7b-chat", Severity.info), ("tiny-7b-awq", Severity.info), ("base", Severity.hint)],
)
@pytest.mark.parametrize("inner", ["", "0_Transformer"])
def test_a_folder_says_its_name_less_surely(name: str, severity: Severity | None, inner: str, tmp_path: Path) -> None:
    snapshot = Path(cached(tmp_path / "hub", "org/x", _name_or_path="org/made-from-this"))
    (tmp_path / name / inner).parent.mkdir(exist_ok=True)
    snapshot.rename(tmp_path / name / inner)
    found = of(named(tmp_path / "adapter", "org/Tiny-7b"), tmp_path / name).get("wrong-base")
    assert (None if found is None else found.severity) is severity


@pytest.mark.parametrize(
    ("package", "cls", "said", "silent"),
    [
        ("bert", "BertModel", {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"]}, False),
        ("bert", "BertForMaskedLM", {}, True),
        ("xlm_roberta", "XLMRobertaModel", {"model_type": "xlm-roberta", "architectures": ["X"]}, True),
        ("gemma3", "Gemma3ForCausalLM", {"model_type": "gemma3_text", "architectures": ["Gemma3TextModel"]}, True),
        ("openai", "OpenAIGPTModel", {"model_type": "openai-gpt", "architectures": ["OpenAIGPTLMHeadModel"]}, True),
        ("t5", "T5EncoderModel", {"model_type": "mt5", "architectures": ["MT5Model"]}, False),
        ("bert", "BertModel", {"model_type": "", "architectures": ["RobertaModel"]}, True),
    ],
    ids=str,
)
def test_an_architecture_is_another_only_where_both_say_so(
    package: str, cls: str, said: dict[str, Any], silent: bool, tmp_path: Path
) -> None:
    snapshot = cached(tmp_path / "hub", "org/Tiny", **said)
    mapping = {"base_model_class": cls, "parent_library": f"transformers.models.{package}.modeling_{package}"}
    found = of(named(tmp_path / "adapter", "/data/trained-on", auto_mapping=mapping), Path(snapshot)).get("wrong-base")
    assert (found is None) is silent
    assert found is None or found.severity is Severity.warning


def test_rows_are_read_where_they_are_and_nowhere_else(tmp_path: Path) -> None:
    table = {"a.weight": ExampleTensor((5, 3), varied=1), "b.weight": ExampleTensor((5, 3), 2.0, "BF16")}
    table |= {"c.weight": ExampleTensor((4, 2), 3, "U8"), "d.bias": ExampleTensor((3,))}
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(scenes.safetensors(table))
    model = base.read(tmp_path.as_posix())
    assert isinstance(model, Base)
    whole = model.rows("a.weight", range(5))
    assert whole is not None and whole.shape == (5, 3) and len({float(it) for it in whole.ravel()}) == 15
    some = model.rows("a.weight", (4, 1))
    assert some is not None and (some == whole[[4, 1]]).all()
    assert model.rows("b.weight", (2,)).tolist() == [[2.0] * 3]  # type: ignore[union-attr]
    assert all(model.rows(name, (0,)) is None for name in ("c.weight", "d.bias", "none"))
    assert model.rows("a.weight", (5,)) is None
    (tmp_path / "model.safetensors").unlink()
    assert model.rows("a.weight", (0,)) is None
