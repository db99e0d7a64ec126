"""adapter_config.json: its values, the place of every key, and the rank and scaling PEFT makes of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from adapterlint.artifacts import files, jsontext
from adapterlint.artifacts.name_patterns import Patience, applies
from adapterlint.knowledge.peft_types import ADAPTER_LIBRARIES, NEWEST_PEFT, PEFT_FIELDS
from adapterlint.model import Broken, Fault, Place, Severity, Span, Status

MAX_BYTES = 16_000_000
"""Larger files are not read: the largest real configs (long explicit target lists) stay below 1 MB."""

_MAX_LINE = 240
_STUB_KEYS = {"base_model", "base_model_name", "model", "base_model_name_or_path"}
_DEFAULT_RANK = 8
_DEFAULT_ALPHA = 8
_BRACKETS = {"array": "list", "string": "string", "number": "number", "literal": "bare value"}


class FieldError(NamedTuple):
    """A value that PEFT cannot take, or takes for another. `pointer` is the JSON pointer of the value.

    `message` is a sentence without full stop; `status` is what the value makes of the adapter, if anything. A `dated`
    error is a word that is not in the vocabulary of NEWEST_PEFT, which a newer PEFT may know.
    """

    pointer: str
    message: str
    severity: Severity = Severity.error
    status: Status | None = Status.unreadable
    dated: bool = False


class Config:
    """One adapter_config.json. `data` holds its plain values, `root` the place of each."""

    def __init__(self, path: str, text: str, root: jsontext.Node) -> None:
        self.path = path
        self.text = text
        self.root = root
        self.data: dict[str, Any] = root.plain()
        self._patience = Patience()
        self._known: dict[tuple[str, str], Any] = {}  # what was asked of a module; of any one where no patterns are

    def beside(self, path: str) -> Config:
        """The same config in another file; nothing is read again."""
        other = Config.__new__(Config)
        other.path, other.text, other.root, other.data = path, self.text, self.root, self.data
        other._patience, other._known = Patience(), self._known
        return other

    def get(self, name: str, default: Any = None) -> Any:
        """The raw value of a top-level key."""
        return self.data.get(name, default)

    def place(self, pointer: str, note: str = "") -> Place:
        """Where the value under a JSON pointer ("/r") stands; without line and column if there is no such value."""
        node = self.root.at(pointer) if pointer else self.root
        if node is None:
            return Place(self.path, pointer=pointer, note=note)
        return place_of(self.path, self.text, Span(node.start, node.end), pointer, note)

    @cached_property
    def duplicates(self) -> tuple[tuple[str, Place], ...]:
        """(JSON pointer, place of the later key) of every key that its object already had, nested ones included."""
        return tuple(
            (pointer, place_of(self.path, self.text, Span(start, start + len(key) + 2), pointer))
            for pointer, key, start in _repeated(self.root, "")
        )

    @property
    def peft_type(self) -> str | None:
        """`peft_type` as written; None if there is none or it is not a string."""
        value = self.get("peft_type")
        return value if isinstance(value, str) else None

    @property
    def is_peft(self) -> bool:
        """Whether this means to be PEFT's: it has a `peft_type`, or PEFT's fields and no other family's marks."""
        return "peft_type" in self.data or (_library(self.data) is None and len(PEFT_FIELDS & self.data.keys()) >= 2)

    @property
    def looks_like(self) -> str | None:
        """What a config that is not PEFT's seems to be ("an MLX adapter config"); None for a PEFT config."""
        if self.is_peft:
            return None
        if self.data.keys() <= _STUB_KEYS:
            return "a stub that only names a base model" if self.data else "an empty JSON object"
        return _library(self.data) or "a config of another kind"

    @property
    def is_newer(self) -> bool:
        """Whether `peft_version` says that a PEFT newer than NEWEST_PEFT wrote this."""
        return newer_than_known(self.get("peft_version"))

    @cached_property
    def errors(self) -> tuple[FieldError, ...]:
        """The values that PEFT refuses or misreads, in order of the file; () for a config that is not PEFT's."""
        if not self.is_peft:
            return ()
        from adapterlint.artifacts.config_fields import field_errors

        return field_errors(self.data)

    def rank(self, module: str) -> int | None:
        """The LoRA rank of the module at path `module`, patterns applied; None if undecidable or not LoRA."""
        value = self._decided("rank_pattern", "r", module, _DEFAULT_RANK)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def alpha(self, module: str) -> float | None:
        """The LoRA alpha of the module at path `module`, patterns applied; None if undecidable or not LoRA."""
        value = self._decided("alpha_pattern", "lora_alpha", module, _DEFAULT_ALPHA)
        try:
            return float(value) if isinstance(value, (int, float)) else None
        except OverflowError:
            return None

    def scaling(self, module: str) -> float | None:
        """What PEFT multiplies B·A with: alpha / r, with `use_rslora` alpha / √r (peft LoraLayer.update_layer)."""
        rank, alpha = self.rank(module), self.alpha(module)
        if rank is None or alpha is None or rank <= 0:
            return None
        try:
            return alpha / math.sqrt(rank) if self.get("use_rslora") else alpha / rank
        except OverflowError:
            return None

    def rank_pointer(self, module: str) -> str | None:
        """The JSON pointer of what decides the rank of `module`: "/r" or an entry of `rank_pattern`; None as `rank`."""
        return self._pointer("rank_pattern", "r", module)

    def alpha_pointer(self, module: str) -> str | None:
        """The JSON pointer of what decides the alpha of `module`: "/lora_alpha" or an entry of `alpha_pattern`."""
        return self._pointer("alpha_pattern", "lora_alpha", module)

    def decides(self, pointer: str, modules: Collection[str]) -> bool:
        """Whether the field or pattern entry at `pointer` sets the rank or alpha of one of `modules`.

        True where that cannot be told: no modules known, or a pattern that cannot be tried. PEFT ignores the value
        of a pattern that matches nothing, whatever it is.
        """
        resolve = self.rank_pointer if pointer.startswith(("/r", "/rank_pattern")) else self.alpha_pointer
        return not modules or any(resolve(module) in (pointer, None) for module in modules)

    def applies(self, key: str, module: str) -> bool | None:
        """Whether PEFT applies the pattern `key` to the module; None where that cannot be told, or not in time."""
        return applies(key, module, self._patience)

    def _pointer(self, pattern: str, field: str, module: str) -> str | None:
        entries = self.get(pattern) or {}
        if self.peft_type != "LORA" or not isinstance(entries, dict):
            return None
        for key in entries:
            matches = self.applies(key, module)
            if matches is None:
                return None
            if matches:
                return f"/{pattern}/{escaped(key)}"
        return f"/{field}"

    def _decided(self, pattern: str, field: str, module: str, default: int) -> Any:
        key = field, module if self.data.get(pattern) else ""
        if key not in self._known:
            pointer = self._pointer(pattern, field, module)
            node = self.root.at(pointer) if pointer is not None else None
            self._known[key] = node.plain() if node is not None else default if pointer is not None else None
        return self._known[key]


