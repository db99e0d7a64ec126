"""Sources of installed libraries, and many sources at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import adapterlint
from adapterlint import spread
from adapterlint.knowledge.words import handles, is_installed, matter

if TYPE_CHECKING:
    from pathlib import Path

DEFINES = b'''from peft.tuners.lora import LoraConfig


class LoraModel:
    """Made by `get_peft_model(model, config)`.

    >>> model = get_peft_model(model, LoraConfig())
    """

    def load_adapter(self, peft_config: LoraConfig) -> None:
        self.load_adapter(peft_config)
'''
FAULTY = """from transformers import AutoModel
from peft import PeftModel

model = PeftModel.from_pretrained(AutoModel.from_pretrained("base"), "adapter")
model.disable_adapter()
"""


@pytest.mark.parametrize(
    "text",
    [
        "from peft import get_peft_model\n\n\ndef wrap(m, c):\n    return get_peft_model(m, c)\n",
        "from peft import PeftModel\n\n\ndef off(model: PeftModel) -> None:\n    model.disable_adapter()\n",
        "import sentence_transformers\n\nst = sentence_transformers.SentenceTransformer('b')\nst.load_adapter('a')\n",
        "from trl import SFTTrainer\n\ntrainer = SFTTrainer(\n    'm',\n    peft_config=config(),\n)\n",
        "import torch\nimport peft\n\nweights = torch.load('adapter_model.bin')\n",
        "from peft import PeftModel  # adapterlint: ignore\n",
    ],
)
def test_what_handles_adapters_is_read_wherever_it_lies(text: str) -> None:
    assert matter(text.encode())
    assert handles(text.encode())


def test_what_only_defines_is_left_alone_in_an_installed_library() -> None:
    assert matter(DEFINES)
    assert not handles(DEFINES)
    assert is_installed("env/lib/python3.11/site-packages/peft/tuners/lora/model.py")
    assert not is_installed("src/peft/tuners/lora/model.py")


def test_sources_in_processes_give_what_one_by_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        (tmp_path / f"m{number}.py").write_text(FAULTY + "\n" * number, encoding="utf-8")
    (tmp_path / "silent.py").write_text(
        FAULTY.replace("er()\n", "er()  # adapterlint: ignore[disable-adapter-statement]\n"), encoding="utf-8"
    )
    (tmp_path / "latin.py").write_bytes(b"import peft  # PeftModel \xff\n")
    one = adapterlint.check(tmp_path, level="hint", isolated=True, jobs=1)
    monkeypatch.setattr(spread, "LONG", 1)
    monkeypatch.setattr(spread, "_idle_cores", lambda: 3)
    many = adapterlint.check(tmp_path, level="hint", isolated=True, jobs=3)
    assert one.findings == many.findings
    assert (one.suppressed, one.skipped) == (many.suppressed, many.skipped)
    assert sum(it.rule == "disable-adapter-statement" for it in many.findings) == 9
