"""The notebook or Python file could not be read, so nothing in it was checked.

A notebook is JSON. Where it is cut off, holds the marks of an unresolved merge, is a Git LFS pointer or a web page in
its stead, or is not in UTF-8, neither Jupyter nor adapterlint can open it. A Python file is unreadable if its bytes are
not in the encoding it declares. Nothing is known of such a file: it is reported, so that its silence is not taken for
a clean bill.

Fetch the file again (`git lfs pull` for a pointer), resolve the merge, restore it from version control, or save it
anew as UTF-8 from the editor it was written in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Place, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.model import Broken, Finding

_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 86012345\n"

RULE = Rule(
    id="source-unreadable",
    family="source",
    severity=Severity.warning,
    summary="a notebook or Python file that could not be read, so nothing in it was checked",
    why=__doc__ or "",
    examples=(
        Example("a notebook cut off in the middle", files={"eval.ipynb": '{"cells": [{"cell_type": "code", "sou'}),
        Example(
            "an unresolved merge",
            files={"eval.ipynb": '{\n "cells": [\n<<<<<<< HEAD\n ],\n=======\n ],\n>>>>>>> main\n "nbformat": 4\n}\n'},
        ),
        Example("a Git LFS pointer in place of a notebook", files={"eval.ipynb": _POINTER}),
        Example("JSON that is no notebook", files={"eval.ipynb": '{"name": "peft", "version": 1}'}),
        Example("Latin-1 without saying so", files={"load.py": b"from peft import PeftModel\nname = '\xe9'\n"}),
        Example("a notebook that can be read", fires=0, cells=("from peft import PeftModel",)),
        Example(
            "a Python file that declares its encoding",
            fires=0,
            files={"load.py": "# coding: latin-1\nfrom peft import PeftModel\nname = 'é'\n".encode("latin-1")},
        ),
    ),
)


def check(broken: Broken) -> Iterator[Finding]:
    """One finding for a source that could not be read."""
    if broken.reads == "source":
        what = "the notebook" if broken.path.lower().endswith(".ipynb") else "the file"
        yield RULE.finding(
            f"{what} is {broken.reason}, so nothing in it was checked", broken.place or Place(broken.path)
        )
