"""Asks which streams are to be seen side by side."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from desk.application.books_by_name import FoundBook, GetBooksByName
from desk.application.catalogue import Interrupted
from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.cqrs.errors import StoreError
from desk.domain.streams import book_stream
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import saying
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.visible_text import visible

MOST: Final = 8
"""More lanes nobody can compare."""
_NAME: Final = Qt.ItemDataRole.UserRole


class LanesDialog(QDialog):
    """A list in which those are checked that are open; others can be typed.

    Signals:
        chosen: (tuple of Source) these are to be seen.
    """

    chosen = Signal(object)  # tuple[Source, ...]

    def __init__(
        self,
        workspace: Workspace,
        checked: Iterable[str],
        offered: Iterable[str],
        parent: QWidget,
        title_of: Callable[[str], str] = visible,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._title_of = workspace, title_of
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Side by side"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Streams"))
        self.list.setMinimumSize(380, 180)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        label = QLabel(self.tr("&Streams on one axis of time, a lane for each"))
        label.setBuddy(self.list)
        self.field = QLineEdit(self)
        set_placeholder(self.field, self.tr("Another: its name, a book's title, book-* or $all"))
        self.field.setAccessibleName(self.tr("Another stream"))
        self.add = QPushButton(self.tr("&Add"), self, autoDefault=False)
        self.said = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton(self.tr("S&how them"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        more = row((self.field, 1), self.add)
        column(label, (self.list, 1), more, self.said, buttons, on=self, margins=None)
        for number, name in enumerate(dict.fromkeys(name for name in checked if name)):
            self._put(name, checked=number < MOST)
        for name in offered:
            self._put(name, checked=False)
        self.list.itemChanged.connect(self._tell)
        self.field.textChanged.connect(self._tell)
        self.add.clicked.connect(lambda: self._look_up(self.list.scrollToBottom))
        buttons.accepted.connect(lambda: self._look_up(self._go))
        buttons.rejected.connect(self.reject)
        self._tell()

    @property
    def names(self) -> list[str]:
        """What is checked."""
        return [item.data(_NAME) for item in self._items() if item.checkState() is Qt.CheckState.Checked]

    @property
    def _typed(self) -> list[str]:
        return [str(Source.parse(self.field.text()))] if self.field.text().strip() else []

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(number) for number in range(self.list.count())]

    def _put(self, name: str, *, checked: bool) -> None:
        item = next((one for one in self._items() if one.data(_NAME) == name), None)
        if item is None:
            item = QListWidgetItem(self._title_of(name), self.list)
            item.setData(_NAME, name)
            item.setToolTip(visible(name))
            item.setCheckState(Qt.CheckState.Unchecked)
        if checked:
            item.setCheckState(Qt.CheckState.Checked)

    def _look_up(self, then: Callable[[], object]) -> None:
        """Put what was typed into the list, where there is such a stream, or one book is called so, and go on."""
        text, (queries, bridge) = self.field.text().strip(), (self._workspace.ports.queries, self._workspace.bridge)
        if not text:
            then()
            return

        def take(page: StreamPage) -> None:
            if page.events:
                put(str(page.source))
                return
            why = page.missing or self.tr("There are no events in {source}.").format(source=visible(text))
            failed = saying(lambda _: say(why), StoreError, Interrupted)
            bridge.call(queries.ask(GetBooksByName(text)), partial(take_books, why), failed, self)

        def take_books(why: str, books: tuple[FoundBook, ...]) -> None:
            exact = [book for book in books if book.title.casefold() == text.casefold()]
            called = exact or books
            if len(called) == 1:
                put(book_stream(called[0].book_id))
            else:
                say(self.tr("Several books are called so: type more of it.") if called else why)

        def say(why: str) -> None:
            if self.field.text().strip() == text:
                self.said.setText(why)

        def put(name: str) -> None:
            if self.field.text().strip() == text:
                self.field.clear()
                self._put(name, checked=True)
                then()

        say(self.tr("Looking for it…"))
        page = GetStreamPage(source := Source.parse(text), limit=1)
        # Of a store that does not answer it is not known what it has: then the name is taken as it is.
        bridge.call(queries.ask(page), take, saying(lambda _: put(str(source)), StoreError), self)

    def _tell(self) -> None:
        names = {*self.names, *self._typed}
        few = len(names) < 2 and all(Source.parse(name).stream is not None for name in names)
        self.go.setEnabled(not few and len(names) <= MOST)
        (self.add if self._typed else self.go).setDefault(True)
        words = self.tr("Choose two or more; one category alone has lanes by correlation.") if few else ""
        self.said.setText(self.tr("At most {n} at a time.").format(n=MOST) if len(names) > MOST else words)

    def _go(self) -> None:
        if self.go.isEnabled():
            self.chosen.emit(tuple(map(Source.parse, self.names)))
            self.accept()
