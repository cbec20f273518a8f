"""The steps of the tour: an empty catalogue, a new book, the demo, search, loans, holds, undo, histories, an import."""

from PySide6.QtWidgets import QLineEdit

from desk.application.catalogue import BookRow
from desk.application.flow.replay import ReplayPhase
from desk.application.scenarios.scenario import Speed
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.fields import Tone
from desk.gui.books.lines import STATE
from desk.gui.books.preview import Preview
from desk.gui.flow.panel import FlowPanel
from desk.gui.frame.panel import FLOW
from desk.gui.frame.past import WHOLE
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.inspector import TABS
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.event import EventTab
from tests.tour.guide import Guide, Step

READERS = ("R-2001", "R-2002")
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
    guide.submit(_open_form(guide))
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
    guide.submit(_open_form(guide))
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
        history.controller.step(-1)
    model = history.inspector.tab_of(ChangeTab).table.model()
    guide.until(lambda: model.rowCount() > 0, "the inspector shows what the event changed")


def look_at_one_event(guide: Guide) -> None:
    """The event itself: JSON and metadata with correlation and causation."""
    history = guide.panel("history")
    assert isinstance(history, HistoryPanel)
    inspector = history.inspector
    inspector.show_tab(TABS.index("event"))
    guide.rest()
    guide.show(inspector.tab is inspector.tab_of(EventTab), "the event's tab is in front")


def see_the_catalogue_as_it_was(guide: Guide) -> None:
    """All books as they were when the event in hand was stored."""
    guide.trigger(WHOLE)
    chosen = guide.window.part.chosen
    guide.until(lambda: chosen.moment is not None, "the catalogue is shown as it was then")


def preview_an_import(guide: Guide) -> None:
    """A file with a wrong row, before anything is stored."""
    guide.trigger("past.now")
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
    guide.until(
        lambda: not dialog.leaving.is_running and dialog.pages.currentWidget() is dialog.report_page, "the import ends"
    )
    guide.until(lambda: "Clara Callan" in guide.titles, "the imported books are in the table")


def look_at_all_streams(guide: Guide) -> None:
    """$all, newest events last."""
    dialog = guide.importing.dialog
    if dialog is not None:
        dialog.reject()
    streams = guide.panel("streams")
    assert isinstance(streams, StreamsPanel)
    streams.open_source("$all")
    guide.until(lambda: len(streams.view.model.events) == 100, "a page of a hundred events is shown")
    guide.until(lambda: not streams.explorer.categories.isHidden(), "the store's streams are listed")


def look_at_a_category(guide: Guide) -> None:
    """The streams of the claims of ISBNs, chosen by the server."""
    streams = guide.panel("streams")
    assert isinstance(streams, StreamsPanel)
    streams.open_source("isbn-*")
    guide.until(
        lambda: streams.view.model.events and all(e.stream.startswith("isbn-") for e in streams.view.model.events),
        "only events of the category are shown",
    )


def place_a_hold(guide: Guide) -> None:
    """Two readers queue for a book whose copies are all out; the second one's form is open."""
    guide.window.part.view.search.setText("")
    guide.until(lambda: len(guide.titles) > 149, "all books are shown again")
    guide.select(_lent_out(guide))
    for reader in READERS:
        form = guide.form("hold.place")
        _fill(form, "patron", reader)
        if reader != READERS[-1]:
            guide.submit(form)
            guide.until(lambda: guide.window.part.card.holds.count() == 1, "the first reader waits")


def see_it_set_aside(guide: Guide) -> None:
    """A copy that comes back goes to the first in line: the card says so, and whoever takes it back reads it."""
    card = guide.window.part.card
    guide.submit(_open_form(guide))
    guide.until(lambda: card.holds.count() == len(READERS), "the readers wait")
    guide.submit(guide.form("copy.return"))
    guide.until(lambda: READERS[0] in card.aside.text.text(), "it is said for whom the copy is set aside")
    guide.until(lambda: card.holds.item(0).data(STATE) == "ready", "the first hold is on the shelf")


def lend_it_to_its_holder(guide: Guide) -> None:
    """The form for the loan knows who has come."""
    form = guide.form("copy.lend")
    guide.show(form.line("patron").read() == READERS[0], "the holder is offered")


