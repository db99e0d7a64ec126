"""Settings: defaults < the nearest settings file < flags. Unknown keys and bad values are one clear sentence."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from adapterlint.errors import SettingsError, UsageError
from adapterlint.globs import compile_glob
from adapterlint.model import Severity

FILE_NAME = "adapterlint.toml"
FORMATS = ("text", "json", "sarif", "github")
FIX_STYLES = ("auto", "wrap", "native")
LEVELS = tuple(str(level) for level in Severity)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told beside its paths.

    `select` and `ignore` hold rule ids and family names (`select=None`: every rule). `versions` is `--target`:
    package to version or range. `base_model` is `--base`. `per_path_ignores` pairs a glob with the ids and families
    that are silent there. `rules` are folders of the user's own rules. `jobs` 0 means as many as there are cores.
    Globs and folders of a settings file start at `base`, its folder.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    level: Severity = Severity.warning
    versions: Mapping[str, str] = field(default_factory=dict)
    base_model: str | None = None
    fix_style: str = "auto"
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    jobs: int = 0
    output_format: str = "text"
    base: str = field(default_factory=lambda: str(Path.cwd()))
    file: str | None = None


def nearest(word: str, known: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """`did you mean X?` for the known word closest to `word`, or ""."""
    import difflib

    word, names = word.lower().replace("_", "-"), list(known)
    begun = [name for name in names if word and name.startswith(word)]
    close = begun or difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else ""


_PAIR = re.compile(r"\s*([A-Za-z0-9][\w.-]*?)\s*(?:==?|(?=[<>!~]))\s*([^\s=].*?)\s*", re.DOTALL)


def versions_of(pairs: list[str]) -> dict[str, str]:
    """`PKG=VERSION` and `PKG=RANGE` texts as package to version or range, names normalised as packaging does.

    A range is bounds as PEP 440 writes them (">=0.17,<0.19", "0.17.*", "~=0.17") and means each version in it.
    UsageError names the bad one.
    """
    versions = {}
    for pair in pairs:
        found = _PAIR.fullmatch(pair)
        wanted = _version(found[2]) if found else None
        if found is None or wanted is None:
            example = "for example sentence-transformers=5.4.0, or 'peft=>=0.17,<0.19' for each version of a range"
            raise UsageError(f"{pair!r} is not PKG=VERSION", example)
        versions[re.sub(r"[-_.]+", "-", found[1]).lower()] = wanted
    return versions


def _version(text: str) -> str | None:
    """A version as it is written, or the bounds of a range; None for neither, or for a range without a version."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    bounds = text if text[:1] in "<>=!~" else f"=={text}"
    try:
        spec = SpecifierSet(bounds)
        if text == bounds or text.endswith(".*"):
            low = [Version(it.version) for it in spec if it.operator in (">=", ">", "~=")]
            high = [Version(it.version) for it in spec if it.operator in ("<=", "<")]
            return None if low and high and max(low) > min(high) else bounds
        Version(text)
    except (InvalidSpecifier, InvalidVersion):
        return None
    return text


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError('a list of texts, such as ["a", "b"]')
    return tuple(value)


def _one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise ValueError("one of " + ", ".join(known))
        return str(value)

    return read


def _level(value: Any) -> Severity:
    return Severity[_one_of(LEVELS)(value)]


def _versions(value: Any) -> dict[str, str]:
    wanted = ValueError('a table of package versions, such as {sentence-transformers = "5.4.0", peft = ">=0.17,<0.19"}')
    if isinstance(value, dict) and all(isinstance(version, str) for version in value.values()):
        value = [f"{name}={version}" for name, version in value.items()]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wanted
    try:
        return versions_of(value)
    except UsageError:
        raise wanted from None


