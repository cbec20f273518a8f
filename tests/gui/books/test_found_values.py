"""A search about the past says of each book what it was, from when until when: in the table, the card, and copied."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.application.book_search import parse_search
from desk.application.event_index import GetPastHits, PastHits, PastValue
from desk.domain.commands import CorrectBookDetails
from desk.gui.books.found_values import found_texts, found_tip
from desk.gui.books.rows import COLUMNS
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession

NOON = datetime(2026, 3, 2, 12, 0).astimezone()
PAST = len(COLUMNS)


@pytest.fixture
def emma(session: FakeSession) -> UUID:
    """A book with another title than it once had, and one that has nothing to do with it."""
    emma = session.add("Emma", "9780141439518")
    session.change(CorrectBookDetails(book_id=emma, seen_revision=1, title="Zemma"))
    session.add("Hobbit", "9780261102217")
    return emma


@pytest.fixture
def full(emma: UUID, window: CatalogueWindow, qtbot: QtBot) -> CatalogueWindow:
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 2)
    return window


def look_for(full: CatalogueWindow, qtbot: QtBot, text: str) -> None:
    full.part.view.search.setText(text)
    qtbot.waitUntil(lambda: full.part.model.rowCount() == 1 and found(full) != ["", ""])


def found(full: CatalogueWindow) -> list[str]:
    model = full.part.model
    return [str(model.index(0, column).data()) for column in range(PAST, model.columnCount())]


def a_value(since: datetime, until: datetime | None, value: str = "Emma", revision: int = 0) -> PastValue:
    return PastValue("title", value, revision, 100, since, None if until is None else 200, until)


def of(*values: PastValue, number: int = 0) -> PastHits:
    return PastHits(uuid4(), number or len(values), values, {})


def test_the_table_says_what_a_book_was_and_until_when_as_long_as_that_is_looked_for(
    full: CatalogueWindow, qtbot: QtBot
) -> None:
    model, head = full.part.model, full.part.view.table.horizontalHeader()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    look_for(full, qtbot, "ever:emma")
    assert model.index(0, 0).data() == "Zemma"
    what, when = found(full)
    assert what == "title: Emma"
    assert " – " in when
    headings = [model.headerData(head.logicalIndex(place), Qt.Orientation.Horizontal) for place in range(4)]
    assert headings == ["Title", "What it was", "When", "Authors"]
    assert "title: Emma" in model.index(0, PAST).data(Qt.ItemDataRole.ToolTipRole)
    full.part.view.search.clear()
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    assert model.columnCount() == len(COLUMNS)
    assert tester.model() is model


def test_what_changed_is_said_by_the_names_of_its_fields(full: CatalogueWindow, emma: UUID, qtbot: QtBot) -> None:
    full.part.view.search.setText("changed:2000-01")
    qtbot.waitUntil(lambda: full.part.model.rowCount() == 0)
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    look_for(full, qtbot, f"changed:{today} zemma")
    assert full.part.model.headerData(PAST, Qt.Orientation.Horizontal) == "What changed"
    what, when = found(full)
    assert what.startswith("title, state, ISBN")
    assert " – " not in when, "one day"


def test_a_click_on_what_was_found_sorts_nothing(full: CatalogueWindow, qtbot: QtBot) -> None:
    look_for(full, qtbot, "ever:emma")
    head, question = full.part.view.table.horizontalHeader(), full.part.model.question
    at = head.sectionViewportPosition(PAST) + 20
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, head.height() // 2))
    assert full.part.model.question == question
    assert head.sortIndicatorSection() == COLUMNS.index(question.sort)


def test_columns_that_are_remembered_during_such_a_search_come_back_without_it(
    full: CatalogueWindow, qtbot: QtBot
) -> None:
    view, head = full.part.view, full.part.view.table.horizontalHeader()
    head.resizeSection(1, 222)
    head.moveSection(head.visualIndex(2), 1)
    look_for(full, qtbot, "ever:emma")
    remembered = QByteArray(view.columns.save())
    view.search.clear()
    qtbot.waitUntil(lambda: full.part.model.columnCount() == len(COLUMNS))
    view.columns.restore(QByteArray())
    view.columns.restore(remembered)
    assert head.count() == len(COLUMNS)
    assert [head.logicalIndex(place) for place in range(3)] == [0, 2, 1]
    assert head.sectionSize(1) == 222
    assert not any(head.isSectionHidden(number) for number in range(head.count()))


def test_the_card_says_it_too_and_leads_to_the_event(full: CatalogueWindow, emma: UUID, qtbot: QtBot) -> None:
    look_for(full, qtbot, "ever:emma")
    full.part.view.choose(emma)
    shown = full.part.card.found
    qtbot.waitUntil(lambda: "title: Emma" in shown.text.text())
    shown.link_followed.emit("revision:0")
    place = full.workspace.place
    assert place is not None
    assert (place.stream, place.revision) == (f"book-{emma}", 0)
    full.part.view.search.clear()
    qtbot.waitUntil(lambda: shown.isHidden())


def test_what_was_found_is_copied_with_the_rows(full: CatalogueWindow, qtbot: QtBot) -> None:
    look_for(full, qtbot, "ever:emma")
    full.part.view.table.selectRow(0)
    with qtbot.waitSignal(full.part.copying.said):
        full.part.copying.copy()
    headings, cells = (line.split("\t") for line in QApplication.clipboard().text().splitlines())
    assert headings[:3] == ["Title", "What it was", "When"]
    assert cells[:2] == ["Zemma", "title: Emma"]
    assert " – " in cells[2]


def test_the_same_book_is_asked_for_once_and_again_when_something_happened(
    full: CatalogueWindow, emma: UUID, session: FakeSession, qtbot: QtBot
) -> None:
    look_for(full, qtbot, "ever:emma")
    asked = [query for query in session.asked if isinstance(query, GetPastHits)]
    assert [query.books for query in asked] == [(emma,)]
    session.change(CorrectBookDetails(book_id=emma, seen_revision=2, title="Emma again"))
    qtbot.waitUntil(lambda: found(full)[0] == "title: Emma again, and 1 more")


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (None, "since 2 Mar 2026"),
        (NOON + timedelta(days=10), "2 Mar 2026 – 12 Mar 2026"),
        (NOON + timedelta(minutes=90), "2 Mar 2026, 12:00 – 13:30"),
        (NOON + timedelta(seconds=3), "2 Mar 2026, 12:00:00 – 12:00:03"),
    ],
)
def test_a_span_is_told_as_short_as_it_can_be(until: datetime | None, words: str) -> None:
    texts = found_texts(of(a_value(NOON, until)), parse_search("ever:emma"))
    assert texts == ("title: Emma", words)


def test_more_values_than_are_told_are_counted() -> None:
    search = parse_search("ever:emma")
    assert found_texts(of(a_value(NOON, None), number=4), search)[0] == "title: Emma, and 3 more"
    tip = found_tip(of(*(a_value(NOON, None, f"Emma {number}") for number in range(30)), number=40)).splitlines()
    assert tip[0].startswith("title: Emma 0 · since 2 March 2026")
    assert tip[-1] == "and 28 more"


def test_changes_of_several_days_say_from_which_to_which_where_all_are_known() -> None:
    search = parse_search("changed:2026-03")
    values = (a_value(NOON + timedelta(days=3), None), a_value(NOON, NOON + timedelta(days=3)))
    assert found_texts(of(*values), search) == ("title", "2 Mar 2026 – 5 Mar 2026")
    assert found_texts(of(*values, number=9), search) == ("title", "… – 5 Mar 2026")
