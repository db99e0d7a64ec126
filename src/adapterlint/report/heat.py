"""A heat map in a terminal: a row for each kind of module, a column for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.report.screen import columns, pad

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapterlint.model import Module
    from adapterlint.report.screen import Screen

BLOCKS, LETTERS = "▁▂▃▄▅▆▇█", ".:-=+*#@"
ZERO, NOTHING = "0", " "
STYLES = ("dim", "dim", "cyan", "cyan", "green", "yellow", "yellow", "red")
MOST_ROWS = 40


def heat_map(kinds: Mapping[str, Sequence[Module]], screen: Screen) -> list[str]:
    """The strength of every module beside those of its kind and layer, as a share of the strongest of all.

    Several layers share a column where the screen is too narrow, and the strongest of them is shown. Nothing for an
    adapter of fewer than two layers, or without a strength.
    """
    strongest = max((it.strength for modules in kinds.values() for it in modules if it.strength is not None), default=0)
    layers = sorted({it.layer for modules in kinds.values() for it in modules if it.layer is not None})
    if strongest <= 0 or len(layers) < 2:
        return []
    rows = {kind: modules for kind, modules in kinds.items() if any(it.layer is not None for it in modules)}
    names = {kind: _short(screen.plain(kind), screen) for kind in list(rows)[:MOST_ROWS]}
    name_width = max(map(columns, names.values()))
    room = max(8, screen.width - name_width - 2)
    together = -(-len(layers) // room)
    column_of = {layer: at // together for at, layer in enumerate(layers)}
    marks = BLOCKS if screen.fits(BLOCKS) else LETTERS
    lines = [
        f"{pad(name, name_width)}  {_row(rows[kind], column_of, strongest, marks, screen)}"
        for kind, name in names.items()
    ]
    title = f"strength by layer, {layers[0]} to {layers[-1]}"
    title += f", {together} layers in a column" if together > 1 else ""
    scale = f"{marks[0]} to {marks[-1]}: up to {strongest:.3g}; {ZERO}: no update; blank: not adapted"
    more = [f"{screen.ellipsis} {len(rows) - MOST_ROWS:,} more kinds"] if len(rows) > MOST_ROWS else []
    return [screen.paint(title, "dim"), *lines, *more, screen.paint(scale, "dim")]


def _short(name: str, screen: Screen) -> str:
    limit = max(12, screen.width // 3)
    return name if columns(name) <= limit else screen.ellipsis + name[-(limit - len(screen.ellipsis)) :]


def _row(modules: Sequence[Module], column_of: Mapping[int, int], strongest: float, marks: str, screen: Screen) -> str:
    cells: dict[int, float] = {}
    for module in modules:
        if module.layer is not None and module.strength is not None:
            at = column_of[module.layer]
            cells[at] = max(cells.get(at, 0.0), module.strength)
    row = []
    for at in range(max(column_of.values()) + 1):
        if at not in cells:
            row.append(NOTHING)
        elif cells[at] == 0:
            row.append(screen.paint(ZERO, "magenta"))
        else:
            level = min(len(marks) - 1, int(cells[at] / strongest * len(marks)))
            row.append(screen.paint(marks[level], STYLES[level]))
    return "".join(row).rstrip()
