"""An axis as SVG, from the same layout that the window paints; every text in it is escaped. No Qt."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import field
from html import escape
from typing import Final

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.application.isolation import isolated
from desk.application.timeline.axis import Tick
from desk.application.timeline.lanes import LaneBy, lanes_of
from desk.application.timeline.layout import (
    PAD,
    TOP,
    HollowMark,
    Layout,
    Wish,
    axis_height,
    kinds_of,
    lay_out,
    left_of,
)
from desk.application.timeline.look import ENGLISH, FONT, FONT_SIZE, AxisStyle, text_width
from desk.application.timeline.marks import MARK_SIZE, PILL_HEIGHT, Box, Mark
from desk.application.timeline.outlines import KIND_NAMES, kind_in, outline_of
from desk.application.timeline.scale import BREAK, Mode
from desk.application.timeline.view import View
from desk.application.timeline.words import moment_text
from desk.records import dataclass

SHARES: Final = 5.0
"""Height of the bar in a pill that says how much of it is of each kind."""

HEAD: Final = 30.0
_PAGE_HEAD: Final = 4.0
"""Pixels above the axis for the title."""

FOOT: Final = 26.0
"""Pixels below it for the legend."""

_HEIGHT: Final = 170.0
_LANE: Final = 34.0


@dataclass(frozen=True, slots=True)
class SvgPicture:
    """What a picture of a history is like: its width in pixels, its scale, and what is to be seen.

    ``window`` has the coordinates of both edges where not all is in sight.
    """

    look: AxisStyle
    width: float = 1200.0
    mode: Mode = Mode.FOLDED
    wish: Wish = field(default_factory=Wish)
    window: tuple[float, float] | None = None


def safe(text: str) -> str:
    """A text of anybody's as it may stand in SVG and HTML: escaped, in its own direction, without control characters.

    Those are shown as the escapes that programmers know, as are halves of surrogate pairs.
    """
    return escape(isolated("".join(map(_visible, text))))


def _visible(letter: str) -> str:
    if letter.isprintable() or unicodedata.category(letter) in ("Cf", "Zs"):
        return letter
    return f"\\x{ord(letter):02x}" if ord(letter) < 256 else f"\\u{ord(letter):04x}"


def picture_of(
    history: HistoryColumns, title: str, picture: SvgPicture, *, linked: bool = False, font: str | None = None
) -> str:
    """A history as an SVG document: title, axis, and what the shapes mean.

    ``linked``: marks of single events lead to ``#rREVISION`` of the page around.
    """
    look, words, wish = picture.look, ENGLISH, picture.wish
    height = _HEIGHT
    if wish.lanes is not LaneBy.NONE:
        lanes = lanes_of(history, wish.lanes, 12 * _LANE)
        height = TOP + len(lanes.names) * _LANE + 2 * words.height + 12
    lanes = lanes_of(history, wish.lanes, axis_height(height, words) - TOP)
    view = View(history.times, picture.mode, max(picture.width - left_of(lanes, words) - PAD, 1.0))
    view.expect(wish.ahead)
    if picture.window is not None:
        view.show_window(*picture.window)
    layout = lay_out(history, view, picture.width, height, words, wish)
    return framed(layout, history, title, look, linked=linked, font=font or FONT)


def _heading(title: str, look: AxisStyle) -> str:
    place = f'x="{_n(PAD - MARK_SIZE / 2)}" y="20"'
    return f'<text {place} font-size="13.3" font-weight="600" fill="{look.ink}">{safe(title)}</text>'


def framed(
    layout: Layout, history: HistoryColumns, title: str, look: AxisStyle, *, linked: bool = False, font: str = FONT
) -> str:
    """An axis that is laid out already as an SVG document, with its title and what the shapes mean."""
    head = _PAGE_HEAD if linked else HEAD  # a page has the title above the picture
    width, total = _n(layout.width), _n(head + layout.height + FOOT)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{total}" '
            f'viewBox="0 0 {width} {total}" role="img" font-family="{escape(font)}" font-size="{_n(FONT_SIZE)}">',
            f"<title>{safe(title)}</title>",
            f'<rect width="{width}" height="{total}" fill="{look.paper}"/>',
            *(() if linked else (_heading(title, look),)),
            f'<g transform="translate(0 {_n(head)})">',
            *_Writing(layout, history, look, linked=linked).all(),
            "</g>",
            f'<g transform="translate(0 {_n(head + layout.height)})">',
            *_legend(history, layout, look),
            "</g>",
            "</svg>\n",
        )
    )


class _Writing:
    """Writes the parts of one layout."""

    def __init__(self, layout: Layout, history: HistoryColumns, look: AxisStyle, *, linked: bool) -> None:
        self._layout, self._history, self._look, self._linked = layout, history, look, linked

    def all(self) -> Iterator[str]:
        layout, look = self._layout, self._look
        yield _rect(Box(0, 0, layout.width, layout.height), look.paper)
        yield _rect(Box(0, layout.axis, layout.width, layout.height - layout.axis), look.band)
        yield _line(0, layout.axis, layout.width, layout.axis, look.line, 1)
        for tick in layout.ticks:
            yield from self._tick(tick)
        yield from self._pauses()
        for kind, bars in layout.bars:
            path = "".join(f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h{_n(-w)}z" for x, y, w, h in bars)
            yield f'<path fill="{look.kinds[kind]}" d="{path}"/>'
        if layout.now is not None:
            yield _line(layout.now, TOP - 4, layout.now, layout.axis, look.accent, 1, ' stroke-dasharray="4 3"')
            yield _text(layout.now, TOP - 8, "now", look.muted)
        for lane in layout.lanes:
            for left, right in layout.spans:
                yield _line(left, lane.y, right, lane.y, look.line, 2)
        yield from self._upon()

    def _upon(self) -> Iterator[str]:
        """What lies upon the lanes."""
        layout, look = self._layout, self._look
        for capsule in layout.capsules:
            yield _rect(capsule, look.band, radius=9, stroke=look.line)
        for mark in layout.marks:
            yield from self._mark(mark)
        for label in layout.labels:
            if label.leader:
                yield _line(label.mark.x, label.mark.y + MARK_SIZE, label.mark.x, label.box.top, look.line, 1)
            middle = label.box.left + label.box.width / 2
            if len(layout.lanes) > 1:
                yield _rect(label.box, look.paper)
            yield _text(middle, _base(label.box), label.text, look.muted)
        for hollow in layout.hollow:
            yield from self._hollow(hollow)
        yield from self._names()

    def _tick(self, tick: Tick) -> Iterator[str]:
        look, axis, x = self._look, self._layout.axis, round(tick.x) + 0.5
        row = ENGLISH.height
        if tick.text:
            yield _line(x, TOP, x, axis - 1, look.grid, 1)
        if not tick.edge and (tick.text or tick.date):
            yield _line(x, axis, x, axis + 4, look.strong_line, 1)
        if tick.text:
            yield _text(x, _base(Box(x, axis + 4, 0, row)), tick.text, look.muted)
        if tick.date:
            left = x - 2 if tick.leftward else x + 2
            anchor = "end" if tick.leftward else "start"
            yield _text(left, _base(Box(x, axis + 5 + row, 0, row)), tick.date, look.ink, anchor, bold=True)

    def _pauses(self) -> Iterator[str]:
        look, axis = self._look, self._layout.axis
        for pause in self._layout.pauses:
            band = Box(pause.x + 4, TOP - 8, BREAK - 8, axis - TOP + 8)
            yield _rect(band, look.band)
            for side in (band.left, band.right):
                points = " ".join(f"{_n(x)},{_n(y)}" for x, y in zigzag(side, band.top, band.bottom))
                yield f'<polyline fill="none" stroke="{look.line}" points="{points}"/>'
            yield _text(pause.x + BREAK / 2, _base(Box(0, axis + 4, 0, ENGLISH.height)), pause.text, look.muted)

    def _names(self) -> Iterator[str]:
        """The names of the lanes, over whatever lies left of what is in sight."""
        layout = self._layout
        if layout.left > PAD and layout.columns is None:
            yield _rect(Box(0, TOP, layout.left - PAD + 2, layout.axis - TOP), self._look.paper)
            for lane in layout.lanes:
                yield _text(6, lane.y + 4, lane.name, self._look.muted, "start")

    def _mark(self, mark: Mark) -> Iterator[str]:
        said = f"<title>{safe(self._said(mark))}</title>"
        shape = self._pill(mark) if mark.count > 1 else self._shape(mark)
        if self._linked:
            yield f'<a href="#r{self._history.revisions[mark.first]}">{said}{shape}</a>'
        else:
            yield f"<g>{said}{shape}</g>"

    def _shape(self, mark: Mark) -> str:
        kind = ChangeKind(self._history.kinds[mark.first])
        return _shape_at(kind, mark.x, mark.y, MARK_SIZE, self._look)

    def _pill(self, mark: Mark) -> str:
        look, box = self._look, mark.box
        parts = [_rect(box, look.paper, radius=PILL_HEIGHT / 2, stroke=look.paper, wide=3)]
        left, clip = box.left + 4, box.width - 8
        for kind, count in kinds_of(mark, self._history):
            share = clip * count / mark.count
            parts.append(_rect(Box(left, box.bottom - SHARES, share, SHARES - 1), look.kinds[kind]))
            left += share
        parts.append(_rect(box, "none", radius=PILL_HEIGHT / 2, stroke=look.strong_line, wide=1.2))
        parts.append(_text(mark.x, box.top + 12.5, pill_text(mark.count), look.ink, bold=True))
        return "".join(parts)

    def _said(self, mark: Mark) -> str:
        history, first = self._history, mark.first
        name = history.type_names[history.types[first]]
        by = history.user_names[history.users[first]]
        if mark.count > 1:
            return f"{mark.count} events from r{history.revisions[first]} to r{history.revisions[mark.last]}"
        who = f", by {by}" if by else ""
        return f"r{history.revisions[first]} {name}, {moment_text(history.times[first])}{who}"

    def _hollow(self, mark: HollowMark) -> Iterator[str]:
        color = self._look.sides[mark.side]
        said = safe("; ".join(mark.texts))
        yield f"<g><title>{said}</title>"
        yield _rect(mark.box, self._look.paper, radius=MARK_SIZE / 2, stroke=color, wide=1.6)
        yield _text(mark.x, mark.y + 4, mark.word, color, bold=True) + "</g>"


def zigzag(x: float, top: float, bottom: float) -> list[tuple[float, float]]:
    """The edge of a folded pause."""
    points, y, side = [], top, 1
    while y < bottom:
        points.append((x + 2 * side, y))
        y, side = y + 5, -side
    return [*points, (x, bottom)]


def pill_text(count: int) -> str:
    """The number in a pill."""
    return str(count) if count < 1000 else f"{count // 1000}k"


def _legend(history: HistoryColumns, layout: Layout, look: AxisStyle) -> Iterator[str]:
    """The kinds that occur, and how often."""
    x, data = PAD - MARK_SIZE / 2, history.kinds.tobytes()
    for kind in ChangeKind:
        if not (count := data.count(kind)):
            continue
        text = f"{kind_in(history, kind, KIND_NAMES[kind])} {count:,}"
        yield _shape_at(kind, x + MARK_SIZE / 2, 13, 11, look)
        yield _text(x + MARK_SIZE + 5, 17, text, look.muted, "start")
        x += MARK_SIZE + 5 + text_width(text) + 16
    for side in dict.fromkeys(mark.side for mark in layout.hollow):
        color = look.sides[side]
        yield f'<circle cx="{_n(x + 6)}" cy="13" r="5.5" fill="none" stroke="{color}" stroke-width="1.6"/>'
        yield _text(x + MARK_SIZE + 5, 17, side.value, look.muted, "start")
        x += MARK_SIZE + 5 + text_width(side.value) + 16


def _shape_at(kind: ChangeKind, x: float, y: float, size: float, look: AxisStyle) -> str:
    path = _closed((x + dx, y + dy) for dx, dy in outline_of(kind, size))
    return (
        f'<path d="{path}" fill="{look.kinds[kind]}" stroke="{look.paper}" stroke-width="2.4" '
        f'stroke-linejoin="round" paint-order="stroke"/>'
        f'<path d="{path}" fill="{look.kinds[kind]}"/>'
    )


def _closed(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + "Z"


def _rect(box: Box, fill: str, *, radius: float = 0.0, stroke: str = "", wide: float = 1.0) -> str:
    more = f' rx="{_n(radius)}"' if radius else ""
    more += f' stroke="{stroke}" stroke-width="{_n(wide)}"' if stroke else ""
    return (
        f'<rect x="{_n(box.left)}" y="{_n(box.top)}" width="{_n(max(box.width, 0))}" '
        f'height="{_n(max(box.height, 0))}" fill="{fill}"{more}/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, color: str, wide: float, more: str = "") -> str:
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{color}" stroke-width="{_n(wide)}"'
        f"{more}/>"
    )


def _text(x: float, y: float, text: str, color: str, anchor: str = "middle", *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{color}"{weight}>{safe(text)}</text>'


def _base(box: Box) -> float:
    """The base line of a text in the middle of a box."""
    return box.top + box.height / 2 + FONT_SIZE * 0.36


def _n(number: float) -> str:
    """A number as short as it may be."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
