"""What is inside an adapter: for people as a sheet and a heat map, for programs as version 1 of its JSON."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any

from adapterlint.report import words
from adapterlint.report.heat import heat_map
from adapterlint.report.json import escaped
from adapterlint.report.screen import Screen, columns, pad
from adapterlint.report.table import COLORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adapterlint.model import Inspection, Module

VERSION = 1
MOST_BESIDE = 8
HEADINGS = ("module", "count", "parameters", "weakest", "median", "strongest", "zero", "eff. rank")
FIRST_TO_GO = (2, 3, 7, 6, 4)  # columns of the table that a narrow screen loses


def as_json(inspection: Inspection) -> str:
    """One indented JSON object in ASCII; docs/json.md describes it."""
    return json.dumps(escaped(document(inspection)), indent=2, allow_nan=False) + "\n"


def document(inspection: Inspection) -> dict[str, Any]:
    """The object that is written."""
    verdict = inspection.verdict
    return {
        "version": VERSION,
        "path": verdict.path,
        "verdict": {"status": str(verdict.status), "reason": verdict.reason, "rules": list(verdict.rules)},
        "type": inspection.type,
        "base": inspection.base,
        "flags": list(inspection.flags),
        "ranks": list(inspection.ranks),
        "scalings": list(inspection.scalings),
        "target_modules": list(inspection.targets),
        "files": list(inspection.files),
        "parameters": inspection.parameters,
        "bytes": inspection.bytes,
        "dtypes": dict(inspection.dtypes),
        "kinds": [of_kind(kind, modules) for kind, modules in by_kind(inspection).items()],
        "modules": [of_module(module) for module in inspection.modules],
        "beside": list(inspection.beside),
    }


def of_kind(kind: str, modules: Sequence[Module]) -> dict[str, Any]:
    """One row of the table; numbers are null where no module of the kind has them."""
    strengths = known(module.strength for module in modules)
    return {
        "kind": kind,
        "modules": len(modules),
        "parameters": sum(module.parameters for module in modules),
        "strength_min": min(strengths, default=None),
        "strength_median": median(strengths) if strengths else None,
        "strength_max": max(strengths, default=None),
        "zeros": mean(known(module.zeros for module in modules)),
        "effective_rank": mean(known(module.effective_rank for module in modules)),
    }


def of_module(module: Module) -> dict[str, Any]:
    """One module, all that is known of it."""
    names = ("module", "kind", "layer", "rank", "scaling", "parameters", "strength", "effective_rank", "zeros")
    return {name: getattr(module, name) for name in names}


def by_kind(inspection: Inspection) -> dict[str, list[Module]]:
    """The modules of each kind, in the order of the file."""
    kinds: dict[str, list[Module]] = {}
    for module in inspection.modules:
        kinds.setdefault(module.kind, []).append(module)
    return kinds


def known(values: Iterable[float | None]) -> list[float]:
    """Those that are numbers."""
    return [value for value in values if value is not None]


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def as_text(inspection: Inspection, *, color: bool, width: int, encoding: str) -> str:
    """The sheet: the verdict, what the adapter is, a table of its kinds of modules, a heat map of their strength."""
    screen = Screen(max(40, width), color, encoding)
    sections = [
        _head(inspection, screen),
        _facts(inspection, screen),
        _table(inspection, screen),
        heat_map(by_kind(inspection), screen),
        _beside(inspection, screen),
    ]
    return "\n".join("\n".join(section) + "\n" for section in sections if section)


def _head(inspection: Inspection, screen: Screen) -> list[str]:
    verdict = inspection.verdict
    status = screen.paint(str(verdict.status), *COLORS[verdict.status])
    lines = [f"{screen.paint(screen.plain(verdict.path), 'bold')}   {status}"]
    lines += [f"  {line}" for line in screen.wrap(verdict.reason, screen.width - 2)]
    if verdict.rules:
        lines.append("  " + screen.paint(" ".join(screen.plain(rule) for rule in verdict.rules), "cyan"))
    return lines


def _facts(inspection: Inspection, screen: Screen) -> list[str]:
    kind = " ".join([inspection.type or "unknown: no adapter_config.json", *inspection.flags])
    dtypes = ", ".join(
        f"{dtype} {share(number, inspection.parameters)}" if len(inspection.dtypes) > 1 else dtype
        for dtype, number in inspection.dtypes.items()
    )
    rows = [
        ("type", kind),
        ("base", inspection.base or "not named"),
        ("rank", spread(inspection.ranks)),
        ("scaling", spread(inspection.scalings)),
        ("targets", ", ".join(inspection.targets)),
        ("modules", f"{len(inspection.modules):,}"),
        ("parameters", f"{inspection.parameters:,} ({words.size(inspection.bytes)}) {dtypes}"),
    ]
    lines: list[str] = []
    for name, value in rows:
        if value:
            first, *rest = screen.wrap(value, screen.width - 12)
            lines.append(f"{screen.paint(pad(name, 12), 'dim')}{first}")
            lines += [" " * 12 + line for line in rest]
    return lines


def share(part: int, whole: int) -> str:
    """A percentage that is neither 0 nor 100 where there is something else."""
    percent = 100 * part / max(1, whole)
    return "under 1%" if 0 < percent < 1 else f"{min(percent, 99) if part < whole else percent:.0f}%"


def spread(values: Sequence[float]) -> str:
    """`16`, `8 and 16`, `4 to 64`; "" for nothing."""
    if len(values) > 2:
        return f"{values[0]:g} to {values[-1]:g}"
    return " and ".join(f"{value:g}" for value in values)


def _table(inspection: Inspection, screen: Screen) -> list[str]:
    """A row for each kind of module; columns of numbers only where some module has them."""
    kinds = by_kind(inspection)
    if not kinds:
        return []
    rows: list[tuple[str, ...]] = [HEADINGS]
    for kind, modules in kinds.items():
        row = of_kind(kind, modules)
        numbers = (row["strength_min"], row["strength_median"], row["strength_max"])
        rows.append(
            (
                screen.plain(kind), f"{len(modules):,}", f"{row['parameters']:,}", *map(figure, numbers),
                "" if row["zeros"] is None else f"{row['zeros']:.0%}", figure(row["effective_rank"]),
            )
        )  # fmt: skip
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows[1:])]
    widths = {at: max(columns(row[at]) for row in rows) for at in used}
    for least in FIRST_TO_GO:
        if least in used and sum(widths[at] + 2 for at in used[1:]) + min(widths[0], 24) > screen.width:
            used.remove(least)
    room = screen.width - sum(widths[at] + 2 for at in used[1:])
    lines = []
    for line in rows:
        name = line[0] if columns(line[0]) <= room or room < 12 else screen.ellipsis + line[0][-(room - 3) :]
        cells = [f"{line[at]:>{widths[at]}}" for at in used[1:]]
        lines.append("  ".join([pad(name, min(widths[0], max(12, room))), *cells]))
    lines[0] = screen.paint(lines[0], "dim")
    return lines


def figure(value: float | None) -> str:
    """Three figures; "" for None."""
    return "" if value is None else f"{value:.3g}"


def _beside(inspection: Inspection, screen: Screen) -> list[str]:
    """The tensors that belong to no module's update."""
    names = [screen.plain(name) for name in inspection.beside]
    if not names:
        return []
    lines = [screen.paint(words.count(len(names), "tensor beside the update", "tensors beside the update"), "dim")]
    lines += [f"  {name}" for name in names[:MOST_BESIDE]]
    return lines + ([f"  {screen.ellipsis} {len(names) - MOST_BESIDE:,} more"] if len(names) > MOST_BESIDE else [])
