"""Headers as safetensors judges them, and facts about values that agree with float64 arithmetic."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from adapterlint.artifacts.weights import Weights, header, read, read_header
from adapterlint.artifacts.weights import facts as facts_module
from adapterlint.artifacts.weights.dtypes import BITS, byte_values
from adapterlint.artifacts.weights.facts import MAP_FROM, SMALL, Facts, read_facts
from adapterlint.artifacts.weights.kernels import BLOCK
from adapterlint.model import Broken, Fault

RNG = np.random.default_rng(2024)
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'5a' * 32}\nsize 86000000\n"


def raw_file(text: str | bytes, data: bytes = b"", *, length: int | None = None) -> bytes:
    head = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return (len(head) if length is None else length).to_bytes(8, "little") + head + data


def file_of(tensors: dict[str, tuple[str, tuple[int, ...], bytes]]) -> bytes:
    """A sound file of (dtype, shape, bytes) by name, one after the other in this order."""
    table, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    return raw_file(json.dumps(table), data)


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    """Writes bytes to a file and reads it as weights."""

    def write(content: bytes, name: str = "adapter_model.safetensors") -> Weights | Broken:
        path = tmp_path / name
        path.write_bytes(content)
        return read([path.as_posix()])

    return write


def weights_of(saved: Any, tensors: dict[str, tuple[str, tuple[int, ...], bytes]]) -> Weights:
    weights = saved(file_of(tensors))
    assert isinstance(weights, Weights)
    return weights


# What a file says it holds


def test_a_file_of_the_library_is_read_as_the_library_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    tensors = {
        "base_model.model.x.lora_A.weight": RNG.standard_normal((8, 64), np.float32),
        "base_model.model.x.lora_B.weight": np.zeros((64, 8), np.float16),
        "steps": np.array(7),
        "empty": np.zeros((0, 3), np.float32),
        "mask-1: é": np.ones((3,), np.bool_),
    }
    save_file(tensors, path, metadata={"format": "pt", "note": 'a "quoted" one'})
    weights = read([path.as_posix()])
    assert isinstance(weights, Weights)
    assert {name: tensor.shape for name, tensor in weights.tensors.items()} == {
        name: tensor.shape for name, tensor in tensors.items()
    }
    assert weights.tensors["steps"].dtype == "I64"
    assert weights.metadata == {"format": "pt", "note": 'a "quoted" one'}
    assert weights.nbytes == sum(tensor.nbytes for tensor in tensors.values())
    assert weights.values_read() == 0
    assert weights.facts("steps") == Facts(True, 0, 7.0, 49.0, 1)
    assert weights.facts("empty") == Facts(False, 0, 0.0, 0.0, 0)
    assert weights.values_read() == weights.nbytes
    assert weights.place("steps", "here").pointer == "steps"
    with pytest.raises(KeyError):
        weights.facts("no such tensor")


def test_reading_a_header_needs_no_numpy(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    path.write_bytes(file_of({"a": ("F32", (2,), bytes(8))}))
    program = (
        "import sys; from adapterlint.artifacts.weights import read\n"
        f"weights = read([{path.as_posix()!r}])\n"
        "assert weights.tensors['a'].shape == (2,) and 'numpy' not in sys.modules\n"
        "assert not weights.facts('a').any_nonzero and 'numpy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_shards_are_merged_and_the_last_of_a_name_counts(tmp_path: Path) -> None:
    paths = [tmp_path / f"adapter_model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    paths[0].write_bytes(file_of({"a": ("F32", (1,), np.float32(1).tobytes()), "b": ("F32", (0,), b"")}))
    paths[1].write_bytes(file_of({"a": ("F32", (2,), np.float32([3, 4]).tobytes())}))
    weights = read([path.as_posix() for path in paths])
    assert isinstance(weights, Weights)
    assert weights.facts("a") == Facts(True, 0, 4.0, 25.0, 2)
    assert weights.place("a").path == paths[1].as_posix()
    assert weights.twice == ("a",)
    paths[1].write_bytes(b"")
    broken = read([path.as_posix() for path in paths])
    assert isinstance(broken, Broken)
    assert broken.path == paths[1].as_posix()


# What is wrong with a file, in words

TWO = '{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":%s}}'


@pytest.mark.parametrize(
    ("content", "fault", "reason"),
    [
        (b"", Fault.empty, "empty (0 bytes)"),
        (POINTER.encode(), Fault.lfs_pointer, "a Git LFS pointer (86 MB)"),
        (b"<!DOCTYPE html><html></html>", Fault.html, "an HTML page"),
        (b"\x10\0\0", Fault.truncated, "cut off after 3 bytes"),
        (raw_file("{}", length=90), Fault.truncated, "cut off: header says 98 bytes, file has 10"),
        (
            raw_file("{}", length=1 << 62),
            Fault.damaged,
            "damaged: the header claims 4611686 TB, the format allows 100 MB",
        ),
        (raw_file(TWO % "[8,16]", bytes(12)), Fault.truncated, "cut off after 132 of 136 bytes"),
        (
            raw_file(TWO % "[8,16]", bytes(17)),
            Fault.damaged,
            "damaged: 1 byte after the last tensor, belonging to none",
        ),
        (raw_file(TWO % "[4,12]", bytes(12)), Fault.damaged, "damaged: tensor b overlaps the one before it"),
        (raw_file(TWO % "[12,20]", bytes(20)), Fault.damaged, "damaged: tensor b leaves a gap of 4 bytes before it"),
        (
            raw_file(TWO % "[8,20]", bytes(20)),
            Fault.damaged,
            "damaged: tensor b has 12 bytes, but F32 of shape [2, 1] takes 8",
        ),
        (raw_file("{'a': 1}"), Fault.damaged, None),
        (raw_file(b'{"\xff": 1}'), Fault.damaged, "damaged: the header is not UTF-8"),
        (raw_file("[]"), Fault.damaged, "damaged: the header is not a JSON object"),
        (raw_file('{"a":' * 60_000), Fault.damaged, "damaged: the header is nested too deeply"),
        (b"PK\x03\x04" + bytes(40), Fault.damaged, None),
        (b"\x80\x02}q\0." + bytes(40), Fault.damaged, None),
    ],
)
def test_a_broken_file_says_what_it_is(saved: Any, content: bytes, fault: Fault, reason: str | None) -> None:
    broken = saved(content)
    assert isinstance(broken, Broken)
    assert (broken.fault, broken.reads) == (fault, "weights")
    if reason is not None:
        assert broken.reason == reason
    assert broken.hint


def test_shapes_whose_product_overflows_are_refused_even_beside_a_zero(saved: Any) -> None:
    for shape in ("[9223372036854775808,2,0]", "[0,18446744073709551616]", "[4294967296,4294967296]"):
        broken = saved(raw_file(f'{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}'))
        assert isinstance(broken, Broken)
        assert broken.reason == "damaged: the shape of tensor a overflows 64 bits"


def test_missing_files_folders_and_pipes_are_broken(tmp_path: Path) -> None:
    missing = read([(tmp_path / "none.safetensors").as_posix()])
    assert isinstance(missing, Broken)
    assert missing.fault is Fault.missing
    folder = read([tmp_path.as_posix()])
    assert isinstance(folder, Broken)
    assert folder.fault is Fault.unsupported
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert isinstance(read([(tmp_path / "pipe").as_posix()]), Broken)


def test_a_dtype_of_tomorrow_is_listed_and_its_values_are_not_looked_at(saved: Any) -> None:
    weights = weights_of(
        saved, {"a": ("F3_E1M1", (8,), bytes(3)), "b": ("F4", (4,), b"\x11\x11"), "c": ("U8", (1,), b"\1")}
    )
    assert weights.facts("a") is None
    assert weights.facts("b") is None
    assert weights.facts("c") == Facts(True, 0, 1.0, 1.0, 1)
    assert weights.values_read() == 1


def test_a_tensor_named_twice_is_kept_once_and_noted(saved: Any) -> None:
    row = '"a":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}'
    weights = saved(raw_file("{" + row % (1, 4) + "," + row % (2, 8) + "}", bytes(8)))
    assert isinstance(weights, Weights)
    assert weights.tensors["a"].shape == (2,)
    assert weights.twice == ("a",)


def test_a_json_bomb_is_turned_away_before_it_is_parsed(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "VALUES_LIMIT", 10_000)
    bomb = raw_file('{"a":[' + "[]," * 400_000 + "[]]}")
    tracemalloc.start()
    broken = saved(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(broken, Broken)
    assert broken.fault is Fault.unsupported
    assert peak < 8 * len(bomb)


# The same verdict as the library on every input

ODD_VALUES = [
    "NaN", "1e400", "-0", "-1", "0.0", "1.0", "true", "null", "{}", "[]", '"\\ud800"', '"\\ud83d\\ude00"', '"F32"',
    "18446744073709551615", "18446744073709551616", "9" * 320, '{"F32":null}', '{"F32":1}', '["F32",[1],[0,4]]',
    "[" * 124 + "]" * 124, "[" * 125 + "]" * 125, '["aaaa",99999999999]', "[9223372036854775808,2,0]", "[0,4]",
    '"__metadata__"', '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}', '{"a:b":"c"}', '"\\u0000"', "[0,4,5]",
]  # fmt: skip
KEYS = ['"dtype"', '"shape"', '"data_offsets"', '"n0"', '"extra"', '"__metadata__"', '"d\\u0074ype"']
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\d+|\[[^\[\]]*\]|\{[^{}]*\}|null')


@st.composite
def header_texts(draw: st.DrawFn) -> tuple[str, int]:
    """A sound header with up to three things done to it, and how many bytes of values it spoke of before."""
    table: dict[str, Any] = {}
    end = 0
    for index in range(draw(st.integers(0, 3))):
        dtype = draw(st.sampled_from([*BITS, "F32", "F32"]))
        shape = draw(st.lists(st.sampled_from([0, 1, 2, 4, 8]), max_size=3))
        size = math.ceil(math.prod(shape) * BITS[dtype] / 8)
        table[f"n{index}"] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    if draw(st.booleans()):
        table["__metadata__"] = draw(st.sampled_from([{"a": "b"}, None, {}, {"a": 1}, [], "x", 0]))
    text = json.dumps(table)
    for _ in range(draw(st.integers(0, 3))):
        text = damage(draw, text)
    return text, end


def damage(draw: st.DrawFn, text: str) -> str:
    way = draw(st.sampled_from(["replace", "insert", "character", "cut", "number", "append"]))
    if way == "insert" and (spots := [match.end() for match in re.finditer(r"\{", text)]):
        at = draw(st.sampled_from(spots))
        comma = "" if text[at:].lstrip().startswith("}") else ","
        return f"{text[:at]}{draw(st.sampled_from(KEYS))}:{draw(st.sampled_from(ODD_VALUES))}{comma}{text[at:]}"
    pattern = {"replace": TOKEN, "number": re.compile(r"\d+")}.get(way)
    if pattern is not None and (matches := list(pattern.finditer(text))):
        match = draw(st.sampled_from(matches))
        if way == "replace":
            return text[: match.start()] + draw(st.sampled_from(ODD_VALUES)) + text[match.end() :]
        number = max(0, int(match[0][:18]) + draw(st.sampled_from([-1, 1, 4, -4])))
        return text[: match.start()] + str(number) + text[match.end() :]
    at = draw(st.integers(0, len(text)))
    if way == "character":
        character = draw(st.sampled_from('{}[]",:0123-+.eE \t\n\r\x00\x1f\x7f\u00e9\ufeff\\/'))
        return text[:at] + character + text[at + draw(st.integers(0, 1)) :]
    return text[:at] if way == "cut" else text + draw(st.sampled_from([" ", "\n", "\x00", "\x0c", "{}"]))


def library_names(path: Path) -> set[str] | str:
    """The names in the file, or the library's complaint."""
    try:
        with safe_open(path, "np") as file:
            return set(file.keys())
    except (SafetensorError, OSError, ValueError) as error:
        return str(error)


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "x.safetensors"


