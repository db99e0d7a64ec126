"""Sources as cells: nothing moves, IPython's lines are Python to the parser, places are where Jupyter shows them."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapterlint.artifacts.magics import mask
from adapterlint.artifacts.source import Source, read
from adapterlint.model import Broken, Fault, Span


def source_of(path: str, data: bytes) -> Source:
    source = read(path, data)
    assert isinstance(source, Source), source
    return source


def broken_of(path: str, data: bytes) -> Broken:
    broken = read(path, data)
    assert isinstance(broken, Broken), broken
    return broken


def notebook(*sources: Any, **metadata: Any) -> bytes:
    cells = [
        {"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": [], "source": source}
        for count, source in enumerate(sources, 1)
    ]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}, indent=1).encode()


def masked(text: str) -> str:
    return source_of("nb.ipynb", notebook(text)).cells[0].masked


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1\r\ny = 2\rz = 3\n\x0c\nclass A: pass",
        b"\xef\xbb\xbfx = 1\n",
        b"\xef\xbb\xbf# -*- coding: utf-8 -*-\nx = 1\n",
        "# coding: latin-1\nname = 'é'\n".encode("latin-1"),
        "#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nname = '€'\n".encode("cp1252"),
        "# coding: shift_jis\nname = 'モデル'\n".encode("shift_jis"),
        "name = 'é'\n\n# coding: latin-1 (too late to count)\n".encode(),
        "x = 'line\u2028separator\x85'\n".encode(),
    ],
)
def test_a_script_gives_back_its_bytes(data: bytes) -> None:
    source = source_of("load.py", data)
    assert source.encode(source.text) == data
    (cell,) = source.cells
    assert cell.index is None
    assert cell.text == source.text


@given(st.binary(max_size=80))
def test_a_script_of_any_bytes_is_given_back_or_broken(data: bytes) -> None:
    for head in (b"", b"# coding: latin-1\n", b"# coding: utf-16\n", b"# coding: utf-7\n", b"# coding: idna\n"):
        source = read("load.py", head + data)
        if isinstance(source, Source):
            assert source.encode(source.text) == head + data
        else:
            assert source.fault in (Fault.encoding, Fault.lfs_pointer)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"name = '\xe9'\n", "not valid UTF-8 (byte 8)"),
        ("x = 1\n".encode("utf-16"), "encoded in UTF-16"),
        (b"# coding: klingon\n", "declared in an unknown encoding (klingon)"),
        (b"# coding: rot13\n", "declared in an unknown encoding (rot13)"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "declared as latin-1, but marked as UTF-8"),
        (b"# coding: utf-7\nx = '+AGE-'\n", "declared as utf-7, but its bytes cannot be given back"),
    ],
)
def test_a_script_in_a_wrong_encoding_is_broken(data: bytes, reason: str) -> None:
    broken = broken_of("load.py", data)
    assert (broken.reads, broken.fault, broken.reason) == ("source", Fault.encoding, reason)


def test_a_missing_file_and_a_folder_are_broken(tmp_path: Any) -> None:
    missing, folder = read(str(tmp_path / "no.py")), read(str(tmp_path))
    assert isinstance(missing, Broken) and missing.fault is Fault.missing
    assert isinstance(folder, Broken) and folder.fault is Fault.shape


@pytest.mark.parametrize(
    ("data", "fault", "reason", "line"),
    [
        (b"", Fault.empty, "empty (0 bytes)", None),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 86012345\n", Fault.lfs_pointer, "LFS", None),
        (b"<!DOCTYPE html>\n<html></html>", Fault.html, "an HTML page", None),
        ("{}".encode("utf-16"), Fault.encoding, "UTF-16", None),
        (b'{"cells": ["\xe9"]}', Fault.encoding, "not valid UTF-8 (byte 12)", None),
        (b'{\n "cells": [\n<<<<<<< HEAD\n', Fault.syntax, "not valid JSON: expected value (line 3, column 1)", 3),
        (b'{"cells": [', Fault.syntax, "the text ends in the middle", 1),
        (b"[]", Fault.shape, "not a notebook: it holds an array", 1),
        (b'"cells"', Fault.shape, "not a notebook: it holds a string", 1),
        (b'{\n"metadata": {}}', Fault.shape, "it has no list of cells", 1),
        (b'{\n"cells": {}}', Fault.shape, "its list of cells is an object", 2),
        (b'{"cells": [\n1]}', Fault.shape, "a cell is a number", 2),
        (b'{"cells": ' + b"[" * 5000, Fault.syntax, "nested more than 200 deep", 1),
    ],
)
def test_a_notebook_that_jupyter_cannot_open_is_broken(
    data: bytes, fault: Fault, reason: str, line: int | None
) -> None:
    broken = broken_of("eval.ipynb", data)
    assert (broken.reads, broken.fault) == ("source", fault)
    assert reason in broken.reason
    assert (broken.place and broken.place.line) == line


def test_cells_are_counted_over_all_cells_and_only_python_is_read() -> None:
    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_markdown_cell("# Evaluation"),
        nbformat.v4.new_code_cell("x = 1", execution_count=7),
        nbformat.v4.new_raw_cell("raw"),
        nbformat.v4.new_code_cell("%%bash\nls"),
        nbformat.v4.new_code_cell("y = 1", metadata={"vscode": {"languageId": "sql"}}),
        nbformat.v4.new_code_cell("z = 1"),
    ]
    source = source_of("eval.ipynb", nbformat.writes(book).encode())
    assert [(cell.index, cell.execution_count, cell.skipped) for cell in source.cells] == [
        (1, 7, ""),
        (3, None, "%%bash"),
        (5, None, ""),
    ]
    assert [(it.what, it.reason) for it in source.skipped] == [
        ("cell 3", "a %%bash cell"),
        ("cell 4", "its language is sql"),
    ]


def test_a_notebook_of_another_language_is_not_read_and_says_so() -> None:
    for metadata in ({"language_info": {"name": "R"}}, {"kernelspec": {"language": "julia", "name": "julia-1.10"}}):
        source = source_of("eval.ipynb", notebook("x <- 1", **metadata))
        assert source.cells == ()
        assert source.skipped[0].what == "cells"
    for metadata in (
        {},
        {"language_info": {"name": "ipython"}},
        {"kernelspec": {"name": "py311", "language": "python"}},
    ):
        assert len(source_of("eval.ipynb", notebook("x = 1", **metadata)).cells) == 1


def test_the_old_format_with_worksheets_is_read() -> None:
    book = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(cells=[nbformat.v3.new_text_cell("markdown", source="a")]),
            nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1\ny = 2", prompt_number=4)]),
        ]
    )
    source = source_of("old.ipynb", nbformat.v3.writes_json(book).encode())
    assert [(cell.index, cell.execution_count, cell.text) for cell in source.cells] == [(1, 4, "x = 1\ny = 2")]


def test_a_place_is_the_line_jupyter_shows_and_the_line_of_the_file() -> None:
    data = notebook("first", ["import peft\n", "base = load()\n", "model = wrap(base)\n"])
    source = source_of("eval.ipynb", data)
    cell = source.cells[1]
    start = cell.text.index("wrap")
    place = source.place(cell, Span(start, start + 4), "here")
    assert (place.cell, place.execution_count, place.line, place.column) == (1, 2, 3, 9)
    assert place.excerpt == "base = load()\nmodel = wrap(base)"
    assert place.note == "here"
    assert "model = wrap(base)" in data.decode().splitlines()[(place.file_line or 0) - 1]
    assert source.place(cell, Span(0, 6)).excerpt == "import peft"


def test_the_line_of_a_source_that_is_one_string_is_the_line_of_the_string() -> None:
    data = notebook("import peft\nmodel = wrap(base)\n")
    source = source_of("eval.ipynb", data)
    place = source.place(source.cells[0], Span(12, 17))
    assert (place.line, place.column) == (2, 1)
    assert "import peft" in data.decode().splitlines()[(place.file_line or 0) - 1]


def test_lines_end_as_python_ends_them() -> None:
    source = source_of("load.py", b"a\r\nb\rc\n\x0cd\x0b\xe2\x80\xa8e")
    (cell,) = source.cells
    assert [cell.line(number) for number in range(1, 5)] == ["a", "b", "c", "\x0cd\x0b\u2028e"]
    assert cell.line_column(cell.text.index("b")) == (2, 1)
    assert source.place(cell, Span(7, 8)).file_line == 4


def test_positions_in_the_tree_are_characters_of_the_text() -> None:
    source = source_of("nb.ipynb", notebook("%pip install x\ns = '😀é'; model = wrap(base)\n"))
    cell = source.cells[0]
    call = cell.root().find(pattern="wrap($X)")
    assert call is not None
    span = call.range()
    assert cell.text[span.start.index : span.end.index] == "wrap(base)"
    assert cell.root() is cell.root()


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("%matplotlib inline\nx = 1\n", "                  \nx = 1\n"),
        ("x = !ls -l\ny = %pwd\n", "x = ...   \ny = ... \n"),
        ("x =!l", "x =0 "),
        ("if a:\n    !pip install \\\n      peft\nx = 1", "if a:\n    pass          \n          \nx = 1"),
        ("if a:\n\t%a\n", "if a:\n\t0 \n"),
        ("try:\n    %load_ext autoreload\nexcept E:\n    ?\n", "try:\n    pass                \nexcept E:\n    0\n"),
        ("model?\nmodel.load??\n?model\n", "pass  \npass        \n      \n"),
        ("%time model = wrap(base)\n", "0;    model = wrap(base)\n"),
        ("%timeit -n 10 wrap(base)\n", "0;            wrap(base)\n"),
        ("%time for x in y: f(x)\n", "                      \n"),
        ("# look\n\n%%time\nx = 1\n", "# look\n\n      \nx = 1\n"),
        ("%%time\n%%capture out\nx = !ls\n", "      \n             \nx = ...\n"),
        ("# look\n%%bash\nls\n", "      \n      \n  \n"),
        ("%%sql\nselect 'a\n", "     \n         \n"),
        ("%%time\n%%html\n<a>\n", "      \n      \n   \n"),
        ("\r\n%a\r\nx = 1\r\n", "\r\n  \r\nx = 1\r\n"),
        ("x = 1\r!ls\ry = 2", "x = 1\n   \ny = 2"),
    ],
)
def test_ipython_lines_become_python_of_the_same_length(text: str, python: str) -> None:
    assert masked(text) == python
    ast.parse(python)


@pytest.mark.parametrize(
    "text",
    [
        "s = '''\n%run x\n!ls\nwhat?\n'''\n",
        's = """it\'s\n%time\n"""\n',
        "x = f(\n  a\n  % b,\n)\n",
        "x = a \\\n  % b\n",
        "x = a % b; y = a != b; z %= 2\n",
        "s = f'{x!r} ? {y}'  # what?\n",
        "s = 'a\\\n%b'\n",
        "t = {'%': 1, '!': 2}['%']\n",
        "f(a=1, b='%d' % c)\n",
    ],
)
def test_python_is_left_alone(text: str) -> None:
    ast.parse(text)
    assert masked(text) == text


