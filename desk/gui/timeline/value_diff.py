"""How two values of a field differ: words, entries of a list, a number of so much more, a date so much later."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from difflib import SequenceMatcher
from typing import Any

from desk.application.command_events import ChangeKind
from desk.gui.timeline.fields import Cell, Chip
from desk.gui.timeline.worddiff import Piece, Pieces, compare_texts
from desk.gui.widgets.axis.wording import duration
from desk.gui.widgets.field_words import plain

Says = Callable[[Any], str]


def compared_cells(before: Any, after: Any, says: Says = plain) -> tuple[Cell, Cell]:
    """Two values, each with what the other has not; ``says`` gives a value, or an entry of a list, as text."""
    if is_list(before) and is_list(after):
        return _compared_lists(before, after, says)
    old, new = says(before), says(after)
    left: Pieces
    right: Pieces
    distance = _distance(before, after)
    if distance:  # which digits differ tells nobody anything
        left, right = (Piece(old, True),), (Piece(new, True), Piece(distance, False))
    else:
        left, right = compare_texts(old, new)
    return Cell(old, left, ChangeKind.REMOVED), Cell(new, right, ChangeKind.ADDED)


def cell_of(value: Any, says: Says = plain) -> Cell:
    """One value that is compared with nothing."""
    if not is_list(value):
        return Cell(says(value))
    return Cell(says(value), chips=tuple(Chip(says(entry)) for entry in value))


def is_list(value: Any) -> bool:
    """Whether it is a list of texts, and has some."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(entry, str) for entry in value)


def _compared_lists(before: Sequence[str], after: Sequence[str], says: Says) -> tuple[Cell, Cell]:
    """Entries by what they say: gone, added, or at another place among those that stay."""
    gone, came = set(before) - set(after), set(after) - set(before)
    stays = [entry for entry in before if entry not in gone], [entry for entry in after if entry not in came]
    blocks = SequenceMatcher(None, *stays, autojunk=False).get_matching_blocks()
    still = {entry for block in blocks for entry in stays[0][block.a : block.a + block.size]}
    left = tuple(Chip(says(entry), "−" if entry in gone else "") for entry in before)
    right = tuple(Chip(says(entry), _sign(entry, came, still)) for entry in after)
    return _list_cell(left, ChangeKind.REMOVED), _list_cell(right, ChangeKind.ADDED)


def _sign(entry: str, came: set[str], still: set[str]) -> str:
    if entry in came:
        return "+"
    return "" if entry in still else "↕"


def _list_cell(chips: tuple[Chip, ...], kind: ChangeKind) -> Cell:
    return Cell("; ".join(chip.words for chip in chips), kind=kind, chips=chips)


def _distance(before: Any, after: Any) -> str:
    """How far it is between two numbers, or two times, which are long: on a line of its own; else nothing."""
    if all(isinstance(value, int) and not isinstance(value, bool) for value in (before, after)):
        return f" ({after - before:+,})".replace("-", "−")
    times = [*_times(before), *_times(after)]
    if len(times) < 2 or times[0] == times[1]:
        return ""
    seconds = (times[1] - times[0]).total_seconds()
    return ("\n+" if seconds > 0 else "\n−") + duration(abs(seconds))


def _times(value: Any) -> Iterator[datetime]:
    """The time that a text in ISO 8601 gives, if it is one."""
    if isinstance(value, str) and value[4:5] == "-":
        try:
            if len(value) == len("2026-11-15"):
                yield datetime.combine(date.fromisoformat(value), time(), UTC)
            elif value[10:11] == "T":
                found = datetime.fromisoformat(value)
                yield found if found.tzinfo else found.replace(tzinfo=UTC)
        except ValueError:
            return
