"""The table's model shows what a plain list would show, and is never reset by a single event."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desk.application.catalogue import Announcement, BookQuestion, SortKey
from desk.cqrs.errors import StoreUnavailable
from desk.domain.commands import CorrectBookDetails, CreateBook, DeleteBook
from desk.gui.books.model import STATE, BookTable
from desk.gui.books.refresh_throttle import RefreshThrottle
from desk.gui.books.rows import COLUMNS, ago
from desk.gui.books.saving import Saving
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_catalogue import FakeReader
from tests.gui.fake_session import FakeSession

ISBNS = ("9780261102217", "9780451524935", "9780141439518", "9780061120084", "9783518366752", "9780307474728")
STATE_COLUMN = COLUMNS.index(SortKey.STATE)


def isbn(number: int) -> str:
    """A true ISBN for each number."""
    body = f"978{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def titles(table: BookTable) -> list[str]:
    """The first column, by way of data()."""
    return [table.index(row, 0).data() for row in range(table.rowCount())]


@pytest.fixture
def shown(table: BookTable, session: FakeSession, qtbot: QtBot) -> Callable[[], BookTable]:
    """Opens the model and waits for its first answer."""

    def show() -> BookTable:
        with qtbot.waitSignal(table.answered):
            table.open(session.session)
        return table

    return show


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (3600, "1 h ago"),
        (-10, "just now"),
        (-40, "2 Mar 2026"),
        (-864_000, "12 Mar 2026"),
    ],
)
def test_what_lies_ahead_was_not_just_now_but_for_clocks_that_differ(seconds: int, words: str) -> None:
    noon = datetime(2026, 3, 2, 12, 0).astimezone()
    assert ago(noon - timedelta(seconds=seconds), noon) == words
    if seconds < 0:
        assert ago(noon - timedelta(seconds=seconds), noon, ahead=0) != "just now", "a moment of the past is exact"


def test_the_model_keeps_qts_rules_while_rows_come_and_go(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot
) -> None:
    first = session.add("Beta", ISBNS[0])
    table = shown()
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
    session.execute(CreateBook(book_id=uuid4(), isbn=ISBNS[1], title="Alpha", authors=("A",)))
    qtbot.waitUntil(lambda: titles(table) == ["Alpha", "Beta"])
    session.execute(DeleteBook(book_id=first, reason="x"))
    qtbot.waitUntil(lambda: titles(table) == ["Alpha"])
    assert tester.model() is table


def test_cells_say_what_the_row_says(session: FakeSession, shown: Callable[[], BookTable]) -> None:
    session.add("Good Omens", ISBNS[0], authors=("Terry Pratchett", "Neil Gaiman"), published_year=1990, copies=2)
    table = shown()
    cells = [table.index(0, column).data() for column in range(table.columnCount())]
    assert cells == [
        "Good Omens",
        "Terry Pratchett; Neil Gaiman",
        ISBNS[0],
        "1990",
        "listed",
        "2 / 2",
        "just now",
    ]
    assert table.index(0, COLUMNS.index(SortKey.CHANGED)).data(Qt.ItemDataRole.ToolTipRole)
    assert table.headerData(0, Qt.Orientation.Horizontal) == "Title"


def test_a_changed_row_is_repainted_without_a_reset(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot
) -> None:
    book = session.add("Beta", ISBNS[0])
    session.add("Gamma", ISBNS[1])
    table = shown()
    titles(table)
    resets: list[bool] = []
    table.modelReset.connect(lambda: resets.append(True))
    with qtbot.waitSignal(table.dataChanged) as changed:
        session.change(CorrectBookDetails(book_id=book, seen_revision=1, published_year=1999))
    assert changed.args is not None
    assert changed.args[0].row() == changed.args[1].row() == 0
    assert table.index(0, 3).data() == "1999"
    assert not resets


def test_a_few_new_rows_are_placed_without_asking_for_the_order(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot
) -> None:
    for title, number in (("Alpha", 1), ("Gamma", 2), ("Epsilon", 3)):
        session.add(title, isbn(number))
    table = shown()
    table.ask(BookQuestion(sort=SortKey.TITLE, descending=True))
    qtbot.waitUntil(lambda: titles(table) == ["Gamma", "Epsilon", "Alpha"])
    asked = len(session.asked)
    with qtbot.waitSignal(table.rowsInserted):
        session.execute(CreateBook(book_id=uuid4(), isbn=isbn(4), title="Delta", authors=("D",)))
    assert titles(table) == ["Gamma", "Epsilon", "Delta", "Alpha"]
    assert len(session.asked) == asked


def test_many_new_rows_are_one_question_for_the_order(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot
) -> None:
    table = shown()
    asked = len(session.asked)
    for batch in range(5):
        ids = [session.add(f"Book {batch}{number}", isbn(100 * batch + number)) for number in range(20)]
        session.announce(*ids, arrived=True)
    qtbot.waitUntil(lambda: table.rowCount() == 100)
    assert len(session.asked) - asked <= 2


def test_the_answer_to_an_overtaken_question_is_dropped(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot
) -> None:
    session.add("Alpha", ISBNS[0])
    session.add("Beta", ISBNS[1])
    table = shown()
    session.held = True
    table.ask(BookQuestion(text="alpha"))
    table.ask(BookQuestion(text="beta"))
    seen: list[list[str]] = []
    table.swapped.connect(lambda: seen.append(titles(table)))
    with qtbot.waitSignal(table.answered):
        session.release()
    assert seen == [["Beta"]]


def test_a_row_is_saving_until_the_read_model_has_it(
    session: FakeSession, shown: Callable[[], BookTable], saving: Saving, qtbot: QtBot
) -> None:
    book = session.add("Alpha", ISBNS[0])
    table = shown()
    cell = table.index(0, STATE_COLUMN)
    assert cell.data(STATE) == "listed"
    saving.begin(book)
    assert cell.data(STATE) == "saving"
    saving.stored(book, session.position + 100)
    assert cell.data(STATE) == "saving"
    session.announce()
    qtbot.wait(0)
    assert cell.data(STATE) == "saving"
    session.position += 100
    with qtbot.waitSignal(saving.changed):
        session.announce()
    assert cell.data(STATE) == "listed"


def test_what_was_announced_before_its_outcome_came_is_not_saving(saving: Saving) -> None:
    book = uuid4()
    saving.begin(book)
    saving.announced(Announcement(500))
    saving.stored(book, 400)
    assert not saving.is_saving(book)
    assert not len(saving)


def test_two_commands_on_one_book_are_saved_when_both_are(saving: Saving) -> None:
    book = uuid4()
    saving.begin(book)
    saving.begin(book)
    saving.given_up(book)
    assert saving.is_saving(book)
    saving.stored(book, None)
    assert not saving.is_saving(book)


def test_catching_up_refreshes_the_rows_that_stay(
    session: FakeSession, shown: Callable[[], BookTable], bridge: GuiBridge, qtbot: QtBot
) -> None:
    book = session.add("Alpha", ISBNS[0])
    table = shown()
    assert titles(table) == ["Alpha"]
    session._apply(CorrectBookDetails(book_id=book, seen_revision=1, published_year=2001))
    bridge.announced.emit(Announcement(session.position, live=False, progress=0.5))
    qtbot.waitUntil(lambda: table.index(0, 3).data() == "2001")


def test_a_read_model_that_is_still_being_opened_is_asked_again(
    session: FakeSession, table: BookTable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.add("Alpha", ISBNS[0])
    answer, tries = session._answer, count(1)

    def not_yet(query: object) -> object:
        if next(tries) == 1:
            raise StoreUnavailable("The catalogue is still being opened.")
        return answer(query)

    monkeypatch.setattr(session, "_answer", not_yet)
    table.open(session.session)
    qtbot.waitUntil(lambda: titles(table) == ["Alpha"])


def test_a_closed_model_gives_its_reader_back(session: FakeSession, shown: Callable[[], BookTable]) -> None:
    session.add("Alpha", ISBNS[0])
    table = shown()
    reader = table._reader
    table.close()
    assert isinstance(reader, FakeReader)
    assert reader.closed
    assert table.rowCount() == 0


def test_a_window_that_was_busy_does_not_put_off_the_next_question(
    session: FakeSession, shown: Callable[[], BookTable], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long the answer took is noted where it was made, as the window may have no time to hear of it."""
    session.add("Beta", ISBNS[0])
    table, noted = shown(), list[bool]()
    monkeypatch.setattr(RefreshThrottle, "answered", lambda _self: noted.append(True))
    with qtbot.waitSignal(table.answered):
        table.ask(BookQuestion(sort=SortKey.YEAR))
        assert noted == [True]
    assert noted == [True]


