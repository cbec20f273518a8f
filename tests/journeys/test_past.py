"""Journey: the whole catalogue as of the event that History stands at, back to now, and what ever was by search."""

from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desk.application.event_index import IndexPart
from desk.domain.commands import AddCopy, CorrectBookDetails, DeleteBook
from desk.gui.frame.panel import HISTORY
from desk.gui.timeline.panel import HistoryPanel
from tests.journeys.books import put_books, send
from tests.journeys.window import RealWindow

COMMANDS = ("book.new", "catalogue.import", "book.correct", "copy.add", "book.delete", "edit.undo")


@pytest.fixture
def ids(desk: RealWindow) -> dict[str, UUID]:
    """Four books; then Emma is called otherwise, gets a copy, and Crime and Punishment is deleted."""
    ids = put_books(desk)
    send(desk, CorrectBookDetails(book_id=ids["Emma"], seen_revision=1, title="Zemma"))
    send(desk, AddCopy(book_id=ids["Emma"]))
    send(desk, DeleteBook(book_id=ids["Crime and Punishment"], reason="lost"))
    desk.until(lambda: desk.titles == ["L'Étranger", "Pride and Prejudice", "Zemma"])
    return ids


def history(desk: RealWindow) -> HistoryPanel:
    panel = desk.window.places[HISTORY]
    assert isinstance(panel, HistoryPanel)
    return panel


def stand_at(desk: RealWindow, book: UUID, revision: int) -> None:
    """Choose a book, and walk its history by keys to a revision."""
    desk.window.part.view.choose(book)
    panel = history(desk)
    desk.until(lambda: panel.revision is not None and panel.stream.endswith(str(book)))
    while (panel.revision or 0) > revision:
        desk.qtbot.keyClick(panel.canvas, Qt.Key.Key_Left)
    assert panel.revision == revision


def ribbon(desk: RealWindow) -> str:
    shown = desk.window.past.ribbon
    return shown.text.text() if shown.isVisible() else ""


def go_to_the_past(desk: RealWindow, book: UUID, revision: int) -> None:
    stand_at(desk, book, revision)
    desk.trigger("past.whole")
    desk.until(lambda: "The catalogue as of" in ribbon(desk) and "between then and now" in ribbon(desk))


def test_the_whole_catalogue_follows_the_playhead_and_esc_returns_to_now(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
    window = desk.window
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
    assert not window.actions_by_name["past.whole"].isChecked()
    desk.until(lambda: window.status.books.text().startswith("3 books"))
    desk.until(lambda: window.actions_by_name["book.correct"].isEnabled())


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
    desk.until(lambda: panel.stream.endswith(str(ids["L'Étranger"])) and panel.revision is not None)
    then = desk.window.part.model.row_of(ids["L'Étranger"])
    assert then is not None
    assert panel.revision == then.revision < 2, "where the book was then, not at its newest event"
    assert desk.window.workspace.moment == moment
    desk.trigger("past.now")
    desk.until(lambda: "The Stranger" in desk.titles)


def test_search_and_order_are_those_of_then(desk: RealWindow, ids: dict[str, UUID]) -> None:
    go_to_the_past(desk, ids["Emma"], 1)
    desk.search("emma")
    desk.until(lambda: desk.titles == ["Emma"])
    desk.search("zemma")
    desk.until(lambda: desk.titles == [])
    desk.search("")
    desk.until(lambda: len(desk.titles) == 4)
    desk.window.part.view.table.horizontalHeader().sectionClicked.emit(0)
    desk.until(lambda: desk.titles[0] == "Pride and Prejudice" and desk.titles[-1] == "Crime and Punishment")


def test_what_ever_was_is_found_by_the_search_box_without_the_past_being_shown(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
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


def test_rows_of_the_past_are_copied_as_they_were(desk: RealWindow, ids: dict[str, UUID]) -> None:
    go_to_the_past(desk, ids["Emma"], 1)
    desk.until(lambda: "Emma" in desk.titles)
    desk.window.part.view.table.selectAll()
    with desk.qtbot.waitSignal(desk.window.part.copying.said):
        desk.window.part.copying.copy()
    copied = [line.split("\t")[0] for line in QApplication.clipboard().text().splitlines()[1:]]
    assert copied == desk.titles


def test_building_what_is_needed_shows_how_far_it_is_and_can_be_cancelled(
    desk: RealWindow, ids: dict[str, UUID]
) -> None:
    index = desk.session.index
    assert index is not None
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
