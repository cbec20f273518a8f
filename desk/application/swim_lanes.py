"""Several streams on one axis of time: their events in the store's order, and between when none can be missing.

The axis goes by the store's clock and the order of its positions: only of these can be said what is still to come.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from desk.application.history import HistoryColumns, command_number
from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.streampages import place_of
from desk.application.timeline.lanes import LaneColumn
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.records import dataclass

KEPT: Final = 2_000
"""So many events are shown, the newest ones."""
SPARE: Final = 200
"""So many more may be there for a while, so that not each new event drops one."""
PAGE: Final = 250

_SHORT: Final = 8
"""Characters that stand for an id."""


@dataclass(frozen=True, slots=True)
class StoreMark:
    """A place in the store: a position, and its time in seconds since 1970, UTC (None where the store says none)."""

    position: int
    time: float | None


def mark_of(event: Recorded) -> StoreMark:
    """Where the store was when this was its newest event."""
    return StoreMark(event.position, event.created.timestamp() if event.created else None)


@dataclass(frozen=True, slots=True)
class LaneEvent:
    """An event with what is read of its metadata once; ``source`` is the number of the one that it was read from."""

    event: Recorded
    source: int
    correlation: str
    command: int
    user: str

    @property
    def key(self) -> tuple[int, int]:
        """Where it stands among all; events of one append may have one position."""
        return self.event.position, (self.event.link or self.event).revision


def lane_event(event: Recorded, source: int) -> LaneEvent:
    """Read what the lanes say of an event."""
    meta = parse_metadata(event.metadata)
    command = command_number(meta.causation_id.bytes if meta.causation_id else None)
    return LaneEvent(event, source, str(meta.correlation_id or "")[:_SHORT], command, meta.user or "")


@dataclass(slots=True)
class _SourceReading:
    """How far a source has been read: ``begin`` is the first position of what is whole, None from the source's start.

    ``oldest`` and ``newest`` are places in the source, ``end`` the position up to which nothing is missing.
    """

    oldest: int | None = None
    newest: int | None = None
    begin: int | None = None
    end: int | None = None


class SwimLanes:
    """What was read of some sources, merged; an event that several of them have stands on the lane of the narrowest.

    Of ``events``, in order, ``history`` has the columns that an axis is painted of. ``name`` makes the name of a lane.
    """

    def __init__(self, sources: Iterable[Source], name: Callable[[str], str] = str) -> None:
        self.sources = tuple(sorted(dict.fromkeys(sources), key=_width))
        self.name = name
        self.events: list[Recorded] = []
        self.history = HistoryColumns(" + ".join(map(str, self.sources)))
        self.streams = LaneColumn([], array("H"))
        self.call_anew()
        self.correlations = LaneColumn([], array("H"))
        self.mark: StoreMark | None = None
        self._readings = [_SourceReading() for _ in self.sources]
        self._entries: dict[tuple[int, int], LaneEvent] = {}
        self._ordered: list[LaneEvent] = []

    def call_anew(self) -> None:
        """The sources may have other names now."""
        self.streams.names[:] = _unlike(self.name(str(source)) for source in self.sources)

    # What is to be asked, and what the answers say

    def newer(self) -> list[GetStreamPage]:
        """For each source the question for what is new: all of it, or only its newest page where it is much."""
        return [
            GetStreamPage(source, after=reading.newest, limit=PAGE)
            for source, reading in zip(self.sources, self._readings, strict=True)
        ]

    def older(self) -> dict[int, GetStreamPage]:
        """The questions for what is before, of those sources of which the least is known; by their numbers."""
        begin = self._begin
        if begin is None or len(self.events) >= KEPT:
            return {}
        return {
            number: GetStreamPage(self.sources[number], before=reading.oldest, limit=PAGE)
            for number, reading in enumerate(self._readings)
            if reading.begin == begin
        }

    def take(self, number: int, question: GetStreamPage, page: StreamPage) -> GetStreamPage | None:
        """A source's answer is there; gives what has to be asked instead where too much is new to be read at once."""
        reading, source = self._readings[number], self.sources[number]
        if question.after is not None and page.newer:
            return GetStreamPage(source, limit=PAGE)
        if not page.events:
            if question.before is not None:
                reading.begin = None
            return None
        first, last = page.events[0], page.events[-1]
        if question.after is None:
            reading.oldest = place_of(source, first)
            reading.begin = first.position if page.older else None
        if question.before is None:
            reading.newest = place_of(source, last)
        return None

    def reached(self, mark: StoreMark) -> None:
        """All sources were read after the store was there: of what it had then nothing is missing."""
        self.mark = mark
        for reading in self._readings:
            reading.end = mark.position

    @property
    def complete(self) -> tuple[float | None, float] | None:
        """Between which times nothing can be missing: from (None: from the beginning) and to; None if not known."""
        mark = self.mark
        if mark is None or any(reading.end is None for reading in self._readings):
            return None
        end = mark.time if mark.time is not None else (self.history.times[-1] if self.events else None)
        if end is None:
            return None
        begin = self._begin
        if begin is None:
            return None, end
        index = bisect_left(self.events, begin, key=lambda event: event.position)
        return (self.history.times[index] if index < len(self.events) else end), end

    @property
    def _begin(self) -> int | None:
        """The position before which some source has more than was read."""
        return max((reading.begin for reading in self._readings if reading.begin is not None), default=None)

    # The events

    def fresh(self, found: Iterable[LaneEvent]) -> list[LaneEvent]:
        """Those that are not there yet, in order, each once."""
        new: dict[tuple[int, int], LaneEvent] = {}
        for one in found:
            known = self._entries.get(one.key) or new.get(one.key)
            if known is None or (one.source < known.source and one.key in new):
                new[one.key] = one
        return [new[key] for key in sorted(new)]

    def are_behind(self, fresh: Sequence[LaneEvent]) -> bool:
        """Whether all of these come after what is there, and there is room for them."""
        last = next(reversed(self._entries), None)
        fits = len(self._entries) + len(fresh) <= KEPT + SPARE
        return fits and (last is None or (bool(fresh) and last < fresh[0].key))

    def put(self, fresh: Sequence[LaneEvent]) -> None:
        """These are there too, wherever they belong; of too many the oldest are dropped."""
        entries = self._entries | {one.key: one for one in fresh}
        keys = sorted(entries)
        if len(keys) > KEPT + SPARE:
            keys = keys[-KEPT:]
            for reading in self._readings:
                reading.begin = max(reading.begin or 0, keys[0][0])
        self._entries = {key: entries[key] for key in keys}
        self._ordered = list(self._entries.values())
        self.events[:] = [one.event for one in self._ordered]
        self._fill_columns()

    def correlation_at(self, row: int) -> str:
        """The beginning of an event's correlation; empty where it has none."""
        return self._ordered[row].correlation

    def _fill_columns(self) -> None:
        """Into the arrays that are there: whoever paints them keeps what is in sight."""
        entries = self._ordered
        new = HistoryColumns(self.history.stream)
        for number, one in enumerate(entries, start=1):
            seconds = one.event.created.timestamp() if one.event.created else 0.0
            new.append(number, one.event.position, seconds, one.event.type, one.user, one.command)
        for column, fresh in zip(self.history.columns, new.columns, strict=True):
            column[:] = fresh
        self.history.type_names[:], self.history.user_names[:] = new.type_names, new.user_names
        self.streams.numbers[:] = array("H", (one.source for one in entries))
        names = _by_importance(entries)
        self.correlations.names[:] = [name or "no correlation" for name in names]
        self.correlations.numbers[:] = array("H", (names[one.correlation] for one in entries))


def _by_importance(entries: Sequence[LaneEvent]) -> Mapping[str, int]:
    """Correlations, those first that lead through most sources, and among these the largest; events without one last.

    Gives the number of each.
    """
    counts = Counter(one.correlation for one in entries)
    sources: dict[str, set[int]] = {}
    for one in entries:
        sources.setdefault(one.correlation, set()).add(one.source)
    order = sorted(counts, key=lambda name: (not name, -len(sources[name]), -counts[name]))
    return {name: number for number, name in enumerate(order)}


def _unlike(names: Iterable[str]) -> list[str]:
    """Names none of which is another's: what was shortened may look the same."""
    counts: Counter[str] = Counter()
    unlike = []
    for name in names:
        counts[name] += 1
        unlike.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return unlike


def _width(source: Source) -> int:
    """How much of the store a source is: a stream, a category, or all."""
    return 0 if source.stream is not None else 1 if source.category else 2
