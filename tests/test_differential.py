"""The load plan against the real PEFT: every damaged folder, every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapterlint.artifacts import base, config, weights
from adapterlint.artifacts.base import Base
from adapterlint.artifacts.config import Config
from adapterlint.artifacts.weights import Weights
from adapterlint.knowledge.head_prefixes import PREFIXES
from adapterlint.loadplan.compare import plan
from adapterlint.loadplan.mixin import plan_transformers

if TYPE_CHECKING:
    from adapterlint.loadplan.compare import Plan
    from differential import Outcome

pytestmark = pytest.mark.runtime

SETS = ("missing", "unexpected", "mismatched", "overwriting")


def read(folder: Path) -> tuple[Config, Weights]:
    read_config = config.read(str(folder / "adapter_config.json"))
    read_weights = weights.read([str(folder / "adapter_model.safetensors")])
    assert isinstance(read_config, Config)
    assert isinstance(read_weights, Weights)
    return read_config, read_weights


def differences(ours: Plan, real: Outcome) -> list[str]:
    """What the plan says otherwise than PEFT, one line each."""
    from differential import in_file

    refused = ours.raises or ", ".join(ours.unsaved)
    if refused or real.raised:
        return [] if refused and real.raised else [f"raises {refused!r}, PEFT {real.raised!r}"]
    planned = {name: {in_file(key) for key in getattr(ours, name)} for name in SETS if name != "mismatched"}
    planned["mismatched"] = {in_file(each.name) for each in ours.mismatched}
    return [
        f"{name}: only planned {sorted(planned[name] - getattr(real, name))[:3]}, "
        f"only PEFT {sorted(getattr(real, name) - planned[name])[:3]}"
        for name in SETS
        if planned[name] != getattr(real, name)
    ]


def test_the_plan_is_what_peft_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the base every set is PEFT's; without it nothing is called unexpected that PEFT takes."""
    from arrivals import ARRIVALS
    from differential import DAMAGES, World

    world = World(tmp_path)
    wrong: list[str] = []
    number = followed = 0
    for folder, model in world.folders({**DAMAGES, **ARRIVALS}):
        number += 1
        real = world.load(folder, model, monkeypatch)
        read_config, read_weights = read(folder)
        read_base = base.read(world.base(model))
        assert isinstance(read_base, Base)
        exact = plan(read_config, read_weights, read_base)
        if exact is not None and exact.base is not None:
            followed += 1
            wrong += [f"{folder.name}: {line}" for line in differences(exact, real)]
        implied = plan(read_config, read_weights, None)
        if implied is not None and not real.raised:
            from differential import in_file

            extra = {in_file(name) for name in implied.unexpected} - real.unexpected
            wrong += [f"{folder.name}: without the base, {name} is called unexpected" for name in sorted(extra)]
    with capsys.disabled():
        print(f"\n{number} folders ({followed} with an exact plan), {len(wrong)} differences")
        print("\n".join(wrong[:60]))
    assert number >= 200
    assert followed >= 200
    assert not wrong


def test_the_base_is_seen_as_the_class_that_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with a head loaded by a class without, and the reverse: every set is PEFT's."""
    from differential import World

    world = World(tmp_path)
    wrong: list[str] = []
    followed = 0
    for folder, stored, model in world.between_classes():
        real = world.load(folder, model, monkeypatch)
        read_base = base.read(stored)
        assert isinstance(read_base, Base)
        exact = plan(*read(folder), read_base)
        if exact is not None and exact.base is not None:
            followed += 1
            wrong += [f"{folder.name}: {line}" for line in differences(exact, real)]
    assert followed >= 25
    assert not wrong


def differences_to_transformers(ours: Plan, real: Outcome) -> list[str]:
    """What the plan for `load_adapter` says otherwise than it did, one line each."""
    if ours.raises or real.raised:
        return [] if ours.raises and real.raised else [f"raises {ours.raises!r}, transformers {real.raised!r}"]
    planned = {name: set(getattr(ours, name)) for name in SETS if name != "mismatched"}
    planned["missing"] |= set(ours.unsaved)
    planned["mismatched"] = {each.name for each in ours.mismatched}
    return [
        f"{name}: only planned {sorted(planned[name] - getattr(real, name))[:3]}, "
        f"only transformers {sorted(getattr(real, name) - planned[name])[:3]}"
        for name in SETS
        if planned[name] != getattr(real, name)
    ]


