"""Lines of source with the span underlined, aligned in terminal columns (tabs, East Asian wide characters, escapes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapterlint.report.screen import TAB, char_columns, columns, neutral

if TYPE_CHECKING:
    from adapterlint.model import Place
    from adapterlint.report.screen import Screen

# A minified config or a notebook cell can be one line of megabytes: only what is near the span is laid out.
NEAR = 400

Cells = list[tuple[str, int]]  # what is written for each character of a line, and how many columns it takes


def draw(place: Place, screen: Screen, indent: str, *styles: str) -> list[str]:
    """The excerpt of `place` with line numbers, `~~~` under the span on its last line and the note behind it.

    Lines keep their relative indentation and lose what they share; what is too long is cut around the span.
    """
    lines = [line.removesuffix("\r") for line in place.excerpt.removesuffix("\n").split("\n")]
    first = None if place.line is None else place.line - len(lines) + 1
    digits = 0 if place.line is None else len(str(place.line))
    room = max(20, screen.width - len(indent) - digits - 3)
    starts = [min(len(line), max(0, (place.column or 1) - 1 - NEAR)) for line in lines]
    rows = [cells(line[start : start + 2 * NEAR], screen) for line, start in zip(lines, starts, strict=True)]
    shared = min((blank(row) for row in rows if blank(row) < len(row)), default=0)
    begin, end = underlined(place, rows[-1], starts[-1])
    begin, end = max(0, begin - shared), max(1, end - shared)
    left = 0 if end <= room - columns(screen.ellipsis) else max(0, begin - room // 4)
    drawn = []
    for row_index, row in enumerate(rows):
        label = "" if first is None else str(first + row_index).rjust(digits)
        text = cut(row[shared:], left, room, screen, before=starts[row_index] > 0)
        drawn.append(f"{indent}{screen.paint(label, 'dim')} {screen.paint(screen.bar, 'dim')} {text}".rstrip())
    gutter = f"{indent}{' ' * digits} {screen.paint(screen.bar, 'dim')} "
    if place.column is not None:
        return drawn + [gutter + text for text in tildes(place.note, begin - left, end - left, room, screen, styles)]
    return drawn + [gutter + text for text in (screen.wrap(place.note, room) if place.note else [])]


def cells(line: str, screen: Screen) -> Cells:
    """What the screen writes for each character of `line`; a tab is spaces up to the next stop."""
    row: Cells = []
    column = 0
    for char in line:
        text = " " * (TAB - column % TAB) if char == "\t" else screen.encodable(neutral(char))
        wide = char_columns(text) if len(text) == 1 else len(text)
        row += [(" ", 1)] * wide if char == "\t" else [(text, wide)]
        column += wide
    return row


def blank(row: Cells) -> int:
    """How many cells the row is indented by; all of them for an empty row."""
    return next((index for index, (text, _) in enumerate(row) if text != " "), len(row))


def underlined(place: Place, row: Cells, start: int) -> tuple[int, int]:
    """First and last-but-one column of the span in `row`, whose first character is number `start` of its line."""
    lines = place.excerpt.removesuffix("\n").split("\n")
    line = lines[-1].removesuffix("\r")[start : start + 2 * NEAR]
    first = max(0, min((place.column or 1) - 1 - start, len(line)))
    length = 1 if place.span is None else max(1, place.span.end - place.span.start)
    return shown_columns(line[:first], row), shown_columns(line[: first + length], row)


def shown_columns(head: str, row: Cells) -> int:
    """Columns taken by `head`, the beginning of the line that `row` shows."""
    taken = index = 0
    for char in head:
        step = TAB - taken % TAB if char == "\t" else 1
        taken += sum(wide for _, wide in row[index : index + step])
        index += step
    return taken


def cut(row: Cells, left: int, room: int, screen: Screen, *, before: bool) -> str:
    """Columns `left` to `left + room` of the row; an ellipsis stands for what is cut off on either side."""
    dots = screen.ellipsis
    text, at = "", 0
    for shown, wide in row:
        if at >= left and at + wide <= left + room:
            text += shown
        elif at < left < at + wide:
            text += " " * (at + wide - left)
        at += wide
    if at > left + room:
        text = trimmed(text, room - columns(dots)) + dots
    return dots + text[len(dots) :] if (left or before) and text else text


def trimmed(text: str, room: int) -> str:
    """The beginning of `text` that takes at most `room` columns."""
    while columns(text) > room:
        text = text[:-1]
    return text


def tildes(note: str, begin: int, end: int, room: int, screen: Screen, styles: tuple[str, ...]) -> list[str]:
    """The line of `~~~` from column `begin` to `end`, the note behind it or, where it does not fit, below it."""
    end = max(begin + 1, min(end, room))
    line = " " * begin + screen.paint("~" * (end - begin), *styles)
    if not note:
        return [line]
    if end + 1 + columns(screen.plain(note)) <= room:
        return [f"{line} {screen.paint(screen.plain(note), *styles)}"]
    offset = begin if room - begin >= 40 else 0
    return [line, *(" " * offset + screen.paint(text, *styles) for text in screen.wrap(note, room - offset))]