def _per_path(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError('a table of globs, such as {"tests/**" = ["inert-adapter"]}')
    pairs = tuple((glob, _words(ids)) for glob, ids in value.items())
    for glob, _ in pairs:
        compile_glob(glob)
    return pairs


def _globs(value: Any) -> tuple[str, ...]:
    globs = _words(value)
    for glob in globs:
        compile_glob(glob)
    return globs


def _jobs(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a number, 0 for as many as there are cores")
    return value


# key of a settings file: (field of Settings, reader; the reader's ValueError says what would be right)
_KEYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "select": ("select", _words),
    "ignore": ("ignore", _words),
    "level": ("level", _level),
    "target": ("versions", _versions),
    "fix-style": ("fix_style", _one_of(FIX_STYLES)),
    "per-path-ignores": ("per_path_ignores", _per_path),
    "exclude": ("exclude", _globs),
    "rules": ("rules", _words),
    "jobs": ("jobs", _jobs),
    "output-format": ("output_format", _one_of(FORMATS)),
}


def _parse(file: str, data: bytes) -> dict[str, Any]:
    # tomllib is not in Python 3.10, tomli not installed elsewhere
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        table: dict[str, Any] = toml.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from None
    return table


def _from_file(file: str, data: bytes) -> Settings:
    table: Any = _parse(file, data)
    where = file
    if not file.replace("\\", "/").endswith("/" + FILE_NAME) and file != FILE_NAME:
        tool = table.get("tool")
        own = tool.get("adapterlint") if isinstance(tool, dict) else None
        if own is not None or Path(file).name == "pyproject.toml":
            table, where = own or {}, f"{file}, [tool.adapterlint]"
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must be a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise SettingsError(f"{where} has no setting {key!r}", nearest(key, list(_KEYS)))
        name, read = _KEYS[key]
        try:
            values[name] = read(value)
        except ValueError as error:
            raise SettingsError(f"{where}: {key} must be {error}, not {value!r}") from None
    base = os.path.dirname(os.path.abspath(file))  # noqa: PTH100, PTH120  Path does not take `..` away
    values["rules"] = tuple(str(Path(base) / folder) for folder in values.get("rules", ()))
    return Settings(**values, base=base, file=file)


def _read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from None


def _nearest_file() -> tuple[str, bytes] | None:
    """The settings file that governs the current directory: its own or the nearest above, up to the git root."""
    folder, up = str(Path.cwd()), ""
    while True:
        data = _read(up + FILE_NAME)
        if data is not None:
            return up + FILE_NAME, data
        data = _read(up + "pyproject.toml")
        # a byte search first: most projects do not configure adapterlint, and a TOML parser is slow to import
        if data is not None and b"adapterlint" in data and b"tool" in data and _has_table(up + "pyproject.toml", data):
            return up + "pyproject.toml", data
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder or os.path.exists(up + ".git"):  # noqa: PTH110
            return None
        folder, up = parent, up + "../"


def _has_table(file: str, data: bytes) -> bool:
    if b"[tool.adapterlint" in data:
        return True
    tool = _parse(file, data).get("tool")
    return isinstance(tool, dict) and "adapterlint" in tool


def load(config: str | None = None, *, isolated: bool = False, **flags: Any) -> Settings:
    """The settings of this run: defaults, then a file, then `flags` (fields of Settings; None means not given).

    `config` names the file instead of looking for it; `isolated` reads none. `ignore` and `versions` add to the
    file's, all else replaces it. Raises SettingsError or UsageError with one sentence.
    """
    settings = Settings()
    if config is not None:
        data = _read(config)
        if data is None:
            raise UsageError(f"settings file {config} does not exist")
        settings = _from_file(config, data)
    elif not isolated and (found := _nearest_file()) is not None:
        settings = _from_file(*found)
    given = {name: value for name, value in flags.items() if value is not None}
    if "ignore" in given:
        given["ignore"] = (*settings.ignore, *given["ignore"])
    if "versions" in given:
        given["versions"] = {**settings.versions, **given["versions"]}
    return replace(settings, **given)
