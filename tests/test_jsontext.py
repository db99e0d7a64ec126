"""JSON text: the value Python's json gives, and the place of every part of it."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapterlint.artifacts.jsontext import MAX_DEPTH, JsonTextError, Node, line_column, parse

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15)
LAYOUTS = st.sampled_from([{}, {"indent": 1}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False}])


@given(VALUES, LAYOUTS)
def test_every_value_and_key_is_where_its_span_says(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    root = parse(f"\n {text} \r\n")
    assert root.plain() == value
    _same(root, value)


def _same(node: Node, value: Any) -> None:
    assert json.loads(node.text[node.start : node.end]) == value
    if isinstance(value, dict):
        assert {key: json.loads(node.text[span.start : span.end]) for key, span in node.keys.items()} == {
            key: key for key in value
        }
        assert list(node.members) == list(value)
        for key, child in node.members.items():
            _same(child, value[key])
            assert node.at("/" + key.replace("~", "~0").replace("/", "~1")) is child
    elif isinstance(value, list):
        assert len(node.items) == len(value)
        for index, child in enumerate(node.items):
            _same(child, value[index])
            assert node.at(f"/{index}") is child
    else:
        assert node.value == value
        assert type(node.value) is type(value)


@given(VALUES.map(json.dumps), st.data())
def test_what_json_refuses_is_refused_at_a_place_in_the_text(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    wrong = text[:cut] + data.draw(st.sampled_from(["", ",", "]", '"', "\\", "\x00", "nul"])) + text[cut + 1 :]
    try:
        expected = json.loads(wrong)
    except ValueError:
        with pytest.raises(JsonTextError) as caught:
            parse(wrong)
        assert 0 <= caught.value.offset <= len(wrong)
        assert caught.value.message
        assert not caught.value.message.endswith(".")
    else:
        assert parse(wrong).plain() == expected


def test_of_a_key_given_twice_the_last_counts_and_the_later_place_is_kept() -> None:
    text = '{"r": 8, "alpha": 1, "r": 16, "r": 32}'
    root = parse(text)
    assert root.members["r"].value == 32
    assert root.duplicates == [("r", text.index('"r": 16')), ("r", text.index('"r": 32'))]
    assert root.keys["r"].start == text.index('"r": 32')


def test_nan_and_infinity_are_read_as_python_reads_them() -> None:
    root = parse("[NaN, -Infinity, Infinity]")
    assert math.isnan(root.items[0].value)
    assert [item.value for item in root.items[1:]] == [-math.inf, math.inf]
    assert {item.kind for item in root.items} == {"number"}


def test_pointers_that_lead_nowhere() -> None:
    root = parse('{"a": [1, {"b": 2}]}')
    assert root.at("") is root
    for pointer in ("/x", "/a/2", "/a/-1", "/a/b", "/a/0/b", "/a/1/b/c", "/a/x/y"):
        assert root.at(pointer) is None
    assert root.at("/a/1/b").value == 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "the text ends in the middle of the JSON value", 0),
        ('{"cells": [', "the text ends in the middle of the JSON value", 11),
        ('{"r": "LO', "the text ends in the middle of the JSON value", 6),
        ('{"r": 8,}', "a comma stands before the closing bracket", 7),
        ("[1,\n]", "a comma stands before the closing bracket", 2),
        ('{"r": 8} x', "more text follows the end of the JSON value", 9),
        ("\ufeff{}", "the text starts with a byte order mark", 0),
        ("[" * 201 + "]" * 201, f"values are nested more than {MAX_DEPTH} deep", 200),
        ("[" * 100_000, f"values are nested more than {MAX_DEPTH} deep", 200),
        ('{"a":' * 100_000, f"values are nested more than {MAX_DEPTH} deep", 5 * 200),
        ("[" + "1" * 5000 + "]", "a number is too long to be read", 1),
        ('["' + '\\"' * 100_000, "the text ends in the middle of the JSON value", 1),
    ],
    ids=lambda value: str(value)[:12],
)
def test_first_errors_are_named_and_placed(text: str, message: str, offset: int) -> None:
    with pytest.raises(JsonTextError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.offset) == (message, offset)


def test_brackets_inside_strings_are_not_nesting() -> None:
    assert parse(json.dumps(["[" * 1000, '"[' * 1000])).items[1].value == '"[' * 1000


def test_lines_end_with_any_of_the_three_line_ends() -> None:
    assert [line_column("a\nbc", at) for at in range(5)] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)]
    assert [line_column("a\r\nb", at) for at in range(4)] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert [line_column("a\rb\r\n\rc", at) for at in (0, 2, 5, 6)] == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_twenty_megabytes_with_large_outputs_are_read_in_seconds() -> None:
    image = {"data": {"image/png": "iVBORw0KGgo/" * 10_000}}
    cell = {"cell_type": "code", "source": ["x = 1\n"] * 20, "outputs": [image, {"values": [0.5] * 3000}]}
    text = json.dumps({"cells": [cell] * 150}, indent=1)
    assert len(text) > 20_000_000
    begun = time.process_time()
    root = parse(text)
    lines = [line.value for cell in root.members["cells"].items for line in cell.members["source"].items]
    assert len(lines) == 150 * 20
    assert time.process_time() - begun < 5
