"""Tables of tensors in .bin files, as torch would load them, without unpickling."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapterlint.artifacts import opcodes, pickled
from adapterlint.artifacts.opcodes import PickleError, Table, read_pickle
from adapterlint.artifacts.weights import Weights, read
from adapterlint.artifacts.weights.facts import Facts
from adapterlint.model import Broken, Fault

if TYPE_CHECKING:
    import torch


# Pickles by hand: what torch writes, without torch


class Name(NamedTuple):
    module: str
    name: str


class Made(NamedTuple):
    callee: Name
    args: tuple[Any, ...]


class Outside(NamedTuple):
    id: tuple[Any, ...]


def pickled_value(value: Any) -> bytes:
    if isinstance(value, Name):
        return b"c" + value.module.encode() + b"\n" + value.name.encode() + b"\n"
    if isinstance(value, Made):
        return pickled_value(value.callee) + pickled_value(value.args) + b"R"
    if isinstance(value, Outside):
        return pickled_value(value.id) + b"Q"
    if isinstance(value, bool):
        return b"\x88" if value else b"\x89"
    if isinstance(value, int):
        return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)
    if isinstance(value, str):
        return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(value, tuple):
        return b"(" + b"".join(map(pickled_value, value)) + b"t"
    if isinstance(value, dict):
        items = b"".join(pickled_value(key) + pickled_value(item) for key, item in value.items())
        return b"}(" + items + b"u"
    raise TypeError(value)


ORDERED = Name("collections", "OrderedDict")
REBUILD = Name("torch._utils", "_rebuild_tensor_v2")


def tensor(
    key: str, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0, storage: str = "FloatStorage"
) -> Made:
    where = Outside(("storage", Name("torch", storage), key, "cpu", 1 << 20))
    return Made(REBUILD, (where, offset, shape, strides, False, Made(ORDERED, ())))


def archive(
    value: Any, storages: dict[str, bytes] | None = None, *, compression: int = zipfile.ZIP_STORED, **more: bytes
) -> bytes:
    content = value if isinstance(value, bytes) else b"\x80\x02" + pickled_value(value) + b"."
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as file:
        file.writestr("adapter_model/data.pkl", content)
        for name, data in more.items():
            file.writestr(f"adapter_model/{name}", data)
        for key, data in (storages or {}).items():
            file.writestr(f"adapter_model/data/{key}", data)
    return target.getvalue()


FLOATS = np.arange(12, dtype="<f4").tobytes()


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    """Writes bytes to adapter_model.bin and reads it as weights."""

    def write(content: bytes) -> Weights | Broken:
        path = tmp_path / "adapter_model.bin"
        path.write_bytes(content)
        return read([], [path.as_posix()])

    return write


def test_a_state_dict_becomes_a_table_of_tensors(saved: Any) -> None:
    value = {
        "lora_A": tensor("0", (3, 4), (4, 1)),
        "lora_B": tensor("0", (2, 2), (2, 1), 8),
        "transposed": tensor("0", (4, 3), (1, 4)),
        "every other": tensor("0", (6,), (2,)),
        "repeated": tensor("0", (5, 2), (0, 1)),
        "scalar": tensor("1", (), (), storage="LongStorage"),
        "none": tensor("1", (0, 3), (3, 1), storage="LongStorage"),
        "parameter": Made(
            Name("torch._utils", "_rebuild_parameter"), (tensor("0", (2,), (1,)), True, Made(ORDERED, ()))
        ),
    }
    weights = saved(archive(value, {"0": FLOATS, "1": (7).to_bytes(8, "little")}))
    assert isinstance(weights, Weights)
    assert weights.pickled
    assert weights.globals == (
        "torch._utils._rebuild_tensor_v2",
        "torch.FloatStorage",
        "collections.OrderedDict",
        "torch.LongStorage",
        "torch._utils._rebuild_parameter",
    )
    assert weights.tensors["lora_B"].shape == (2, 2)
    assert weights.tensors["lora_B"].dtype == "F32"
    assert weights.facts("lora_A") == Facts(True, 0, 11.0, float(sum(n * n for n in range(12))), 12)
    assert weights.facts("lora_B") == Facts(True, 0, 11.0, float(sum(n * n for n in range(8, 12))), 4)
    assert weights.facts("transposed") == weights.facts("lora_A")
    assert weights.facts("every other") is None  # its values are not side by side
    assert weights.facts("repeated") is None
    assert weights.facts("scalar") == Facts(True, 0, 7.0, 49.0, 1)
    assert weights.facts("none") == Facts(False, 0, 0.0, 0.0, 0)
    assert weights.facts("parameter") == Facts(True, 0, 1.0, 1.0, 2)


def test_tables_in_tables_are_named_by_dots_and_other_objects_are_noted(saved: Any) -> None:
    value = {
        "state_dict": Made(ORDERED, ()),
        "model": {"w": tensor("0", (12,), (1,)), "step": 3},
        "sparse": Made(Name("torch._utils", "_rebuild_sparse_tensor"), ()),
        "strange": tensor("0", (1,), (1,), storage="QInt8Storage"),
    }
    weights = saved(archive(value, {"0": FLOATS}))
    assert isinstance(weights, Weights)
    assert list(weights.tensors) == ["model.w"]
    assert weights.opaque == ("sparse", "strange", "model.step")


def test_a_newer_dtype_is_told_by_its_tensor(saved: Any) -> None:
    where = Outside(("storage", Name("torch.storage", "UntypedStorage"), "0", "cpu", 4))
    args = (where, 0, (4,), (1,), False, Made(ORDERED, ()), Name("torch", "float8_e4m3fn"))
    weights = saved(archive({"a": Made(Name("torch._utils", "_rebuild_tensor_v3"), args)}, {"0": b"\x38\xb8\x00\x7f"}))
    assert isinstance(weights, Weights)
    assert weights.facts("a") == Facts(True, 1, 1.0, 2.0, 4)


def test_swapped_or_compressed_values_are_not_looked_at(saved: Any) -> None:
    value = {"a": tensor("0", (12,), (1,))}
    for content in (
        archive(value, {"0": FLOATS}, byteorder=b"big"),
        archive(value, {"0": FLOATS}, compression=zipfile.ZIP_DEFLATED),
    ):
        weights = saved(content)
        assert isinstance(weights, Weights)
        assert weights.tensors["a"].shape == (12,)
        assert weights.facts("a") is None


def test_nothing_is_imported_or_called(saved: Any, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "touched",)

    weights = saved(archive(pickle.dumps({"a": Hostile()}, 4)))
    assert isinstance(weights, Weights)
    assert weights.opaque == ("a",)
    assert any(name.endswith("Path.touch") or name.endswith("getattr") for name in weights.globals)
    assert not (tmp_path / "touched").exists()


# Broken files


def tar_file() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as file:
        file.addfile(tarfile.TarInfo("storages"))
    return target.getvalue()


LEGACY = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
GOOD = archive({"a": tensor("0", (12,), (1,))}, {"0": FLOATS})
OBJECT = Made(Name("transformers", "Trainer"), ())


@pytest.mark.parametrize(
    ("content", "fault", "reason"),
    [
        (b"", Fault.empty, "empty (0 bytes)"),
        (b"<html></html>", Fault.html, "an HTML page"),
        (LEGACY, Fault.unsupported, "in the format of PyTorch before 1.6, which adapterlint does not read"),
        (b"#!/bin/sh\necho hello\n", Fault.damaged, "a script"),
        (tar_file(), Fault.damaged, "a tar archive, which torch has not written since 2017"),
        (pickle.dumps({"a": 1}), Fault.damaged, "a Python pickle that torch.save did not write"),
        (b"\x02\0\0\0\0\0\0\0{}", Fault.damaged, "a safetensors file under the name of a .bin"),
        (b"weights", Fault.damaged, "not a file that torch.save wrote"),
        (GOOD[:-30], Fault.truncated, "cut off: the directory at the end of its zip archive is missing"),
        (archive({"a": tensor("9", (1,), (1,))}), Fault.damaged, "damaged: the values of tensor a are missing"),
        (
            archive({"a": tensor("0", (13,), (1,))}, {"0": FLOATS}),
            Fault.damaged,
            "damaged: tensor a needs 52 bytes of a storage of 48 bytes",
        ),
        (archive(b"\x80\x02}"), Fault.damaged, "damaged: its pickle ends too early"),
        (archive(b"\x80\x02h\x05."), Fault.damaged, "damaged: its pickle uses what it never put down"),
        (archive(b"\x80\x02\xff."), Fault.damaged, None),
        (archive(OBJECT), Fault.shape, "a pickled object (transformers.Trainer), not a table of tensors"),
        (archive(tensor("0", (1,), (1,)), {"0": FLOATS}), Fault.shape, "a single tensor, not a table of tensors"),
        (archive({}, **{"constants.pkl": b""}), Fault.shape, "a TorchScript program, not a table of tensors"),
    ],
)
def test_a_broken_file_says_what_it_is(saved: Any, content: bytes, fault: Fault, reason: str | None) -> None:
    broken = saved(content)
    assert isinstance(broken, Broken)
    assert (broken.fault, broken.reads) == (fault, "weights")
    if reason is not None:
        assert broken.reason == reason


def test_an_archive_of_something_else_is_broken(saved: Any) -> None:
    inner = GOOD
    for _ in range(40):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as file:
            file.writestr("inner.zip", inner)
        inner = target.getvalue()
    broken = saved(inner)
    assert isinstance(broken, Broken)
    assert broken.reason == "a zip archive without data.pkl, so not written by torch.save"


def test_bombs_are_turned_away(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "PICKLE_LIMIT", 1_000_000)
    zeros = archive(bytes(50_000_000), compression=zipfile.ZIP_DEFLATED)
    assert len(zeros) < 100_000
    broken = saved(zeros)
    assert isinstance(broken, Broken)
    assert (broken.fault, broken.reason) == (Fault.unsupported, "a file with a data.pkl of more than 1 MB")
    monkeypatch.setattr(opcodes, "OPCODE_LIMIT", 1000)
    broken = saved(archive(b"\x80\x02" + b"N0" * 2000 + b"}."))
    assert isinstance(broken, Broken)
    assert broken.fault is Fault.unsupported
    monkeypatch.setattr(pickled, "DIRECTORY_LIMIT", 50)
    broken = saved(GOOD)
    assert isinstance(broken, Broken)
    assert broken.fault is Fault.unsupported


def test_containers_that_share_or_hold_themselves_cost_no_more_than_their_pickle(saved: Any) -> None:
    laughs = b"}" + b"".join(b"q%c}(X\1\0\0\0ah%cX\1\0\0\0bh%cu" % (i, i, i) for i in range(60))
    weights = saved(archive(b"\x80\x02" + laughs + b"."))
    assert isinstance(weights, Weights)
    assert not weights.tensors
    own = saved(archive(b"\x80\x02}q\0X\1\0\0\0ah\0s."))
    assert isinstance(own, Weights)
    keyed = b"\x80\x02})" + b"2\x86" * 60 + b"Ns."  # a key whose hash alone would take 2**60 steps
    assert isinstance(saved(archive(keyed)), Weights)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_bytes_are_a_pickle_or_a_pickle_error(data: st.DataObject) -> None:
    content = bytearray(
        pickle.dumps({"a": [1, (2, "x")], "b": {"c": {3, 4}}, "d": frozenset([5])}, data.draw(st.integers(0, 5)))
    )
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_pickle(bytes(content))
    except PickleError as error:
        assert str(error)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_read_or_broken(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    path.write_bytes(content[: data.draw(st.sampled_from([len(content)] * 4 + [*range(0, len(content), 11)]))])
    weights = read([], [path.as_posix()])
    if isinstance(weights, Weights):
        weights.all_facts()


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_of_every_protocol_are_understood(protocol: int) -> None:
    tuples = ((), (1,), (1, 2), (1, 2, 3), (1,) * 4)
    value: dict[str, Any] = {"a": [1, 2.5, None, True, False, "é" * 300, 1 << 80, -1], "b": {"c": tuples}}
    if protocol > 2:  # before, bytes are a call of codecs.encode
        value["raw"] = b"x" * 300
    assert read_pickle(pickle.dumps(value, protocol)).value == value
    assert read_pickle(pickle.dumps({"s": {1}, "f": frozenset([2])}, 4)).value == {"s": [1], "f": [2]}
    assert isinstance(read_pickle(pickle.dumps({1: 2, "a": 3}, protocol)).value, Table)


# The same table as torch


def world() -> dict[str, Any]:
    import torch

    base = torch.randn(6, 8, generator=torch.Generator().manual_seed(0))
    return {
        "plain": base,
        "slice": base[2:4],
        "columns": base[:, 1:3],
        "transposed": base.t(),
        "permuted": torch.randn(2, 3, 4).permute(2, 0, 1),
        "expanded": torch.ones(1, 4).expand(5, 4),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(3),
        "parameter": torch.nn.Parameter(torch.ones(2, 2)),
        "half": torch.randn(7).half(),
        "bf16": torch.randn(7).bfloat16(),
        "double": torch.randn(3).double(),
        "bool": torch.tensor([True, False]),
        "int8": torch.tensor([-5, 3], dtype=torch.int8),
        "uint16": torch.tensor([65535], dtype=torch.uint16),
        "f8": torch.tensor([1.5, -448.0]).to(torch.float8_e4m3fn),
        "complex": torch.tensor([3 + 4j]),
        "nan": torch.tensor([1.0, float("nan"), float("-inf")]),
        "zeros": torch.zeros(4, 4),
    }


def assert_like_torch(weights: Weights | Broken, tensors: dict[str, torch.Tensor], unread: set[str]) -> None:
    import torch

    assert isinstance(weights, Weights)
    assert list(weights.tensors) == list(tensors)
    for name, theirs in tensors.items():
        assert weights.tensors[name].shape == tuple(theirs.shape)
        facts = weights.facts(name)
        assert (facts is None) == (name in unread)
        if facts is None:
            continue
        numbers = (torch.view_as_real(theirs) if theirs.is_complex() else theirs).detach().double()
        finite = numbers[torch.isfinite(numbers)]
        assert facts.non_finite == numbers.numel() - finite.numel()
        assert facts.max_abs == (finite.abs().max().item() if finite.numel() else 0)
        assert facts.sum_squares == pytest.approx((finite**2).sum().item(), rel=1e-5)
        assert facts.any_nonzero == bool(numbers.count_nonzero())


@pytest.mark.runtime
def test_what_torch_saved_is_read_as_torch_loads_it(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "adapter_model.bin"
    torch.save(world(), path)
    loaded = torch.load(path, weights_only=True)
    assert_like_torch(read([], [path.as_posix()]), loaded, {"columns", "expanded"})


@pytest.mark.runtime
def test_a_state_dict_of_a_module_is_read(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "adapter_model.bin"
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    torch.save(module.state_dict(), path)
    assert_like_torch(read([], [path.as_posix()]), module.state_dict(), set())


@pytest.mark.runtime
def test_other_things_that_torch_saves_are_named(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "adapter_model.bin"
    torch.save(world(), path, _use_new_zipfile_serialization=False)
    legacy = read([], [path.as_posix()])
    assert isinstance(legacy, Broken)
    assert legacy.fault is Fault.unsupported
    torch.save(torch.nn.Linear(2, 2), path)
    module = read([], [path.as_posix()])
    assert isinstance(module, Broken)
    assert module.reason == "a pickled object (torch.nn.modules.linear.Linear), not a table of tensors"
    torch.save([torch.ones(1)], path)
    listed = read([], [path.as_posix()])
    assert isinstance(listed, Broken)
    assert listed.reason == "a pickled list, not a table of tensors"
