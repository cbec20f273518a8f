"""The painted timeline in a real widget: keys, pointer, wheel, painting of few and of many."""

from array import array
from functools import partial

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desk.application.history import HistoryColumns
from desk.application.timeline.lanes import LaneColumn
from desk.application.timeline.layout import PAD
from desk.application.timeline.marks import Mark
from desk.application.timeline.rows import EventRow
from desk.application.timeline.scale import Mode
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.axis import overlay
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.card import card_lines
from desk.gui.widgets.axis.overview import Overview
from tests.gui.timeline.hands import click, drag, leave, point, press_key, turn_wheel

DAY = 86_400.0
TYPES = ("BookCreated", "CopyAdded", "CopyLent", "CopyReturned", "BookDetailsCorrected", "CopyLost", "LoanRenewed")


def history(*days: float) -> HistoryColumns:
    columns = HistoryColumns("book-1")
    for revision, day in enumerate(days):
        columns.append(revision, revision * 7, 1.75e9 + day * DAY, TYPES[revision % len(TYPES)], "ada")
    return columns


@pytest.fixture
def model(qapp: QApplication) -> EventTableModel:
    return EventTableModel()


@pytest.fixture
def canvas(qtbot: QtBot, model: EventTableModel, theme: Theme) -> TimelineCanvas:
    canvas = TimelineCanvas(model, QItemSelectionModel(model, model), theme)
    qtbot.addWidget(canvas)
    canvas.resize(900, 170)
    canvas.show()
    return canvas


def color_at(picture: QImage, x: float, y: float) -> QColor:
    """The colour at a place in logical pixels, whatever the picture's ratio."""
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(round(x * ratio), round(y * ratio))


def place(canvas: TimelineCanvas, index: int) -> QPoint:
    return QPoint(round(PAD + canvas.view.x_of(index)), 60)


def test_left_and_right_walk_the_events_and_home_and_end_go_to_both_ends(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 50, 10)))
    walked = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End):
        press_key(canvas, key)
        walked.append(canvas.current)
    assert walked == [4, 3, 0, 0, 1, 4]


def test_a_click_selects_the_mark_under_it(qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas) -> None:
    model.show(history(*range(0, 50, 10)))
    canvas.grab()
    click(canvas, place(canvas, 2) + QPoint(4, 0))
    assert canvas.current == 2


def test_clicks_on_a_pill_walk_through_what_it_stands_for(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(0, 0, 0, 30, 60))
    canvas.grab()
    seen = []
    for _ in range(4):
        click(canvas, place(canvas, 0))
        seen.append(canvas.current)
    assert seen == [0, 1, 2, 0]


