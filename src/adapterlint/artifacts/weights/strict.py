"""The JSON of a safetensors header, read with the strictness of the library that will load the file.

Python's json is more lenient than serde_json (NaN, lone surrogates, any depth) and keeps only the last of duplicate
keys. Headers that are not of the plain form go through here, so that what passes is what `safe_open` accepts.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

DEPTH = 127  # serde_json refuses the 128th level
_ESCAPE = re.compile(r"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F]|.)", re.DOTALL)
_U64 = 1 << 64

Row = tuple[str, tuple[int, ...], int, int]
"""dtype, shape, first byte and end of a tensor, the bytes counted from the end of the header."""


class HeaderError(ValueError):
    """A header that safetensors refuses; the message is a clause that says why."""


class Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in order, duplicates included."""


def read_rows(text: str) -> tuple[dict[str, Row], dict[str, str], tuple[str, ...]]:
    """Tensors, metadata and the names that stand twice (the last one counts). Raises HeaderError."""
    top = _parse(text)
    if not isinstance(top, Pairs):
        raise HeaderError("the header is not a JSON object")
    rows: dict[str, Row] = {}
    twice: list[str] = []
    metadata: dict[str, str] | None = None
    for name, value in top:
        if name == "__metadata__":
            if metadata is not None:
                raise HeaderError("the header has __metadata__ twice")
            metadata = _metadata(value)
            continue
        if name in rows:
            twice.append(name)
        rows[name] = _row(name, value)
    return rows, metadata or {}, tuple(dict.fromkeys(twice))


def _parse(text: str) -> Any:
    decoder = json.JSONDecoder(
        object_pairs_hook=Pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant
    )
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise HeaderError(f"the header is not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise HeaderError("the header is nested too deeply") from None
    except (OverflowError, ValueError) as error:
        raise HeaderError(f"the header is not JSON ({error})") from None
    if "\\u" in text and any(len(escape[1]) == 3 for escape in _ESCAPE.finditer(text)):
        raise HeaderError("the header holds half of a surrogate pair")
    _bound_depth(value)
    return value


def _bound_depth(value: Any) -> None:
    level = [value] if isinstance(value, list) else []
    for _ in range(DEPTH):
        members = (
            item
            for parent in level
            for item in ((member for _, member in parent) if isinstance(parent, Pairs) else parent)
        )
        level = [item for item in members if isinstance(item, list)]
        if not level:
            return
    raise HeaderError("the header is nested too deeply")


def _integer(text: str) -> int | float:
    if len(text) > 400:
        raise ValueError("a number out of range")
    value = int(text)
    if text == "-0" or not -(_U64 >> 1) <= value < _U64:
        return float(value)  # as serde_json does, so that it is refused where an integer must stand
    return value


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number out of range")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _metadata(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Pairs) or not all(isinstance(text, str) for _, text in value):
        raise HeaderError("__metadata__ is not an object of strings")
    return dict(value)


def _row(name: str, value: Any) -> Row:
    """A tensor's row from its object, or from the array [dtype, shape, data_offsets], which the library takes too."""
    if isinstance(value, Pairs):
        keys = [key for key, _ in value if key in ("dtype", "shape", "data_offsets")]
        if len(set(keys)) < 3:
            raise HeaderError(f"tensor {name} lacks dtype, shape or data_offsets")
        if len(keys) > 3:
            raise HeaderError(f"tensor {name} has a key twice")
        fields = dict(value)
        dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    elif isinstance(value, list) and len(value) == 3:
        dtype, shape, offsets = value
    else:
        raise HeaderError(f"tensor {name} is not described by an object")
    if isinstance(dtype, Pairs) and len(dtype) == 1 and dtype[0][1] is None:
        dtype = dtype[0][0]
    if not isinstance(dtype, str):
        raise HeaderError(f"the dtype of tensor {name} is not a string")
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2:
        raise HeaderError(f"shape or data_offsets of tensor {name} are not whole numbers")
    return dtype, tuple(shape), offsets[0], offsets[1]


def _sizes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and not isinstance(value, Pairs)
        and all(type(item) is int and item >= 0 for item in value)
    )
