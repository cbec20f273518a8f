"""The same layout painted in a window and written as SVG gives the same picture."""

import pytest
from PySide6.QtCore import QByteArray, QItemSelectionModel, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from desk.application.history import HistoryColumns
from desk.application.resources import resource
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.layout import Note, Side
from desk.application.timeline.look import AxisStyle
from desk.application.timeline.scale import Mode
from desk.application.timeline.svg import HEAD, framed
from desk.gui.frame.theme import FAMILY, Theme, ThemeMode
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.axis.canvas import TimelineCanvas
from tests.rounds import few_or_all

DAY = 86_400.0
TYPES = ("BookCreated", "CopyAdded", "CopyLent", "CopyReturned", "BookDetailsCorrected", "CopyLost", "LoanRenewed")
WIDTH, HEIGHT = 900, 190
STEP = few_or_all(3, 2)
"""Pixels between two that are compared."""


def history(count: int, step: float) -> HistoryColumns:
    columns = HistoryColumns("book-1")
    for revision in range(count):
        pause = 300 * DAY if revision > count // 2 else 0
        moment = 1.75e9 + (revision // 2) * step * DAY + pause
        columns.append(revision, revision, moment, TYPES[revision % len(TYPES)], "ada", 1 + revision // 3)
    return columns


def drawn(svg: str) -> QImage:
    """What the SVG looks like below its title."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    assert renderer.isValid()
    whole = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    whole.fill(0)
    with QPainter(whole) as painter:
        renderer.render(painter, QRectF(whole.rect()))
    return whole.copy(0, round(HEAD), WIDTH, HEIGHT)


def likeness(one: QImage, other: QImage) -> float:
    """The share of places that are about the same colour: letters and edges differ by some shade."""
    images = [image.convertToFormat(QImage.Format.Format_RGB32) for image in (one, other)]
    a, b = (memoryview(image.constBits()) for image in images)
    places = [4 * (y * WIDTH + x) for y in range(0, HEIGHT, STEP) for x in range(0, WIDTH, STEP)]
    return sum(sum(abs(a[at + byte] - b[at + byte]) for byte in range(3)) < 90 for at in places) / len(places)


@pytest.mark.parametrize(
    ("count", "mode", "by", "dark"),
    [
        (14, Mode.FOLDED, LaneBy.NONE, False),
        (14, Mode.REVISION, LaneBy.FIELD, True),
        (40, Mode.TIME, LaneBy.ACTOR, False),
        (5000, Mode.FOLDED, LaneBy.NONE, True),
    ],
)
def test_the_window_and_the_svg_show_one_layout_alike(
    qtbot: QtBot, theme: Theme, count: int, mode: Mode, by: LaneBy, dark: bool
) -> None:
    theme.set_mode(ThemeMode.DARK if dark else ThemeMode.LIGHT)
    try:
        model = EventTableModel()
        canvas = TimelineCanvas(model, QItemSelectionModel(model, model), theme)
        qtbot.addWidget(canvas)
        canvas.resize(WIDTH, HEIGHT)
        canvas.show()
        model.show(history(count, 3.0))
        canvas.set_mode(mode)
        canvas.set_lanes(by)
        end = model.history.times[-1]
        canvas.show_notes((Note(end + 30 * DAY, Side.DUE, "due"), Note(end, Side.REFUSED, "no")), end + 9 * DAY)
        painted = canvas.grab().toImage().scaled(WIDTH, HEIGHT)
        look = AxisStyle.load(resource(f"themes/{'dark' if dark else 'light'}.json"))
        svg = framed(canvas.scene, model.history, "Title", look, font=FAMILY)
        written = drawn(svg)
        assert likeness(painted, written) > 0.97
        other = drawn(svg.replace("translate(0 30)", "translate(9 36)"))
        assert likeness(painted, other) < likeness(painted, written) - 0.01, "the comparison sees what is displaced"
    finally:
        theme.set_mode(ThemeMode.LIGHT)
