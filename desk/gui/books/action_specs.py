"""Hop 1: the actions of the catalogue: on books, on what was done lately, and on the list itself."""

from typing import TYPE_CHECKING

from desk.application.undo import Direction
from desk.gui.frame.actions import QT_TRANSLATE_NOOP, ActionSpec, Menu

if TYPE_CHECKING:
    from desk.gui.books.book_actions import BookActions
    from desk.gui.books.part import CataloguePart
    from desk.gui.books.undo_actions import UndoActions

BOOK_ACTIONS: tuple[ActionSpec["BookActions"], ...] = (
    ActionSpec(
        "book.new",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&New book…"),
        "book-new",
        ("Ctrl+N",),
        QT_TRANSLATE_NOOP("actions", "Take a new book into the catalogue"),
        run=lambda books: books.new_book(),
    ),
    ActionSpec(
        "book.correct",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Correct details…"),
        "edit",
        ("Ctrl+E", "F2"),
        QT_TRANSLATE_NOOP("actions", "Correct what is known of the book"),
        run=lambda books: books.open_form("book.correct"),
    ),
    ActionSpec(
        "copy.add",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Add copy…"),
        "copy-add",
        ("Ctrl+Shift+A",),
        QT_TRANSLATE_NOOP("actions", "Add a copy of the book"),
        run=lambda books: books.open_form("copy.add"),
        begins=True,
    ),
    ActionSpec(
        "copy.lend",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Lend…"),
        "lend",
        ("Ctrl+L",),
        QT_TRANSLATE_NOOP("actions", "Lend a copy to a reader"),
        run=lambda books: books.open_form("copy.lend"),
    ),
    ActionSpec(
        "copy.renew",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Re&new…"),
        "renew",
        ("Ctrl+R",),
        QT_TRANSLATE_NOOP("actions", "Put off the day on which a copy is due"),
        run=lambda books: books.open_form("copy.renew"),
    ),
    ActionSpec(
        "copy.return",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Return…"),
        "return",
        ("Ctrl+T",),
        QT_TRANSLATE_NOOP("actions", "Take a copy back"),
        run=lambda books: books.open_form("copy.return"),
    ),
    ActionSpec(
        "copy.lost",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Report l&ost…"),
        "lost",
        ("Ctrl+Shift+L",),
        QT_TRANSLATE_NOOP("actions", "Say that a copy cannot be found"),
        run=lambda books: books.open_form("copy.lost"),
    ),
    ActionSpec(
        "copy.withdraw",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Withdraw…"),
        "copy-withdraw",
        ("Ctrl+Shift+W",),
        QT_TRANSLATE_NOOP("actions", "Take a copy out of circulation for good"),
        run=lambda books: books.open_form("copy.withdraw"),
    ),
    ActionSpec(
        "hold.place",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Place &hold…"),
        "hold-place",
        ("Ctrl+H",),
        QT_TRANSLATE_NOOP("actions", "Queue a reader for the next copy that becomes free"),
        run=lambda books: books.open_form("hold.place"),
        begins=True,
    ),
    ActionSpec(
        "hold.cancel",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Canc&el hold…"),
        "hold-cancel",
        ("Ctrl+Shift+H",),
        QT_TRANSLATE_NOOP("actions", "Take a reader out of the queue, or a copy from the hold shelf"),
        run=lambda books: books.open_form("hold.cancel"),
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
    ),
    ActionSpec(
        "book.delete",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Delete…"),
        "delete",
        ("Ctrl+Del",),
        QT_TRANSLATE_NOOP("actions", "Take the book out of the catalogue"),
        run=lambda books: books.open_form("book.delete"),
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
        run=lambda undo: undo.open(Direction.UNDO),
    ),
    ActionSpec(
        "edit.redo",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Redo"),
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        QT_TRANSLATE_NOOP("actions", "Do again what was taken back"),
        run=lambda undo: undo.open(Direction.REDO),
    ),
)

CATALOGUE_ACTIONS: tuple[ActionSpec["CataloguePart"], ...] = (
    ActionSpec(
        "catalogue.find",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Find"),
        "search",
        ("Ctrl+F",),
        QT_TRANSLATE_NOOP("actions", "Search title, authors, subjects and ISBN as you type"),
        run=lambda part: part.view.go_to_search(),
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
        "view.deleted",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Show &deleted books"),
        "state-deleted",
        ("Ctrl+D",),
        QT_TRANSLATE_NOOP("actions", "Show also books that were deleted"),
        toggle=lambda part, on: part.view.show_deleted(shown=on),
    ),
)
