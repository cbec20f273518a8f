"""Paints the picture's parts on anything that can be painted on: the window, a picture file, an SVG file."""

import re
from collections.abc import Collection, Iterable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from desk.application.flow.rounds import Cargo, Hop, Station
from desk.gui.flow.looks import HopTrace, StationLook
from desk.gui.flow.plan import NAMES, ROW, FlowPlan
from desk.gui.flow.style import FlowStyle

CENTER = Qt.AlignmentFlag.AlignCenter
ROOM_FOR_ICON = 6.4
"""Of the text's height, from which on a station has its icon too."""
ROOM_IN_NAMES = 0.96
"""Of a station's width that its name may take: letters are a little wider on another device than measured."""
_LIT_EDGE = 4.0
WIDEST_MARK = 1.6
"""In distances between two stations: an ISBN can be read."""
_WORDS = re.compile(r"[^A-Z\s]+\s*|[A-Z]+[^A-Z\s]*\s*")
LOST_AT = 0.6
"""The share of its way at which a mark stays that never arrived."""


def paint_lines(painter: QPainter, plan: FlowPlan, style: FlowStyle, done: Iterable[HopTrace]) -> None:
    """The line on, the two lines back, and over them the ways that were gone, with numbers and times.

    Of what is clipped away nothing is drawn.
    """
    clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(QPointF(), plan.size)
    traced, box = tuple(done), plan.boxes[Station.FORM]
    if clip.top() < box.top():
        _line_on(painter, plan, style)
    if clip.bottom() > box.bottom():
        _lines_back(painter, plan, style, [one.hop for one in traced])
    for one in traced:
        if plan.zone(one.hop).intersects(clip):
            _trace(painter, plan, style, one)


def _line_on(painter: QPainter, plan: FlowPlan, style: FlowStyle) -> None:
    painter.setPen(QPen(style.line, 3))
    first, last = plan.boxes[ROW[0]].center().x(), plan.boxes[ROW[-1]].center().x()
    painter.drawLine(QPointF(first, plan.rail), QPointF(last, plan.rail))
    for station in ROW:
        box = plan.boxes[station]
        painter.drawLine(QPointF(box.center().x(), plan.rail), QPointF(box.center().x(), box.top()))


def _lines_back(painter: QPainter, plan: FlowPlan, style: FlowStyle, done: Collection[Hop]) -> None:
    """With a word for each that nothing has gone along yet; not what is painted over."""
    used, form = {plan.line_of(hop)[0].y() for hop in done}, plan.boxes[Station.FORM]
    gone = {hop.origin for hop in done if hop.arrives and hop.target is Station.FORM}
    words = (_tr("the answer"), _tr("the query's way back"))
    painter.setFont(style.small)
    for lane, origin, told in zip(plan.lanes, (Station.STORE, Station.READ_MODEL), words, strict=True):
        if origin in gone:
            continue
        painter.setPen(QPen(style.line, 2, Qt.PenStyle.DashLine))
        begin = plan.boxes[origin]
        x, end = begin.center().x(), form.center().x()
        painter.drawPolyline([QPointF(x, begin.bottom()), QPointF(x, lane), QPointF(end, lane)])
        painter.drawLine(QPointF(end, lane), QPointF(end, form.bottom()))
        if lane not in used:
            painter.setPen(style.muted)
            _plate(painter, style, plan.word_place(lane), told, plan.em)


