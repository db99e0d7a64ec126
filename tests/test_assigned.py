"""What is an adapter lost in `auto_model`, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

import adapterlint

HEAD = """\
import torch
from peft import AutoPeftModel, LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, models
from transformers import AutoModel

"""
OWN = "m = SentenceTransformer('b')\nt = PeftModel.from_pretrained(m[0].auto_model, 'a')\nm[0].auto_model = t\n"
PROGRAMS = {
    "saved as a whole": (OWN + "m.save('out')\n", "warning"),
    "saved as a whole by its trainer": (OWN + "SentenceTransformerTrainer(model=m).save_model('out')\n", "warning"),
    "checkpoints alone": (OWN + "SentenceTransformerTrainer(model=m, args=a).train()\n", "warning"),
    "trained, then saved by its own name": (
        OWN + "SentenceTransformerTrainer(model=m, args=a).train()\nt.save_pretrained('out')\n",
        "",
    ),
    "asked by the property": (OWN + "m[0].auto_model.print_trainable_parameters()\n", "warning"),
    "asked by its own name": (OWN + "t.print_trainable_parameters()\n", ""),
    "its state": (OWN + "torch.save(m.state_dict(), 'out.pt')\n", ""),
    "used": (OWN + "m.encode('x')\n", ""),
    "handed on before it is saved": (OWN + "finish(m)\nm.save('out')\n", ""),
    "merged by its own name": (OWN + "t.merge_and_unload()\nm.save('out')\n", ""),
    "in a method": (
        "class E:\n    def __init__(self):\n        self.m = SentenceTransformer('b')\n"
        "        self.m[0].auto_model = get_peft_model(self.m[0].auto_model, LoraConfig(r=8))\n"
        "    def save(self, p):\n        self.m.save_pretrained(p)\n",
        "warning",
    ),
    "of the module, in a function that nothing calls": (
        "m = SentenceTransformer('b')\ndef attach():\n"
        "    m[0].auto_model = get_peft_model(m[0].auto_model, LoraConfig(r=8))\n    m.save('out')\n",
        "warning",
    ),
    "a module of its own list": (
        "w = models.Transformer('b')\nw.auto_model = get_peft_model(w.auto_model, LoraConfig(r=8))\n"
        "m = SentenceTransformer(modules=[w, models.Pooling(8)])\nm.save('out')\n",
        "warning",
    ),
    "another transformer": (
        "m = SentenceTransformer('b')\nm[0].auto_model = AutoPeftModel.from_pretrained('a')\nm.encode('x')\n",
        "error",
    ),
    "another transformer without an adapter": (
        "m = SentenceTransformer('b')\nm[0].auto_model = AutoModel.from_pretrained('c')\n",
        "",
    ),
    "from a caller": ("def f(m: SentenceTransformer, t: PeftModel):\n    m[0].auto_model = t\n    m.save('o')\n", ""),
    "from somewhere": ("m = SentenceTransformer('b')\nm[0].auto_model = make()\nm.save('out')\n", ""),
    "perhaps merged": (
        "m = SentenceTransformer('b')\nt = PeftModel.from_pretrained(m[0].auto_model, 'a')\n"
        "if flag:\n    t = t.merge_and_unload()\nm[0].auto_model = t\nm.save('out')\n",
        "",
    ),
    "the version is asked for": (
        "import sentence_transformers\nm = SentenceTransformer('b')\n"
        "t = PeftModel.from_pretrained(m[0].auto_model, 'a')\n"
        "if sentence_transformers.__version__ < '5.4':\n    m[0].auto_model = t\nm.save('out')\n",
        "",
    ),
    "a class of one's own": (
        "class T(models.Transformer):\n    auto_model = None\n"
        "w = T('b')\nw.auto_model = PeftModel.from_pretrained(AutoModel.from_pretrained('b'), 'a')\n",
        "",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_adapter_assigned_to_auto_model(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, severity = PROGRAMS[name]
    Path("program.py").write_text(HEAD + text, encoding="utf-8")
    found = {}
    for version in ("6.2.0", "5.3.0", ""):
        target = {"sentence-transformers": version} if version else {}
        report = adapterlint.check(
            "program.py", select=["assigned-to-auto-model"], level="hint", target=target, isolated=True
        )
        assert not report.crashed
        found[version] = [(str(it.severity), it.fix and str(it.fix.applicability)) for it in report.findings]
    expected = [(severity, "safe")] if severity else []
    unknown = [("hint", "display")] if severity else []
    assert found == {"6.2.0": expected, "5.3.0": [], "": unknown}