def take_the_loan_back(guide: Guide) -> None:
    """Undo says what it will append before it does."""
    guide.submit(_open_form(guide))
    form = guide.form("edit.undo")
    preview = form.findChild(Preview)
    guide.until(lambda: preview is not None and "CopyReturned" in preview.text(), "the preview has come")


def register_an_isbn_that_is_taken(guide: Guide) -> None:
    """The form follows its book until the ISBN has been checked, and leads to the owner."""
    guide.submit(_open_form(guide))
    form = guide.form("book.new")
    for name, text in (("isbn", NEW_ISBN), ("title", "First Impressions"), ("authors", NEW_AUTHOR)):
        _fill(form, name, text)
    form.submit.click()
    guide.until(form.banner.button.isVisible, "the form says who has the ISBN")
    form.banner.button.click()
    guide.until(lambda: form.line("isbn").tone is Tone.PROBLEM, "the book is rejected")


def see_it_rejected(guide: Guide) -> None:
    """The rejected book's card, with the way to the owner and the way on."""
    _open_form(guide).reject()
    note = guide.window.part.card.note
    guide.until(lambda: note.isVisible() and note.button.isVisible(), "the card says that the book was rejected")


def see_a_command_on_its_way(guide: Guide) -> None:
    """What was done last, hop by hop: the aggregate has decided."""
    panel = guide.panel(FLOW)
    assert isinstance(panel, FlowPanel)
    guide.until(lambda: panel.replay.round is not None, "the last command is shown")
    panel.set_pace(Speed.STEP)
    panel.again()
    while panel.replay.at < 2:
        panel.forward()
    guide.until(lambda: panel.words.list.count() == 2, "two hops are told")


def see_the_whole_way(guide: Guide) -> None:
    """All hops with their numbers and times."""
    panel = guide.panel(FLOW)
    assert isinstance(panel, FlowPanel)
    panel.set_pace(Speed.LIVE)
    guide.until(lambda: panel.replay.phase is ReplayPhase.DONE, "all of it is shown")


STEPS: tuple[Step, ...] = (
    ("start", see_an_empty_catalogue),
    ("new-book", fill_in_a_new_book),
    ("listed", see_it_listed),
    ("demo", load_the_demo),
    ("find", find_by_typing),
    ("lend", lend_a_copy),
    ("history", see_the_history),
    ("place-hold", place_a_hold),
    ("set-aside", see_it_set_aside),
    ("lend-held", lend_it_to_its_holder),
    ("undo", take_the_loan_back),
    ("taken-isbn", register_an_isbn_that_is_taken),
    ("rejected", see_it_rejected),
    ("long-history", look_at_a_long_history),
    ("event", look_at_one_event),
    ("as-it-was", see_the_catalogue_as_it_was),
    ("import", preview_an_import),
    ("report", read_the_report),
    ("streams", look_at_all_streams),
    ("category", look_at_a_category),
    ("flow", see_a_command_on_its_way),
    ("whole-way", see_the_whole_way),
)


def _open_form(guide: Guide) -> CommandDialog:
    return next(form for form in guide.window.findChildren(CommandDialog) if form.isVisible())


def _fill(form: CommandDialog, name: str, text: str) -> None:
    field = form.line(name).field
    assert isinstance(field, QLineEdit)
    field.setText(text)
    field.textEdited.emit(text)


def _last_type(history: HistoryPanel) -> str:
    columns = history.model.history
    return columns.type_names[columns.types[-1]] if len(columns) else ""


def _most_changed(guide: Guide) -> str:
    return max((book for book in _listed(guide)), key=lambda book: book.revision).title


def _lent_out(guide: Guide) -> str:
    """A book whose copies are all with readers, so that others have to wait."""
    return next(book.title for book in _listed(guide) if book.copies_total and not book.copies_available)


def _listed(guide: Guide) -> list[BookRow]:
    model = guide.window.part.view.model
    rows = [book for row in range(model.rowCount()) if (book := model.book_at(row)) is not None]
    return [book for book in rows if book.state == "listed"]
