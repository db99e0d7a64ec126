"""Sources that no Python reads: one finding at most for each, never a crash, and what stands beside is still read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import adapterlint
import scenes

GIVEN = "from peft import PeftModel\nfrom sentence_transformers import SentenceTransformer\n"
FAULT = "m = PeftModel.from_pretrained(SentenceTransformer('m'), 'a')\n"
RULE = "peft-on-sentence-transformer"
CODE = {"cell_type": "code", "source": [GIVEN, FAULT]}
OLD = {"cell_type": "code", "input": GIVEN + FAULT, "language": "python", "outputs": [], "prompt_number": 1}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("syntax.py", GIVEN + "def f(:\n  x = (\n\n" + FAULT, [RULE]),
        ("python2.py", GIVEN + "print 'x'\nexec 'y'\n" + FAULT, [RULE]),
        ("tabs.py", GIVEN + "if a:\n\tb = 1\n        c = 2\n" + FAULT, [RULE]),
        ("form_feed.py", GIVEN + "\x0c\n" + FAULT, [RULE]),
        ("mark.py", "\ufeff" + GIVEN + FAULT, [RULE]),
        ("nul.py", GIVEN + "x = '\0'\n" + FAULT, []),
        ("script.py", GIVEN + "模型 = SentenceTransformer('m')\nمدل = PeftModel.from_pretrained(模型, 'a')\n", [RULE]),
        ("comment.py", GIVEN + "x = f()  # type: SentenceTransformer\n" + FAULT, [RULE]),
        ("brackets.py", GIVEN + "(" * 5000 + "\n" + FAULT, [RULE]),
        ("pointer.py", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\npeft PeftModel",
         ["source-unreadable"]),
        ("magics.ipynb", [GIVEN, "%%sql\nselect PeftModel", "!ls {x}\n%timeit f()\n" + FAULT, "def f(:", FAULT],
         [RULE, RULE]),
        ("cells.ipynb", [GIVEN, "((((", "class", "x = = 2", FAULT], [RULE]),
        ("three.ipynb", json.dumps({"worksheets": [{"cells": [OLD]}], "metadata": {}, "nbformat": 3}), [RULE]),
        ("bare.ipynb", json.dumps({"cells": [CODE]}), [RULE]),
    ],
)  # fmt: skip
def test_what_python_cannot_read(
    name: str, text: str | list[str], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = text if isinstance(text, str) else scenes.notebook(text)
    (tmp_path / name).write_text(whole, encoding="utf-8", newline="")
    report = adapterlint.check([name])
    assert not report.crashed
    assert [it.rule for it in report.findings] == expected


def test_a_wrong_encoding_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"# coding: utf-8\n" + GIVEN.encode() + b"x = '\xe9'\n" + FAULT.encode())
    assert [it.rule for it in adapterlint.check([str(path)]).findings] == ["source-unreadable"]


@pytest.mark.parametrize(
    "program",
    [
        "try:\n" + "".join(f"    x{n} = base.encode({n})\n" for n in range(3000)) + "except E:\n    pass\n",
        "".join("    " * n + f"for i{n} in a:\n" for n in range(18)) + "    " * 18 + "base.encode(1)\n",
        "for q in a:\n"
        + "".join(f"    if q.b{n}:\n        v{n} = base.encode(1)\n        continue\n" for n in range(500)),
        "".join(f"x{n} = base.encode({n})\nif x{n}:\n    z{n} = x{n}[0]\n" for n in range(3000)),
    ],
    ids=["a long try", "deep loops", "many jumps", "many branches"],
)
def test_the_run_takes_a_step_for_each_expression_and_few_more(program: str) -> None:
    from adapterlint.artifacts import source as sources
    from adapterlint.names import Names

    text = GIVEN + "base = SentenceTransformer('m')\n" + program
    source = sources.read("long.py", text.encode())
    assert isinstance(source, sources.Source)
    names = Names(source)
    assert not names.unfollowed
    assert names._run.steps < 0.6 * len(text)
