"""Lanes of a history: all events on one, or one for each kind of field, for each who did something, or by a column of
one's own. No Qt.
"""

from array import array
from collections.abc import Sequence
from enum import Enum
from typing import Final

from desk.application.command_events import EVENT_NAMED, FieldGroup
from desk.application.history import HistoryColumns
from desk.records import dataclass

LANE_HEIGHT: Final = 20.0
"""The least height of a lane; what does not fit shares the last one."""


class LaneBy(Enum):
    """What each lane is for."""

    NONE = "none"
    FIELD = "field"
    ACTOR = "actor"


@dataclass(frozen=True, slots=True)
class LaneColumn:
    """For each event of a history an index into ``names``, which are those of the lanes from top to bottom."""

    names: list[str]
    numbers: "array[int]"


@dataclass(frozen=True, slots=True)
class Lanes:
    """The names of the lanes from top to bottom, none where there is one lane only; which one each name is on.

    ``numbers`` has the lane of each value in ``column``, which has one for each event of the history.
    """

    by: LaneBy | LaneColumn
    names: tuple[str, ...] = ("",)
    numbers: tuple[int, ...] = ()
    column: Sequence[int] = ()

    def members(self, first: int, last: int) -> list[Sequence[int]]:
        """For each lane the indexes of its events among those from ``first`` up to, not including, ``last``."""
        if self.by is LaneBy.NONE:
            return [range(first, last)]
        column = self.column
        found: list[list[int]] = [[] for _ in self.names]
        for index in range(first, last):
            found[self.numbers[column[index]]].append(index)
        return [tuple(indexes) for indexes in found]

    def of_group(self, group: FieldGroup) -> int:
        """The lane of a group of fields; the first where it has none."""
        name = group.value
        return self.names.index(name) if self.by is LaneBy.FIELD and name in self.names else 0


def lanes_of(history: HistoryColumns, by: LaneBy | LaneColumn, height: float) -> Lanes:
    """The lanes of a history in so many pixels; those beyond what fits are one that says how many."""
    if by is LaneBy.NONE or not len(history):
        return Lanes(LaneBy.NONE)
    names = list(dict.fromkeys(keys := _keys(history, by)))
    if by is LaneBy.FIELD:
        order = {group.value: number for number, group in enumerate(FieldGroup)}
        names.sort(key=lambda name: order.get(name, len(order)))
    most = max(int(height // LANE_HEIGHT), 1)
    kept = names if len(names) <= most else [*names[: most - 1], ""]
    place = {name: number for number, name in enumerate(kept)}
    numbers = tuple(place.get(key, len(kept) - 1) for key in keys)
    rest = f"{len(names) - len(kept) + 1} others"
    shown = [name or ("nobody" if kept == names else rest) for name in kept]
    return Lanes(by, tuple(shown), numbers, _column(history, by))


def _keys(history: HistoryColumns, by: LaneBy | LaneColumn) -> list[str]:
    if isinstance(by, LaneColumn):
        return by.names
    return [_group(name) for name in history.type_names] if by is LaneBy.FIELD else history.user_names


def _column(history: HistoryColumns, by: LaneBy | LaneColumn) -> Sequence[int]:
    if isinstance(by, LaneColumn):
        return by.numbers
    return history.types if by is LaneBy.FIELD else history.users


def _group(type_name: str) -> str:
    entry = EVENT_NAMED.get(type_name)
    return entry.group.value if entry is not None else type_name
