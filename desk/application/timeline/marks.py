"""Few events as marks: neighbours that would lie upon each other become one pill with a count. Pure, no Qt."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from desk.records import dataclass

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


_Run: TypeAlias = tuple[float, float, int, int]
"""Neighbours that become one mark: places of the first and last, and their numbers."""


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

    def has(self, x: float, y: float) -> bool:
        """Whether a place is within."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def overlaps(self, other: "Box") -> bool:
        """Whether both have a place in common."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

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
    runs: list[_Run] = []
    for number, x in enumerate(places):
        run = (x, x, number, number)
        while runs and _touch(runs[-1], run, near):
            left, _, begin, _ = runs.pop()
            run = (left, x, begin, number)
        runs.append(run)
    return [Mark((left + right) / 2, members[begin : end + 1], y) for left, right, begin, end in runs]


def _touch(a: _Run, b: _Run, near: float) -> bool:
    left_a, right_a, begin_a, end_a = a
    left_b, right_b, begin_b, end_b = b
    if right_b - left_a > LONGEST:
        return False
    if left_b - right_a < near:
        return True
    half_a, half_b = PILL if end_a > begin_a else MARK, PILL if end_b > begin_b else MARK
    crowded = end_a > begin_a or end_b > begin_b
    return crowded and (left_b + right_b) / 2 - half_b < (left_a + right_a) / 2 + half_a