LINES = st.one_of(
    st.sampled_from(
        [
            "x = 1",
            "%time f(x)",
            "!ls \\",
            "    !pip install peft",
            "s = '''",
            "'''",
            "y = !ls",
            "f(",
            ")",
            "# %",
            "x?",
            "%%bash",
        ]
    ),
    st.sampled_from(["if x:", "    pass", "%%time", '"', "\\", "'a", "z = '😀'", "", "\t?", "%a = b", "\ud800"]),
)


@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_masking_moves_nothing(lines: list[str], end: str) -> None:
    text = end.join(lines)
    result = mask(text).text
    assert len(result) == len(text)
    assert [match.start() for match in re.finditer(r"[\r\n]", result)] == [
        match.start() for match in re.finditer(r"[\r\n]", text)
    ]
    source_of("nb.ipynb", notebook(text)).cells[0].root()


def test_magics_are_not_looked_for_in_scripts() -> None:
    assert source_of("load.py", b"%time x\n!ls\n").cells[0].masked == "%time x\n!ls\n"


def test_pip_lines_of_the_notebook() -> None:
    source = source_of(
        "nb.ipynb",
        notebook(
            "x = 1",
            "!pip install -q 'sentence-transformers[train]>=3,<4' peft  # pinned\n"
            "%pip install -U torch --index-url http://h",
            "if colab:\n    !python -m pip install \\\n        -r more.txt a==1 && pip3 install b\n"
            "    !uv pip install c~=2\n",
            "%%bash\necho hi\npip install d==4\n",
            "!{sys.executable} -m pip install e\nx = !pip list\n!pip uninstall f\n!apt install pip\n"
            "print('pip install g')",
        ),
    )
    assert [(line.requirement, line.cell, line.line) for line in source.pip_lines] == [
        ("sentence-transformers[train]>=3,<4", 1, 1),
        ("peft", 1, 1),
        ("torch", 1, 2),
        ("a==1", 2, 2),
        ("b", 2, 2),
        ("c~=2", 2, 4),
        ("d==4", 3, 3),
        ("e", 4, 1),
    ]
