"""What is written at marks, and where: the whole as far as there is room, else its last word, else nothing. No Qt."""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from math import inf
from typing import Final

from desk.application.command_events import EVENT_NAMED
from desk.application.history import HistoryColumns
from desk.application.spelling import spelled_out
from desk.application.timeline.marks import Box, Mark
from desk.application.timeline.words import Words
from desk.records import dataclass

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_A-Za-z]+|[Vv]\d+")
_VERSION: Final = re.compile(r"[Vv]\d*")
_AWAY: Final = 12.0
_APART: Final = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is written at a mark, and where; ``leader``: a line leads to it from the mark."""

    mark: Mark
    text: str
    box: Box
    leader: bool = False


def last_word(type_name: str) -> str:
    """What happened, without what it happened to: of ``BookDetailsCorrected`` and ``details-corrected.v2`` the same."""
    words = [word for word in _WORD.findall(type_name) if not _VERSION.fullmatch(word)]
    return words[-1].capitalize() if words else type_name


def words_of(type_name: str) -> str:
    """What happened: the application's own events in words, others by their names."""
    return spelled_out(type_name) if type_name in EVENT_NAMED else type_name


def name_of(mark: Mark, history: HistoryColumns) -> str:
    """The type of a mark's events, where they have one only; else nothing."""
    types = {history.types[index] for index in mark.members}
    return history.type_names[types.pop()] if len(types) == 1 else ""


def _said_of(mark: Mark, history: HistoryColumns) -> tuple[str, str]:
    """The type that is written at a mark, and what stands before it: what was done just now is said in words, though
    it stands for a crowd."""
    name = name_of(mark, history)
    if not name and mark.last == len(history) - 1:
        return history.type_names[history.types[mark.last]], "… "
    return name, ""


@dataclass(frozen=True, slots=True)
class Wording:
    """What may be written at a mark, the longest first: a sentence where ``say`` knows one, else what happened, else
    its last word; of the types in ``short`` the last word only.
    """

    history: HistoryColumns
    say: Callable[[int], str] | None
    short: frozenset[str] = frozenset()

    def texts(self, mark: Mark) -> Sequence[str]:
        """Nothing where a crowd has several types."""
        name, before = _said_of(mark, self.history)
        if not name:
            return ()
        sentence = self.say(mark.first) if self.say is not None and mark.count == 1 else ""
        longer = sentence or ("" if name in self.short else before + words_of(name))
        return tuple(filter(None, (longer, before + last_word(name))))


def mixed_in(labels: Sequence[Label], history: HistoryColumns) -> frozenset[str]:
    """The types that are called so here and otherwise there: one word is enough for one thing."""
    said: dict[str, set[bool]] = {}
    for label in labels:
        name, before = _said_of(label.mark, history)
        if label.text in (words := (before + words_of(name), before + last_word(name))):
            said.setdefault(name, set()).add(label.text == words[1])
    return frozenset(name for name, short in said.items() if len(short) > 1)


class LabelRows:
    """Rows for texts at a line of marks: below it, above it, further below; or to the right of marks (``aside``).

    They lie within ``area``, none at the line ``free``, if there is one, and those aside upon nothing ``taken``; they
    are to the left of marks that have no room at the right.
    """

    def __init__(
        self, area: Box, words: Words, *, aside: bool = False, free: float | None = None, taken: Sequence[Box] = ()
    ) -> None:
        self._area, self._words, self._aside, self._free_at, self._taken = area, words, aside, free, taken
        self._ends, self._starts = [0.0] * 3, [inf] * 3
        """From where to where each row is free."""
        self.written: list[Label] = []

    def write(self, marks: Sequence[Mark], texts: Callable[[Mark], Sequence[str]], *, newest: bool = False) -> None:
        """Write at each mark the first of its texts that has room there; the last one may lie close to others.

        ``newest``: at the last mark stands what was done just now; the others leave room for that.
        """
        kept = self._row_for(marks[-1], (texts(marks[-1]) or ("",))[-1], 2) if newest and not self._aside else None
        if kept is not None:
            self._starts[kept[0]] = kept[1].left - _APART
        for mark, following in zip_longest(marks, marks[1:]):
            if following is None:
                self._starts = [inf] * 3
            *longer, last = texts(mark) or ("",)
            end = following.x - following.half if following else self._area.right
            if self._aside:
                if not self._beside(mark, (*longer, last), end, 1):
                    self._beside(mark, (*longer, last), end, -1)
                self._ends[0] = max([mark.x + mark.half, *(label.box.right for label in self.written[-1:])])
            elif mark.x + 4 * _APART >= end or not any(self._place(mark, text, 3) for text in longer if text):
                self._place(mark, last, 2)

    def _beside(self, mark: Mark, texts: Sequence[str], end: float, side: int) -> bool:
        """Write the first that has room to the right (``side`` 1) or left (-1) of a mark; whether one had."""
        for text in filter(None, texts):
            wide, high = self._words.width(text) + 1, self._words.height
            left = mark.x + mark.half + 3 if side > 0 else mark.x - mark.half - 3 - wide
            box = Box(left, mark.y - high / 2, wide, high)
            if max(self._ends[0], self._area.left) + 3 <= left and box.right + 2 <= end and self._is_free(box):
                self.written.append(Label(mark, text, box))
                return True
        return False

    def _is_free(self, box: Box) -> bool:
        return not self._is_crossed(box) and not any(box.overlaps(other) for other in self._taken)

    def _is_crossed(self, box: Box) -> bool:
        return self._free_at is not None and box.left - 2 < self._free_at < box.right + 2

    def _place(self, mark: Mark, text: str, rows: int) -> bool:
        found = self._row_for(mark, text, rows)
        if found is None:
            return False
        row, box = found
        self.written.append(Label(mark, text, box, leader=row == 2))
        self._ends[row] = box.right - 1 + _APART
        return True

    def _row_for(self, mark: Mark, text: str, rows: int) -> tuple[int, Box] | None:
        """The first row that has room for a text at a mark, and where it would stand there."""
        wide, high = self._words.width(text), self._words.height
        area = self._area
        left = min(max(mark.x - wide / 2, area.left + 2), area.right - wide - 2)
        tops = [mark.y + away for away in (_AWAY, -_AWAY - high, _AWAY + high + 2)[:rows]]
        boxes = [Box(left, top, wide + 1, high) for top in tops]
        found = ((row, box) for row, box in enumerate(boxes) if self._has_room(row, box))
        return next(found, None) if text else None

    def _has_room(self, row: int, box: Box) -> bool:
        if box.left < self._ends[row] or box.right - 1 > self._starts[row]:
            return False
        return self._area.top <= box.top and box.bottom <= self._area.bottom and not self._is_crossed(box)