@settings(max_examples=800, deadline=None)
@given(
    header_texts(),
    st.sampled_from([0] * 12 + [-1, 1, 4]),
    st.sampled_from([0] * 20 + [-1, 1, 8, 1 << 62, (1 << 64) - 9]),
)
@example(('{"n0":"__metadata__","n0":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1), 0, 0)
@example(('{"__metadata__":null,"__metadata__":null}', 0), 0, 0)
@example(('{"a":["F32",[1],[0,4]]}', 4), 0, 0)
@example(('{"a":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}}', 4), 0, 0)
def test_the_verdict_is_the_librarys(scratch: Path, drawn: tuple[str, int], more: int, lie: int) -> None:
    text, size = drawn
    head = text.encode("utf-8", "surrogatepass")
    length = max(0, min(len(head) + lie, (1 << 64) - 1))
    scratch.write_bytes(raw_file(head, bytes(max(0, size + more)), length=length))
    theirs, ours = library_names(scratch), read_header(scratch.as_posix())
    if isinstance(ours, Broken):
        assert isinstance(theirs, str), f"refused for {ours.reason}"
    elif isinstance(theirs, str):
        assert "unknown variant" in theirs  # a dtype that release does not know
    else:
        assert set(ours.tensors) == theirs


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_flipped_byte_gets_the_verdict_of_the_library(scratch: Path, data: st.DataObject) -> None:
    content = bytearray(raw_file(TWO % "[8,16]", bytes(16)))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([len(content)] * 5 + [*range(0, len(content), 7)]))]
    scratch.write_bytes(content)
    theirs, ours = library_names(scratch), read_header(scratch.as_posix())
    agrees = isinstance(ours, Broken) == isinstance(theirs, str)
    assert agrees or "unknown variant" in theirs


