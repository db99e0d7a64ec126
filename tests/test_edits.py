"""Fixes: which are applied, that every other byte stays, and that a file is written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapterlint import edits, writing
from adapterlint.artifacts.jsontext import parse
from adapterlint.artifacts.notebook_patch import patched
from adapterlint.artifacts.source import Source, read
from adapterlint.artifacts.syntax import compiles
from adapterlint.errors import EditError
from adapterlint.model import Applicability, Edit, Finding, Fix, Place, Severity, Span

LAYOUTS: dict[str, dict[str, Any]] = {
    "jupyter": {"indent": 1, "ensure_ascii": False},
    "escaped": {"indent": 1},
    "one line": {},
    "compact": {"separators": (",", ":"), "ensure_ascii": False},
    "tabs": {"indent": "\t"},
    "four spaces": {"indent": 4, "separators": (", ", " : ")},
}


def notebook(*sources: str | list[str], layout: str = "jupyter", line_end: str = "\n") -> bytes:
    cells = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]
    book = {"cells": cells, "metadata": {"é": "‖"}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(book, **LAYOUTS[layout]).replace("\n", line_end) + line_end).encode()


def finding(
    *changes: Edit, rule: str = "some-rule", applicability: Applicability = Applicability.safe, note: str = ""
) -> Finding:
    place = Place(changes[0].path, changes[0].cell, line=1)
    return Finding(rule, Severity.error, "wrong", place, fix=Fix(f"mend {rule}", applicability, changes, note))


def change(text: str, old: str, new: str, *, path: str = "eval.ipynb", cell: int | None = 0) -> Edit:
    start = text.index(old)
    return Edit(path, cell, Span(start, start + len(old)), new)


def planned(data: bytes, *findings: Finding, unsafe: bool = False) -> edits.Plan:
    return edits.plan(findings, lambda path: data, unsafe=unsafe)


def cell_texts(data: bytes) -> list[str]:
    source = read("eval.ipynb", data)
    assert isinstance(source, Source)
    return [cell.text for cell in source.cells]


CELL = ["import peft\n", "é = load('ü')\n", "model = wrap(é)\n", "print(model)"]
TEXT = "".join(CELL)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_lines_of_the_edit_change(layout: str, line_end: str) -> None:
    before = notebook(["x = 1\n"], CELL, layout=layout, line_end=line_end)
    edit = change(TEXT, "wrap(é)", "fit(é)\nmodel = 'ß😀'", cell=1)
    after = planned(before, finding(edit)).contents["eval.ipynb"]
    wanted = [*CELL[:2], "model = fit(é)\n", "model = 'ß😀'\n", CELL[3]]
    expected = notebook(["x = 1\n"], wanted, layout=layout, line_end=line_end)
    assert after == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("span", "content", "lines"),
    [
        ((0, 12), "", CELL[1:]),
        ((0, 0), "# first\n", ["# first\n", *CELL]),
        ((12, 12), "a = 1\nb = 2\n", [CELL[0], "a = 1\n", "b = 2\n", *CELL[1:]]),
        ((len(TEXT), len(TEXT)), "\nx = 1\n", [*CELL[:3], "print(model)\n", "x = 1\n"]),
        ((len(TEXT) - 13, len(TEXT)), "", [*CELL[:2], "model = wrap(é)"]),
        ((11, 12), "; ", ["import peft; é = load('ü')\n", *CELL[2:]]),
        ((0, len(TEXT)), "", []),
        ((0, len(TEXT)), "x = 1\ny = 2", ["x = 1\n", "y = 2"]),
        ((7, 30), "", ["import l = wrap(é)\n", CELL[3]]),
    ],
)
def test_lines_come_and_go_as_jupyter_would_write_them(
    layout: str, span: tuple[int, int], content: str, lines: list[str]
) -> None:
    before = notebook(CELL, layout=layout).decode()
    source = read("eval.ipynb", before.encode())
    assert isinstance(source, Source) and source.cells[0].node is not None
    after = patched(before, [(source.cells[0].node, [Edit("eval.ipynb", 0, Span(*span), content)])])
    assert after == notebook(lines, layout=layout).decode()


def test_a_source_that_is_one_string_stays_one_and_keeps_its_escapes() -> None:
    before = notebook("x").replace(b'"x"', rb'"a = \"\u00e9\u0041\/\ud83d\ude00\"\r\nb = 1\r\n\tc"')
    text = 'a = "éA/😀"\r\nb = 1\r\n\tc'
    assert cell_texts(before) == [text]
    after = planned(before, finding(change(text, "\r\n\tc", "\nü = 2\n"))).contents["eval.ipynb"]
    assert after == before.replace(rb"\r\n\tc", "\\r\\nü = 2\\r\\n".encode())


def test_marks_and_closing_lines_of_the_file_stay() -> None:
    for before in (b"\xef\xbb\xbf" + notebook(CELL), notebook(CELL).rstrip(), notebook(CELL) + b"\n \n"):
        after = planned(before, finding(change(TEXT, "wrap", "fit"))).contents["eval.ipynb"]
        assert after == before.replace(b"wrap", b"fit")


LINE_ENDS = st.sampled_from(["\n", "\r\n"])
SOURCE_TEXT = st.text(st.sampled_from('ab=1 \n\n\t"\\/é‖😀{}[],\x0c'), max_size=40)


@st.composite
def edited_sources(draw: st.DrawFn) -> tuple[bytes, list[Edit], list[str]]:
    """A notebook in some formatting, edits of it that do not overlap, and the cells' texts after them."""
    texts = draw(st.lists(SOURCE_TEXT, min_size=1, max_size=3))
    sources: list[Any] = []
    for text in texts:
        form = draw(st.sampled_from(["lines", "string", "pieces"]))
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4))) if form == "pieces" else []
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        sources.append({"lines": text.splitlines(keepends=True), "string": text, "pieces": pieces}[form])
    data = notebook(*sources, layout=draw(st.sampled_from(list(LAYOUTS))), line_end=draw(LINE_ENDS))
    changes: list[Edit] = []
    expected = []
    for cell, text in enumerate(texts):
        points = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)))
        pairs = [
            *zip(points[::2], points[1::2], strict=False),
            *([(points[-1], points[-1])] if len(points) % 2 else []),
        ]
        new = [Edit("eval.ipynb", cell, Span(start, end), draw(SOURCE_TEXT)) for start, end in pairs]
        changes += new
        for edit in reversed(new):
            text = text[: edit.span.start] + edit.content + text[edit.span.end :]
        expected.append(text)
    return data, changes, expected


