"""Where everything on an axis is, in pixels: whoever paints it in a window, or writes it as SVG, begins here. No Qt."""

from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import Enum
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final, TypeAlias

from desk.application.command_events import ChangeKind, FieldGroup
from desk.application.history import HistoryColumns
from desk.application.timeline.axis import BREAK_SPARE, Tick, index_ticks, time_ticks
from desk.application.timeline.bins import Columns, column_edges, count_columns
from desk.application.timeline.labels import Label, LabelRows, Wording, mixed_in
from desk.application.timeline.lanes import LaneBy, LaneColumn, Lanes, lanes_of
from desk.application.timeline.marks import MARK_SIZE, Box, Mark, merge_marks
from desk.application.timeline.scale import BREAK, Mode
from desk.application.timeline.view import View
from desk.application.timeline.words import Detail, Words
from desk.records import dataclass

PAD: Final = 28.0
"""Left and right of the view, so that marks at both ends are whole."""

TOP: Final = 24.0
"""Room for the playhead's handle."""

CROWD: Final = 2000
"""More events in sight than this are painted as density..."""

LEAST_SPACE: Final = 3.0
"""...and so are events that have fewer pixels each, on average."""

ROOM_FOR_SENTENCES: Final = 90.0
"""Pixels for each mark in sight from which on a sentence stands at it."""

COLUMN: Final = 3.0
_UNDER_HANDLE: Final = 4.0
_BETWEEN_ROWS: Final = 22.0
"""Below TOP, so that above a mark there is room for a text."""
_SIDE_BY_SIDE: Final = 3.0
_AROUND: Final = 4.0


Bars: TypeAlias = tuple[ChangeKind, Sequence[tuple[float, float, float, float]]]
"""Rectangles that stand for one kind of change: left, top, width, height."""


