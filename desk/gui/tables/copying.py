"""Rows of any table on the clipboard, as text and as an HTML table; read page by page on a thread of their own."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QByteArray, QMimeData, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMessageBox, QTableView

from desk.cqrs.errors import StoreError
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.controls import give_rows_menu, passing_menu
from desk.gui.widgets.counting import counted
from desk.records import dataclass

ASK_ABOVE: Final = 10_000
"""More rows than this are copied only after a question."""

HTML_UP_TO: Final = 100_000
"""More rows than this are copied as text alone: as HTML they are hundreds of megabytes."""

PAGE: Final = 100
"""Rows between two pauses: each call of Qt's into Python waits for whoever computes, so that nobody may for long."""

LEFT_OUT: Final = "leftOut"
"""Property of a header: the columns that are hidden only for want of room."""

_HEAD: Final = (
    # Without the charset other programs guess; without the format a spreadsheet makes 9.78E+12 of an ISBN.
    '<html><head><meta charset="utf-8"><style>td{mso-number-format:"\\@"}</style></head><body><table>'
)
_END: Final = "</table></body></html>"
_UNSEEN: Final = dict.fromkeys((*range(0x2066, 0x206A), 0x200E, 0x200F)) | dict.fromkeys(map(ord, "\t\r\n\v\f"), " ")
"""Marks of direction, which only a window needs, and what would end a cell or a row."""