@given(edited_sources())
def test_whatever_is_edited_every_byte_outside_the_edited_strings_stays(
    case: tuple[bytes, list[Edit], list[str]],
) -> None:
    data, changes, expected = case
    before = data.decode()
    source = read("eval.ipynb", data)
    assert isinstance(source, Source)
    touched = [cell for cell in source.cells if any(edit.cell == cell.index for edit in changes)]
    by_cell = [(cell.node, [edit for edit in changes if edit.cell == cell.index]) for cell in touched]
    after = patched(before, [(node, own) for node, own in by_cell if node is not None])
    assert cell_texts(after.encode()) == expected
    old, new = _without_sources(before, touched), _without_sources(after, touched)
    assert old == new


def _without_sources(text: str, touched: Sequence[Any]) -> str:
    """The file's text with nothing in the sources of the touched cells."""
    root = parse(text)
    for cell in reversed(touched):
        node = root.at(f"/cells/{cell.index}/source")
        assert node is not None
        text = text[: node.start] + text[node.end :]
    return text


@given(edited_sources())
def test_untouched_lines_keep_their_very_strings(case: tuple[bytes, list[Edit], list[str]]) -> None:
    data, changes, _ = case
    source = read("eval.ipynb", data)
    assert isinstance(source, Source)
    before = data.decode()
    for cell in source.cells:
        own = [edit for edit in changes if edit.cell == cell.index]
        if cell.node is None or not own or not cell.node.items:
            continue
        after = patched(before, [(cell.node, own)])
        first = min(edit.span.start for edit in own)
        length, safe = 0, cell.node.start + 1
        for item in cell.node.items:
            length += len(item.value)
            if length >= first:
                break
            safe = item.end
        assert after[:safe] == before[:safe]


