"""Values of payloads as columns: shown, pinned, copied, taken away, and remembered by category."""

import csv
import json
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desk.application.event_index import IndexRefused
from desk.application.event_question import JsonPath
from desk.application.payload_values import value_texts
from desk.gui.streams.model import BASE_COLUMNS
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.view import StreamTab
from desk.gui.widgets.masking import set_masked
from tests.gui.timeline.fake_history import FakeHistory, recorded

CITY = "$.customer.city"


@dataclass
class FakePins:
    """Remembers what was pinned, and may refuse it."""

    paths: list[str] = field(default_factory=list)
    refuses: bool = False

    def pin(self, path: JsonPath) -> "Future[None]":
        future: Future[None] = Future()
        if self.refuses:
            future.set_exception(IndexRefused("There is no index of events yet: have it built first."))
        else:
            self.paths.append(str(path))
            future.set_result(None)
        return future

    def unpin(self, path: JsonPath) -> "Future[None]":
        self.paths.remove(str(path))
        future: Future[None] = Future()
        future.set_result(None)
        return future


@pytest.fixture
def pins(panel: StreamsPanel) -> FakePins:
    pins = FakePins()
    session: Any = panel.workspace.session
    panel.workspace.session = replace(session, search=pins)
    return pins


def fill(session: FakeHistory) -> None:
    for number, city in enumerate(("Berlin", "Oslo", "Gdańsk")):
        data = json.dumps({"customer": {"city": city}, "total": number * 100}).encode()
        session.add("order-1", recorded("order-1", number, data=data), known=False)
        session.add("order-2", recorded("order-2", number, data=data), known=False)
    session.add("payment-1", recorded("payment-1", 0), known=False)


def opened(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> StreamTab:
    fill(session)
    view = panel.open_source("order-1")
    qtbot.waitUntil(lambda: len(view.model.events) == 3)
    return view


def offer(view: StreamTab, words: str) -> Any:
    return next(act for text, act in view.detail.data_view.offers if words in text.replace("&", ""))


def headings(view: StreamTab) -> list[str]:
    columns = range(BASE_COLUMNS, view.model.columnCount())
    return [str(view.model.headerData(column, Qt.Orientation.Horizontal)) for column in columns]


def cells(view: StreamTab, column: int = BASE_COLUMNS) -> list[str]:
    return [str(view.model.index(row, column).data()) for row in range(view.model.rowCount())]


def header_action(view: StreamTab, column: int, words: str) -> Any:
    header = view.table.horizontalHeader()
    header.customContextMenuRequested.emit(QPoint(header.sectionViewportPosition(column) + 5, 5))
    menu = next(menu for menu in header.findChildren(QMenu) if menu.isVisible())
    return next(action for action in menu.actions() if words in action.text().replace("&", ""))


def test_a_value_of_the_payload_becomes_a_column_under_its_path(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    view = opened(panel, session, qtbot)
    row = view.table.currentIndex().row()
    offer(view, "Show as column")(CITY)
    assert headings(view) == [CITY]
    qtbot.waitUntil(lambda: cells(view) == ["Berlin", "Oslo", "Gdańsk"])
    assert view.table.currentIndex().row() == row
    assert min(view.table.columnWidth(column) for column in (0, BASE_COLUMNS)) > 60


def test_columns_are_those_of_the_category_and_of_no_other(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    view = opened(panel, session, qtbot)
    offer(view, "Show as column")(CITY)
    panel.open_beside("order-2")
    assert headings(panel.view) == [CITY]
    panel.open_beside("payment-1")
    assert headings(panel.view) == []
    panel.open_beside("order-*")
    assert headings(panel.view) == [CITY]


def test_columns_are_remembered_with_the_store(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    view = opened(panel, session, qtbot)
    offer(view, "Show as column")(CITY)
    saved = panel.save_state()
    header_action(view, BASE_COLUMNS, "Take").trigger()
    assert headings(view) == []
    panel.restore_state(saved)
    assert headings(view) == [CITY]
    qtbot.waitUntil(lambda: cells(view)[:1] == ["Berlin"])


def test_a_pinned_column_has_its_values_indexed_and_taken_away_no_more(
    panel: StreamsPanel, session: FakeHistory, pins: FakePins, qtbot: QtBot
) -> None:
    view = opened(panel, session, qtbot)
    offer(view, "Pin as column")(CITY)
    qtbot.waitUntil(lambda: CITY in panel.kept.pinned)
    assert pins.paths == [CITY]
    assert headings(view) == [CITY]
    assert header_action(view, BASE_COLUMNS, "Index its values").isChecked()
    header_action(view, BASE_COLUMNS, "Take").trigger()
    qtbot.waitUntil(lambda: not panel.kept.pinned)
    assert pins.paths == []


def test_the_index_stays_while_another_category_shows_the_path(
    panel: StreamsPanel, session: FakeHistory, pins: FakePins, qtbot: QtBot
) -> None:
    view = opened(panel, session, qtbot)
    panel.kept.show_column("customer", CITY, shown=True)
    offer(view, "Pin as column")(CITY)
    qtbot.waitUntil(lambda: CITY in panel.kept.pinned)
    header_action(view, BASE_COLUMNS, "Take").trigger()
    assert pins.paths == [CITY]


def test_where_there_is_no_index_the_column_is_shown_and_why_it_is_not_pinned_is_said(
    panel: StreamsPanel, session: FakeHistory, pins: FakePins, qtbot: QtBot
) -> None:
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    view = opened(panel, session, qtbot)
    pins.refuses = True
    offer(view, "Pin as column")(CITY)
    qtbot.waitUntil(lambda: said[-1:] == ["There is no index of events yet: have it built first."])
    assert headings(view) == [CITY]
    assert not panel.kept.pinned


def test_csv_has_the_column(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    view = opened(panel, session, qtbot)
    offer(view, "Show as column")(CITY)
    QApplication.clipboard().clear()
    view.table.selectAll()
    view.copying.csv(0)
    qtbot.waitUntil(lambda: bool(QApplication.clipboard().text()))
    rows = list(csv.reader(QApplication.clipboard().text().splitlines()))
    assert [row[-1] for row in rows] == [CITY, "Berlin", "Oslo", "Gdańsk"]


def test_on_a_stage_what_is_hidden_in_the_payload_is_hidden_in_its_column(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.add("order-9", recorded("order-9", 0, data=b'{"patron":"R-1001"}'), known=False)
    view = panel.open_source("order-9")
    qtbot.waitUntil(lambda: len(view.model.events) == 1)
    set_masked(masked=True)
    try:
        offer(view, "Show as column")("$.patron")
        qtbot.waitUntil(lambda: cells(view)[0] != "")
        assert "1001" not in cells(view)[0]
    finally:
        set_masked(masked=False)
        panel.workspace.theme.changed.emit()
    qtbot.waitUntil(lambda: cells(view)[0] == "R-1001")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"a": 0.10}', "0.10"),
        (b'{"a": ' + b"9" * 5000 + b"}", "9" * 400),
        (b'{"a": "x"}', "x"),
        (b'{"a": true}', "true"),
        (b'{"a": null}', "null"),
        (b'{"a": NaN}', "nan"),
        (b'{"a": {"b": 1, "c": 2}}', "{2}"),
        (b'{"a": [1, 2, 3]}', "[3]"),
        (b'{"b": 1}', ""),
        (b"\xff\xfe no json", ""),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
    ],
)
def test_a_cell_says_a_value_as_it_is_written(data: bytes, text: str) -> None:
    assert value_texts(data, (JsonPath.parse("$.a"),)) == (text,)
