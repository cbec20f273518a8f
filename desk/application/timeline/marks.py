"""Few events as marks: neighbours that would lie upon each other become one pill with a count. Pure, no Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

NEAR: Final = 6.0
"""Marks closer than this merge, in pixels."""

MARK: Final = 7.0
"""Half the width of a mark..."""

PILL: Final = 13.0
"""...and of a pill."""

PILL_HEIGHT: Final = 20.0
MARK_SIZE: Final = 13.0

LONGEST: Final = 44.0
"""No pill stands for more than so many pixels: a long crowd becomes several."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def grown(self, by: float) -> "Box":
        """The same with so many pixels more on each side."""
        return Box(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True)
class Mark:
    """One event, or several: ``members`` are their indexes, ascending; ``x`` and ``y`` are its middle."""

    x: float
    members: Sequence[int]
    y: float = 0.0

    @property
    def first(self) -> int:
        return self.members[0]

    @property
    def last(self) -> int:
        return self.members[-1]

    @property
    def count(self) -> int:
        """How many events it stands for."""
        return len(self.members)

    @property
    def half(self) -> float:
        """Half of its width."""
        return MARK if self.count == 1 else PILL

    @property
    def box(self) -> Box:
        """Where it is painted."""
        if self.count == 1:
            return Box(self.x - MARK_SIZE / 2, self.y - MARK_SIZE / 2, MARK_SIZE, MARK_SIZE)
        return Box(self.x - PILL, self.y - PILL_HEIGHT / 2, 2 * PILL, PILL_HEIGHT)


def merge_marks(places: Iterable[float], members: Sequence[int], y: float = 0.0, near: float = NEAR) -> list[Mark]:
    """Marks at height ``y`` for events at ascending ``places``, whose indexes are ``members``."""
    marks: list[Mark] = []
    spans: list[tuple[float, float, int]] = []
    for number, x in enumerate(places):
        marks.append(Mark(x, members[number : number + 1], y))
        spans.append((x, x, number))
        while len(marks) > 1 and _touch(marks[-2], spans[-2], marks[-1], spans[-1], near):
            (left, _, begin), (_, right, _) = spans[-2], spans[-1]
            del marks[-2:], spans[-2:]
            marks.append(Mark((left + right) / 2, members[begin : number + 1], y))
            spans.append((left, right, begin))
    return marks


def _touch(a: Mark, span_a: tuple[float, float, int], b: Mark, span_b: tuple[float, float, int], near: float) -> bool:
    if span_b[1] - span_a[0] > LONGEST:
        return False
    crowded = a.count > 1 or b.count > 1
    return span_b[0] - span_a[1] < near or (crowded and b.x - b.half < a.x + a.half)


def mark_at(marks: Iterable[Mark], x: float, y: float, reach: float) -> Mark | None:
    """The mark within ``reach`` pixels of ``x`` beside its edge: of the nearest lane, and there the nearest one."""
    near = (mark for mark in marks if abs(mark.x - x) <= mark.half + reach)
    return min(near, key=lambda mark: (abs(mark.y - y), abs(mark.x - x)), default=None)