def test_a_script_keeps_its_bytes() -> None:
    before = b"\xef\xbb\xbfimport peft\r\nmodel = wrap(base)\r\n\x0c# end"
    text = before[3:].decode()
    edit = change(text, "wrap(base)", "fit(base)\nmodel = base", path="load.py", cell=None)
    plan = planned(before, finding(edit))
    assert plan.contents["load.py"] == before.replace(b"wrap(base)", b"fit(base)\r\nmodel = base")


def test_a_script_in_its_own_encoding_takes_only_what_it_can_write() -> None:
    before = "# coding: latin-1\nname = 'é'\n".encode("latin-1")
    text = before.decode("latin-1")
    fine = change(text, "'é'", "'ü'", path="load.py", cell=None)
    assert planned(before, finding(fine)).contents["load.py"] == text.replace("é", "ü").encode("latin-1")
    plan = planned(before, finding(change(text, "'é'", "'モ'", path="load.py", cell=None)))
    assert plan.contents == {}
    assert plan.held_back[0].reason == "the file's encoding (iso8859-1) cannot write it"


def test_what_is_not_promised_is_held_back_and_says_why() -> None:
    data = notebook(CELL)
    edit = change(TEXT, "wrap", "fit")
    shown = finding(edit, applicability=Applicability.display, note="assumed 5.4")
    likely = finding(edit, applicability=Applicability.unsafe, rule="likely")
    plan = planned(data, shown, likely)
    assert plan.contents == {}
    assert [(held.rule, held.note) for held in plan.held_back] == [("likely", ""), ("some-rule", "assumed 5.4")]
    assert "--unsafe-fixes" in plan.held_back[0].reason
    assert "only shown" in plan.held_back[1].reason
    plan = planned(data, shown, likely, unsafe=True)
    assert [applied.rule for applied in plan.applied] == ["likely"]
    assert [held.rule for held in plan.held_back] == ["some-rule"]


def test_of_overlapping_fixes_the_first_in_the_document_wins() -> None:
    data = notebook(CELL)
    late = finding(change(TEXT, "wrap(é)", "late()"), rule="late")
    early = finding(change(TEXT, "model = wrap", "model = early"), rule="early")
    elsewhere = finding(change(TEXT, "print", "show"), rule="elsewhere")
    plan = planned(data, elsewhere, late, early)
    assert [applied.rule for applied in plan.applied] == ["early", "elsewhere"]
    assert [(held.rule, held.reason) for held in plan.held_back] == [
        ("late", "it overlaps another fix and is tried again in the next round")
    ]
    assert "early(é)" in cell_texts(plan.contents["eval.ipynb"])[0]


def test_the_same_edit_is_made_once() -> None:
    data = notebook(CELL)
    line = Edit("eval.ipynb", 0, Span(0, 0), "from peft import PeftModel\n")
    first = finding(line, change(TEXT, "wrap", "fit"), rule="first")
    second = finding(line, change(TEXT, "print", "show"), rule="second")
    plan = planned(data, first, second, first)
    assert cell_texts(plan.contents["eval.ipynb"]) == [
        "from peft import PeftModel\n" + TEXT.replace("wrap", "fit").replace("print", "show")
    ]
    assert plan.held_back == ()


