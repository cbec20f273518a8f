"""Journey: a correction and a loan are taken back and done again; the history keeps all of it."""

from functools import partial

from PySide6.QtCore import Qt

from desk.application.journal import JournalFilter
from desk.cqrs.metadata import parse_metadata
from desk.domain.commands import AddCopy
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.preview import Preview
from tests.journeys.books import put_books, send
from tests.journeys.window import RealWindow


def previews(form: CommandDialog, type_name: str) -> bool:
    """Whether the form says that such an event will be appended."""
    found = form.findChild(Preview)
    assert found is not None
    return type_name in found.text()


def test_a_correction_and_a_loan_are_undone_and_done_again(desk: RealWindow) -> None:
    emma = put_books(desk)["Emma"]
    desk.session.commands.execute(AddCopy(book_id=emma)).result(60)
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


def test_the_way_back_is_never_blocked_by_what_cannot_be_taken_back(desk: RealWindow) -> None:
    """Lend, renew, another reader's hold, return: the copy is set aside. All of it goes back, by keys alone."""
    emma = put_books(desk)["Emma"]
    send(desk, AddCopy(book_id=emma))
    desk.select("Emma")
    desk.until(lambda: "1 / 1" in desk.cells(desk.titles.index("Emma")))
    work_by_hand(desk)
    lend, renew = "Lend copy 1 of “Emma” to R-1", "Renew loan of copy 1 of “Emma”"
    hold, back, cancel = "Place hold of R-2 on “Emma”", "Return copy 1 of “Emma”", "Cancel hold of R-2 on “Emma”"
    goes_back(desk, cancel, "HoldPlaced")
    says_why_not(desk, back, "Copy 1 is set aside for R-2.")
    goes_back(desk, hold, "HoldCancelled")
    goes_back(desk, back, "CopyLent")
    says_why_not(desk, renew, "A due date is only ever put off.")
    goes_back(desk, lend, "CopyReturned")
    undo = desk.window.actions_by_name["edit.undo"]
    desk.until(lambda: undo.text() == "&Undo")
    desk.until(lambda: "1 / 1" in desk.cells(desk.titles.index("Emma")))
    events = list(desk.store.read_stream(f"book-{emma}"))[3:]
    assert [event.type for event in events] == [
        *("CopyLent", "LoanRenewed", "HoldPlaced", "CopyReturned", "CopySetAside", "HoldCancelled"),
        *("HoldPlaced", "CopySetAside", "HoldCancelled", "CopyLent", "CopyReturned"),
    ]
    undone = [parse_metadata(event.metadata) for event in events[6:]]
    assert all(meta.correlation_id == meta.command_id for meta in undone), "each is a story of its own"
    assert len({meta.correlation_id for meta in undone}) == 4
    kept = desk.session.diagnostics.journal(JournalFilter())
    assert {meta.command_id for meta in undone} <= {entry.command_id for entry in kept}


def work_by_hand(desk: RealWindow) -> None:
    for action, patron in (("copy.lend", "R-1"), ("copy.renew", ""), ("hold.place", "R-2"), ("copy.return", "")):
        form = desk.form(action)
        if patron:
            desk.type_into(form, "patron", patron)
        desk.submit(form)
    desk.submit(desk.form("hold.cancel"))


def opened_by_key(desk: RealWindow, text: str) -> CommandDialog:
    """Ctrl+Z, once the menu offers this."""
    undo = desk.window.actions_by_name["edit.undo"]
    desk.until(lambda: undo.isEnabled() and undo.text() == f"&Undo {text}")
    desk.window.activateWindow()
    desk.window.part.view.table.setFocus()
    desk.until(desk.window.isActiveWindow)
    desk.qtbot.keyClick(desk.window.part.view.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: desk.dialogs(CommandDialog))
    return desk.dialogs(CommandDialog)[0]


def goes_back(desk: RealWindow, what: str, type_name: str) -> None:
    form = opened_by_key(desk, what)
    desk.until(partial(previews, form, type_name))
    desk.until(form.submit.isEnabled)
    desk.qtbot.keyClick(form, Qt.Key.Key_Return)
    desk.until(lambda: not desk.dialogs(CommandDialog))


def says_why_not(desk: RealWindow, what: str, reason: str) -> None:
    form = opened_by_key(desk, f"{what} (why not?)")
    assert reason in form.banner.text.text()
    desk.qtbot.keyClick(form, Qt.Key.Key_Return)
    desk.until(lambda: not desk.dialogs(CommandDialog))
