"""Journey: who set a value of a book and when; the value brought back, and that undone."""

from uuid import uuid4

from PySide6.QtCore import QModelIndex

from desk.domain.commands import CorrectBookDetails, CreateBook
from desk.gui.books.dialog import CommandDialog
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.state import StateTab
from tests.journeys.books import send
from tests.journeys.test_history import changes, history, lines, types
from tests.journeys.window import PATIENCE, RealWindow
from tests.rounds import few_or_all


def put_rebecca(desk: RealWindow) -> None:
    """One book as the demo has it, without the others."""
    book = uuid4()
    send(
        desk,
        CreateBook(book_id=book, isbn="9780380778553", title="Rebeca", authors=("Du Maurier",), published_year=1984),
    )
    desk.until(lambda: desk.count() == 1 and "listed" in desk.cells(0))
    send(desk, CorrectBookDetails(book_id=book, seen_revision=1, title="Rebecca"))
    send(desk, CorrectBookDetails(book_id=book, seen_revision=2, published_year=1994))


def load_demo(desk: RealWindow) -> None:
    """The demo's year, all of it."""
    desk.importing.load_demo()
    desk.qtbot.waitUntil(lambda: desk.importing.demo is None, timeout=8 * PATIENCE)  # a thousand commands
    desk.until(lambda: desk.count() > 149)


def row_of(panel: HistoryPanel, field: str) -> QModelIndex:
    """The row of a field in the Change tab."""
    model = panel.inspector.tab_of(ChangeTab).table.model()
    fields = [model.index(row, 0) for row in range(model.rowCount())]
    return next(index for index in fields if index.data() == field)


def test_who_set_a_value_is_found_in_the_demo_s_year_it_is_brought_back_and_that_is_undone(desk: RealWindow) -> None:
    few_or_all(put_rebecca, load_demo)(desk)
    desk.search("Rebecca")
    desk.select("Rebecca")
    panel = history(desk)
    desk.until(lambda: types(desk).count("BookDetailsCorrected") == 2)
    last = panel.revision
    panel.inspector.show_tab(1)
    tree = panel.inspector.tab_of(StateTab).tree
    desk.until(lambda: any(item.text(0) == "year" for item in lines(tree)))
    year = next(item for item in lines(tree) if item.text(0) == "year")
    assert year.text(1) == "1994"
    assert year.text(2).endswith(" ada")
    tree.itemClicked.emit(year, 2)
    assert panel.revision is not None
    assert year.text(2) == f"r{panel.revision} ada"
    assert types(desk)[panel.revision] == "BookDetailsCorrected"
    panel.inspector.show_tab(0)
    desk.until(lambda: ("year", "1984", "1994") in changes(desk))
    assert row_of(panel, "year").siblingAtColumn(3).data() == "r0 ada"
    desk.trigger("past.whole")
    desk.until(lambda: desk.window.past.ribbon.isVisible() and desk.window.workspace.moment is not None)
    then = desk.window.part.chosen
    desk.until(lambda: then.card is not None and then.card.row.revision == panel.revision)
    panel.inspector.tab_of(ChangeTab).menu_at(row_of(panel, "year").row()).actions()[0].trigger()
    desk.until(lambda: desk.dialogs(CommandDialog))
    assert desk.window.workspace.moment is None, "it is put into what is now"
    form = desk.dialogs(CommandDialog)[0]
    assert form.line("published_year").read() == "1984"
    assert form.line("title").read() == "Rebecca"
    assert not form.would_lose
    desk.submit(form)
    card = desk.window.part.chosen
    desk.until(lambda: card.card is not None and card.card.details.published_year == 1984)
    desk.until(lambda: types(desk).count("BookDetailsCorrected") == 3)
    undo = desk.form("edit.undo")
    desk.until(undo.submit.isEnabled)
    desk.submit(undo)
    desk.until(lambda: card.card is not None and card.card.details.published_year == 1994)
    assert last is not None
    desk.until(lambda: len(types(desk)) == last + 3)