def test_the_plan_for_load_adapter_is_what_transformers_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing, unexpected, mismatched and overwritten keys are those of its LoadStateDictInfo."""
    from arrivals import ARRIVALS, load_adapter
    from differential import DAMAGES, World

    world = World(tmp_path)
    wrong: list[str] = []
    followed = 0
    for folder, model in world.folders({**DAMAGES, **ARRIVALS}):
        read_config, read_weights = read(folder)
        read_base = base.read(world.base(model))
        assert isinstance(read_base, Base)
        planned = plan_transformers(read_config, read_weights, read_base)
        if planned is None:
            continue
        followed += 1
        real = load_adapter(world, folder, model, monkeypatch)
        wrong += [f"{folder.name}: {line}" for line in differences_to_transformers(planned, real)]
    with capsys.disabled():
        print(f"\n{followed} folders, {len(wrong)} differences (transformers)")
        print("\n".join(wrong[:60]))
    assert followed >= 200
    assert not wrong


def test_the_prefixes_are_those_of_transformers() -> None:
    """Each is the first `base_model_prefix` in the code of its model type."""
    import transformers
    from transformers.models.auto.configuration_auto import model_type_to_module_name

    models = Path(transformers.__file__).parent / "models"
    for model_type, prefix in PREFIXES.items():
        name = model_type_to_module_name(model_type)
        code = (models / name / f"modeling_{name}.py").read_text(encoding="utf-8")
        assert re.findall(r'^    base_model_prefix = "(.*)"', code, re.MULTILINE)[0] == prefix, model_type


OF_OTHER_USES = {"loaders-disagree", "tied-layer-adapted", "batch-norm-stats"}
"""Rules that say what another loader, merging or the mode of training makes of an adapter that lands."""


def test_a_sound_adapter_is_silent_with_its_base(tmp_path: Path) -> None:
    """Whatever PEFT saves lands where it was saved from."""
    import adapterlint
    from differential import ADAPTERS, World

    world = World(tmp_path)
    for name, model, options in ADAPTERS:
        folder = world.save(name, model, options)
        report = adapterlint.check(str(folder), base=world.base(model), isolated=True, level="hint")
        of_load = {finding.rule for finding in report.findings if report.rules[finding.rule].family == "load"}
        assert not of_load - OF_OTHER_USES, name
        assert not [finding.rule for finding in report.findings if finding.rule.startswith("head-not")], name


@pytest.mark.parametrize(("use_dora", "rule"), [(True, ["loaders-disagree"]), (False, [])])
def test_code_that_loads_by_the_dropping_loader(use_dora: bool, rule: list[str], tmp_path: Path) -> None:
    """What the rule says is what PeftModel and load_adapter do with a trained adapter of a bare encoder."""
    import copy

    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    import adapterlint
    from differential import World

    bert = World(tmp_path).models["bert"].eval()
    trained = get_peft_model(copy.deepcopy(bert), LoraConfig(r=4, target_modules=["query"], use_dora=use_dora)).eval()
    for parameter in trained.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) / 2
    trained.peft_config["default"].base_model_name_or_path = "org/base"
    trained.save_pretrained(tmp_path / "adapter")
    by_peft = PeftModel.from_pretrained(copy.deepcopy(bert), str(tmp_path / "adapter")).eval()
    by_transformers = copy.deepcopy(bert)
    by_transformers.load_adapter(str(tmp_path / "adapter"))
    tokens = torch.arange(9)[None]
    wanted, first, second = (it(tokens).last_hidden_state for it in (trained, by_peft, by_transformers.eval()))
    assert torch.equal(first, wanted)
    assert torch.equal(second, wanted) is not use_dora

    code = "from transformers import AutoModel\nm = AutoModel.from_pretrained('b')\nm.load_adapter('adapter')\n"
    (tmp_path / "load.py").write_text(code, encoding="utf-8")
    both = [str(tmp_path / "adapter"), str(tmp_path / "load.py")]

    def warned(paths: list[str], **versions: str) -> list[str]:
        report = adapterlint.check(paths, isolated=True, target=versions)
        return [finding.rule for finding in report.findings if finding.severity >= report.level]

    assert warned(both) == rule
    assert warned(both[:1]) == []
    assert warned(both, transformers="4.57.6") == []
