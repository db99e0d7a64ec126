"""The rules of training on programs that people write: `ok_` ones no rule may accuse, `bad_` ones their rule finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapterlint
from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Source
from adapterlint.knowledge.effects import OPTIMIZED
from adapterlint.names import Names, Object
from casefiles import CASES

PROGRAMS = sorted((CASES / "training").glob("*/*.py"))
RULES = sorted({path.parent.name for path in PROGRAMS})
TARGET = re.compile(r"^# target (\w+)=(\S+)$", re.MULTILINE)


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", PROGRAMS, ids=_id)
def test_program(path: Path) -> None:
    target = dict(TARGET.findall(path.read_text(encoding="utf-8")))
    report = adapterlint.check([path], select=RULES, level="warning", target=target, isolated=True, jobs=1)
    expected = {path.parent.name} if path.stem.startswith("bad_") else set()
    assert {finding.rule for finding in report.findings} == expected, [it.message for it in report.findings]


@pytest.mark.parametrize(
    "parameters",
    [
        "itertools.chain(model.parameters(), head.parameters())",
        "[*model.parameters(), *head.parameters()]",
        "[p for p in model.parameters() if p.requires_grad] + list(head.parameters())",
        "[p for name, p in model.named_parameters() if 'lora' in name]",
        "[{'params': [p for _, p in model.named_parameters()], 'lr': 0.1}, {'params': head.parameters()}]",
        "**dict(params=model.parameters())",
    ],
)
def test_an_optimizer_holds_the_parameters(parameters: str) -> None:
    program = (
        "import itertools, torch\nfrom peft import AutoPeftModelForCausalLM\n"
        "model = AutoPeftModelForCausalLM.from_pretrained('adapter')\nhead = torch.nn.Linear(2, 2)\n"
        f"optimizer = torch.optim.AdamW({parameters})\n"
    )
    found = sources.read("program.py", program.encode())
    assert isinstance(found, Source)
    acts = Names(found).acts(OPTIMIZED)
    assert [it.classes[0] for act in acts for it in act.subject if isinstance(it, Object)] == ["peft.PeftModel"]
