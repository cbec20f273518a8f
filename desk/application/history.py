"""What a history looks like to whoever draws it: columns for many events, an inspection for one.

Times are seconds since 1970 in UTC (floats). The time shown of an event is its metadata's ``issuedAt``, never earlier
than that of the event before it, or else the store's own clock.
"""

from array import array
from dataclasses import field
from datetime import datetime
from itertools import compress
from typing import Any

from desk.application.command_events import kind_of
from desk.cqrs.store import Recorded
from desk.records import dataclass


@dataclass(slots=True)
class HistoryColumns:
    """Many events of one stream, column by column, in order of revision; made to be appended to as events arrive.

    ``types`` and ``users`` hold indexes into ``type_names`` and ``user_names``. ``commands`` has the same number for
    neighbours that one command led to, 0 where that is not known.
    """

    stream: str
    revisions: "array[int]" = field(default_factory=lambda: array("q"))
    positions: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    types: "array[int]" = field(default_factory=lambda: array("H"))
    users: "array[int]" = field(default_factory=lambda: array("H"))
    commands: "array[int]" = field(default_factory=lambda: array("Q"))
    type_names: list[str] = field(default_factory=list)
    user_names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.revisions)

    @property
    def columns(self) -> "tuple[array[Any], ...]":
        """All of them, in their order."""
        return (self.revisions, self.positions, self.times, self.kinds, self.types, self.users, self.commands)

    def append(self, revision: int, position: int, time: float, type_name: str, user: str, command: int = 0) -> None:
        """Add the next event; a ``time`` before the last one is moved up to it."""
        self.revisions.append(revision)
        self.positions.append(position)
        self.times.append(max(time, self.times[-1]) if self.times else time)
        self.kinds.append(kind_of(type_name))
        self.types.append(_index(self.type_names, type_name))
        self.users.append(_index(self.user_names, user))
        self.commands.append(command)


def chosen_events(history: HistoryColumns, mask: bytes) -> HistoryColumns:
    """Those events for which the mask has a 1; there is one byte for each."""
    chosen = HistoryColumns(history.stream, type_names=history.type_names, user_names=history.user_names)
    for column, kept in zip(history.columns, chosen.columns, strict=True):
        kept.extend(compress(column, mask))
    return chosen


def command_number(causation: bytes | None) -> int:
    """The number of a command in a history, from the 16 bytes of its id."""
    # The last half: time-ordered ids begin with the time, which commands of one moment share.
    return int.from_bytes(causation[8:], "little") if causation else 0


def _index(names: list[str], name: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        names.append(name)
        return len(names) - 1


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an aggregate, before and after an event; None where there was, or is, nothing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class SetBy:
    """The event that gave a field its value: ``user`` is empty where it does not say, ``at`` is the time shown."""

    revision: int
    type: str
    user: str
    at: float


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A field before and after; None where there was, or is, nothing. ``set_by`` is who had set what was there before.

    ``key`` is stable, as ``title`` or ``copies/2/state``; values are as in JSON.
    """

    key: str
    before: Any
    after: Any
    set_by: SetBy | None


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field as of an event, and who had set it by then."""

    key: str
    value: Any
    set_by: SetBy | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """One event looked at closely, against what was before it, or against an earlier event (``compared``).

    ``changes`` and ``state`` are empty for streams that nothing folds. ``note`` says why there is no state, where
    there is none.
    """

    event: Recorded
    changes: tuple[ValueChange, ...]
    state: tuple[FieldValue, ...]
    issued_at: datetime | None
    user: str | None
    note: str = ""
    compared: Recorded | None = None
