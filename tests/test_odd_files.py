"""Files that hold something else, too little or too much beside what an adapter needs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import adapterlint
import scenes
from adapterlint.model import Example, ExampleTensor, Severity, Status

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "base",
    "target_modules": ["q_proj"],
    "r": 2,
    "lora_alpha": 4,
    "inference_mode": True,
}


def shown(folder: Path, level: Severity = Severity.warning) -> list[str]:
    findings = adapterlint.check([str(folder)], level="hint", isolated=True).findings
    return [it.rule for it in findings if it.severity >= level]


def status(folder: Path) -> Status:
    (verdict,) = adapterlint.check([str(folder)], isolated=True).verdicts
    return verdict.status


def effect(kind: str, folder: Path, trained: Any) -> str:
    """What the real PEFT makes of the folder."""
    import peft
    import torch

    import peft_adapters

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        good = trained(input_ids=peft_adapters.IDS)[0]
        try:
            model = peft.PeftModel.from_pretrained(peft_adapters.llama(), str(folder)).eval()
        except (ValueError, RuntimeError) as error:
            return type(error).__name__
        output = model(input_ids=peft_adapters.IDS)[0]
    assert kind == trained.peft_config["default"].peft_type.value
    return "trained" if torch.allclose(output, good, atol=1e-6) else "other"


@pytest.mark.runtime
@pytest.mark.parametrize("form", ["sparse", "number", "list", "meta", "parameter", "beside"])
def test_an_entry_that_is_no_tensor_is_one_finding_where_peft_raises(form: str, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    import peft_adapters

    model = peft_adapters.train(peft_adapters.make("LORA"))
    peft_adapters.save(model, tmp_path)
    file = tmp_path / "adapter_model.safetensors"
    tensors: dict[str, Any] = load_file(file)
    file.unlink()
    name = next(name for name in tensors if "lora_B" in name)
    given = tensors[name]
    tensors |= {
        "sparse": {name: given.to_sparse()},
        "number": {name: 3},
        "list": {name: given.tolist()},
        "meta": {name: given.to("meta")},
        "parameter": {name: torch.nn.Parameter(given)},
        "beside": {"epoch": 3, "note": "x", "other": given.to_sparse()},
    }[form]
    torch.save(tensors, tmp_path / "adapter_model.bin")
    sound = form in ("parameter", "beside")
    assert effect("LORA", tmp_path, model) == ("trained" if sound else "RuntimeError")
    assert shown(tmp_path) == ([] if sound else ["not-a-tensor"])
    assert status(tmp_path) is (Status.works if sound else Status.unreadable)


@pytest.mark.runtime
@pytest.mark.parametrize(("kind", "raises"), [("VERA", True), ("PVERA", True), ("RANDLORA", False)])
def test_projections_are_promised_or_made_again(kind: str, raises: bool, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    import peft_adapters

    model = peft_adapters.train(peft_adapters.make(kind))
    peft_adapters.save(model, tmp_path)
    assert shown(tmp_path, Severity.info) == []
    file, path = tmp_path / "adapter_model.safetensors", tmp_path / "adapter_config.json"
    own = (f"{kind.lower()}_A", f"{kind.lower()}_B")
    save_file({name: it for name, it in load_file(file).items() if not name.endswith(own)}, file)
    assert effect(kind, tmp_path, model) == ("ValueError" if raises else "trained")
    assert shown(tmp_path, Severity.info) == ["projection-missing"]
    assert shown(tmp_path) == (["projection-missing"] if raises else [])
    assert status(tmp_path) is (Status.unreadable if raises else Status.works)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"save_projection": False}))
    assert effect(kind, tmp_path, model) == "trained"
    assert shown(tmp_path) == [] and status(tmp_path) is Status.works


@pytest.mark.runtime
@pytest.mark.parametrize("kind", ["VERA", "PVERA", "RANDLORA"])
def test_what_is_saved_without_projections_is_judged_by_its_vectors(kind: str, tmp_path: Path) -> None:
    import peft_adapters

    peft_adapters.save(peft_adapters.make(kind, save_projection=False), tmp_path / "new")
    peft_adapters.save(peft_adapters.train(peft_adapters.make(kind, save_projection=False)), tmp_path / "trained")
    assert shown(tmp_path / "new") == ["inert-adapter"] and shown(tmp_path / "trained") == []
    assert status(tmp_path / "trained") is Status.works


@pytest.mark.runtime
def test_an_adapter_of_another_name_lies_in_a_folder_below(tmp_path: Path) -> None:
    import peft

    import peft_adapters

    config = peft.LoraConfig(r=4, target_modules=["q_proj"], init_lora_weights=False)
    model = peft.get_peft_model(peft_adapters.llama(), config, adapter_name="mine")
    peft_adapters.save(model, tmp_path / "out")
    assert shown(tmp_path / "out", Severity.info) == ["adapter-in-subfolder"]
    assert shown(tmp_path / "out") == []
    assert "adapter-in-subfolder" not in shown(tmp_path, Severity.hint)
    assert "adapter-in-subfolder" not in shown(tmp_path / "out" / "mine", Severity.hint)
    peft_adapters.save(peft_adapters.train(peft_adapters.make("LORA")), tmp_path / "out")
    assert "adapter-in-subfolder" not in shown(tmp_path / "out", Severity.hint)


@pytest.mark.runtime
def test_embeddings_that_travel_along_are_told_by_their_share(tmp_path: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    import peft_adapters

    torch.manual_seed(0)
    sizes = {"hidden_size": 256, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 4}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=4096, num_key_value_heads=4, **sizes))
    peft_adapters.save(peft_adapters.train(peft_adapters.make("LORA", model, target_modules=["lm_head"])), tmp_path)
    (finding,) = (
        it
        for it in adapterlint.check([str(tmp_path)], level="info", isolated=True).findings
        if it.rule == "oversized-adapter"
    )
    assert finding.severity is Severity.info
    assert "98 % of the 4.3 MB are whole layers" in finding.message
    assert shown(tmp_path) == []


DOWN, UP, ZERO = ExampleTensor((2, 4)), ExampleTensor((4, 2)), ExampleTensor((4, 2), 0.0)


def lone(folder: Path, tensors: dict[str, ExampleTensor], metadata: dict[str, str] | None = None) -> None:
    data = scenes.safetensors(tensors)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] |= metadata or {}
    text = json.dumps(header).encode()
    (folder / "lora.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])


@pytest.mark.parametrize(
    ("names", "alpha", "metadata", "level"),
    [
        (("lora_unet_x.lora_down.weight", "lora_unet_x.lora_up.weight"), None, {}, Severity.warning),
        (("lora_unet_x.lora_down.weight", "lora_unet_x.lora_up.weight"), "lora_unet_x.alpha", {}, None),
        (("lora_unet_x.lora_down.weight", "lora_unet_x.lora_up.weight"), None, {"ss_network_alpha": "1"}, None),
        (("unet.x.to_q.lora_A.weight", "unet.x.to_q.lora_B.weight"), None, {}, Severity.info),
        (("unet.x.to_q.lora_A.weight", "unet.x.to_q.lora_B.weight"), None, {"lora_adapter_metadata": "{}"}, None),
        (("unet.x.to_q.lora_A.weight", "unet.x.to_q.lora_B.weight"), "unet.x.to_q.alpha", {}, None),
        (("diffusion_model.x.lora_A.weight", "diffusion_model.x.lora_B.weight"), None, {}, Severity.info),
        (("blocks.0.q.lora_A.weight", "blocks.0.q.lora_B.weight"), None, {}, Severity.info),
        (("model.q_proj.lora_a", "model.q_proj.lora_b"), None, {}, None),
    ],
)
def test_alpha_of_a_lone_file(
    names: tuple[str, str], alpha: str | None, metadata: dict[str, str], level: Severity | None, tmp_path: Path
) -> None:
    tensors = dict(zip(names, (DOWN, UP), strict=True))
    lone(tmp_path, tensors | ({alpha: ExampleTensor((), 1.0)} if alpha else {}), metadata)
    findings = adapterlint.check([str(tmp_path)], level="hint", isolated=True).findings
    assert [it.severity for it in findings if it.rule == "alpha-not-in-file"] == ([level] if level is not None else [])


LYCORIS: dict[str, dict[str, tuple[int, ...]]] = {
    "locon": {"lycoris_a.lora_up.weight": (4, 2), "lycoris_a.alpha": ()},
    "full": {"lycoris_a.diff": (4, 4), "lycoris_a.diff_b": (4,)},
    "norms": {"lora_unet_norm.w_norm": (4,), "lora_unet_norm.b_norm": (4,)},
    "glora": {"lycoris_a.a2.weight": (2, 4), "lycoris_a.b2.weight": (2, 4)},
    "loha": {"lycoris_a.hada_w2_a": (4, 2), "lycoris_a.alpha": ()},
    "oft": {"lycoris_a.oft_blocks": (2, 2, 2), "lycoris_a.alpha": ()},
    "comfyui": {"diffusion_model.x.diff": (4, 4), "diffusion_model.x.diff_b": (4,)},
}
"""What an untrained module of LyCORIS 4.1.3 has at zero; its output was seen to be the base's."""
OTHERS = {
    "locon": {"lycoris_a.lora_down.weight": (2, 4)},
    "glora": {"lycoris_a.a1.weight": (4, 2), "lycoris_a.b1.weight": (4, 2), "lycoris_a.alpha": ()},
    "loha": dict.fromkeys(("lycoris_a.hada_w1_a", "lycoris_a.hada_w1_b", "lycoris_a.hada_w2_b"), (4, 2)),
}


