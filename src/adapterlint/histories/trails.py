"""Folders that a source writes adapters to and reads them from: what is trained, and what is loaded afterwards."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapterlint.histories.trainable import known, trainable
from adapterlint.knowledge.effects import EVALUATED, LOADED, OPTIMIZED, SAVED, TRAINED, USED, WRAPPED
from adapterlint.knowledge.models import PEFT_MODEL
from adapterlint.names.history import literal
from adapterlint.names.objects import Object, Text
from adapterlint.names.texts import HERE

if TYPE_CHECKING:
    from adapterlint.names import Names
    from adapterlint.names.acts import Act, Argument

# Files may go from one folder to another by these, and other programs may read them.
_MOVES = re.compile(
    r"(?m)\bshutil\.(?:copy|move)|\bcopy(?:tree|file|2)\b|\.rename\(|\bos\.(?:rename|replace|symlink|link|system)\b"
    r"|\b(?:snapshot|hf_hub)_download\b|\bextractall\b|\bunpack_archive\b|\bsubprocess\b"
    r"|^\s*[!%]{1,2}(?!\s*(?:pip|uv|conda|matplotlib|load_ext|autoreload|time|env)\b)\s*\w"
)
_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_PUSHES = re.compile(r"push_to_hub|save_to_hub|hub_model_id|upload_folder")
_MAKES = frozenset({"builtins.print", "os.makedirs", "os.mkdir"})
_WRITES = ("save_directory", "output_dir", "path", "f", "filename", "output_path")
_ALIKE = 0.8  # of the characters of a folder's name: output and outputs, v1 and v2


class Trail(NamedTuple):
    """A load, and the save of a trained adapter before it that it does not lead to. `named` is the adapter's name."""

    load: Act
    save: Act
    read: str
    written: str
    named: str = ""


def elsewhere(names: Names) -> Iterator[Trail]:
    """The loads, after an adapter is trained and saved, of another folder, where nothing reads the one saved to."""
    acts = names.acts()
    saves = [it for it in acts if it.kind == SAVED]
    if names.unfollowed or not saves or _MOVES.search(_text(names)):
        return
    trained = [(it, folder) for it in saves if (folder := _trained(it, names)) is not None]
    if not trained:
        return
    loads = [it for it in acts if it.kind in (WRAPPED, LOADED) and it.adapter]
    paths = {it: folder for it in loads if (folder := plain(literal(it.adapter))) is not None}
    written = _written(acts)
    for load in loads:
        before = [(save, folder) for save, folder in trained if names.history.always_before(save, load)]
        if not before:
            continue
        save, folder = before[-1]
        name = _name(save, names)
        if name is None:
            continue
        if name:
            if paths.get(load) == folder and not _others(folder, save, acts):
                yield Trail(load, save, folder, posixpath.join(folder, name), name)
            continue
        later = [it for it in loads if names.history.before(save, it) is not False]
        sure = written is not None and all(it in paths for it in later)
        if sure and trainable(load) is not True and _apart(load, paths[load], [it for _, it in trained], names):
            mine = {it for it, _ in trained}
            if any(related(paths[load], it) for it in written or ()) or _read(acts, mine, [it for _, it in trained]):
                continue
            if not _used(save, names):
                yield Trail(load, save, paths[load], folder)


def _text(names: Names) -> str:
    return "\n".join(cell.text for source, _ in names.files() for cell in source.cells)


def plain(path: str | None) -> str | None:
    """The path without what makes no difference; None where it hangs on the machine."""
    if not path or HERE in path:
        return None
    return posixpath.normpath(path.replace("\\", "/"))


def _given(act: Act) -> Argument | None:
    return next((it for it in act.arguments if it.name in _WRITES), None)


def _trained(act: Act, names: Names) -> str | None:
    """The folder that a trained adapter is saved to, where that is known."""
    models = [it for it in act.subject if isinstance(it, Object)]
    given = _given(act)
    if len(models) != 1 or not models[0].is_a(PEFT_MODEL) or given is None:
        return None
    learns = names.history.events(models[0], TRAINED, OPTIMIZED)
    if not any(names.history.before(it, act) for it in learns):
        return None
    return plain(literal(given.values))


