"""Journey: a correction and a loan are taken back and done again; the history keeps all of it."""

from functools import partial

from desk.domain.commands import AddCopy
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.preview import Preview
from tests.journeys.books import put_books
from tests.journeys.window import RealWindow


def previews(form: CommandDialog, type_name: str) -> bool:
    """Whether the form says that such an event will be appended."""
    found = form.findChild(Preview)
    assert found is not None
    return type_name in found.text()


def test_a_correction_and_a_loan_are_undone_and_done_again(desk: RealWindow) -> None:
    emma = put_books(desk)["Emma"]
    desk.session.commands.execute(AddCopy(book_id=emma)).result(10)
    desk.select("Emma")
    form = desk.form("book.correct")
    desk.type_into(form, "title", "Emma: A Novel")
    desk.submit(form)
    desk.until(lambda: "Emma: A Novel" in desk.titles)
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "R-1")
    desk.submit(form)
    undo = desk.window.actions_by_name["edit.undo"]
    desk.until(lambda: undo.text() == "&Undo Lend copy 1 of “Emma: A Novel” to R-1")
    for type_name in ("CopyReturned", "BookDetailsCorrected"):
        form = desk.form("edit.undo")
        desk.until(partial(previews, form, type_name))
        desk.submit(form)
    desk.until(lambda: "Emma" in desk.titles and "1 / 1" in desk.cells(desk.titles.index("Emma")))
    assert not undo.isEnabled()
    for _ in range(2):
        desk.submit(desk.form("edit.redo"))
    desk.until(lambda: "Emma: A Novel" in desk.titles)
    desk.until(lambda: "0 / 1" in desk.cells(desk.titles.index("Emma: A Novel")))
    assert [event.type for event in desk.store.read_stream(f"book-{emma}")][3:] == [
        "BookDetailsCorrected",
        "CopyLent",
        "CopyReturned",
        "BookDetailsCorrected",
        "BookDetailsCorrected",
        "CopyLent",
    ]