@dataclass(frozen=True, slots=True)
class RowTexts:
    """What the rows of a table say, as they are at this moment.

    ``read`` gives the rows of one range after the other, a text for each column; rows that are gone are left out. It
    may be called on any thread. Raises StoreError.
    """

    headings: tuple[str, ...]
    read: Callable[[Iterable[range]], Iterator[Sequence[Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class Copied:
    """What goes to the clipboard, in UTF-8: rows as lines of cells between tabs, and as HTML unless they are many."""

    count: int
    text: QByteArray
    html: QByteArray | None


class RowCopying(QObject):
    """Copies the selected rows of a table when Ctrl+C is pressed there, or its action is chosen.

    Signals:
        said: (str) what came of it.
    """

    said = Signal(str)

    def __init__(self, table: QTableView, texts: Callable[[], RowTexts], bridge: GuiBridge) -> None:
        super().__init__(table)
        self._table, self._texts, self._bridge = table, texts, bridge
        self._stop = threading.Event()
        self.action = QAction(self.tr("&Copy rows"), table)
        self.action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.action.triggered.connect(self.copy)
        table.addAction(self.action)
        table.destroyed.connect(self.stop)

    @Slot()
    def copy(self) -> None:
        """Copy the selected rows; ask first where they are many."""
        rows = selected_rows(self._table)
        count = sum(map(len, rows))
        if count > ASK_ABOVE:
            self._ask(count, partial(self._begin, rows))
        elif count:
            self._begin(rows)

    @Slot()
    def stop(self) -> None:
        """Give up what is under way; the clipboard keeps what it has."""
        self._stop.set()

    def _ask(self, count: int, go_on: Callable[[], None]) -> None:
        box = QMessageBox(self._table)
        box.setWindowTitle(self.tr("Copy rows"))
        box.setText(self.tr("Copy {n} rows?").format(n=f"{count:,}"))
        words = self.tr("That takes a while, and many programs cannot paste so much. You can go on working meanwhile.")
        if count > HTML_UP_TO:
            words += " " + self.tr("They are copied as text, without an HTML table.")
        box.setInformativeText(words)
        copying = box.addButton(self.tr("Copy"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        copying.clicked.connect(go_on)
        box.finished.connect(box.deleteLater)
        box.open()

    def _begin(self, rows: Sequence[range]) -> None:
        self._stop.set()  # what was to be copied before is not wanted any more
        self._stop = threading.Event()
        work = partial(copied, self._texts(), rows, shown_columns(self._table), self._stop.wait)
        self._bridge.call(start(work, "copying"), self._put, self._failed, self)

    def _put(self, found: Copied | None) -> None:
        if found is None:
            return
        data = QMimeData()
        data.setData("text/plain", found.text)
        if found.html is not None:
            data.setData("text/html", found.html)
        QApplication.clipboard().setMimeData(data)
        self.said.emit(counted(found.count, self.tr("One row was copied."), self.tr("{n} rows were copied.")))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self.said.emit(self.tr("Nothing was copied: {why}").format(why=error))


def offer_menu(table: QTableView) -> None:
    """Offer the actions of a table in a context menu, by mouse and by key."""

    def open_menu(at: QPoint) -> None:
        menu = passing_menu(table)
        menu.addActions(table.actions())
        menu.popup(table.viewport().mapToGlobal(at))

    give_rows_menu(table, open_menu)


def texts_of(model: QAbstractItemModel) -> RowTexts:
    """What a short table says: all of it is read at once."""
    columns = range(model.columnCount())
    horizontal = Qt.Orientation.Horizontal
    rows = [[str(model.index(row, column).data() or "") for column in columns] for row in range(model.rowCount())]
    headings = tuple(str(model.headerData(column, horizontal) or "") for column in columns)
    return RowTexts(headings, lambda ranges: (rows[part.start : part.stop] for part in ranges))


def selected_rows(table: QTableView) -> tuple[range, ...]:
    """The selected rows from above to below, as ranges: a million of them are one."""
    parts = [(part.top(), part.bottom() + 1) for part in table.selectionModel().selection().toList()]
    ranges: list[range] = []
    for top, end in sorted(parts):
        if ranges and top <= ranges[-1].stop:
            ranges[-1] = range(ranges[-1].start, max(end, ranges[-1].stop))
        else:
            ranges.append(range(top, end))
    return tuple(ranges)


def shown_columns(table: QTableView) -> tuple[int, ...]:
    """The columns that somebody wants to see, whether they have room or not, in the order in which they stand."""
    header = table.horizontalHeader()
    left_out = header.property(LEFT_OUT) or ()
    columns = (header.logicalIndex(place) for place in range(header.count()))
    return tuple(column for column in columns if column in left_out or not header.isSectionHidden(column))


def copied(
    texts: RowTexts, rows: Sequence[range], columns: Sequence[int], pause: Callable[[float], bool]
) -> Copied | None:
    """The rows as text and HTML, under the headings of these columns. Raises StoreError.

    Made for a thread that is not the window's: after each page it pauses for as many seconds as that took. ``pause``
    gives True once nobody wants the rows any more, and then there are none.
    """
    headings = [_plain(texts.headings[column]) for column in columns]
    text, html = QByteArray(), QByteArray() if sum(map(len, rows)) <= HTML_UP_TO else None
    _append(text, html, [headings], "th")
    count, begin = 0, time.perf_counter()
    for page in texts.read(_pages(rows)):
        cells = [[_plain(row[column]) for column in columns] for row in page]
        _append(text, html, cells, "td")
        count += len(cells)
        if pause(time.perf_counter() - begin):
            return None
        begin = time.perf_counter()
    return Copied(count, text, html if html is None else html.prepend(_HEAD.encode()).append(_END.encode()))


def _pages(rows: Sequence[range]) -> Iterator[range]:
    for part in rows:
        for first in range(part.start, part.stop, PAGE):
            yield range(first, min(first + PAGE, part.stop))


def _append(text: QByteArray, html: QByteArray | None, lines: list[list[str]], tag: str) -> None:
    text.append("".join("\t".join(cells) + "\n" for cells in lines).encode("utf-8", "replace"))
    if html is not None:
        rows = ("".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in cells) for cells in lines)
        html.append("".join(f"<tr>{row}</tr>" for row in rows).encode("utf-8", "replace"))


def _plain(text: str) -> str:
    return text if text.isprintable() else text.translate(_UNSEEN)
