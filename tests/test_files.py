"""What a file turns out to be before anyone reads it as what its name says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from adapterlint.artifacts import files
from adapterlint.model import Broken, Fault

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"5a" * 32 + b"\nsize 86123456\n"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1449, "1.4 kB"),
        (9_960, "10 kB"),
        (86_123_456, "86 MB"),
        (999_600_000, "1 GB"),
        (3_200_000_000, "3.2 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_human_size(size: int, words: str) -> None:
    assert files.human_size(size) == words


@pytest.mark.parametrize(
    ("head", "fault", "reason"),
    [
        (b"", Fault.empty, "empty (0 bytes)"),
        (POINTER, Fault.lfs_pointer, "a Git LFS pointer (86 MB)"),
        (POINTER.replace(b"\n", b"\r\n"), Fault.lfs_pointer, "a Git LFS pointer (86 MB)"),
        (b"version https://hawser.github.com/spec/v1\n", Fault.lfs_pointer, "a Git LFS pointer"),
        (b"<!DOCTYPE html><html>", Fault.html, "an HTML page"),
        (b"\r\n  <!-- proxy -->\n<HTML lang=en>", Fault.html, "an HTML page"),
    ],
)
def test_stand_ins_are_named(head: bytes, fault: Fault, reason: str) -> None:
    found = files.sniff(head)
    assert found is not None
    assert found[:2] == (fault, reason)
    assert found[2], "a stand-in can always be fetched again"


@pytest.mark.parametrize("head", [b"{}", b"PK\x03\x04", b"\x40\x00\x00\x00\x00\x00\x00\x00{", b"<xml/>", b"version 2"])
def test_real_content_passes(head: bytes) -> None:
    assert files.sniff(head) is None


def test_bytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\x00\r\n")
    assert files.read_bytes(str(path), "config") == b"\x00\r\n"
    assert files.read_bytes(str(path), "config", limit=3) == b"\x00\r\n"


def _fault(path: Path, limit: int | None = None) -> Fault:
    found = files.read_bytes(str(path), "weights", limit)
    assert isinstance(found, Broken)
    assert (found.path, found.reads) == (str(path), "weights")
    assert found.reason and not found.reason.endswith(".")
    return found.fault


def test_what_cannot_be_read_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    assert _fault(tmp_path / "file", limit=3) is Fault.unsupported
    assert _fault(tmp_path / "gone") is Fault.missing
    assert _fault(tmp_path / "file" / "below") is Fault.missing
    assert _fault(tmp_path) is Fault.shape


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights or do not exist")
def test_links_and_pipes(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert _fault(tmp_path / "loop") is Fault.denied
    assert _fault(tmp_path / "dangling") is Fault.missing
    assert _fault(tmp_path / "pipe") is Fault.unsupported


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_refused_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1234")
    path.chmod(0)
    assert _fault(path) is Fault.denied
