"""Journey: whatever moves the selection, or the rows around it, one row is selected, in sight and painted so.

Keys act on that row, and walking goes on from it.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QToolButton

from desk.application.catalogue import SortKey
from desk.application.resources import resource
from desk.domain.commands import CorrectBookDetails, CreateBook, DeleteBook
from desk.gui.books.dialog import CommandDialog
from desk.gui.widgets.question import Question
from tests.forked import run_forked
from tests.journeys.books import isbn_of, send
from tests.journeys.conftest import Windows
from tests.journeys.test_find import click_header
from tests.journeys.window import RealWindow

SHELF = 40
Ids = dict[str, UUID]
IDS: Ids = {f"Volume {number:03}": uuid5(NAMESPACE_OID, str(number)) for number in range(SHELF)}


def title_of(number: int) -> str:
    return f"Volume {number:03}"


@pytest.fixture(scope="module")
def untouched() -> set[RealWindow]:
    """Windows whose catalogue is as it was made."""
    return set()


def on_a_shelf(shared: Windows) -> RealWindow:
    """A window on a catalogue with more rows than it has room for."""
    shared.close()
    desk = shared.again()
    books = enumerate(IDS.items())
    send(
        desk,
        *(
            CreateBook(book_id=book, isbn=isbn_of(n), title=title, authors=(f"Author {SHELF - n:02}",))
            for n, (title, book) in books
        ),
    )
    desk.until(lambda: desk.titles == list(IDS) and all("listed" in desk.cells(row) for row in range(SHELF)))
    return desk


def show_all(desk: RealWindow) -> None:
    """By their titles, in the window that has the keys."""
    desk.frame.activateWindow()
    desk.until(desk.frame.isActiveWindow)
    desk.window.part.view.search.clear()
    if desk.window.part.view.model.question.sort is not SortKey.TITLE:
        click_header(desk, 0)


@pytest.fixture
def looked_at(shared: Windows, untouched: set[RealWindow]) -> RealWindow:
    """A window on a catalogue that is as the shelf and stays so; nothing is searched for."""
    desk = shared.sound
    if desk is None or desk not in untouched:
        desk = on_a_shelf(shared)
        untouched.add(desk)
    show_all(desk)
    desk.until(lambda: desk.titles == list(IDS))
    return desk


@pytest.fixture
def changed(shared: Windows, untouched: set[RealWindow]) -> RealWindow:
    """A window on a catalogue that was as the shelf once, and has its last ten rows still; nothing is searched for."""
    desk = shared.sound or on_a_shelf(shared)
    untouched.discard(desk)
    show_all(desk)
    desk.until(lambda: desk.count() > SHELF // 2 and all(title_of(n) in desk.titles for n in range(30, SHELF)))
    return desk


def press(desk: RealWindow, key: Qt.Key) -> None:
    """Press a key where the focus is."""
    widget = desk.window.focusWidget()
    assert widget is not None
    desk.qtbot.keyClick(widget, key)


def find(desk: RealWindow, text: str, key: Qt.Key) -> None:
    """As somebody who does not wait for the rows: the key follows the last letter at once."""
    desk.trigger("catalogue.find")
    box = desk.window.part.view.search
    desk.qtbot.keyClicks(box, text)
    desk.qtbot.keyClick(box, key)


def find_and_enter(desk: RealWindow, ids: Ids) -> str:
    find(desk, "author 3", Qt.Key.Key_Return)
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    return title_of(1)


def find_and_down(desk: RealWindow, ids: Ids) -> str:
    find(desk, "author 3", Qt.Key.Key_Down)
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    press(desk, Qt.Key.Key_Down)
    return title_of(2)


def find_and_wait_and_enter(desk: RealWindow, ids: Ids) -> str:
    desk.search("author 3")
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    desk.qtbot.keyClick(desk.window.part.view.search, Qt.Key.Key_Return)
    return title_of(1)


def find_and_tab(desk: RealWindow, ids: Ids) -> str:
    desk.search("author 3")
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    desk.window.part.view.search.setFocus()
    press(desk, Qt.Key.Key_Tab)
    return title_of(1)


def clear_the_search(desk: RealWindow, ids: Ids) -> str:
    desk.search("author 3")
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    desk.qtbot.keyClick(desk.window.part.view.search, Qt.Key.Key_Escape)
    desk.until(lambda: desk.count() == SHELF)
    return title_of(30)


def reveal_from_the_card(desk: RealWindow, ids: Ids) -> str:
    again, before = CreateBook(book_id=uuid4(), isbn=isbn_of(3), title="Zymurgy", authors=("Somebody",)), desk.count()
    send(desk, again)
    desk.until(lambda: "Zymurgy" in desk.titles and "rejected" in desk.cells(desk.titles.index("Zymurgy")))
    desk.search("zymurgy")
    desk.until(lambda: desk.count() == 1)
    desk.select("Zymurgy")
    desk.window.part.card.note.link_followed.emit(f"book:{ids[title_of(3)]}")
    desk.until(lambda: desk.count() == before + 1)
    return title_of(3)


def undo(desk: RealWindow, ids: Ids) -> str:
    desk.submit(desk.form("copy.add"))
    desk.select(title_of(2))
    desk.submit(desk.form("edit.undo"))
    desk.until(lambda: desk.window.part.chosen.book_id == ids[title_of(30)])
    return title_of(30)


def an_import(desk: RealWindow, ids: Ids) -> str:
    some, before = desk.data_dir / "some.csv", desk.count()
    some.write_text(
        "".join(resource("demo/books.csv").read_text("utf-8").splitlines(keepends=True)[: SHELF + 1]), "utf-8"
    )
    assert run_forked("desk", "--data", str(desk.data_dir), "import", str(some), timeout=120).returncode == 0
    desk.until(lambda: desk.count() == before + SHELF)
    return title_of(30)


def delete_above(desk: RealWindow, number: int) -> str:
    """So many rows right above the selected one."""
    before, row = desk.count(), desk.titles.index(title_of(30))
    books = map(desk.window.part.view.model.book_at, range(row - number, row))
    send(desk, *(DeleteBook(book_id=book.book_id, reason="torn") for book in books if book is not None))
    desk.until(lambda: desk.count() == before - number)
    return title_of(30)


def deletion_of_the_row_before(desk: RealWindow, ids: Ids) -> str:
    return delete_above(desk, 1)


def deletion_of_all_rows_in_sight_above(desk: RealWindow, ids: Ids) -> str:
    return delete_above(desk, 15)


def another_order(desk: RealWindow, ids: Ids) -> str:
    click_header(desk, 1)
    desk.until(lambda: desk.titles[0] == title_of(SHELF - 1))
    click_header(desk, 1)
    desk.until(lambda: desk.titles[0] == title_of(0))
    return title_of(30)


def its_own_row_moves(desk: RealWindow, ids: Ids) -> str:
    desk.select(title_of(1))
    card = desk.window.part.chosen.card
    assert card is not None
    send(desk, CorrectBookDetails(book_id=ids[title_of(1)], seen_revision=card.row.revision, title="Volume 030 b"))
    desk.until(lambda: desk.titles[desk.titles.index(title_of(30)) + 1] == "Volume 030 b")
    return "Volume 030 b"


def arrive(desk: RealWindow, titles: Iterable[str]) -> str:
    """Books with such titles, one after the other."""
    for title in titles:
        before = desk.count()
        isbn = isbn_of(500 + before)
        send(desk, CreateBook(book_id=uuid4(), isbn=isbn, title=title, authors=("Somebody",)))
        desk.until(lambda before=before: desk.count() == before + 1)  # type: ignore[misc]
    return title_of(30)


def live_rows_arriving_above(desk: RealWindow, ids: Ids) -> str:
    return arrive(desk, (f"Aaa {n:02}" for n in range(25)))


def live_rows_arriving_between(desk: RealWindow, ids: Ids) -> str:
    return arrive(desk, (f"Volume 029 {n:02}" for n in range(20)))


Way: TypeAlias = Callable[[RealWindow, Ids], str]

LOOKS: tuple[Way, ...] = (
    find_and_enter,
    find_and_down,
    find_and_wait_and_enter,
    find_and_tab,
    clear_the_search,
    another_order,
)
"""These leave all books as they are."""
CHANGES: tuple[Way, ...] = (
    reveal_from_the_card,
    undo,
    an_import,
    deletion_of_the_row_before,
    deletion_of_all_rows_in_sight_above,
    its_own_row_moves,
    live_rows_arriving_above,
    live_rows_arriving_between,
)


def is_seen(desk: RealWindow, title: str) -> bool:
    """Whether the one selected row is this title's, in sight, painted as selected, and what the card shows."""
    table, card = desk.window.part.view.table, desk.window.part.chosen.card
    rows = table.selectionModel().selectedRows()
    if [str(index.data()) for index in rows] != [title] or table.currentIndex().row() != rows[0].row():
        return False
    place = table.visualRect(rows[0])
    picture = table.viewport().grab(QRect(place.left(), place.top(), 6, place.height())).toImage()
    highlight = table.palette().color(QPalette.ColorRole.Highlight)
    return (
        table.viewport().rect().contains(place.center())
        and picture.pixelColor(2, picture.height() // 2) == highlight
        and card is not None
        and card.row.title == title
    )


@pytest.mark.parametrize("way", LOOKS, ids=lambda way: str(way.__name__))
def test_after_every_look_the_selected_row_is_in_sight_and_painted(looked_at: RealWindow, way: Way) -> None:
    is_seen_after(way, looked_at)


def test_a_key_brings_the_row_that_it_acts_on_into_sight(looked_at: RealWindow) -> None:
    desk = looked_at
    desk.select(title_of(30))
    table = desk.window.part.view.table
    table.verticalScrollBar().setValue(0)
    assert not is_seen(desk, title_of(30))
    form = desk.form("book.correct")
    assert is_seen(desk, title_of(30))
    form.reject()


def test_a_key_asks_before_it_acts_on_a_book_that_the_search_hides(looked_at: RealWindow) -> None:
    desk = looked_at
    desk.select(title_of(30))
    desk.search("author 3")
    desk.until(lambda: desk.titles[:1] == [title_of(1)])
    desk.trigger("book.correct")
    desk.until(lambda: desk.dialogs(Question))
    (question,) = desk.dialogs(Question)
    assert question.text() == f"Correct details: is “{title_of(30)}” meant?"
    assert (question.stay.text(), question.go_on.text()) == ("Cancel", "Correct details")
    desk.qtbot.keyClick(question, Qt.Key.Key_Return)
    desk.until(lambda: not desk.dialogs(Question))
    assert not desk.dialogs(CommandDialog), "Enter changes nothing"
    desk.trigger("book.correct")
    desk.until(lambda: desk.dialogs(Question))
    desk.qtbot.mouseClick(desk.dialogs(Question)[0].go_on, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.dialogs(CommandDialog))
    form = desk.dialogs(CommandDialog)[0]
    assert form.line("title").read() == title_of(30)
    form.reject()
    button = desk.window.part.card.findChild(QToolButton, "card.book.correct")
    assert isinstance(button, QToolButton)
    desk.window.activateWindow()
    desk.until(desk.window.isActiveWindow)
    desk.until(button.isEnabled)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.dialogs(CommandDialog) or desk.dialogs(Question))
    assert not desk.dialogs(Question), "whoever works in the card sees its book"
    desk.dialogs(CommandDialog)[0].reject()


def test_after_a_restart_the_book_of_the_last_time_is_in_sight(
    looked_at: RealWindow, shared: Windows, untouched: set[RealWindow]
) -> None:
    looked_at.select(title_of(20))
    again = shared.without_waiting(looked_at.data_dir)
    again.until(lambda: is_seen(again, title_of(20)))
    again.frame.resize(1400, 700)
    again.until(lambda: is_seen(again, title_of(20)))
    again.frame.resize(1400, 900)
    untouched.add(again)


@pytest.mark.parametrize("way", CHANGES, ids=lambda way: str(way.__name__))
def test_after_every_change_the_selected_row_is_in_sight_and_painted(changed: RealWindow, way: Way) -> None:
    is_seen_after(way, changed)


def is_seen_after(way: Way, desk: RealWindow) -> None:
    desk.select(title_of(30))
    title = way(desk, IDS)
    desk.until(lambda: is_seen(desk, title))
    desk.qtbot.wait(300)  # news that comes late changes nothing
    assert is_seen(desk, title)
    following = desk.titles[desk.titles.index(title) + 1]
    desk.qtbot.keyClick(desk.window.part.view.table, Qt.Key.Key_Down)
    desk.until(lambda: is_seen(desk, following))
