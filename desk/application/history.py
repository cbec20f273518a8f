"""What a history looks like to whoever draws it: columns for many events, an inspection for one.

Times are seconds since 1970 in UTC (floats). The time shown of an event is its metadata's ``issuedAt``, never earlier
than that of the event before it, or else the store's own clock.
"""

from array import array
from dataclasses import dataclass, field
from datetime import datetime

from desk.application.command_events import kind_of
from desk.cqrs.store import Recorded


@dataclass(slots=True)
class HistoryColumns:
    """Many events of one stream, column by column, in order of revision; made to be appended to as events arrive.

    ``types`` and ``users`` hold indexes into ``type_names`` and ``user_names``.
    """

    stream: str
    revisions: "array[int]" = field(default_factory=lambda: array("q"))
    positions: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    types: "array[int]" = field(default_factory=lambda: array("H"))
    users: "array[int]" = field(default_factory=lambda: array("H"))
    type_names: list[str] = field(default_factory=list)
    user_names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.revisions)

    def append(self, revision: int, position: int, time: float, type_name: str, user: str) -> None:
        """Add the next event; a ``time`` before the last one is moved up to it."""
        self.revisions.append(revision)
        self.positions.append(position)
        self.times.append(max(time, self.times[-1]) if self.times else time)
        self.kinds.append(kind_of(type_name))
        self.types.append(_index(self.type_names, type_name))
        self.users.append(_index(self.user_names, user))


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
class Inspection:
    """One event looked at closely.

    ``changes`` and ``state`` are empty for streams that Desk has no aggregate for; ``state`` is name and value, as of
    this event. ``note`` says why there is no state, where there is none.
    """

    event: Recorded
    changes: tuple[FieldChange, ...]
    state: tuple[tuple[str, str], ...]
    issued_at: datetime | None
    user: str | None
    note: str = ""