def test_a_fix_applies_whole_or_not_at_all() -> None:
    data = notebook(CELL, ["other = 1"])
    whole = finding(change(TEXT, "wrap", "fit"), Edit("eval.ipynb", 1, Span(0, 5), "((("))
    plan = planned(data, whole)
    assert plan.contents == {}
    assert plan.held_back[0].reason == "it would add a syntax error"
    two_files = finding(change(TEXT, "wrap", "fit"), Edit("other.py", None, Span(0, 0), ""))
    assert planned(data, two_files).held_back[0].reason == "it edits more than one file"
    itself = finding(change(TEXT, "wrap(é)", "a"), change(TEXT, "wrap", "b"))
    assert planned(data, itself).held_back[0].reason == "its edits overlap each other"


def test_a_cell_that_was_never_right_may_be_mended_but_not_made_worse() -> None:
    text = "print 'a'\nmodel = wrap(base)\n"
    data = notebook(text)
    assert planned(data, finding(change(text, "wrap", "fit"))).applied
    plan = planned(data, finding(change(text, "wrap(base)", "wrap(base")))
    assert plan.held_back[0].reason == "it would add a syntax error"


def test_magics_and_top_level_await_are_no_syntax_errors() -> None:
    text = "%time base = load()\nawait go()\nif x:\n    !ls\nmodel = wrap(base)"
    plan = planned(notebook(text), finding(change(text, "wrap", "fit")))
    assert cell_texts(plan.contents["eval.ipynb"]) == [text.replace("wrap", "fit")]


def test_an_edit_that_fits_the_file_no_longer_is_held_back() -> None:
    data = notebook(CELL)
    for edit in (Edit("eval.ipynb", 9, Span(0, 1), "x"), Edit("eval.ipynb", 0, Span(0, 999), "x")):
        assert planned(data, finding(edit)).held_back[0].reason == "the file is no longer what was checked"
    nothing = planned(data, finding(change(TEXT, "wrap", "wrap")))
    assert (nothing.contents, nothing.held_back[0].reason) == ({}, "it changes nothing")
    gone = planned(b"{", finding(change(TEXT, "wrap", "fit")))
    assert gone.held_back[0].reason.startswith("the file can no longer be read: it is not valid JSON")


def test_a_valid_notebook_stays_valid_and_an_invalid_one_is_still_mended() -> None:
    valid = planned(notebook(CELL), finding(change(TEXT, "wrap", "fit"))).contents["eval.ipynb"]
    nbformat.validate(nbformat.reads(valid.decode(), as_version=4))
    invalid = notebook(CELL).replace(b'"execution_count": null', b'"execution_count": "seven"')
    assert planned(invalid, finding(change(TEXT, "wrap", "fit"))).applied


def test_a_write_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    edits.write(str(link), b"new", b"old")
    assert real.read_bytes() == b"new"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.py", "real.py"]


def test_what_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "load.py"
    file.write_bytes(b"old")
    with pytest.raises(EditError, match="changed while it was being checked"):
        edits.write(str(file), b"new", b"other")
    file.chmod(0o444)
    with pytest.raises(EditError, match="is read-only, so it was left as it is"):
        edits.write(str(file), b"new")
    assert file.read_bytes() == b"old"
    with pytest.raises(EditError, match=r"gone\.py could not be written \(no such file or directory\)"):
        edits.write(str(tmp_path / "gone.py"), b"new")
    loop = tmp_path / "loop.py"
    loop.symlink_to(loop)
    with pytest.raises(EditError, match="could not be written"):
        edits.write(str(loop), b"new")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    file = tmp_path / "load.py"
    file.write_bytes(b"old")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(EditError, match="permission denied"):
            edits.write(str(file), b"new")
    finally:
        tmp_path.chmod(0o755)
    assert file.read_bytes() == b"old"


def test_a_full_disk_leaves_the_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "load.py"
    file.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(EditError, match="no space left on device"):
        edits.write(str(file), b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("load.py", b"old")]