_recent: dict[str, Config] = {}
_RECENT, _MAX_TEXT = 64, 1 << 16


def read(path: str) -> Config | Broken:
    """The config at `path`, or why it cannot be one. Duplicate keys are readable: the last one counts."""
    data = files.read_bytes(path, "config", MAX_BYTES)
    if isinstance(data, Broken):
        return data
    stand_in = files.sniff(data[:512])
    if stand_in is not None:
        return Broken(path, "config", *stand_in)
    text = _decoded(path, data)
    if isinstance(text, Broken):
        return text
    if (alike := _recent.get(text)) is not None:
        return alike.beside(path)
    try:
        root = jsontext.parse(text)
    except jsontext.JsonTextError as error:
        return _not_json(path, text, error)
    if root.kind != "object":
        reason = f"a JSON {_BRACKETS[root.kind]}, not an object"
        return Broken(path, "config", Fault.shape, reason, place=place_of(path, text, root.span))
    config = Config(path, text, root)
    if len(_recent) >= _RECENT:
        _recent.clear()
    if len(text) < _MAX_TEXT:
        _recent[text] = config
    return config


def newer_than_known(version: object) -> bool:
    """Whether `version` ("0.22.0", "0.22.1.dev0@UNKNOWN") is newer than NEWEST_PEFT; False where it is no version."""
    if not isinstance(version, str):
        return False
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version.partition("@")[0]) > Version(NEWEST_PEFT)
    except InvalidVersion:
        return False


