"""Few events as marks: neighbours that would lie upon each other become one pill with a count. Pure, no Qt."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NEAR: Final = 6.0
"""Marks closer than this merge, in pixels."""

MARK: Final = 7.0
"""Half the width of a mark..."""

PILL: Final = 13.0
"""...and of a pill."""

LONGEST: Final = 44.0
"""No pill stands for more than so many pixels: a long crowd becomes several."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One event, or several from index ``first`` to ``last``; ``x`` is its middle."""

    x: float
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many events it stands for."""
        return self.last - self.first + 1

    @property
    def half(self) -> float:
        """Half of its width."""
        return MARK if self.first == self.last else PILL


def merge_marks(places: Iterable[float], first: int, near: float = NEAR) -> list[Mark]:
    """Marks for events at ascending ``places``, the first of which has the index ``first``."""
    marks: list[Mark] = []
    spans: list[tuple[float, float]] = []
    for index, x in enumerate(places, first):
        marks.append(Mark(x, index, index))
        spans.append((x, x))
        while len(marks) > 1 and _touch(marks[-2], spans[-2], marks[-1], spans[-1], near):
            (left, _), (_, right) = spans[-2], spans[-1]
            begin = marks[-2].first
            del marks[-2:], spans[-2:]
            marks.append(Mark((left + right) / 2, begin, index))
            spans.append((left, right))
    return marks


def _touch(a: Mark, span_a: tuple[float, float], b: Mark, span_b: tuple[float, float], near: float) -> bool:
    if span_b[1] - span_a[0] > LONGEST:
        return False
    crowded = a.count > 1 or b.count > 1
    return span_b[0] - span_a[1] < near or (crowded and b.x - b.half < a.x + a.half)


def mark_at(marks: list[Mark], x: float, reach: float) -> Mark | None:
    """The mark nearest to ``x``, where it is within ``reach`` pixels of its edge."""
    best = min(marks, key=lambda mark: abs(mark.x - x), default=None)
    return best if best is not None and abs(best.x - x) <= best.half + reach else None
