"""What the reports say, word for word (tests/golden), and what no content of a file may do to them.

`ADAPTERLINT_REGENERATE=1 pytest tests/test_report.py` writes the golden files anew; review their diff.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapterlint.errors import UsageError
from adapterlint.model import Checked, Place, Report, Severity, Skipped, Status, Verdict
from adapterlint.report import FORMATS, render
from adapterlint.report.order import natural
from adapterlint.report.screen import Screen, columns
from adapterlint.report.words import size
from sample_reports import STORIES, clean, every_status, finding, folder, hostile, place_in, previewed

HERE = Path(__file__).parent
SUFFIXES = {"text": "txt", "json": "json", "sarif": "sarif", "github": "annotations"}
VARIANTS: dict[str, dict[str, Any]] = {
    "color": {"color": True},
    "narrow": {"width": 60},
    "ascii": {"encoding": "ascii"},
    "quiet": {"quiet": True},
    "statistics": {"statistics": True},
}


def same_as_golden(name: str, said: str) -> None:
    """Compare with tests/golden/`name`, or write it where the environment says so."""
    golden = HERE / "golden" / name
    if os.environ.get("ADAPTERLINT_REGENERATE") == "1":
        golden.write_bytes(said.encode("utf-8"))
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("story", STORIES)
def test_every_story_is_told_in_the_golden_words(story: str, format: str) -> None:
    said = render(STORIES[story](), format, paths=("./models", "./notebooks"))
    same_as_golden(f"{story}.{SUFFIXES[format]}", said)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("story", ["folder", "hostile", "previewed"])
def test_every_variant_of_the_text_is_told_in_the_golden_words(story: str, variant: str) -> None:
    same_as_golden(f"{story}.{variant}.txt", render(STORIES[story](), "text", **VARIANTS[variant]))


def test_golden_holds_no_file_that_no_test_reads() -> None:
    told = {f"{story}.{suffix}" for story in STORIES for suffix in SUFFIXES.values()}
    told |= {f"{story}.{variant}.txt" for story in ("folder", "hostile", "previewed") for variant in VARIANTS}
    assert {path.name for path in (HERE / "golden").iterdir()} == told


@pytest.mark.parametrize("story", STORIES)
def test_sarif_is_valid_against_the_schema_of_oasis(story: str) -> None:
    schema = json.loads((HERE / "cases/sarif-2.1.0/schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    assert [error.message for error in validator.iter_errors(json.loads(render(STORIES[story](), "sarif")))] == []


def test_sarif_fingerprint_stays_when_lines_are_added_above_and_two_alike_findings_stay_two() -> None:
    def fingerprints(lines_above: int) -> list[str]:
        text = "\n" * lines_above + "a = load(b)\nx = 1\na = load(b)\n"
        second = text.rindex("load")
        places = [
            place_in(text, "load", "a.py", before=0),
            replace(place_in(text, "load", "a.py", before=0), line=text.count("\n", 0, second) + 1),
        ]
        report = replace(clean(), findings=tuple(finding("inert-adapter", "m", place) for place in places))
        results = json.loads(render(report, "sarif"))["runs"][0]["results"]
        return [result["partialFingerprints"]["adapterlint/v1"] for result in results]

    assert fingerprints(0) == fingerprints(7)
    assert len(set(fingerprints(0))) == 2


def test_sarif_paths_are_addresses_that_decode_to_the_bytes_of_the_path() -> None:
    spelled = {
        "a b/ü#?.py": "a%20b/%C3%BC%23%3F.py",
        "./a.py": "a.py",
        "/abs/a.py": "file:///abs/a.py",
        "C:/abs/a.py": "file:///C:/abs/a.py",
        "x:y/a.py": "x%3Ay/a.py",
        "stray\udcff.py": "stray%FF.py",
        ".": ".",
    }
    for path, uri in spelled.items():
        report = replace(clean(), findings=(finding("inert-adapter", "m", Place(path)),))
        (result,) = json.loads(render(report, "sarif"))["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_message_from_a_file_cannot_become_a_link() -> None:
    report = replace(clean(), findings=(finding("inert-adapter", "tensor [see](https://evil) a[0](b", Place("a")),))
    (result,) = json.loads(render(report, "sarif"))["runs"][0]["results"]
    assert result["message"]["text"] == r"tensor \[see](https://evil) a\[0](b"


@pytest.mark.parametrize("format", FORMATS)
def test_order_of_what_comes_in_does_not_show_and_wall_time_is_in_no_machine_format(format: str) -> None:
    report = folder()
    shuffled = replace(
        report,
        findings=report.findings[::-1],
        verdicts=report.verdicts[::-1],
        skipped=report.skipped[::-1],
        checked=replace(report.checked, seconds=report.checked.seconds if format == "text" else 999.0),
    )
    assert render(shuffled, format) == render(report, format)


@pytest.mark.parametrize("format", FORMATS)
def test_findings_below_the_level_are_left_out_but_a_crashed_check_is_shown(format: str) -> None:
    said = render(hostile(), format)
    assert "half-a-pair raised KeyError" in said
    assert "wide and tab" not in said


def test_json_has_the_documented_keys_and_only_those() -> None:
    page = (HERE.parent / "docs/json.md").read_text(encoding="utf-8")
    told = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL).group(1))  # type: ignore[union-attr]
    said = json.loads(render(folder(), "json"))
    assert list(said) == list(told)
    for key in ("findings", "verdicts", "skipped"):
        assert list(said[key][0]) == list(told[key][0])
    assert list(said["checked"]) == list(told["checked"])
    fixed = json.loads(render(STORIES["fixed"](), "json"))
    assert list(fixed["applied"][0]) == ["path", "rule", "title", "cell", "line", "note"]
    assert list(fixed["held_back"][0]) == ["path", "rule", "title", "reason", "cell", "line", "note"]
    for key in (*said, *said["findings"][0], *fixed["held_back"][0]):
        assert f"`{key}`" in page


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii", "cp932", "latin-1", "no-such-encoding", "utf-16"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("story", STORIES)
def test_what_is_said_can_be_written_with_the_encoding_of_the_stream(story: str, format: str, encoding: str) -> None:
    said = render(STORIES[story](), format, encoding=encoding)
    said.encode("ascii" if encoding == "no-such-encoding" else encoding)


anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)


@settings(max_examples=60, deadline=None)
@given(anything, anything, anything, st.integers(1, 40), st.sampled_from(["utf-8", "cp1252", "ascii"]))
def test_no_content_of_a_file_steers_a_terminal(path: str, message: str, line: str, column: int, encoding: str) -> None:
    place = Place(path, pointer=line, line=3, column=column, excerpt=f"{line}\n{line}", note=message)
    report = Report(
        findings=(finding("inert-adapter", message, place, related=(place,)),),
        verdicts=(Verdict(path, Status.inert, message, (line,)),),
        rules={},
        checked=Checked(adapters=1),
        skipped=(Skipped(path, line, message),),
    )
    for quiet in (False, True):
        said = render(report, "text", encoding=encoding, quiet=quiet)
        said.encode(encoding)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", said)
    annotations = render(report, "github", encoding=encoding).splitlines()
    assert len(annotations) == 1
    assert annotations[0].startswith("::error file=")
    json.loads(render(report, "json").encode("ascii"))
    json.loads(render(report, "sarif").encode("ascii"))


def underlined(line: str, needle: str, width: int = 100) -> tuple[str, str]:
    """The line of code and the line of tildes below it, as the text report draws them."""
    report = replace(clean(), findings=(finding("inert-adapter", "m", place_in(line, needle, "a.py", before=0)),))
    lines = render(report, "text", width=width).splitlines()
    at = next(index for index, drawn in enumerate(lines) if "~" in drawn)
    return lines[at - 1], lines[at]


@pytest.mark.parametrize(
    "line",
    [
        "model = load(path)",
        "\tx\t= load(path)",
        "名前 = '支援'; load(path)",
        "é́ = 'a\u0301'; load(path)",
        "x = '\x1b[31m\u202e'; load(path)",
        "                    y = load(path)",
    ],
)
def test_tildes_stand_under_the_span_whatever_comes_before_it(line: str) -> None:
    code, tildes = underlined(line, "load")
    assert columns(code[: code.index("load")]) == columns(tildes[: tildes.index("~")])
    assert tildes.count("~") == len("load")


@pytest.mark.parametrize("before", [0, 90, 3_000_000])
def test_a_line_of_any_length_is_cut_around_the_span(before: int) -> None:
    code, tildes = underlined("x" * before + "load(path)" + "y" * 3_000_000, "load", width=80)
    assert columns(code) <= 80
    assert code.index("load") == tildes.index("~")
    assert code.endswith("…")
    assert ("…x" in code) == bool(before)


def test_a_registry_lists_what_does_not_work_and_counts_the_rest() -> None:
    works = [Verdict(f"m/{n}", Status.works, "LoRA") for n in range(1500)]
    report = replace(clean(), verdicts=(*works, Verdict("m/bad", Status.inert, "zero", ("inert-adapter",))))
    lines = render(report, "text").splitlines()
    assert lines[:2] == ["m/bad   inert   zero   inert-adapter", "1,500 more adapters work"]
    assert "1,500 works · 1 inert" in lines


def test_nothing_unread_is_called_clean() -> None:
    unread = Verdict("models/v6", Status.not_checked, "a Git LFS pointer", ("weights-unreadable",))
    said = render(replace(clean(), verdicts=(unread,)), "text")
    assert "not checked" in said.splitlines()[0]
    assert "; 1 not checked" in said


@pytest.mark.parametrize("message", ["lora_B is zero", "lora_B is zero, so the adapter leaves the base as it is"])
def test_what_the_verdict_says_is_not_said_twice(message: str) -> None:
    verdict = Verdict("m", Status.inert, "lora_B is zero", ("inert-adapter",))
    found = finding("inert-adapter", message, Place("m/adapter_model.safetensors", pointer="lora_B.weight"))
    said = render(replace(clean(), verdicts=(verdict,), findings=(found,)), "text")
    assert said.count("lora_B is zero") == 1
    assert "  tensor lora_B.weight   error  inert-adapter   see its verdict above" in said.splitlines()
    other = replace(found, message="lora_B is zeroed")
    assert "    lora_B is zeroed" in render(replace(clean(), verdicts=(verdict,), findings=(other,)), "text")


def test_a_related_line_that_the_excerpt_shows_is_named_not_drawn_again() -> None:
    text = "base = SentenceTransformer(NAME)\nmodel = PeftModel.from_pretrained(base, path)\n"
    made = place_in(text, "SentenceTransformer", "a.ipynb", cell=3, note="made here")
    place = place_in(text, "PeftModel", "a.ipynb", cell=3)
    found = finding("peft-on-sentence-transformer", "m", place, related=(made,))
    said = render(replace(clean(), findings=(found,)), "text")
    assert "    see line 1, column 8: made here" in said.splitlines()
    assert said.count("SentenceTransformer(NAME)") == 1


def test_nothing_to_check_is_said_with_the_paths() -> None:
    empty = Report((), (), {}, Checked())
    assert render(empty, "text") == "nothing to check: no adapters, notebooks or Python files\n"
    assert render(empty, "text", quiet=True) == ""
    assert "under ./a, b and c" in render(empty, "text", paths=("./a", "b", "c"))


def test_colours_are_all_that_color_adds() -> None:
    for report in (folder(), every_status(), previewed(), hostile()):
        painted = render(report, "text", color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(report, "text")
        assert painted.count("\x1b[0m") * 2 == painted.count("\x1b[")


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as refused:
        render(clean(), "xml")
    assert "text, json, sarif, github" in refused.value.hint


def test_names_are_ordered_by_number_and_distinct_names_by_distinct_keys() -> None:
    names = ["a10", "a9", "a09", "a", "a9b", "a" + "9" * 5000, "b1"]
    assert sorted(names, key=natural) == ["a", "a09", "a9", "a9b", "a10", "a" + "9" * 5000, "b1"]
    assert len({natural(name) for name in names}) == len(names)


def test_sizes_are_said_in_three_figures_at_most() -> None:
    sizes = {0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 31_000_000: "31 MB", 999_600_000: "1.0 GB"}
    assert {nbytes: size(nbytes) for nbytes in sizes} == sizes
    assert size(5_000_000_000_000_000) == "5000 TB"


def test_words_are_wrapped_by_columns_and_never_broken() -> None:
    lines = Screen().wrap("名前 " * 30 + "x" * 70, 20)
    assert max(columns(line) for line in lines[:-1]) <= 20
    assert lines[-1] == "x" * 70


def test_one_format_does_not_load_the_others() -> None:
    code = (
        "import sys\nfrom adapterlint.model import *\nfrom adapterlint.report import render\n"
        "render(Report((), (), {}, Checked()), 'text')\n"
        "print([m for m in ('json', 'hashlib', 'numpy', 'adapterlint.report.sarif') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_suppressed_and_hidden_findings_are_counted() -> None:
    said = render(replace(folder(), level=Severity.error), "text")
    assert "3 below --level error not shown (2 warnings, 1 info)" in said
    assert "2 suppressed by an ignore" in said