def _name(save: Act, names: Names) -> str | None:
    """The adapter's own name, which its files go below; "" for the default, None where it is not known."""
    model = next(it for it in save.subject if isinstance(it, Object))
    made = [model.made, *(it.act for it in names.history.events(model, LOADED))]
    found = set()
    for act in made:
        given = act.argument("adapter_name") if act is not None else None
        found.add(literal(given.values) if given is not None else "default")
    if len(found) != 1 or save.argument("selected_adapters") is not None:
        return None if None in found or "default" not in found else ""
    name = found.pop()
    return "" if name == "default" else name


def _others(folder: str, save: Act, acts: list[Act]) -> bool:
    """Whether anything else writes to the folder."""
    for it in acts:
        given = _given(it)
        if it is not save and it.site != save.site and given is not None:
            path = plain(literal(given.values))
            if path is None or path == folder:
                return it.kind == SAVED or path == folder
    return False


def _written(acts: list[Act]) -> list[str] | None:
    """The folders that the source writes to; None where one of them is not known."""
    found = []
    for it in acts:
        if it.kind == SAVED:
            found += [path for each in it.arguments if (path := plain(literal(each.values))) is not None]
        given = _given(it)
        if given is not None and (it.kind == SAVED or given.name == "output_dir"):
            path = plain(literal(given.values))
            if path is None:
                return None
            found.append(path)
    return found


def related(one: str, other: str) -> bool:
    """Whether the paths are one, or one is inside the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _read(acts: list[Act], saves: set[Act], folders: list[str]) -> bool:
    """Whether any call but the saves is given one of the folders, or a path below it."""
    for act in acts:
        if act in saves or act.call in _MAKES or act.kind == SAVED:
            continue
        for value in (value for it in act.arguments for value in it.values):
            path = plain(value.value) if isinstance(value, Text) else None
            if path is not None and any(related(path, it) and path != "." for it in folders):
                return True
    return False


def _apart(load: Act, path: str, folders: list[str], names: Names) -> bool:
    """Whether the path is a folder of the same project and the load is around the same base model."""
    near = any(_alike(path, it) for it in folders)
    if _HUB.fullmatch(path) and not names.folders(load.adapter) and (not near or _PUSHES.search(_text(names))):
        return False
    bases = {base for it in load.subject if isinstance(it, Object) for base in origins(it, names)}
    trained = {base for it in names.acts(SAVED) for value in it.subject if isinstance(value, Object)
               and value.is_a(PEFT_MODEL) for base in origins(value, names)}  # fmt: skip
    return near if not bases or not trained else bases == trained


def origins(value: Object, names: Names) -> set[str | None]:
    """What the model and those it shares its weights with were made from, as written."""
    made = [it.made for it in names.history.family(value) if it.made is not None and it.made.base]
    return {literal(it.base) for it in made}


def _alike(one: str, other: str) -> bool:
    """Whether the paths differ in one part only, by little or at the end."""
    mine, theirs = one.split("/"), other.split("/")
    differ = [(a, b) for a, b in zip(mine, theirs, strict=False) if a != b]
    if len(mine) != len(theirs) or len(differ) != 1 or len(mine) < 2:
        return False
    from difflib import SequenceMatcher

    return differ[0][0] != mine[0] or SequenceMatcher(None, *differ[0]).ratio() >= _ALIKE


def _used(save: Act, names: Names) -> bool:
    """Whether the model that is saved is itself run afterwards, or handed to what is not seen."""
    for value in (it for it in save.subject if isinstance(it, Object)):
        for it in names.history.events(value):
            late = names.history.before(save, it) is not False
            if late and (
                it.kind in (USED, EVALUATED, TRAINED) or (it.kind == "passed" and not known(it.detail, names))
            ):
                return True
    return False