@given(st.lists(st.sampled_from("abc\r"), max_size=30), st.lists(st.sampled_from("abc\r"), max_size=30), st.booleans())
def test_a_diff_is_a_patch_that_gives_the_new_file(old: list[str], new: list[str], closed: bool) -> None:
    end = "\n" if closed else ""
    before, after = ("\n".join(lines) + (end if lines else "") for lines in (old, new))
    text = edits.diff("load.py", before.encode(), after.encode())
    assert (text == "") == (before == after)
    if before and after and before != after:
        assert _applied(before, text) == after


def _applied(before: str, diff: str) -> str:
    """The file a unified diff makes of `before`, hunk by hunk."""
    old, out, here = before.split("\n"), [], 0
    lines = diff.split("\n")[2:]
    number = 0
    while number < len(lines) and lines[number].startswith("@@"):
        start = int(lines[number].split()[1][1:].split(",")[0])
        count = lines[number].split()[1].split(",")[1:] or ["1"]
        first = start - 1 if int(count[0]) else start
        out += old[here:first]
        here = first
        number += 1
        while number < len(lines) and lines[number][:1] in (" ", "-", "+", "\\"):
            kind, text = lines[number][0], lines[number][1:]
            if kind in " -":
                assert old[here] == text
                here += 1
            if kind in " +":
                out.append(text)
            number += 1
    return "\n".join([*out, *old[here:]])


def test_the_diff_of_a_notebook_shows_the_edited_lines_only() -> None:
    data = notebook(*[[f"x = {number}\n"] for number in range(300)], CELL)
    plan = planned(data, finding(change(TEXT, "wrap", "fit", cell=300)))
    text = edits.diff("work/eval.ipynb", data, plan.contents["eval.ipynb"])
    assert text.startswith("--- work/eval.ipynb\n+++ work/eval.ipynb\n@@ -")
    changed = [line for line in text.splitlines()[2:] if line[0] in "+-"]
    assert changed == ['-    "model = wrap(é)\\n",', '+    "model = fit(é)\\n",']


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to apply the diff")
def test_git_applies_the_diff(tmp_path: Path) -> None:
    before = notebook(["x = 1\n"] * 50, CELL, line_end="\r\n").rstrip()
    plan = planned(before, finding(change(TEXT, "wrap(é)", "fit(é)\ny = 1", cell=1)))
    after = plan.contents["eval.ipynb"]
    (tmp_path / "eval.ipynb").write_bytes(before)
    patch = edits.diff("eval.ipynb", before, after).encode()
    command = ["git", "-c", "core.autocrlf=false", "apply", "-p0", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / "eval.ipynb").read_bytes() == after


def test_nbformat_is_imported_only_to_check_a_mended_notebook() -> None:
    code = "import sys, adapterlint.edits; print([m for m in ('nbformat', 'numpy', 'ast_grep_py') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def _thousand(bad: set[int]) -> tuple[bytes, list[Finding]]:
    """A script of a thousand lines, and a fix of each; those of `bad` would add a syntax error."""
    text = "".join(f"x{number:04} = 1\n" for number in range(1000))
    new = {number: "(" if number in bad else "2" for number in range(1000)}
    starts = [text.index(f"x{number:04}") + 8 for number in range(1000)]
    findings = [finding(Edit("load.py", None, Span(at, at + 1), new[number])) for number, at in enumerate(starts)]
    return text.encode(), findings


@pytest.mark.parametrize(("bad", "most"), [(set(), 2), ({500}, 30), ({0, 999}, 60)])
def test_a_file_is_parsed_once_for_all_its_fixes(bad: set[int], most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    monkeypatch.setattr(edits, "compiles", lambda text: parsed.append(len(text)) or compiles(text))
    data, findings = _thousand(bad)
    plan = planned(data, *findings)
    assert len(plan.applied) == 1000 - len(bad)
    assert [it.reason for it in plan.held_back] == ["it would add a syntax error"] * len(bad)
    assert plan.contents["load.py"].count(b"= 2") == 1000 - len(bad)
    assert len(parsed) <= most
