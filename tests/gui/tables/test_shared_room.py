"""Columns share the room they have: all is read where there is room for all, else some give way."""

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from desk.gui.tables.shared_room import SharedRoom, shares

TEXTS = ("due on", "2026-11-14 09:15:00", "a remark that is a good deal longer than the others are")


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.integers(1, 2000), st.sets(st.integers(0, 5)))
def test_columns_fill_the_room_or_are_cut_to_it(wanted: list[int], room: int, some: set[int]) -> None:
    yielding = sorted(column for column in some if column < len(wanted))
    given_ = shares(wanted, room, yielding)
    if sum(wanted) <= room:
        assert sum(given_) == room
        assert all(wide >= want for wide, want in zip(given_, wanted, strict=True))
    else:
        assert room - len(wanted) <= sum(given_) <= room
        assert all(wide <= want for wide, want in zip(given_, wanted, strict=True))


def test_what_yields_is_cut_and_the_rest_is_whole() -> None:
    assert shares([60, 150, 500], 400, [2]) == [60, 150, 190]
    assert shares([300, 300, 40], 200, [2]) == [80, 80, 40], "where all is too much nothing is spared"


def table(qtbot: QtBot, spare: tuple[int, ...] = ()) -> tuple[QTableView, SharedRoom]:
    view = QTableView()
    qtbot.addWidget(view)
    model = QStandardItemModel(0, len(TEXTS), view)
    model.appendRow([QStandardItem(text) for text in TEXTS])
    view.setModel(model)
    view.verticalHeader().hide()
    room = SharedRoom(view, (2,), spare=spare)
    view.resize(300, 200)
    view.show()
    return view, room


def test_a_short_column_is_whole_beside_a_long_one_and_all_are_where_there_is_room(qtbot: QtBot) -> None:
    view, _ = table(qtbot)
    metrics = view.fontMetrics()
    assert view.columnWidth(1) > metrics.horizontalAdvance(TEXTS[1])
    assert view.columnWidth(2) < metrics.horizontalAdvance(TEXTS[2])
    assert not view.horizontalScrollBar().isVisible()
    view.resize(900, 200)
    qtbot.waitUntil(lambda: view.columnWidth(2) > metrics.horizontalAdvance(TEXTS[2]))
    assert view.horizontalHeader().length() == view.viewport().width()


def test_a_table_that_nobody_sees_is_measured_once_it_is_seen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    view, room = table(qtbot)
    view.hide()
    measure = Mock(return_value=90)
    monkeypatch.setattr(view, "sizeHintForColumn", measure)
    room.fit()
    assert measure.call_args_list == []
    view.show()
    assert {call.args[0] for call in measure.call_args_list} == {0, 1, 2}
    assert view.horizontalHeader().length() == view.viewport().width()


def test_a_width_that_somebody_gave_a_column_stays(qtbot: QtBot) -> None:
    view, room = table(qtbot)
    header = view.horizontalHeader()
    middle, edge = header.height() // 2, header.sectionViewportPosition(1) - 1
    start, end = QPoint(edge, middle), QPoint(edge + 40, middle)
    before = view.columnWidth(0)
    qtbot.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(header.viewport(), end)
    qtbot.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert view.columnWidth(0) > before
    given_ = view.columnWidth(0)
    room.fit()
    view.resize(700, 200)
    assert view.columnWidth(0) == given_


def test_a_spare_column_is_left_out_before_another_is_cut_and_comes_back(qtbot: QtBot) -> None:
    view, _ = table(qtbot, spare=(0,))
    assert view.isColumnHidden(0)
    assert view.columnWidth(1) > view.fontMetrics().horizontalAdvance(TEXTS[1])
    view.resize(900, 200)
    qtbot.waitUntil(lambda: not view.isColumnHidden(0))
    assert view.columnWidth(0) > view.fontMetrics().horizontalAdvance(TEXTS[0])
    assert view.horizontalHeader().length() == view.viewport().width()