def test_at_a_crowd_the_words_are_those_of_the_event_at_the_playhead(
    model: EventTableModel, canvas: TimelineCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resting picture says there what was done last, whatever the playhead is at."""
    model.show(history(0, 100, 200, 200.01, 200.02))
    canvas.grab()
    assert [(label.text, label.mark.count) for label in canvas.scene.labels][-1] == ("… Corrected", 3)
    said: list[str] = []
    monkeypatch.setattr(overlay, "write", lambda _painter, _area, text, *_: said.append(text))
    for current in (2, 4):
        canvas.select(current)
        canvas.grab()
    assert said == ["Copy lent", "r2", "Book details corrected", "r4"]
    ends: list[float] = []
    monkeypatch.setattr(overlay, "write", lambda _painter, area, *_: ends.append(area.right()))
    canvas.set_lanes(LaneColumn(["one", "other"], array("H", (0, 1, 0, 0, 0))))
    canvas.set_mode(Mode.TIME)
    for days in range(10, 30, 4):  # its last word has room at the right before all of it has
        canvas.show_complete((None, 1.75e9 + (200 + days) * DAY))
        canvas.grab()
    assert max(ends) <= canvas.area.width()


def test_the_axis_says_which_of_the_times_of_its_events_it_shows(
    model: EventTableModel, canvas: TimelineCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.show(history(0, 100, 200))
    said: list[str] = []
    monkeypatch.setattr(QPainter, "drawText", lambda _painter, _area, *rest: said.append(rest[-1]))
    canvas.grab()
    assert "time issued, or else stored" in said


def test_the_wheel_with_control_zooms_at_the_pointer_and_alone_it_pans(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 500, 10)))
    at = place(canvas, 20)
    turn_wheel(canvas, at, 6, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.view.fitted
    assert place(canvas, 20).x() == pytest.approx(at.x(), abs=3)
    before = canvas.view.offset
    turn_wheel(canvas, at, -1)
    assert canvas.view.offset == pytest.approx(before + 120)
    turn_wheel(canvas, at, 1, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.view.offset == pytest.approx(before)


def test_plus_and_minus_zoom_and_zero_shows_everything(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 500, 10)))
    least = canvas.view.scale.zoom
    press_key(canvas, Qt.Key.Key_Plus)
    press_key(canvas, Qt.Key.Key_Plus)
    twice = canvas.view.scale.zoom
    press_key(canvas, Qt.Key.Key_Minus)
    assert least < canvas.view.scale.zoom < twice
    press_key(canvas, Qt.Key.Key_0)
    assert canvas.view.fitted
    assert canvas.view.scale.zoom == least


def test_dragging_the_playhead_s_flag_takes_it_along_and_moves_nothing_else(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 50, 10)))
    canvas.select(3)
    canvas.grab()
    offset, target = canvas.view.offset, place(canvas, 1)
    drag(canvas, QPoint(place(canvas, 3).x() + 6, 10), QPoint(target.x() - 4, 60))
    assert canvas.current == 1
    assert canvas.view.offset == offset


def test_dragging_pans_and_selects_nothing(qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas) -> None:
    model.show(history(*range(0, 500, 10)))
    canvas.zoom(8.0, 400.0)
    before = canvas.view.offset
    drag(canvas, QPoint(500, 60), QPoint(400, 60))
    assert canvas.view.offset == pytest.approx(before + 100)
    assert canvas.current is None


def test_walking_out_of_sight_brings_the_event_into_sight(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 500, 10)))
    canvas.select(10)
    canvas.zoom(12.0)
    for _ in range(15):
        press_key(canvas, Qt.Key.Key_Right)
        assert canvas.current is not None
        assert 0 <= canvas.view.x_of(canvas.current) <= canvas.view.width


def test_marks_are_painted_in_the_colour_of_their_kind(model: EventTableModel, canvas: TimelineCanvas) -> None:
    model.show(history(*range(0, 70, 10)))
    picture = canvas.grab().toImage()
    for index in range(7):
        mark = canvas.scene.marks[index]
        colors = {color_at(picture, round(mark.x) + dx, y).name() for dx in range(-7, 8) for y in range(30, 100)}
        assert canvas.timeline_style.kinds[model.kind(index)].name() in colors


def test_a_hundred_thousand_events_are_painted_as_density_and_few_as_marks(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    crowd = HistoryColumns("sensor-1")
    for revision in range(100_000):
        crowd.append(revision, revision, 1.7e9 + revision, TYPES[revision % 7], "")
    model.show(crowd)
    canvas.grab()
    assert canvas.scene.columns is not None
    assert sum(canvas.scene.columns.totals) == 100_000
    click(canvas, QPoint(450, 60))
    assert canvas.current is not None
    assert 49_000 < canvas.current < 51_000
    for _ in range(40):
        canvas.zoom(1.5)
    canvas.grab()
    assert canvas.scene.columns is None
    assert any(mark.first <= canvas.current <= mark.last for mark in canvas.scene.marks)


def test_a_year_without_events_is_folded_and_says_so_in_the_picture(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*(n / 24 for n in range(20)), *(365 + n / 24 for n in range(20))))
    (gap,) = canvas.view.scale.breaks(0, canvas.view.width)
    assert (gap.end - gap.start) / DAY > 363
    middle = QPoint(round(PAD + gap.x + 24), 60)
    assert color_at(canvas.grab().toImage(), middle.x(), middle.y()) == canvas.timeline_style.band


def test_nothing_one_event_and_many_in_one_millisecond_are_painted(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    for columns in (history(), history(5), history(*[5.0] * 30)):
        for mode in Mode:
            model.show(columns)
            canvas.set_mode(mode)
            canvas.grab()
            for key in (Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Home):
                press_key(canvas, key)
            canvas.grab()
            assert canvas.current == (0 if len(columns) else None)


def test_a_screen_reader_is_told_the_stream_the_number_and_the_selected_event(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(0, 1, 2))
    assert canvas.accessibleDescription() == "book-1: 3 events; none is selected"
    canvas.select(2)
    said = canvas.accessibleDescription()
    assert said.startswith("book-1: 3 events; revision 2, CopyLent, 2025-06-1")
    assert said.endswith("by ada")


def test_the_card_says_type_time_and_user_and_for_several_how_many_of_each(model: EventTableModel) -> None:
    model.show(history(0, 0, 0, 0, 0, 0, 0, 0, 3))
    one = card_lines(Mark(0.0, range(8, 9)), model)
    assert one[0] == "CopyAdded  ·  r8"
    assert one[1].endswith("+3 days")
    assert one[2] == "ada"
    many = card_lines(Mark(0.0, range(9)), model)
    assert many[0] == "9 events"
    assert "2 × CopyAdded" in many
    assert many[-2] == "and 4 more types"
    assert "Double-click: take them apart" in many[-1]


def test_pointing_at_a_mark_paints_a_card_and_leaving_or_a_key_anywhere_takes_it_away(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(*range(0, 50, 10)))
    resting = canvas.grab().toImage()
    elsewhere = QLineEdit()
    qtbot.addWidget(elsewhere)
    for number, go in enumerate((partial(leave, canvas), partial(press_key, elsewhere, Qt.Key.Key_A))):
        point(canvas, place(canvas, 2 + number))
        pointed = canvas.grab().toImage()
        assert canvas.timeline_style.card.name() in {
            color_at(pointed, x, 60).name() for x in range(0, canvas.width(), 4)
        }
        go()
        assert canvas.grab().toImage() == resting


def test_a_change_of_theme_repaints_in_its_colours(
    model: EventTableModel, canvas: TimelineCanvas, theme: Theme
) -> None:
    model.show(history(0, 1, 2))
    theme.dress(canvas)
    theme.set_mode(ThemeMode.DARK)
    assert color_at(canvas.grab().toImage(), 4, 100).name() == "#14171c"
    theme.set_mode(ThemeMode.LIGHT)
    assert color_at(canvas.grab().toImage(), 4, 100).name() == "#ffffff"


def test_dragging_the_overview_s_window_moves_what_is_in_sight(
    qtbot: QtBot, model: EventTableModel, canvas: TimelineCanvas
) -> None:
    overview = Overview(canvas)
    qtbot.addWidget(overview)
    overview.resize(900, 30)
    overview.show()
    model.show(history(*range(0, 5000, 10)))
    canvas.zoom(5.0, 0.0)
    overview.grab()
    begin = overview.window_rect()
    assert begin.width() == pytest.approx(844 / 5, abs=8)
    grip = begin.center().toPoint()
    drag(overview, grip, grip + QPoint(300, 0))
    assert overview.window_rect().left() == pytest.approx(begin.left() + 300, abs=2)
    click(overview, QPoint(880, 15))
    assert canvas.view.at_end


def test_rows_put_before_and_behind_keep_the_selected_event_and_the_order_of_time(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    columns = HistoryColumns("book-1")
    columns.append(10, 100, 50.0, "CopyLent", "ada")
    columns.append(11, 110, 60.0, "CopyReturned", "ada")
    model.show(columns)
    canvas.select(1)
    assert model.prepend([EventRow(8, 80, 40.0, "BookCreated", ""), EventRow(9, 90, 55.0, "CopyAdded", "")]) == 2
    assert model.append([EventRow(11, 110, 60.0, "CopyReturned", ""), EventRow(12, 120, 58.0, "CopyLent", "")]) == 1
    assert canvas.current == 3
    assert columns.revisions == array("q", [8, 9, 10, 11, 12])
    assert columns.times == array("d", [40.0, 55.0, 55.0, 60.0, 60.0])
    assert [model.type_name(row) for row in range(5)] == [
        "BookCreated",
        "CopyAdded",
        "CopyLent",
        "CopyReturned",
        "CopyLent",
    ]


def test_a_view_between_two_events_is_empty_and_says_at_its_edge_where_the_playhead_is(
    model: EventTableModel, canvas: TimelineCanvas
) -> None:
    model.show(history(0, 1, 200))
    canvas.set_mode(Mode.TIME)
    canvas.select(0)
    canvas.zoom(20.0, canvas.view.width / 2)
    picture = canvas.grab().toImage()
    assert canvas.scene.marks == ()
    assert color_at(picture, 8, 5) == canvas.timeline_style.accent
    assert color_at(picture, canvas.width() - 8, 5) != canvas.timeline_style.accent