@pytest.mark.parametrize("algorithm", LYCORIS)
def test_lycoris_is_nothing_where_it_starts(algorithm: str, tmp_path: Path) -> None:
    others = {name: ExampleTensor(shape) for name, shape in OTHERS.get(algorithm, {}).items()}
    lone(tmp_path, others | {name: ExampleTensor(shape, 0.0) for name, shape in LYCORIS[algorithm].items()})
    assert shown(tmp_path, Severity.error) == ["inert-adapter"]
    lone(tmp_path, others | {name: ExampleTensor(shape, 0.5) for name, shape in LYCORIS[algorithm].items()})
    assert shown(tmp_path) == [] and status(tmp_path) is Status.not_checked


def test_ia3_of_lycoris_is_an_adapter_that_is_not_judged(tmp_path: Path) -> None:
    tensors = {"lycoris_a.weight": (4,), "lycoris_a.on_input": (), "lycoris_norm.w_norm": (4,)}
    lone(tmp_path, {name: ExampleTensor(shape, 0.0) for name, shape in tensors.items()})
    assert shown(tmp_path) == [] and status(tmp_path) is Status.not_checked


@pytest.mark.parametrize(
    "names",
    [
        ("zero_to_fp32.py", "latest"),
        ("bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt",),
        ("global_step12/mp_rank_00_model_states.pt",),
        ("pytorch_model_fsdp_rank0.bin",),
        ("pytorch_model_fsdp_1_rank3.bin",),
        ("pytorch_model_fsdp_0/__0_0.distcp",),
        ("__3_0.distcp",),
        ("adapter_model_part_aa", "adapter_model_part_ab"),
        ("adapter_model.safetensors.001", "adapter_model.safetensors.002"),
        ("adapter_model.bin.aa",),
        ("adapter_model.safetensors.incomplete",),
        ("adapter_model.safetensors.part",),
    ],
    ids=lambda names: names[0],
)
def test_leftovers_are_told_instead_of_missing_weights(names: tuple[str, ...], tmp_path: Path) -> None:
    scenes.write(Example("", config=CONFIG, files={f"adapter/{name}": b"\0" for name in names}), tmp_path)
    assert shown(tmp_path) == ["sharded-or-partial-save"]
    assert status(tmp_path) is Status.unreadable
    pair = {
        f"base_model.model.layers.0.q_proj.lora_{factor}.weight": it
        for factor, it in zip("AB", (DOWN, UP), strict=True)
    }
    scenes.write(Example("", tensors=pair), tmp_path)
    assert shown(tmp_path) == []
