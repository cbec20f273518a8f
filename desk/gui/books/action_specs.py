"""Hop 1: the actions of the catalogue: on books, on what was done lately, and on the list itself."""

from operator import methodcaller
from typing import TYPE_CHECKING

from desk.gui.frame.actions import QT_TRANSLATE_NOOP, ActionSpec, Menu

if TYPE_CHECKING:
    from desk.gui.books.book_actions import BookActions
    from desk.gui.books.part import CataloguePart
    from desk.gui.books.undo_actions import UndoActions


def _form(
    name: str, text: str, icon: str, keys: tuple[str, ...], tip: str, *, begins: bool = False
) -> ActionSpec["BookActions"]:
    """An action that opens its form about the chosen book."""
    open_it = methodcaller("open_form", name)
    return ActionSpec(name, Menu.BOOK, text, icon, keys, tip, run=open_it, begins=begins, writes=True)


BOOK_ACTIONS: tuple[ActionSpec["BookActions"], ...] = (
    ActionSpec(
        "book.new",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&New book…"),
        "book-new",
        ("Ctrl+N",),
        QT_TRANSLATE_NOOP("actions", "Take a new book into the catalogue"),
        run=lambda books: books.new_book(),
        writes=True,
    ),
    _form(
        "book.correct",
        QT_TRANSLATE_NOOP("actions", "&Correct details…"),
        "edit",
        ("Ctrl+E", "F2"),
        QT_TRANSLATE_NOOP("actions", "Correct what is known of the book"),
    ),
    _form(
        "copy.add",
        QT_TRANSLATE_NOOP("actions", "&Add copy…"),
        "copy-add",
        ("Ctrl+Shift+A",),
        QT_TRANSLATE_NOOP("actions", "Add a copy of the book"),
        begins=True,
    ),
    _form(
        "copy.lend",
        QT_TRANSLATE_NOOP("actions", "&Lend…"),
        "lend",
        ("Ctrl+L",),
        QT_TRANSLATE_NOOP("actions", "Lend a copy to a reader"),
    ),
    _form(
        "copy.renew",
        QT_TRANSLATE_NOOP("actions", "Re&new…"),
        "renew",
        ("Ctrl+R",),
        QT_TRANSLATE_NOOP("actions", "Put off the day on which a copy is due"),
    ),
    _form(
        "copy.return",
        QT_TRANSLATE_NOOP("actions", "&Return…"),
        "return",
        ("Ctrl+T",),
        QT_TRANSLATE_NOOP("actions", "Return a copy"),
    ),
    _form(
        "copy.lost",
        QT_TRANSLATE_NOOP("actions", "Report l&ost…"),
        "lost",
        ("Ctrl+Shift+L",),
        QT_TRANSLATE_NOOP("actions", "Say that a copy cannot be found"),
    ),
    _form(
        "copy.withdraw",
        QT_TRANSLATE_NOOP("actions", "&Withdraw…"),
        "copy-withdraw",
        ("Ctrl+Shift+W",),
        QT_TRANSLATE_NOOP("actions", "Take a copy out of circulation for good"),
    ),
    _form(
        "hold.place",
        QT_TRANSLATE_NOOP("actions", "Place &hold…"),
        "hold-place",
        ("Ctrl+H",),
        QT_TRANSLATE_NOOP("actions", "Queue a reader for the next copy that becomes free"),
        begins=True,
    ),
    _form(
        "hold.cancel",
        QT_TRANSLATE_NOOP("actions", "Canc&el hold…"),
        "hold-cancel",
        ("Ctrl+Shift+H",),
        QT_TRANSLATE_NOOP("actions", "Take a reader out of the queue, or a copy from the hold shelf"),
    ),
    ActionSpec(
        "book.again",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Create a&gain with another ISBN…"),
        "book-new",
        ("Ctrl+Shift+N",),
        QT_TRANSLATE_NOOP("actions", "Take a rejected book in anew: all that is known of it, and another ISBN"),
        run=lambda books: books.create_again(),
        begins=True,
        writes=True,
    ),
    _form(
        "book.delete",
        QT_TRANSLATE_NOOP("actions", "&Delete…"),
        "delete",
        ("Ctrl+Del",),
        QT_TRANSLATE_NOOP("actions", "Take the book out of the catalogue"),
        begins=True,
    ),
    ActionSpec(
        "book.isbn",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Copy &ISBN"),
        "clipboard",
        ("Ctrl+Shift+C",),
        QT_TRANSLATE_NOOP("actions", "Put the ISBN on the clipboard"),
        run=lambda books: books.copy_isbn(),
        begins=True,
    ),
)

UNDO_ACTIONS: tuple[ActionSpec["UndoActions"], ...] = (
    ActionSpec(
        "edit.undo",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Undo"),
        "undo",
        ("Ctrl+Z",),
        QT_TRANSLATE_NOOP("actions", "Take the last command back by another one"),
        run=lambda undo: undo.open("undo"),
        writes=True,
    ),
    ActionSpec(
        "edit.redo",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Redo"),
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        QT_TRANSLATE_NOOP("actions", "Do again what was taken back"),
        run=lambda undo: undo.open("redo"),
        writes=True,
    ),
)

CATALOGUE_ACTIONS: tuple[ActionSpec["CataloguePart"], ...] = (
    ActionSpec(
        "catalogue.find",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Find"),
        "search",
        ("Ctrl+F",),
        QT_TRANSLATE_NOOP("actions", "Search what is shown: the catalogue as you type, a stream, an event's data"),
        run=lambda part: part.find(),
    ),
    ActionSpec(
        "catalogue.all",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "Select &all books found"),
        "columns",
        ("Ctrl+A",),
        QT_TRANSLATE_NOOP("actions", "Select every book that the search found, or all of the catalogue"),
        run=lambda part: part.view.selected.select_all(),
        local=True,
    ),
    ActionSpec(
        "catalogue.overdue",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "Find what is o&verdue"),
        "warning",
        ("Ctrl+Shift+D",),
        QT_TRANSLATE_NOOP("actions", "Show the books of which a copy is overdue: is:overdue"),
        run=lambda part: part.find_overdue(),
    ),
    ActionSpec(
        "past.ever",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "Find what &ever was…"),
        "history",
        ("Ctrl+Shift+E",),
        QT_TRANSLATE_NOOP("actions", "Search all values that any field of a book ever had: ever:word"),
        run=lambda part: part.look_for("ever:"),
    ),
    ActionSpec(
        "past.changed",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "Find what c&hanged in a month…"),
        "times",
        ("Ctrl+Shift+M",),
        QT_TRANSLATE_NOOP("actions", "Find the books that were changed in a year, month or day: changed:2026-03"),
        run=lambda part: part.find_changed(),
    ),
    ActionSpec(
        "view.deleted",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Show &deleted books"),
        "state-deleted",
        ("Ctrl+D",),
        QT_TRANSLATE_NOOP("actions", "Show also books that were deleted"),
        toggle=lambda part, on: part.view.show_deleted(shown=on),
    ),
)