def place_of(path: str, text: str, span: Span, pointer: str | None = None, note: str = "") -> Place:
    """The place of a span of a config; its line and the one before as excerpt, unless the line is too long to show."""
    line, column = jsontext.line_column(text, span.start)
    lines = text[: span.start].splitlines()[-2:-1] if column > 1 else text[: span.start].splitlines()[-1:]
    begin = span.start - column + 1
    ends = [end for end in (text.find("\n", span.start), text.find("\r", span.start)) if end >= 0]
    lines.append(text[begin : min(ends, default=len(text))])
    excerpt = "\n".join(lines) if max(map(len, lines)) <= _MAX_LINE else ""
    return Place(path, pointer=pointer, span=span, line=line, column=column, file_line=line, excerpt=excerpt, note=note)


def _decoded(path: str, data: bytes) -> str | Broken:
    if data.startswith(b"\xef\xbb\xbf"):
        reason = "marked with a UTF-8 byte order mark, which PEFT refuses"
        return Broken(path, "config", Fault.encoding, reason, "save it as UTF-8 without byte order mark", Place(path))
    if not data.strip(b"\x00"):
        reason = f"{files.human_size(len(data))} of nothing but zeros, as a crash or a full disk leaves them"
        return Broken(path, "config", Fault.damaged, reason, "fetch or save it again")
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return Broken(path, "config", Fault.encoding, "UTF-32 text, which PEFT cannot read", "save it as UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:2]:
        return Broken(path, "config", Fault.encoding, "UTF-16 text, which PEFT cannot read", "save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        reason = f"not UTF-8 text (byte 0x{data[error.start]:02x} at offset {error.start})"
        place = place_of(path, before + "\ufffd", Span(len(before), len(before) + 1))
        return Broken(path, "config", Fault.encoding, reason, "save it as UTF-8", place)


def _not_json(path: str, text: str, error: jsontext.JsonTextError) -> Broken:
    if not text.strip():
        return Broken(path, "config", Fault.empty, "blank", "fetch or save it again")
    offset = min(error.offset, len(text))
    place = place_of(path, text, Span(offset, min(offset + 1, len(text))))
    if isinstance(error, jsontext.TooDeepError):
        reason = f"nested more than {jsontext.MAX_DEPTH} deep, more than adapterlint reads"
        return Broken(path, "config", Fault.unsupported, reason, "", place)
    if offset >= len(text.rstrip()) or error.message.startswith("the text ends"):
        reason = f"cut off: {error.message}"
        return Broken(path, "config", Fault.truncated, reason, "fetch or save it again", place)
    return Broken(path, "config", Fault.syntax, f"not JSON: {error.message}", "", place)


def _repeated(node: jsontext.Node, pointer: str) -> Iterator[tuple[str, str, int]]:
    for key, start in node.duplicates:
        yield f"{pointer}/{escaped(key)}", key, start
    for key, member in node.members.items():
        if member.kind == "object":
            yield from _repeated(member, f"{pointer}/{escaped(key)}")


def escaped(key: str) -> str:
    """`key` as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _library(data: Mapping[str, Any]) -> str | None:
    """The other family whose marks `data` bears."""
    return next((name for name, marks in ADAPTER_LIBRARIES if any(mark <= data.keys() for mark in marks)), None)


# A pattern is a stranger's regex: time grows with a power of the module path's length, of the number of repeats.