def _trace(painter: QPainter, plan: FlowPlan, style: FlowStyle, trace: HopTrace) -> None:
    hop, em = trace.hop, plan.em
    begin, end = plan.line_of(hop)
    if not hop.arrives:
        end = begin + (end - begin) * LOST_AT
    color = style.cargo[hop.cargo]
    pen = QPen(color, 5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if not hop.arrives:
        pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.drawLine(begin, end)
    for station, point in ((hop.origin, begin), (hop.target, end)):
        if station is hop.origin or hop.arrives:
            box = plan.box(station)
            is_below = plan.is_forth(hop) or station is Station.PROCESS_MANAGER
            painter.drawLine(point, QPointF(point.x(), box.top() if is_below else box.bottom()))
    _arrowhead(painter, begin, end, 0.45 * em)
    middle = plan.label_place(hop)
    painter.setFont(style.bold)
    wide = QFontMetricsF(style.bold).horizontalAdvance(trace.label)
    x = min(max(middle.x(), wide / 2 + 2), plan.size.width() - wide / 2 - 2)
    painter.setPen(color)
    painter.drawText(QRectF(x - wide, middle.y() - 0.6 * em, 2 * wide, 1.2 * em), CENTER, trace.label)


def _arrowhead(painter: QPainter, begin: QPointF, end: QPointF, size: float) -> None:
    if begin.x() == end.x():
        return
    way = 1 if end.x() > begin.x() else -1
    middle = (begin + end) / 2
    tip = QPointF(middle.x() + way * size, middle.y())
    path = QPainterPath(tip)
    path.lineTo(tip - QPointF(way * 2 * size, size))
    path.lineTo(tip - QPointF(way * 2 * size, -size))
    path.closeSubpath()
    painter.fillPath(path, painter.pen().color())


def _plate(painter: QPainter, style: FlowStyle, middle: QPointF, words: str, em: float) -> None:
    """Words on a line, which they interrupt."""
    wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + em
    place = QRectF(middle.x() - wide / 2, middle.y() - 0.7 * em, wide, 1.4 * em)
    painter.fillRect(place, style.ground)
    painter.drawText(place, CENTER, words)


def paint_gap(painter: QPainter, plan: FlowPlan, style: FlowStyle, number: str, words: str) -> None:
    """Between store and read model: how far the one is behind the other."""
    gap, em = plan.gap, plan.em
    name = style.name_font(gap.width(), (number,))
    high = QFontMetricsF(name).height()
    painter.setFont(name)
    is_even = number == "0"
    painter.setPen(style.muted if is_even else style.cargo[Cargo.EVENT])
    painter.drawText(QRectF(gap.left(), gap.center().y() - high, gap.width(), high), CENTER, number)
    painter.setFont(style.small)
    below = QRectF(gap.left() + 2, gap.center().y(), gap.width() - 4, 2.6 * em)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(below, flags, words)


def name_room(box: QRectF, em: float) -> float:
    """The width that a station's name may take, with the thicker edge of one that is lit."""
    return ROOM_IN_NAMES * (box.width() - 2 * _LIT_EDGE - 0.6 * em)


def paint_station(
    painter: QPainter, box: QRectF, style: FlowStyle, look: StationLook, icon: QPixmap, *, focused: bool = False
) -> None:
    """A station in its box."""
    em = style.em
    edge = style.line if look.cargo is None else style.cargo[look.cargo]
    width = 2.0 if look.cargo is None else _LIT_EDGE
    style_of_edge = Qt.PenStyle.SolidLine
    if look.trouble:
        edge, width, style_of_edge = style.cargo[Cargo.REFUSAL], _LIT_EDGE, Qt.PenStyle.DashLine
    inner = box.adjusted(width / 2 + 2, width / 2 + 2, -width / 2 - 2, -width / 2 - 2)
    painter.setPen(QPen(edge, width, style_of_edge))
    painter.setBrush(style.base if look.cargo is None else style.tint(look.cargo, 0.28 if look.present else 0.10))
    painter.drawRoundedRect(inner, 0.5 * em, 0.5 * em)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if focused:
        painter.setPen(QPen(style.accent, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 0.6 * em, 0.6 * em)
    text = inner.adjusted(0.3 * em, 0.35 * em, -0.3 * em, -0.3 * em)
    if box.height() > ROOM_FOR_ICON * em:
        side = icon.deviceIndependentSize()
        at = QPointF(text.center().x() - side.width() / 2, text.top())
        painter.drawPixmap(at, icon)
        text.setTop(text.top() + side.height() + 0.25 * em)
    font = style.name_font(name_room(box, em), NAMES)
    if look.station is Station.PROCESS_MANAGER:
        font = style.fitting(style.bold, text.width(), look.name)
    painter.setFont(font)
    painter.setPen(style.ink)
    bounds = painter.boundingRect(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, look.name)
    if bounds.width() > text.width() + 1:
        name = QFontMetricsF(font).elidedText(look.name, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(QRectF(text.left(), text.top(), text.width(), QFontMetricsF(font).height()), CENTER, name)
        text.setTop(text.top() + QFontMetricsF(font).height() + 0.15 * em)
    else:
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, look.name)
        text.setTop(bounds.bottom() + 0.15 * em)
    _station_lines(painter, text, style, look)


def _station_lines(painter: QPainter, text: QRectF, style: FlowStyle, look: StationLook) -> None:
    em = style.em
    if look.plugins:
        _dots(painter, QRectF(text.left(), text.bottom() - 0.8 * em, text.width(), 0.8 * em), style, look.plugins)
        text.setBottom(text.bottom() - 1.25 * em)
    painter.setFont(style.small)
    painter.setPen(style.muted if look.cargo is None else style.ink)
    lines = look.lines
    if look.trouble:
        painter.setPen(style.cargo[Cargo.REFUSAL])
        lines = (f"✕ {look.trouble}",)
    longest = max(lines, key=QFontMetricsF(style.small).horizontalAdvance, default="")
    word = max(longest.split(), key=QFontMetricsF(style.small).horizontalAdvance, default="")
    is_whole = QFontMetricsF(style.small).horizontalAdvance(word) <= text.width()
    if len(lines) == 1 and is_whole and text.height() >= 2 * em:
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(text, flags, lines[0])
        return
    font = style.fitting(style.small, text.width(), longest)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    high = 1.15 * em
    room = int((text.height() - 0.95 * em) // high) + 1
    parts = [part for line in lines for part in broken_into(line, metrics, text.width())]
    if (look.cargo is None or look.plugins) and len(parts) > room:
        return  # what a station is for, or its dots show too, is said whole or not at all
    for number, (part, rest) in enumerate(parts[:room]):
        told = metrics.elidedText(part if number + 1 < room else rest, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(QRectF(text.left(), text.top() + number * high, text.width(), high), CENTER, told)


def broken_into(line: str, metrics: QFontMetricsF, wide: float) -> list[tuple[str, str]]:
    """A line as several that are no wider than this, where its words allow that, also those of a type's name; each with
    all that is left of the line from there on.
    """
    found = [""]
    for word in _WORDS.findall(line):
        if found[-1] and metrics.horizontalAdvance((found[-1] + word).rstrip()) > wide:
            found.append("")
        found[-1] += word
    return [(part.rstrip(), "".join(found[number:])) for number, part in enumerate(found)]


def _dots(painter: QPainter, place: QRectF, style: FlowStyle, passed: tuple[bool, ...]) -> None:
    """One for each plugin: full where it let the command pass, a cross where it did not."""
    step = min(1.1 * style.em, place.width() / max(1, len(passed)))
    radius = min(0.28 * style.em, step / 3)
    left = place.center().x() - step * (len(passed) - 1) / 2
    for number, is_passed in enumerate(passed):
        at = QPointF(left + number * step, place.center().y())
        if is_passed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.cargo[Cargo.COMMAND])
            painter.drawEllipse(at, radius, radius)
        else:
            painter.setPen(QPen(style.cargo[Cargo.REFUSAL], 3))
            painter.drawLine(at - QPointF(radius, radius), at + QPointF(radius, radius))
            painter.drawLine(at - QPointF(radius, -radius), at + QPointF(radius, -radius))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def mark_area(plan: FlowPlan, style: FlowStyle, hop: Hop, share: float, text: str) -> QRectF:
    """Where a mark is, with its border."""
    share = share if hop.arrives else min(share, LOST_AT)
    middle = plan.place(hop, share)
    wide = QFontMetricsF(style.mark).horizontalAdvance(_said(hop, text)) + 2.2 * plan.em
    wide = max(plan.mark_height, min(wide, plan.pitch * WIDEST_MARK))
    left = min(max(middle.x() - wide / 2, 2.0), plan.size.width() - wide - 2.0)
    return QRectF(left, middle.y() - plan.mark_height / 2, wide, plan.mark_height)


def paint_mark(painter: QPainter, plan: FlowPlan, style: FlowStyle, hop: Hop, area: QRectF, text: str) -> None:
    """A mark with what it carries: a command points on, an event is a note, a view is round, an answer is hollow, and
    a refusal has a cross.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = style.cargo[hop.cargo]
    pen = QPen(color, 3)
    if not hop.arrives:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    is_hollow = hop.cargo is Cargo.ANSWER
    painter.setBrush(style.base if is_hollow else style.paper[hop.cargo])
    painter.drawPath(_outline(area.adjusted(2, 2, -2, -2), hop.cargo))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(style.ink if is_hollow else style.paper_ink)
    painter.setFont(style.mark)
    inner = area.adjusted(0.7 * plan.em, 0, -0.7 * plan.em, 0)
    told = QFontMetricsF(style.mark).elidedText(_said(hop, text), Qt.TextElideMode.ElideRight, inner.width())
    painter.drawText(inner, CENTER, told)


def _said(hop: Hop, text: str) -> str:
    return f"✕ {text}" if hop.cargo is Cargo.REFUSAL else text


def _outline(box: QRectF, cargo: Cargo) -> QPainterPath:
    path, high = QPainterPath(), box.height()
    match cargo:
        case Cargo.COMMAND:
            nose = high / 3
            path.moveTo(box.topLeft())
            path.lineTo(box.right() - nose, box.top())
            path.lineTo(box.right(), box.center().y())
            path.lineTo(box.right() - nose, box.bottom())
            path.lineTo(box.bottomLeft())
            path.closeSubpath()
        case Cargo.EVENT | Cargo.REFUSAL:
            fold = high / 3 if cargo is Cargo.EVENT else 0.0
            path.moveTo(box.topLeft())
            path.lineTo(box.right() - fold, box.top())
            path.lineTo(box.right(), box.top() + fold)
            path.lineTo(box.bottomRight())
            path.lineTo(box.bottomLeft())
            path.closeSubpath()
            if fold:
                path.moveTo(box.right() - fold, box.top())
                path.lineTo(box.right() - fold, box.top() + fold)
                path.lineTo(box.right(), box.top() + fold)
        case Cargo.VIEW | Cargo.ANSWER:
            path.addRoundedRect(box, high / 2, high / 2)
    return path


def _tr(text: str) -> str:
    return QCoreApplication.translate("Flow", text)
