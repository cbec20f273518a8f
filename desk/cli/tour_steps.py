"""The steps of the tour: an empty catalogue, a new book, the demo, search, a loan, a history, an import, streams."""

from PySide6.QtWidgets import QLineEdit, QTabWidget

from desk.cli.tour_guide import Guide, Step
from desk.gui.books.dialog import CommandDialog
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.panel import HistoryPanel

NEW_ISBN, NEW_TITLE, NEW_AUTHOR = "0-14-143951-3", "Pride and Prejudice", "Jane Austen"

# Four books of the Book-Crossing data set, one of them with a digit changed, and one of the demo's.
FILE = """ISBN;Book-Title;Book-Author;Year-Of-Publication;Book-Publisher
0002005018;Clara Callan;Richard Bruce Wright;2001;HarperFlamingo Canada
0374157065;Flu: The Story of the Great Influenza Pandemic of 1918;Gina Bari Kolata;1999;Farrar Straus Giroux
0399135783;The Kitchen God's Wife;Amy Tan;1991;Putnam Pub Group
0440234743;The Testament;John Grisham;0;Dell
0345272587;The Fellowship of the Ring;J. R. R. Tolkien;1977;Ballantine
"""


def see_an_empty_catalogue(guide: Guide) -> None:
    """The invitation with three ways on."""
    view = guide.window.part.view
    guide.until(view.invitation.isVisible, "the empty catalogue invites")


def fill_in_a_new_book(guide: Guide) -> None:
    """A form whose ISBN is checked as it is typed."""
    form = guide.form("book.new")
    for name, text in (("isbn", NEW_ISBN), ("title", NEW_TITLE), ("authors", NEW_AUTHOR)):
        _fill(form, name, text)
    guide.until(lambda: "9780141439518" in form.line("isbn").remark.text(), "the ISBN is normalised")


def see_it_listed(guide: Guide) -> None:
    """The row that the form's command became."""
    form = next(form for form in guide.window.findChildren(CommandDialog) if form.isVisible())
    guide.submit(form)
    guide.select(NEW_TITLE)
    card = guide.window.part.chosen
    guide.until(lambda: card.card is not None and card.card.row.state == "listed", "the book is listed")


def load_the_demo(guide: Guide) -> None:
    """150 books and a year of lending."""
    guide.importing.load_demo()
    guide.until(lambda: guide.importing.demo is None, "the demo is loaded")
    guide.until(lambda: len(guide.titles) > 149, "the table shows more than 149 books")


def find_by_typing(guide: Guide) -> None:
    """A few letters narrow the table."""
    guide.window.part.view.search.setText("tolk")
    guide.until(lambda: 3 <= len(guide.titles) <= 8, "the search finds a handful of books")
    guide.select("The Hobbit")


def lend_a_copy(guide: Guide) -> None:
    """The form for a loan."""
    form = guide.form("copy.lend")
    _fill(form, "patron", "R-4711")
    guide.show(form.isVisible(), "the form is open")


def see_the_history(guide: Guide) -> None:
    """The loan on the book's timeline, a moment later."""
    form = next(form for form in guide.window.findChildren(CommandDialog) if form.isVisible())
    guide.submit(form)
    history = guide.panel("history")
    assert isinstance(history, HistoryPanel)
    guide.until(lambda: _last_type(history) == "CopyLent", "the loan is the last event of the history")
    guide.show(len(history.model.history) >= 4, "the history has events")


def look_at_a_long_history(guide: Guide) -> None:
    """A well-read book: a year with folded gaps; an earlier event with what it changed."""
    guide.window.part.view.search.setText("")
    guide.until(lambda: len(guide.titles) > 149, "all books are shown again")
    history = guide.panel("history")
    assert isinstance(history, HistoryPanel)
    guide.select(_most_changed(guide))
    guide.until(lambda: len(history.model.history) >= 20, "the history has twenty marks or more")
    history.canvas.setFocus()
    for _ in range(4):
        history.canvas.step(-1)
    model = history.inspector.changes.model()
    guide.until(lambda: model.rowCount() > 0, "the inspector shows what the event changed")


def look_at_one_event(guide: Guide) -> None:
    """The event itself: JSON and metadata with correlation and causation."""
    history = guide.panel("history")
    assert isinstance(history, HistoryPanel)
    inspector: QTabWidget = history.inspector
    inspector.setCurrentIndex(inspector.count() - 1)
    guide.rest()
    guide.show(inspector.currentIndex() == inspector.count() - 1, "the event's tab is in front")


def preview_an_import(guide: Guide) -> None:
    """A file with a wrong row, before anything is stored."""
    path = guide.folder / "books.csv"
    path.write_text(FILE, encoding="utf-8")
    guide.importing.import_file(path)
    dialog = guide.importing.dialog
    guide.show(dialog is not None and dialog.isVisible(), "the import's dialog is open")
    assert dialog is not None
    guide.until(dialog.go.isEnabled, "the file has been looked into")


def read_the_report(guide: Guide) -> None:
    """What was created, what was there, what was refused and why."""
    dialog = guide.importing.dialog
    assert dialog is not None
    dialog.begin()
    guide.until(lambda: not dialog.is_running and dialog.pages.currentWidget() is dialog.report_page, "the import ends")
    guide.until(lambda: "Clara Callan" in guide.titles, "the imported books are in the table")


def look_at_all_streams(guide: Guide) -> None:
    """$all, newest events last."""
    dialog = guide.importing.dialog
    if dialog is not None:
        dialog.reject()
    streams = guide.panel("streams")
    assert isinstance(streams, StreamsPanel)
    streams.open_source("$all")
    guide.until(lambda: len(streams.model.events) == 100, "a page of a hundred events is shown")


def look_at_a_category(guide: Guide) -> None:
    """The streams of the claims of ISBNs, chosen by the server."""
    streams = guide.panel("streams")
    assert isinstance(streams, StreamsPanel)
    streams.open_source("isbn-*")
    guide.until(
        lambda: streams.model.events and all(e.stream.startswith("isbn-") for e in streams.model.events),
        "only events of the category are shown",
    )


STEPS: tuple[Step, ...] = (
    ("start", see_an_empty_catalogue),
    ("new-book", fill_in_a_new_book),
    ("listed", see_it_listed),
    ("demo", load_the_demo),
    ("find", find_by_typing),
    ("lend", lend_a_copy),
    ("history", see_the_history),
    ("long-history", look_at_a_long_history),
    ("event", look_at_one_event),
    ("import", preview_an_import),
    ("report", read_the_report),
    ("streams", look_at_all_streams),
    ("category", look_at_a_category),
)


def _fill(form: CommandDialog, name: str, text: str) -> None:
    field = form.line(name).field
    assert isinstance(field, QLineEdit)
    field.setText(text)
    field.textEdited.emit(text)


def _last_type(history: HistoryPanel) -> str:
    columns = history.model.history
    return columns.type_names[columns.types[-1]] if len(columns) else ""


def _most_changed(guide: Guide) -> str:
    model = guide.window.part.view.model
    rows = [book for row in range(model.rowCount()) if (book := model.book_at(row)) is not None]
    return max((book for book in rows if book.state == "listed"), key=lambda book: book.revision).title
