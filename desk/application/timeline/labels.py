"""What is written at marks, and where: the whole as far as there is room, else initials, else nothing. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from desk.application.history import HistoryColumns
from desk.application.timeline.marks import Box, Mark
from desk.application.timeline.words import Words

_AWAY: Final = 12.0
_APART: Final = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is written at a mark, and where; ``leader``: a line leads to it from the mark."""

    mark: Mark
    text: str
    box: Box
    leader: bool = False


def initials(type_name: str) -> str:
    """The capitals of an event type, at most three: ``BookDetailsCorrected`` becomes ``BDC``."""
    capitals = "".join(letter for letter in type_name if letter.isupper())[:3]
    return capitals or type_name.lstrip("$")[:2].upper()


def name_of(mark: Mark, history: HistoryColumns) -> str:
    """The type of a mark's events, where they have one only; else nothing."""
    types = {history.types[index] for index in mark.members}
    return history.type_names[types.pop()] if len(types) == 1 else ""


class LabelRows:
    """Rows for texts at a line of marks: below it, above it, further below; or to the right of marks (``aside``)."""

    def __init__(self, left: float, right: float, words: Words, *, aside: bool = False) -> None:
        self._left, self._right, self._words, self._aside = left, right, words, aside
        self._ends = [0.0] * 3
        self.written: list[Label] = []

    def write(self, marks: Sequence[Mark], texts: Callable[[Mark], Sequence[str]]) -> None:
        """Write at each mark the first of its texts that has room there; the last one may lie close to others."""
        for mark, following in zip_longest(marks, marks[1:]):
            *longer, last = texts(mark) or ("",)
            end = following.x - following.half if following else self._right
            if self._aside:
                self._beside(mark, (*longer, last), end)
            elif mark.x + 4 * _APART >= end or not any(self._place(mark, text, 3) for text in longer if text):
                self._place(mark, last, 1)

    def _beside(self, mark: Mark, texts: Sequence[str], end: float) -> None:
        left = mark.x + mark.half + 3
        for text in texts:
            wide = self._words.width(text)
            if text and left + wide + 3 <= end:
                box = Box(left, mark.y - self._words.height / 2, wide + 1, self._words.height)
                self.written.append(Label(mark, text, box))
                return

    def _place(self, mark: Mark, text: str, rows: int) -> bool:
        wide, high = self._words.width(text), self._words.height
        left = min(max(mark.x - wide / 2, self._left + 2), self._right - wide - 2)
        free = next((row for row in range(rows) if self._ends[row] <= left), None)
        if free is None or not text:
            return False
        top = mark.y + (_AWAY, -_AWAY - high, _AWAY + high + 2)[free]
        self.written.append(Label(mark, text, Box(left, top, wide + 1, high), leader=free == 2))
        self._ends[free] = left + wide + _APART
        return True
