"""Mixtures of experts: the layout of transformers 4, that of transformers 5, and what is lost between them."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest

import adapterlint
from adapterlint.model import Severity, Status

pytestmark = pytest.mark.runtime

EXPERTS, RANK, ALPHA = 3, 2, 4
WIDE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 40}
FACTORS = {"w1": (24, 16), "w3": (24, 16), "w2": (16, 24)}
QWEN = {"w1": "gate_proj", "w3": "up_proj", "w2": "down_proj"}


def mixtral(experts: int = EXPERTS, used: int = 2) -> Any:
    import torch
    from transformers import MixtralConfig, MixtralForCausalLM

    torch.manual_seed(0)
    config = MixtralConfig(intermediate_size=24, num_local_experts=experts, num_experts_per_tok=used, **WIDE)
    return MixtralForCausalLM(config).eval()


def qwen(dense: tuple[int, ...] = ()) -> Any:
    import torch
    from transformers import Qwen3MoeConfig, Qwen3MoeForCausalLM

    torch.manual_seed(0)
    sizes = {"intermediate_size": 24, "moe_intermediate_size": 24, "num_experts": EXPERTS, "num_experts_per_tok": 2}
    return Qwen3MoeForCausalLM(Qwen3MoeConfig(head_dim=8, mlp_only_layers=list(dense), **sizes, **WIDE)).eval()


def save_as_transformers_4(
    folder: Path, family: str, *, dense: tuple[int, ...] = (), lost: tuple[str, ...] = (), **config: Any
) -> Any:
    """Write an adapter over single experts; the model with its updates added to the weights comes back."""
    import torch
    from safetensors.torch import save_file

    model = mixtral() if family == "mixtral" else qwen(dense)
    names = {name: name if family == "mixtral" else QWEN[name] for name in FACTORS}
    block = "block_sparse_moe" if family == "mixtral" else "mlp"
    given = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "base", "inference_mode": True}
    given |= {"r": RANK, "lora_alpha": ALPHA, "target_modules": list(names.values()), **config}
    tensors: dict[str, torch.Tensor] = {}
    torch.manual_seed(1)

    def update(path: str, kind: str) -> torch.Tensor:
        rows, columns = FACTORS[kind]
        first, second = torch.randn(RANK, columns), torch.randn(rows, RANK)
        stem = f"base_model.model.model.layers.{path}.{names[kind]}"
        tensors.update({f"{stem}.lora_A.weight": first, f"{stem}.lora_B.weight": second})
        alpha = given.get("alpha_pattern", {}).get(names[kind], ALPHA)
        return second @ first * alpha / (math.sqrt(RANK) if given.get("use_rslora") else RANK)

    with torch.no_grad():
        for at, layer in enumerate(model.model.layers):
            if at in dense:
                for kind in FACTORS:
                    getattr(layer.mlp, names[kind]).weight += update(f"{at}.mlp", kind)
                continue
            for expert in range(EXPERTS):
                path = f"{at}.{block}.experts.{expert}"
                layer.mlp.experts.gate_up_proj[expert] += torch.cat([update(path, "w1"), update(path, "w3")])
                layer.mlp.experts.down_proj[expert] += update(path, "w2")
    kept = {name: it for name, it in tensors.items() if not any(part in name for part in lost)}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(kept, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_config.json").write_text(json.dumps(given))
    return model


def effect(base: Any, folder: Path, wanted: Any) -> str:
    """What PEFT makes of the adapter: the output of `wanted`, another, or the name of an error."""
    import peft
    import torch

    ids = torch.arange(12).reshape(2, 6)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            model = peft.PeftModel.from_pretrained(base, str(folder)).eval()
        except (ValueError, RuntimeError) as error:
            return type(error).__name__
        same = torch.allclose(model(input_ids=ids)[0], wanted(input_ids=ids)[0], atol=1e-4)
    return "as trained" if same else "another output"


def shown(folder: Path, level: Severity = Severity.warning, **versions: str) -> list[tuple[str, Severity]]:
    report = adapterlint.check([str(folder)], level="hint", isolated=True, target=versions)
    return [(it.rule, it.severity) for it in report.findings if it.severity >= level and "expert" in it.rule]


@pytest.mark.parametrize(
    ("family", "options", "wanted", "severity"),
    [
        ("mixtral", {}, "as trained", None),
        ("qwen", {}, "as trained", None),
        ("qwen", {"alpha_pattern": {"down_proj": 16}}, "as trained", None),
        ("mixtral", {"use_rslora": True}, "another output", Severity.warning),
        ("qwen", {"use_rslora": True}, "another output", Severity.warning),
        ("mixtral", {"alpha_pattern": {"w1": 16}}, "another output", Severity.warning),
        ("mixtral", {"alpha_pattern": {"w2": 16}}, "another output", Severity.warning),
        ("qwen", {"alpha_pattern": {"up_proj": 16}}, "another output", Severity.warning),
        ("qwen", {"dense": (0,)}, "another output", Severity.warning),
        ("mixtral", {"lost": (".w3.",), "target_modules": ["w1", "w2"]}, "ValueError", Severity.info),
    ],
    ids=str,
)
def test_what_fusing_the_experts_loses(
    family: str, options: dict[str, Any], wanted: str, severity: Severity | None, tmp_path: Path
) -> None:
    trained = save_as_transformers_4(tmp_path, family, **options)
    base = mixtral() if family == "mixtral" else qwen(options.get("dense", ()))
    assert effect(base, tmp_path, trained) == wanted
    expected = [("experts-fused", severity)] if severity is not None else []
    assert shown(tmp_path, Severity.info, transformers="5.23.0") == expected
    assert shown(tmp_path, Severity.info, transformers="4.57.6") == []
    assert shown(tmp_path, Severity.warning) == []


@pytest.mark.parametrize(
    ("lost", "severity"),
    [
        ((".experts.1.",), Severity.error),
        (("layers.1.block_sparse_moe.experts.0.w2",), Severity.error),
        (("layers.0.block_sparse_moe.experts.2.",), Severity.warning),
    ],
    ids=str,
)
def test_lost_experts_are_found_without_the_base(lost: tuple[str, ...], severity: Severity, tmp_path: Path) -> None:
    trained = save_as_transformers_4(tmp_path, "mixtral", lost=lost)
    assert effect(mixtral(), tmp_path, trained) == "RuntimeError"
    assert shown(tmp_path) == [("experts-missing", severity)]
    (verdict,) = adapterlint.check([str(tmp_path)], isolated=True).verdicts
    assert verdict.status is Status.partly_loaded


def test_experts_chosen_one_by_one_are_not_missing(tmp_path: Path) -> None:
    chosen = r".*experts\.[02]\.w[123]"
    save_as_transformers_4(tmp_path, "mixtral", lost=(".experts.1.",), target_modules=chosen)
    assert shown(tmp_path) == []


def test_what_is_loaded_and_saved_again_is_sound(tmp_path: Path) -> None:
    """PEFT writes `target_parameters` without a path then, and ranks that fusing doubled."""
    import peft

    trained = save_as_transformers_4(tmp_path / "old", "mixtral")
    peft.PeftModel.from_pretrained(mixtral(), str(tmp_path / "old")).save_pretrained(str(tmp_path / "new"))
    assert effect(mixtral(), tmp_path / "new", trained) == "as trained"
    report = adapterlint.check([str(tmp_path / "new")], isolated=True)
    assert [it.rule for it in report.findings if it.severity >= Severity.warning] == []
    assert report.verdicts[0].status is Status.works


def packed(folder: Path, experts: int, used: int, **options: Any) -> Any:
    """Train an adapter over packed experts for a few steps; of many experts, some are never routed to."""
    import peft
    import torch

    targets = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]
    config = peft.LoraConfig(r=4, lora_alpha=8, target_modules=[], target_parameters=targets, **options)
    torch.manual_seed(1)
    model = peft.get_peft_model(mixtral(experts, used), config)
    optimizer = torch.optim.AdamW([it for it in model.parameters() if it.requires_grad], lr=3e-2)
    for _ in range(3):
        loss = ((model(input_ids=torch.arange(4).reshape(1, 4))[0] - 1.0) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.peft_config["default"].base_model_name_or_path = "base"
    model.save_pretrained(str(folder))
    return model.eval()


def by_expert(folder: Path, experts: int) -> None:
    """Pack lora_B expert after expert, as unsloth did."""
    from safetensors.torch import load_file, save_file

    file = folder / "adapter_model.safetensors"
    tensors = load_file(file)
    for name, it in tensors.items():
        if "lora_B" in name:
            tensors[name] = it.reshape(len(it), -1, experts).permute(0, 2, 1).reshape(it.shape).contiguous()
    save_file(tensors, file, metadata={"format": "pt"})


@pytest.mark.parametrize(("experts", "used"), [(8, 1), (3, 2)], ids=["some idle", "all used"])
def test_the_order_of_packed_experts(experts: int, used: int, tmp_path: Path) -> None:
    model = packed(tmp_path, experts, used)
    assert effect(mixtral(experts, used), tmp_path, model) == "as trained"
    assert shown(tmp_path, Severity.hint) == []
    by_expert(tmp_path, experts)
    assert effect(mixtral(experts, used), tmp_path, model) == "another output"
    idle = [("experts-packed-apart", Severity.warning)] if experts == 8 else []
    assert shown(tmp_path, Severity.hint) == idle
    if not idle:
        path = tmp_path / "adapter_config.json"
        path.write_text(path.read_text().replace('"base"', '"unsloth/Mixtral"'))
        assert shown(tmp_path, Severity.hint) == [("experts-packed-apart", Severity.info)]


def test_packed_ranks_are_a_multiple(tmp_path: Path) -> None:
    import peft

    packed(tmp_path, 3, 2)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"r": 5}))
    with pytest.raises(RuntimeError):
        peft.PeftModel.from_pretrained(mixtral(), str(tmp_path))
    report = adapterlint.check([str(tmp_path)], isolated=True)
    assert [it.rule for it in report.findings if it.severity >= Severity.warning] == ["rank-differs"]