words = st.sampled_from(["Alpha", "beta", "Élan", "gamma delta", "Zeta", "zeta"])
questions = st.builds(
    BookQuestion,
    text=st.sampled_from(["", "a", "be", "elan", "gamma de", "q"]),
    sort=st.sampled_from(SortKey),
    descending=st.booleans(),
    with_deleted=st.booleans(),
)
steps = st.lists(
    st.tuples(st.just("add"), words, st.integers(1000, 2030))
    | st.tuples(st.just("delete"), st.integers(0, 30), st.just(0))
    | st.tuples(st.just("correct"), words, st.integers(0, 30))
    | st.tuples(st.just("ask"), questions, st.just(0)),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_after_any_changes_the_model_shows_what_a_plain_list_shows(
    qtbot: QtBot, steps: list[tuple[str, object, int]]
) -> None:
    bridge, saving, session = GuiBridge(), Saving(), FakeSession()
    table = BookTable(bridge, saving)
    bridge.announced.connect(table.announced)
    session.listen(bridge.tell)
    table.open(session.session)
    numbers = count(1)
    for step in steps:
        _take(session, table, step, numbers)
        QCoreApplication.processEvents()
    # What waits for some quiet is asked for at once.
    table.ask_again()
    qtbot.waitUntil(lambda: not table.is_asking)
    wanted = session.reader().order(table.question)
    by_id = {shelved.row.id: shelved.row for shelved in session.shelf.values()}
    assert titles(table) == [by_id[row_id].title for row_id in wanted]
    assert [table.index(row, 3).data() for row in range(len(wanted))] == [
        str(by_id[row_id].published_year or "") for row_id in wanted
    ]
    table.close()
    bridge.close()


def _take(session: FakeSession, table: BookTable, step: tuple[str, object, int], numbers: "count[int]") -> None:
    kind, what, number = step
    books: list[UUID] = [key for key, shelved in session.shelf.items() if shelved.row.state == "listed"]
    if kind == "add":
        session.execute(
            CreateBook(
                book_id=uuid4(), isbn=isbn(next(numbers)), title=str(what), authors=("A",), published_year=number
            )
        )
    elif kind == "ask" and isinstance(what, BookQuestion):
        table.ask(what)
    elif books and isinstance(what, int):
        session.execute(DeleteBook(book_id=books[what % len(books)], reason="x"))
    elif books:
        session.execute(
            CorrectBookDetails(
                book_id=books[number % len(books)], seen_revision=0, title=str(what), published_year=None
            )
        )
