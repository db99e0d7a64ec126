"""The tokens that a tokenizer beside an adapter adds to its vocabulary, from whichever of its files has them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

FILES = ("added_tokens.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json")
_MAX_BYTES = 4_000_000
_HEAD = 1_000_000  # of tokenizer.json: the added tokens stand before the vocabulary


class Tokenizer:
    """The tokenizer in a folder. `files` are the names of its files, in the order they are looked at."""

    def __init__(self, folder: str, files: Sequence[str]) -> None:
        self.folder = folder
        self.files = tuple(files)

    @cached_property
    def added(self) -> dict[str, int]:
        """Token -> id of every added token; none where the files cannot be read.

        Tokens that only pad are left out: nothing attends to them, so that their row does not count.
        """
        read = {name: _read(Path(self.folder) / name) for name in FILES[:-1]}
        found = dict(_tokens(read))
        if not found:
            found = dict(_listed(_added_list(Path(self.folder) / FILES[-1])))
        padding = {_text(read.get(name, {}).get("pad_token")) for name in FILES[1:3]}
        return {text: number for text, number in found.items() if text not in padding and not _pads(text)}


def tokenizer(folder: str) -> Tokenizer | None:
    """The tokenizer in the folder; None if it has no file of one that is asked for added tokens."""
    files = [name for name in FILES if os.access(f"{folder}/{name}", os.R_OK)]
    return Tokenizer(folder, files) if files else None


def _pads(text: str) -> bool:
    return text.strip("<>[]|_ ").lower() in ("pad", "padding")


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES or not path.is_file():
            return {}
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _tokens(read: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, int]]:
    for text, number in read.get("added_tokens.json", {}).items():
        if isinstance(number, int):
            yield text, number
    decoder = read.get("tokenizer_config.json", {}).get("added_tokens_decoder")
    for key, token in decoder.items() if isinstance(decoder, dict) else ():
        content = _text(token)
        if content is not None and key.isdecimal() and len(key) < 10:
            yield content, int(key)


def _text(token: object) -> str | None:
    """A token as tokenizers write it: a string, or an object with its content."""
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else None


def _added_list(path: Path) -> object:
    """`added_tokens` of a tokenizer.json, without reading the vocabulary behind it."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "ignore")
        at = head.index('"added_tokens"')
        return json.JSONDecoder().raw_decode(head, head.index("[", at))[0]
    except (OSError, ValueError, RecursionError):
        return None


def _listed(tokens: object) -> Iterator[tuple[str, int]]:
    for token in tokens if isinstance(tokens, list) else ():
        text = _text(token)
        number = token.get("id") if isinstance(token, dict) else None
        if text is not None and isinstance(number, int):
            yield text, number