class Side(Enum):
    """What a hollow mark stands for: something that is no event of the stream."""

    DUE = "due"
    PICKUP = "pickup"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """Something beside the events at a time (seconds since 1970, UTC), and a sentence that says what."""

    time: float
    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be seen besides the events.

    ``now`` is drawn where ``notes`` lie ahead of it. ``sentence`` says in words what the event of an index is, or
    nothing where that is not known (yet). Within ``complete``, two times, no event can be missing; where it begins is
    None where it is complete from the beginning.
    """

    lanes: LaneBy | LaneColumn = LaneBy.NONE
    notes: tuple[Note, ...] = ()
    now: float | None = None
    sentence: Callable[[int], str] | None = None
    complete: tuple[float | None, float] | None = None

    @property
    def ahead(self) -> tuple[float, ...]:
        """The moments for which there has to be room behind the last event."""
        moments = [note.time for note in self.notes]
        if self.complete is not None:
            moments.append(self.complete[1])
        return (*moments, self.now) if self.shows_now and self.now is not None else tuple(moments)

    @property
    def shows_now(self) -> bool:
        """Whether anything is known of what comes."""
        return any(note.side is not Side.REFUSED for note in self.notes)


@dataclass(frozen=True, slots=True)
class LaneLine:
    """A lane: the height of its middle, its name, and from where to where time runs on it."""

    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A folded pause on the picture, with its length in words."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class HollowMark:
    """Notes of one sort at about one place; ``wide`` is the room that their word takes."""

    x: float
    y: float
    side: Side
    texts: tuple[str, ...]
    wide: float = 0.0

    @property
    def word(self) -> str:
        """What is written in it, and how many there are; refusals lie between events, where little room is."""
        word = "×" if self.side is Side.REFUSED else self.side.value
        return f"{len(self.texts)} {word}" if len(self.texts) > 1 else word

    @property
    def box(self) -> Box:
        """Where it is painted."""
        wide = max(self.wide + 8, MARK_SIZE)
        return Box(self.x - wide / 2, self.y - MARK_SIZE / 2, wide, MARK_SIZE)


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture of ``width`` by ``height`` pixels. ``left`` and ``axis`` are where the lanes begin and end.

    Either ``marks`` are there, or ``columns`` in a crowd (on lanes of one's own only in a large one), with their
    ``edges`` (indexes of events) and ``bars``. ``spans`` are from where to where time runs; ``capsules`` surround marks
    of one command. Left and right of ``complete`` events may be missing.
    """

    width: float
    height: float
    left: float
    axis: float
    lanes: tuple[LaneLine, ...] = ()
    ticks: tuple[Tick, ...] = ()
    pauses: tuple[Pause, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    capsules: tuple[Box, ...] = ()
    marks: tuple[Mark, ...] = ()
    labels: tuple[Label, ...] = ()
    hollow: tuple[HollowMark, ...] = ()
    now: float | None = None
    complete: tuple[float, float] | None = None
    columns: Columns | None = None
    bars: tuple[Bars, ...] = ()
    edges: tuple[int, ...] = ()

    def mark_at(self, x: float, y: float, reach: float) -> Mark | None:
        """The mark whose words are there, else of the nearest lane the nearest one within ``reach`` of its edge."""
        written = next((label.mark for label in self.labels if label.box.has(x, y)), None)
        lane = min((lane.y for lane in self.lanes), key=lambda height: abs(height - y), default=0.0)
        near = (mark for mark in self.marks if mark.y == lane and abs(mark.x - x) <= mark.half + reach)
        return written or min(near, key=lambda mark: abs(mark.x - x), default=None)


def axis_height(height: float, words: Words) -> float:
    """Where the lanes end in a picture of this height, and the axis begins."""
    return height - 2 * words.height - 12


def left_of(lanes: Lanes, words: Words) -> float:
    """Pixels left of the first event: beside the names of the lanes, where they have some."""
    widest = max((words.width(name) for name in lanes.names), default=0.0)
    return PAD + (widest + 6 if widest else 0.0)


def lay_out(history: HistoryColumns, view: View, width: float, height: float, words: Words, wish: Wish) -> Layout:
    """Lay the part of a history out that a view has in sight; the view is :func:`left_of` and PAD narrower."""
    axis = axis_height(height, words)
    lanes = lanes_of(history, wish.lanes, axis - TOP)
    left = left_of(lanes, words)
    heights = _heights(lanes, axis)
    lines = tuple(LaneLine(y, name) for y, name in zip(heights, lanes.names, strict=True))
    empty = Layout(width, height, left, axis, lines)
    if not len(history):
        return empty
    placed = _Placing(history, view, words, lanes, heights, left, width)
    resting = replace(
        empty,
        ticks=placed.ticks(),
        pauses=placed.pauses(),
        hollow=tuple(_hollow_marks(placed, wish.notes)),
        now=placed.x_of_time(wish.now) if wish.shows_now and wish.now is not None else None,
        complete=placed.complete(wish),
    )
    first, last = view.visible(PAD)
    count = last - first
    tight = count * LEAST_SPACE > width and count > 64 and not isinstance(wish.lanes, LaneColumn)
    if count > CROWD or tight:
        edges = column_edges(view.scale, view.offset - left, width, COLUMN)
        edges = [min(edge, len(history)) for edge in edges]
        columns = count_columns(history.kinds, edges)
        bars = bars_of(columns, Box(0, TOP, width, axis - TOP - 1), COLUMN)
        return replace(resting, columns=columns, edges=tuple(edges), bars=bars)
    marks = placed.marks(first, last)
    return replace(
        resting,
        spans=placed.spans(),
        marks=tuple(mark for row in marks for mark in row),
        capsules=tuple(_capsules(marks, history)),
        labels=placed.labels(marks, wish, height, [mark.box for mark in resting.hollow]),
    )


def _heights(lanes: Lanes, axis: float) -> list[float]:
    if lanes.by is LaneBy.NONE:
        return [TOP + min(max((axis - TOP) * 0.36, _BETWEEN_ROWS), 64.0)]
    each = (axis - TOP) / len(lanes.names)
    return [TOP + each * (number + 0.5) for number in range(len(lanes.names))]


@dataclass(frozen=True, slots=True)
class _Placing:
    """What all of it is placed by."""

    history: HistoryColumns
    view: View
    words: Words
    lanes: Lanes
    heights: Sequence[float]
    left: float
    width: float

    def x_of_time(self, moment: float) -> float:
        return self.left + self.view.x_of_time(moment)

    def complete(self, wish: Wish) -> tuple[float, float] | None:
        """From where to where no event is missing."""
        if wish.complete is None:
            return None
        begin, end = wish.complete
        left = 0.0 if begin is None else min(max(self.x_of_time(begin) - MARK_SIZE, 0.0), self.width)
        return left, min(max(self.x_of_time(end) + MARK_SIZE, left), self.width)

    def x(self, place: float) -> float:
        """A place of the scale on the picture."""
        return self.left + place - self.view.offset

    def ticks(self) -> tuple[Tick, ...]:
        return tuple(replace(tick, x=self.x(tick.x)) for tick in self._ticks())

    def _ticks(self) -> list[Tick]:
        view, history, words = self.view, self.history, self.words
        right = view.offset + view.width
        if view.mode is Mode.REVISION:
            right = min(right, view.scale.to_x(len(history) - 1))
            ticks = index_ticks(view.scale, view.offset, right, lambda index: history.times[index], words)
            return [replace(t, text=str(history.revisions[int(t.text)]) if t.text else "") for t in ticks]
        if view.times[0] == view.times[-1]:
            moment = view.times[0]
            return [Tick(0.0, words.text(moment, Detail.SECOND), words.text(moment, Detail.DATE))]
        return time_ticks(view.scale, view.offset, right, words)

    def pauses(self) -> tuple[Pause, ...]:
        breaks = self.view.scale.breaks(self.view.offset - self.left, self.view.offset + self.view.width + PAD)
        alone = all(b.x - a.x > BREAK + 2 * BREAK_SPARE for a, b in pairwise(breaks))
        room = BREAK + (2 * BREAK_SPARE if alone else -2)
        texts = [self.words.duration(gap.end - gap.start) for gap in breaks]
        short = [self.words.short_duration(gap.end - gap.start) for gap in breaks]
        return tuple(
            Pause(self.x(gap.x), text if self.words.width(text) <= room else less)
            for gap, text, less in zip(breaks, texts, short, strict=True)
        )

    def spans(self) -> tuple[tuple[float, float], ...]:
        """Lines from the first event to the last, interrupted where time is."""
        left, end, found = max(self.x(0.0), 0.0), min(self.x(self.view.scale.length), self.width), []
        for pause in self.pauses():
            found.append((left, pause.x + 2))
            left = pause.x + BREAK - 2
        found.append((left, end))
        return tuple((a, b) for a, b in found if b > a)

    def marks(self, first: int, last: int) -> list[list[Mark]]:
        """The marks of each lane."""
        rows = self.lanes.members(first, last)
        place = self.view.x_of
        return [
            merge_marks([self.left + place(index) for index in members], members, y)
            for members, y in zip(rows, self.heights, strict=True)
        ]

    def labels(
        self, rows: Sequence[Sequence[Mark]], wish: Wish, height: float, taken: Sequence[Box]
    ) -> tuple[Label, ...]:
        """What is written at the marks of each lane; nothing upon what is ``taken``."""
        room = self.view.width / max(max(map(len, rows)), 1)
        say = wish.sentence if room >= ROOM_FOR_SENTENCES else None
        left, top = self.left - PAD, TOP - _UNDER_HANDLE
        area = Box(left, top, self.width - left, axis_height(height, self.words) - top)
        now = self.x_of_time(wish.now) if wish.shows_now and wish.now is not None else None

        def write(wording: Wording) -> tuple[Label, ...]:
            written: list[Label] = []
            for marks in rows:
                row = LabelRows(area, self.words, aside=self.lanes.by is not LaneBy.NONE, free=now, taken=taken)
                row.write(marks, wording.texts, newest=bool(marks) and marks[-1].last == len(self.history) - 1)
                written += row.written
            return tuple(written)

        found = write(Wording(self.history, say))
        mixed = mixed_in(found, self.history)
        return write(Wording(self.history, say, mixed)) if mixed else found


def _capsules(rows: Sequence[Sequence[Mark]], history: HistoryColumns) -> Iterable[Box]:
    """Around the marks of neighbours that one command led to, where they are not one pill anyway."""
    marks = sorted(((mark.first, mark) for row in rows for mark in row), key=lambda pair: pair[0])
    commands = history.commands
    for command, found in groupby(marks, key=lambda pair: commands[pair[0]]):
        group = [mark for _, mark in found]
        if command and len(group) > 1:
            left, right = min(mark.x - mark.half for mark in group), max(mark.x + mark.half for mark in group)
            top, bottom = min(mark.box.top for mark in group), max(mark.box.bottom for mark in group)
            yield Box(left, top, right - left, bottom - top).grown(_AROUND)


def _hollow_marks(placed: _Placing, notes: Iterable[Note]) -> Iterable[HollowMark]:
    """Notes where they are. Those of one sort that would lie upon each other are one mark, others stand side by side,
    and at the edge all of it is whole.
    """
    group = {Side.DUE: FieldGroup.LOANS, Side.PICKUP: FieldGroup.HOLDS, Side.REFUSED: FieldGroup.LISTING}
    ordered = sorted(notes, key=attrgetter("time"))

    def place(note: Note) -> float:
        return placed.x_of_time(note.time)

    first, last = bisect(ordered, 0.0, key=place), bisect(ordered, placed.width, key=place)
    lanes: dict[float, list[HollowMark]] = {}
    for note in ordered[first:last]:
        y = placed.heights[placed.lanes.of_group(group[note.side])]
        _put_beside(lanes.setdefault(y, []), HollowMark(place(note), y, note.side, (note.text,)), placed.words)
    for found in lanes.values():
        limit = placed.width - 1
        for number, mark in reversed(list(enumerate(found))):
            found[number] = mark = replace(mark, x=min(mark.x, limit - mark.box.width / 2))
            limit = mark.box.left - _SIDE_BY_SIDE
        yield from found


def _put_beside(found: list[HollowMark], mark: HollowMark, words: Words) -> None:
    """One more, at the right of those that were found: part of the last one, or beside it."""
    mark = replace(mark, wide=words.width(mark.word))
    limit = found[-1].box.right + _SIDE_BY_SIDE if found else 1.0
    if mark.box.left < limit and found and found[-1].side is mark.side:
        last = found.pop()
        _put_beside(found, replace(last, texts=last.texts + mark.texts), words)
    else:
        found.append(replace(mark, x=max(mark.x, limit + mark.box.width / 2)))


def bars_of(columns: Columns, area: Box, step: float) -> tuple[Bars, ...]:
    """Stacks of kinds; heights grow with the square root, so that a single event beside a crowd still shows."""
    highest = columns.highest
    bars: list[list[tuple[float, float, float, float]]] = [[] for _ in columns.kinds]
    for number, (total, counts) in enumerate(zip(columns.totals, columns.counts, strict=True)):
        if not total:
            continue
        height = max((total / highest) ** 0.5 * area.height, 3.0)
        y = area.bottom + 1
        for kind, count in enumerate(counts):
            if count:
                part = height * count / total
                y -= part
                bars[kind].append((area.left + number * step, y, step - 1, part))
    return tuple((ChangeKind(kind), found) for kind, found in zip(columns.kinds, bars, strict=True))


def kinds_of(mark: Mark, history: HistoryColumns) -> list[tuple[ChangeKind, int]]:
    """What a mark stands for, by kind."""
    members = mark.members
    if isinstance(members, range):
        data = history.kinds[members.start : members.stop].tobytes()
    else:
        data = bytes(history.kinds[index] for index in members)
    return [(ChangeKind(kind), data.count(kind)) for kind in sorted(set(data))]
