"""Which version of a package the code of a source will run on, as far as its surroundings say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.artifacts.declared import declarations, folder_groups, normal

if TYPE_CHECKING:
    from packaging.specifiers import Specifier, SpecifierSet
    from packaging.version import Version

    from adapterlint.artifacts.declared import Declared
    from adapterlint.artifacts.source import PipLine


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is known of the version of `package`: one of `specs`, each a set of bounds that hold together.

    More than one where a file names it per platform or extra; every answer must then hold for all. `origin` says where
    it is from: "--target sentence-transformers=5.4", "requirements.txt line 3: sentence-transformers==5.1.0",
    "cell 2, line 1: …", "installed", or "unknown".
    """

    package: str
    specs: tuple[SpecifierSet, ...] = ()
    origin: str = "unknown"

    @property
    def known(self) -> bool:
        """Whether anything bounds the version at all."""
        return bool(self.specs) and all(map(len, self.specs))

    @property
    def spec(self) -> str:
        """The bounds as text: "==5.1.0", ">=3,<4 or >=5", "" where there are none."""
        return " or ".join(str(spec) for spec in self.specs)

    @property
    def exact(self) -> str:
        """The one version it can be, "" where that is not said."""
        pins = [pin for spec in self.specs for pin in spec if pin.operator in ("==", "===")]
        only = {pin.version for pin in pins}
        pinned = self.known and len(only) == 1 and len(pins) == len(self.specs)
        return only.pop() if pinned and not pins[0].version.endswith("*") else ""

    def always_at_least(self, version: str) -> bool:
        """Whether every version it can be is `version` or later."""
        from packaging.version import Version

        floor = Version(version)
        return self.known and all(any(_at_least(one, floor) for one in spec) for spec in self.specs)

    def always_below(self, version: str) -> bool:
        """Whether every version it can be is older than `version`."""
        from packaging.version import Version

        ceiling = Version(version)
        return self.known and all(any(_below(one, ceiling) for one in spec) for spec in self.specs)


def version_of(
    package: str,
    source_path: str,
    pip_lines: Sequence[PipLine] = (),
    versions: Mapping[str, str] | None = None,
    kernel: bool = False,
) -> Requirement:
    """The version of `package` the source will run on. The first that bounds it counts, in this order:

    `versions` (--target); the notebook's own `pip_lines`, the last first; lock, requirements and project files that
    name the package, in the source's folder and above, up to a repository's top; with `kernel` the installed one.
    """
    package = normal(package)
    mention = Requirement(package)
    for declared in _in_order(package, source_path, pip_lines, versions or {}, kernel):
        found = Requirement(package, tuple(declared.specs), declared.origin)
        if found.known:
            return found
        if found.specs and not mention.specs:
            mention = found
    return mention


def targeted(package: str, versions: Mapping[str, str]) -> Requirement:
    """What `versions` (--target) alone says of `package`: a version, or bounds that hold for every version meant."""
    said = next(_of_targets(normal(package), versions), None)
    return Requirement(normal(package)) if said is None else Requirement(said.package, tuple(said.specs), said.origin)


@dataclass(slots=True)
class _Said:
    package: str
    origin: str
    specs: list[SpecifierSet] = field(default_factory=list)


def _in_order(
    package: str, source_path: str, pip_lines: Sequence[PipLine], versions: Mapping[str, str], kernel: bool
) -> Iterator[_Said]:
    yield from _of_targets(package, versions)
    for line in reversed(pip_lines):
        said = _said(f"cell {line.cell}, line {line.line}: {line.requirement}", [line.requirement], package)
        if said.specs:
            yield said
    yield from _from_files(package, Path(os.path.abspath(source_path)).parent)  # noqa: PTH100 - links are kept
    if kernel:
        from importlib.metadata import PackageNotFoundError, version

        try:
            installed = version(package)
        except PackageNotFoundError:
            return
        yield _said(f"installed: {package} {installed}", [f"{package}=={installed}"], package)


def _of_targets(package: str, versions: Mapping[str, str]) -> Iterator[_Said]:
    for name, wanted in versions.items():
        if normal(name) == package:
            text = wanted if wanted[:1] in ("<", ">", "=", "!", "~") else f"=={wanted}"
            yield _said(f"--target {name}={wanted}", [f"{package}{text}"], package)


def _from_files(package: str, folder: Path) -> Iterator[_Said]:
    for place in (folder, *folder.parents):
        for group in folder_groups(place):
            found = [(path, declared) for path in group for declared in _declared(path, package)]
            if found:
                path, first = found[0]
                origin = f"{_shown(path)} line {first.line}: {first.text}"
                yield _said(origin, [declared.requirement for _, declared in found], package)
        if (place / ".git").exists():
            return


def _declared(path: Path, package: str) -> tuple[Declared, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return _declared_once(path, status.st_mtime_ns, status.st_size, package)


@lru_cache(maxsize=256)
def _declared_once(path: Path, modified: int, size: int, package: str) -> tuple[Declared, ...]:
    # A file that cannot be read or understood says nothing: it is not what is being inspected.
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError):
        return ()
    return declarations(path.name, text, package)


def _said(origin: str, requirements: Iterable[str], package: str) -> _Said:
    """The bounds among `requirements` on the package; what is no requirement of it is passed over."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    said = _Said(package, origin)
    for requirement in requirements:
        try:
            parsed = Parsed(requirement)
        except InvalidRequirement:
            continue
        if normal(parsed.name) == package:
            said.specs.append(parsed.specifier)
    return said


def _shown(path: Path) -> str:
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _at_least(one: Specifier, floor: Version) -> bool:
    bound, _ = _bounds(one)
    return bound is not None and bound >= floor


def _below(one: Specifier, ceiling: Version) -> bool:
    _, bound = _bounds(one)
    if bound is None:
        return False
    included = one.operator in ("<=", "==", "===") and not one.version.endswith(".*")
    return bound < ceiling if included else bound <= ceiling


def _bounds(one: Specifier) -> tuple[Version | None, Version | None]:
    """The lowest version a specifier allows, and the highest or the first it no longer allows; None: unbounded."""
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(one.version.removesuffix(".*"))
    except InvalidVersion:  # `===` takes any text
        return None, None
    if one.operator in ("==", "==="):
        return version, _next_release(version.release) if one.version.endswith(".*") else version
    if one.operator == "~=":
        return version, _next_release(version.release[:-1])
    if one.operator in (">=", ">"):
        return version, None
    return (None, version) if one.operator in ("<", "<=") else (None, None)


def _next_release(release: tuple[int, ...]) -> Version:
    from packaging.version import Version

    return Version(".".join(map(str, (*release[:-1], release[-1] + 1))))
