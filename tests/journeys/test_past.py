"""Journey: the whole catalogue as of the event that History stands at, back to now, and what ever was by search."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desk.application.event_index import IndexPart
from desk.domain.commands import AddCopy, CorrectBookDetails, CreateBook, DeleteBook
from desk.gui.frame.panel import HISTORY
from desk.gui.timeline.panel import HistoryPanel
from tests.journeys.books import BOOKS, send
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow

COMMANDS = ("book.new", "catalogue.import", "book.correct", "copy.add", "book.delete", "edit.undo")


NOW = ["L'Étranger", "Pride and Prejudice", "Zemma"]


@pytest.fixture
def ids(desk: RealWindow) -> dict[str, UUID]:
    return put_past(desk)


@pytest.fixture
def looked_at(shared: Windows) -> RealWindow:
    """A window that goes on, for those that change no book: at now, in Catalogue, with nothing searched for."""
    desk = shared.again()
    if not desk.books:
        put_past(desk)
    if desk.window.workspace.moment is not None:
        desk.trigger("past.now")
    desk.trigger("go.catalogue")
    desk.window.part.view.search.clear()
    desk.until(lambda: desk.titles == NOW)
    return desk


def put_past(desk: RealWindow) -> dict[str, UUID]:
    """Four books; then Emma is called otherwise, gets a copy, and Crime and Punishment is deleted."""
    ids = {title: uuid4() for _, title, _, _ in BOOKS}
    for isbn, title, author, _ in reversed(BOOKS):  # one after the other: at all events of Emma there were the others
        send(desk, CreateBook(book_id=ids[title], isbn=isbn, title=title, authors=(author,)))
    desk.until(lambda: desk.count() == len(BOOKS) and all("listed" in desk.cells(row) for row in range(desk.count())))
    send(desk, CorrectBookDetails(book_id=ids["Emma"], seen_revision=1, title="Zemma"))
    send(desk, AddCopy(book_id=ids["Emma"]))
    send(desk, DeleteBook(book_id=ids["Crime and Punishment"], reason="lost"))
    desk.until(lambda: desk.titles == NOW)
    desk.books = ids
    return ids


def history(desk: RealWindow) -> HistoryPanel:
    panel = desk.window.places[HISTORY]
    assert isinstance(panel, HistoryPanel)
    return panel


def stand_at(desk: RealWindow, book: UUID, revision: int) -> None:
    """Choose a book, and walk its history by keys to a revision."""
    desk.window.part.view.choose(book)
    panel = history(desk)
    desk.until(lambda: panel.revision is not None and panel.model.history.stream.endswith(str(book)))
    desk.qtbot.keyClick(panel.canvas, Qt.Key.Key_End)
    while (panel.revision or 0) > revision:
        desk.qtbot.keyClick(panel.canvas, Qt.Key.Key_Left)
    assert panel.revision == revision


def issued(desk: RealWindow, command: CreateBook, at: datetime) -> None:
    """Send a command that brings its own time, as an import does."""
    desk.session.importing.send(command, uuid4(), at).result(60)


def ribbon(desk: RealWindow) -> str:
    shown = desk.window.past.ribbon
    return shown.text.text() if shown.isVisible() else ""


def go_to_the_past(desk: RealWindow, book: UUID, revision: int) -> None:
    stand_at(desk, book, revision)
    desk.trigger("past.whole")
    desk.until(lambda: "The catalogue as of" in ribbon(desk) and "stored since" in ribbon(desk))


def test_the_whole_catalogue_follows_the_playhead_and_esc_returns_to_now(looked_at: RealWindow) -> None:
    desk, ids = looked_at, looked_at.books
    window = desk.window
    heights = [window.places.dock(HISTORY).height(), window.part.view.height()]
    go_to_the_past(desk, ids["Emma"], 1)
    desk.until(lambda: "Emma" in desk.titles)
    assert "Crime and Punishment" in desk.titles
    desk.until(lambda: window.part.chosen.card is not None and window.part.chosen.card.row.title == "Emma")
    desk.until(lambda: window.status.books.text().startswith("4 books"))
    for name in COMMANDS:
        assert not window.actions_by_name[name].isEnabled(), name
        assert "Esc returns to now" in window.actions_by_name[name].statusTip()

    desk.qtbot.keyClick(history(desk).canvas, Qt.Key.Key_Right)
    desk.until(lambda: "Zemma" in desk.titles)
    assert "Crime and Punishment" in desk.titles, "it was deleted later"

    desk.qtbot.keyClick(history(desk).canvas, Qt.Key.Key_Escape)
    desk.until(lambda: desk.titles == ["L'Étranger", "Pride and Prejudice", "Zemma"])
    assert ribbon(desk) == ""
    desk.until(lambda: [window.places.dock(HISTORY).height(), window.part.view.height()] == heights)
    assert not window.actions_by_name["past.whole"].isChecked()
    desk.until(lambda: window.status.books.text().startswith("3 books"))
    desk.until(lambda: window.actions_by_name["book.correct"].isEnabled())


def test_what_ever_was_is_found_by_the_search_box_without_the_past_being_shown(looked_at: RealWindow) -> None:
    desk = looked_at
    desk.trigger("past.ever")
    desk.qtbot.keyClicks(desk.window.part.view.search, "emma")
    assert desk.window.part.view.search.text() == "ever:emma"
    desk.until(lambda: desk.titles == ["Zemma"])
    assert ribbon(desk) == ""
    assert desk.window.actions_by_name["book.new"].isEnabled()
    desk.trigger("past.changed")
    desk.until(lambda: len(desk.titles) == 3)
    desk.qtbot.keyClicks(desk.window.part.view.search, "1999")
    desk.until(lambda: desk.titles == [])
    desk.qtbot.keyClick(desk.window.part.view.search, Qt.Key.Key_Escape)
    desk.until(lambda: len(desk.titles) == 3)


def test_rows_of_the_past_are_copied_as_they_were(looked_at: RealWindow) -> None:
    desk, ids = looked_at, looked_at.books
    go_to_the_past(desk, ids["Emma"], 1)
    desk.until(lambda: "Emma" in desk.titles)
    desk.window.part.view.table.selectAll()
    with desk.qtbot.waitSignal(desk.window.part.copying.said):
        desk.window.part.copying.copy()
    copied = [line.split("\t")[0] for line in QApplication.clipboard().text().splitlines()[1:]]
    assert copied == desk.titles


def test_a_typed_time_is_one_of_the_whole_catalogue_then(looked_at: RealWindow) -> None:
    desk, ids = looked_at, looked_at.books
    go_to_the_past(desk, ids["Emma"], 0)
    moment = desk.window.workspace.moment
    assert moment is not None
    bar = history(desk).transport
    bar.ask(bar.moment)
    bar.moment.setText("in a while")
    desk.qtbot.keyClick(bar.moment, Qt.Key.Key_Return)
    assert desk.window.workspace.moment == moment, "what is no time moves nothing"
    bar.moment.setText("now")
    desk.qtbot.keyClick(bar.moment, Qt.Key.Key_Return)
    desk.until(lambda: desk.titles == ["L'Étranger", "Pride and Prejudice", "Zemma"])
    now = desk.window.workspace.moment
    assert now is not None
    assert now.position > moment.position
    desk.until(lambda: history(desk).controller.is_at_head)
    bar.moment.setText("2001-01-01")
    desk.qtbot.keyClick(bar.moment, Qt.Key.Key_Return)
    desk.until(lambda: "Nothing had happened" in desk.window.status.said.text())
    assert desk.window.workspace.moment == now


def test_each_place_remembers_what_was_looked_at_beside_it(looked_at: RealWindow) -> None:
    desk, ids = looked_at, looked_at.books
    stand_at(desk, ids["Emma"], 1)
    desk.trigger("go.streams")
    desk.window.workspace.look_at("isbn-9780141439518")
    panel = history(desk)
    desk.until(lambda: panel.stream.startswith("isbn-") and len(panel.model.history))
    desk.window.workspace.look_at(f"book-{ids['Pride and Prejudice']}")
    desk.trigger("go.flow")
    desk.trigger("go.catalogue")
    desk.until(lambda: panel.model.history.stream == f"book-{ids['Emma']}" and panel.revision == 1)
    assert desk.window.part.chosen.book_id == ids["Emma"], "what Streams looked at is chosen by nobody"
    desk.trigger("go.streams")
    desk.until(lambda: panel.stream.endswith(str(ids["Pride and Prejudice"])))
    desk.trigger("go.catalogue")
    desk.window.workspace.look_at("isbn-9780141439518")
    desk.until(lambda: panel.model.history.stream.startswith("isbn-"))
    table = desk.window.part.view.table
    at = table.visualRect(table.currentIndex()).center()
    desk.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    desk.until(lambda: panel.model.history.stream == f"book-{ids['Emma']}")


def test_search_and_order_are_those_of_then(looked_at: RealWindow) -> None:
    desk, ids = looked_at, looked_at.books
    go_to_the_past(desk, ids["Emma"], 1)
    desk.search("emma")
    desk.until(lambda: desk.titles == ["Emma"])
    desk.search("zemma")
    desk.until(lambda: desk.titles == [])
    desk.search("")
    desk.until(lambda: len(desk.titles) == 4)
    desk.window.part.view.table.horizontalHeader().sectionClicked.emit(0)
    desk.until(lambda: desk.titles[0] == "Pride and Prejudice" and desk.titles[-1] == "Crime and Punishment")
    desk.window.part.view.table.horizontalHeader().sectionClicked.emit(0)
    desk.until(lambda: desk.titles[0] == "Crime and Punishment")


def test_news_go_on_arriving_behind_and_are_counted_and_another_book_leaves_the_moment(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
    go_to_the_past(desk, ids["Emma"], 1)
    desk.until(lambda: "Emma" in desk.titles)
    before, moment = ribbon(desk), desk.window.workspace.moment
    send(desk, CorrectBookDetails(book_id=ids["L'Étranger"], seen_revision=1, title="The Stranger"))
    desk.until(lambda: ribbon(desk) not in ("", before))
    assert "The Stranger" not in desk.titles
    desk.window.part.view.choose(ids["L'Étranger"])
    panel = history(desk)
    desk.until(lambda: panel.model.history.stream.endswith(str(ids["L'Étranger"])) and panel.revision is not None)
    then = desk.window.part.model.row_of(ids["L'Étranger"])
    assert then is not None
    assert panel.revision == then.revision < 2, "where the book was then, not at its newest event"
    assert desk.window.workspace.moment == moment
    # Walking on by keys and going back leave it, too; moving the playhead moves it.
    rows = desk.window.part.view.table
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        desk.qtbot.keyClick(rows, key)
    chosen = desk.window.part.chosen.book_id
    desk.until(lambda: panel.stream.endswith(str(chosen)) and panel.model.history.stream == panel.stream)
    desk.trigger("go.back")
    desk.until(lambda: panel.model.history.stream == panel.stream and panel.revision is not None)
    assert desk.window.workspace.moment == moment
    desk.qtbot.keyClick(panel.canvas, Qt.Key.Key_End)
    desk.until(lambda: desk.window.workspace.moment != moment)
    desk.trigger("past.now")
    desk.until(lambda: "The Stranger" in desk.titles)


def test_a_hit_says_which_value_it_was_from_when_until_when_and_leads_there(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
    desk.search("ever:emma")
    desk.until(lambda: desk.titles == ["Zemma"] and desk.cells(0)[-2:] != ["", ""])
    what, when = desk.cells(0)[-2:]
    assert what == "title: Emma"
    assert " – " in when, "it was called so until it was corrected"
    desk.select("Zemma")
    shown = desk.window.part.card.found
    desk.until(lambda: "title: Emma" in shown.text.text())
    desk.window.part.view.table.selectAll()
    with desk.qtbot.waitSignal(desk.window.part.copying.said):
        desk.window.part.copying.copy()
    assert QApplication.clipboard().text().splitlines()[1].split("\t")[1] == "title: Emma"
    shown.link_followed.emit("revision:0")
    desk.until(lambda: history(desk).revision == 0)
    # It is so again, and that is told while one looks.
    send(desk, CorrectBookDetails(book_id=ids["Emma"], seen_revision=3, title="Emma"))
    desk.until(lambda: desk.titles == ["Emma"] and desk.cells(0)[-2] == "title: Emma, and 1 more")
    assert desk.cells(0)[-1].startswith("since ")
    desk.search("changed:2000")
    desk.until(lambda: desk.titles == [])
    desk.search("")
    desk.until(lambda: len(desk.titles) == 3 and len(desk.cells(0)) == 7)


def test_building_what_is_needed_shows_how_far_it_is_and_can_be_cancelled(looked_at: RealWindow) -> None:
    desk, ids, index = looked_at, looked_at.books, looked_at.session.index
    assert index is not None
    index.drop(IndexPart.BOOKS)
    stand_at(desk, ids["Emma"], 1)
    desk.trigger("past.whole")
    assert ribbon(desk).startswith("Preparing what was")
    desk.window.past.ribbon.button.click()
    assert ribbon(desk) == ""
    assert desk.window.workspace.moment is None
    desk.until(lambda: not desk.window.actions_by_name["past.whole"].isChecked())
    index.drop(IndexPart.BOOKS)
    go_to_the_past(desk, ids["Emma"], 1)
    desk.until(lambda: "Emma" in desk.titles)


def test_events_stored_in_another_order_are_told_by_the_ribbon_and_nothing_ahead_was_just_now(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
    """An import brings its own times: one far later than the others, and then one of before them all."""
    later, earlier = datetime(2032, 5, 4, tzinfo=UTC), datetime(2019, 5, 4, tzinfo=UTC)
    for title, isbn, at in (("Ahead", "9780553213461", later), ("Before", "9780590422437", earlier)):
        issued(desk, CreateBook(book_id=uuid4(), isbn=isbn, title=title, authors=("A",)), at)
    desk.until(lambda: {"Ahead", "Before"} <= set(desk.titles))
    desk.until(lambda: all("listed" in desk.cells(row) for row in range(desk.count())))
    send(desk, AddCopy(book_id=ids["L'Étranger"]))
    go_to_the_past(desk, ids["Emma"], 3)
    assert "included" not in ribbon(desk), "they were stored afterwards"
    desk.until(lambda: "earlier time" in ribbon(desk) and "stored later" in ribbon(desk))
    assert "Before" not in desk.titles
    desk.qtbot.keyClick(history(desk).canvas, Qt.Key.Key_Escape)
    desk.until(lambda: ribbon(desk) == "")
    go_to_the_past(desk, ids["L'Étranger"], 2)
    desk.until(lambda: "later time" in ribbon(desk))
    ahead = desk.cells(desk.titles.index("Ahead"))
    assert "4 May 2032" in ahead
    assert "just now" not in ahead