# What the values are like


def floats(dtype: str, values: bytes) -> npt.NDArray[np.float64]:
    """The numbers in these bytes as float64, by a way of its own."""
    if dtype == "BF16":
        wide = np.zeros((len(values) // 2, 2), "<u2")
        wide[:, 1] = np.frombuffer(values, "<u2")
        return wide.view("<f4").ravel().astype(np.float64)
    table = byte_values(dtype)
    if table is not None:
        return np.array([table[byte] for byte in values])
    name = {"C64": "<f4"}.get(dtype) or f"<{dtype[0].lower()}{BITS[dtype] // 8}"
    return np.frombuffer(values, name).astype(np.float64)


def assert_facts(facts: Facts | None, squares: float | None, dtype: str, values: bytes) -> None:
    with np.errstate(invalid="ignore"):
        numbers = floats(dtype, values)
    finite = numbers[np.isfinite(numbers)]
    assert facts is not None
    assert facts.any_nonzero == bool(np.count_nonzero(numbers))
    assert facts.non_finite == numbers.size - finite.size
    assert facts.elements == numbers.size // (2 if dtype == "C64" else 1)
    assert facts.max_abs == (np.abs(finite).max() if finite.size else 0.0)
    with np.errstate(over="ignore"):
        assert squares == pytest.approx(float(np.dot(finite, finite)), rel=1e-5)
    if dtype not in ("F16", "BF16") or len(values) < SMALL or facts.non_finite:
        assert facts.sum_squares is not None


WITH_FACTS = sorted(set(BITS) - {"F4", "F6_E2M3", "F6_E3M2"})


@pytest.mark.parametrize("dtype", WITH_FACTS)
@pytest.mark.parametrize("count", [1, 2, 3, 1000, SMALL // 2 + 1, BLOCK + 7])
def test_facts_of_random_bits(saved: Any, dtype: str, count: int) -> None:
    """Random bits hold every kind of float: denormals, infinities, NaN, both zeros."""
    size = BITS[dtype] // 8
    values = RNG.integers(0, 256, count * size, np.uint8).tobytes()
    weights = weights_of(saved, {"a": (dtype, (count,), values)})
    assert_facts(weights.facts("a"), weights.squares("a"), dtype, values)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16", "F64"])
@pytest.mark.parametrize("scale", [0.02, 1e-30, 1e30, -1.0])
def test_facts_of_trained_values(saved: Any, dtype: str, scale: float) -> None:
    """Scales where float32 squares underflow or overflow included; many tensors at once and one by one."""
    tensors = {}
    for index, count in enumerate([5, 64, 1, 1024, SMALL, 300_000, 9, 0, 7]):
        with np.errstate(over="ignore"):
            wide = (RNG.standard_normal(count) * scale).astype(np.float32)
            kinds = {"F32": wide, "F64": wide.astype(np.float64), "F16": wide.astype(np.float16)}
        array = kinds.get(dtype)
        values = array.tobytes() if array is not None else (wide.view("<u4") >> 16).astype("<u2").tobytes()
        tensors[f"t{index}"] = (dtype, (count,), values)
    weights = weights_of(saved, tensors)
    for name, (_, _, values) in tensors.items():
        assert_facts(weights.facts(name), weights.squares(name), dtype, values)
        alone = read_facts([weights.tensors[name]])[name]
        assert alone is not None
        together = weights.facts(name)
        assert together is not None
        assert (alone.sum_squares is None) == (together.sum_squares is None)
        assert alone._replace(sum_squares=0) == together._replace(sum_squares=0)


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_every_sixteen_bit_float(saved: Any, dtype: str) -> None:
    every = np.arange(1 << 16, dtype="<u2")
    tensors = {f"{index:05}": (dtype, (), every[index : index + 1].tobytes()) for index in range(0, 1 << 16, 97)}
    tensors["all"] = (dtype, (every.size,), every.tobytes())
    weights = weights_of(saved, tensors)
    for name, (_, _, values) in tensors.items():
        assert_facts(weights.facts(name), weights.squares(name), dtype, values)


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
@pytest.mark.parametrize("more", range(5))
def test_sixteen_bit_floats_that_are_all_equal_are_told_from_others(saved: Any, dtype: str, more: int) -> None:
    count = BLOCK + more
    values = np.full((4, count), 0xB801, "<u2")
    values[1] = 0x3801  # the other sign
    values[2, -1] += 1
    values[3, : count // 2] = 0
    weights = weights_of(saved, {f"t{at}": (dtype, (count,), row.tobytes()) for at, row in enumerate(values)})
    assert dict(weights.profile.odd) == {"t0": "flat", "t1": "flat"}
    for at, row in enumerate(values):
        facts = weights.facts(f"t{at}")
        assert_facts(facts, weights.squares(f"t{at}"), dtype, row.tobytes())
        assert facts is not None
        assert (facts.sum_squares is None) == (at > 1)


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_copies_of_sixteen_bit_floats_have_one_checksum(saved: Any, dtype: str) -> None:
    values = (RNG.standard_normal(100_003) * 0.02).astype("<f2").tobytes()
    other = values[:70_000] + bytes([values[70_000] ^ 1]) + values[70_001:]
    size = (len(values) // 2,)
    tensors = {"a": (dtype, size, values), "s": ("U8", (1,), b"7"), "b": (dtype, size, values)}
    weights = weights_of(saved, {**tensors, "c": (dtype, size, other)})
    assert weights.profile.repeats
    assert weights.facts("a") == weights.facts("b") != weights.facts("c")
    assert not weights_of(saved, {"a": (dtype, size, values), "c": (dtype, size, other)}).profile.repeats
    digests = [weights_of(saved, {"a": (dtype, size, it)}).digest() for it in (values, other, values)]
    assert digests[0] == digests[2] != digests[1]


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("F8_E4M3", "float8_e4m3fn"),
        ("F8_E5M2", "float8_e5m2"),
        ("F8_E4M3FNUZ", "float8_e4m3fnuz"),
        ("F8_E5M2FNUZ", "float8_e5m2fnuz"),
        ("F8_E8M0", "float8_e8m0fnu"),
        ("I8", "int8"),
    ],
)
def test_one_byte_dtypes_mean_what_torch_says(dtype: str, name: str) -> None:
    import torch

    theirs = torch.arange(256).to(torch.uint8).view(getattr(torch, name)).double().numpy()
    np.testing.assert_array_equal(np.array(byte_values(dtype)), theirs)


@pytest.mark.parametrize("bits", [1, 0x8000_0001, 0x8000_0000, 0])
def test_the_smallest_denormal_counts_and_negative_zero_does_not(saved: Any, bits: int) -> None:
    for count in (1, BLOCK):
        values = np.zeros(count, "<u4")
        values[-1] = bits
        facts = weights_of(saved, {"a": ("F32", (count,), values.tobytes())}).facts("a")
        assert facts is not None
        assert facts.any_nonzero == (bits & 1 == 1)
        assert facts.max_abs == (2.0**-149 if bits & 1 else 0.0)


def test_one_nan_among_millions_is_found(saved: Any) -> None:
    for bad in (np.nan, -np.nan, np.inf, -np.inf):
        values = RNG.standard_normal(600_000, np.float32)
        values[-3] = bad
        facts = weights_of(saved, {"a": ("F32", (values.size,), values.tobytes())}).facts("a")
        assert facts is not None
        assert facts.non_finite == 1
        assert math.isfinite(facts.sum_squares)


def test_facts_are_the_same_whether_a_file_is_mapped_or_read(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {
        f"t{index}{dtype}": (dtype, (count,), RNG.integers(0, 256, count * BITS[dtype] // 8, np.uint8).tobytes())
        for index, count in enumerate([3, 700_001, 40, 1])
        for dtype in WITH_FACTS
    }
    weights = weights_of(saved, tensors)
    facts = []
    for limit in (1, 1 << 60):
        monkeypatch.setattr(facts_module, "MAP_FROM", limit)
        facts.append(read_facts(weights.tensors.values()))
        for name, (dtype, _, values) in tensors.items():
            assert_facts(facts[-1][name], weights.squares(name), dtype, values)
    shortened = Path(weights.path).read_bytes()[: weights.tensors["t1F32"].stop - 1]
    Path(weights.path).write_bytes(shortened)
    for limit in (1, 1 << 60):
        monkeypatch.setattr(facts_module, "MAP_FROM", limit)
        short = read_facts(weights.tensors.values())
        assert short["t1F32"] is None
        assert short["t0F32"] == facts[0]["t0F32"]


def test_facts_are_the_same_from_many_threads(saved: Any) -> None:
    tensors = {
        f"t{index}": ("F32", (400, 400), RNG.standard_normal((400, 400), np.float32).tobytes()) for index in range(6)
    }
    weights = weights_of(saved, tensors)
    alone = read_facts(weights.tensors.values())
    with ThreadPoolExecutor(8) as pool:
        assert all(facts == alone for facts in pool.map(lambda _: read_facts(weights.tensors.values()), range(16)))
        assert all(facts == alone for facts in pool.map(lambda _: dict(weights.all_facts()), range(16)))


def test_a_file_that_shrinks_after_its_header_was_read_has_no_facts(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    ones = np.ones(200_000, "<f4").tobytes()
    content = file_of({"a": ("F32", (2,), ones[:8]), "b": ("F32", (2,), ones[:8]), "c": ("F32", (200_000,), ones)})
    path.write_bytes(content)
    weights = read([path.as_posix()])
    assert isinstance(weights, Weights)
    path.write_bytes(content[: weights.tensors["b"].start + 3])
    assert weights.facts("a") == Facts(True, 0, 1.0, 2.0, 2)
    assert weights.facts("b") is None
    assert weights.facts("c") is None
    assert weights.values_read() == 8


def test_a_file_that_is_gone_has_no_facts(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    path.write_bytes(file_of({"a": ("F32", (2,), bytes(8))}))
    weights = read([path.as_posix()])
    assert isinstance(weights, Weights)
    path.unlink()
    assert weights.facts("a") is None


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to see what is open")
def test_nothing_is_open_or_mapped_once_the_facts_are_known(saved: Any) -> None:
    weights = weights_of(saved, {"a": ("F32", (MAP_FROM,), bytes(4 * MAP_FROM)), "b": ("BF16", (3,), bytes(6))})
    weights.all_facts()
    assert weights.path not in Path("/proc/self/maps").read_text()
    assert not any(link.exists() and link.resolve() == Path(weights.path) for link in Path("/proc/self/fd").iterdir())
