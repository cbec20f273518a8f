"""Hop 9: the book table's model: an order of ids over pages of rows, kept up to date by announcements."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from desk.application.book_search import parse_search
from desk.application.catalogue import (
    Announcement,
    BookQuestion,
    BookRow,
    CatalogueSource,
    Interrupted,
    RowIds,
    SortKey,
)
from desk.application.event_index import CatalogueMoment, IndexNotReady
from desk.application.queries import GetAllBooks
from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.gui.books.copying import ShownRows, book_texts
from desk.gui.books.found_values import FoundValues, found_headings
from desk.gui.books.pages import Pages, place_of
from desk.gui.books.refresh_throttle import RefreshThrottle
from desk.gui.books.rows import CLOCKS_DIFFER, COLUMNS, RowRecord, header, record, tooltip
from desk.gui.books.saving import Saving
from desk.gui.tables.copying import RowTexts
from desk.gui.widgets.background import GuiBridge

ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex

# Looking a member up in Qt's enumerations costs as much as all the rest of data().
DISPLAY = Qt.ItemDataRole.DisplayRole
ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
TOOLTIP = Qt.ItemDataRole.ToolTipRole
STATE = int(Qt.ItemDataRole.UserRole) + 1
"""Role of the state column: the state's name, ``overdue`` or ``saving``."""

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ALIGNED = tuple(_RIGHT if key in (SortKey.YEAR, SortKey.COPIES) else _LEFT for key in COLUMNS)
_STATE_COLUMN = COLUMNS.index(SortKey.STATE)

FEW = 8
"""Up to so many new rows at once are placed one by one; more are worth a new order."""

FIRST = 128
LARGE = 20_000
"""A table larger than this shows its first rows before the whole order is known."""

LATEST = 2**62
"""As of this position everything is there that ever was, also what is stored meanwhile."""


class BookTable(QAbstractTableModel):
    """The books that :attr:`question` means, in its order; while :attr:`is_asking` the rows are of an earlier one.

    Signals:
        about_to_swap, swapped: around a change of the whole order; the view keeps its place.
        answered: the rows are those of the question now.
        index_wanted: the question is about the past, and the event index cannot answer it yet.
    """

    about_to_swap = Signal()
    swapped = Signal()
    answered = Signal()
    index_wanted = Signal()

    def __init__(self, bridge: GuiBridge, saving: Saving) -> None:
        super().__init__()
        self._bridge, self._saving = bridge, saving
        self._session: Session | None = None
        self._reader: CatalogueSource | None = None
        self._moment: CatalogueMoment | None = None
        self._rows_at: int | None = None
        self.question = BookQuestion()
        self._generation = 0
        self.is_asking = self._is_scrubbing = self._rows_changed = False
        self._pages = Pages(self._read)
        self._throttle = RefreshThrottle(self.ask_again, self)
        self.found = FoundValues(bridge, self)
        self.found.came.connect(self._show_found)
        self._beside: tuple[str, ...] = ()
        self._clock = QTimer(self, interval=60_000)
        self._clock.timeout.connect(self._a_minute_passed)
        saving.changed.connect(self._show_saving)

    # ── what a view asks ──────────────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: Index = ROOT) -> int:
        """All rows of the order."""
        return 0 if parent.isValid() else len(self._pages)

    def columnCount(self, parent: Index = ROOT) -> int:
        """One for each sort key; after them, in a search about the past, what was found and when it was so."""
        return 0 if parent.isValid() else len(COLUMNS) + len(self._beside)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Only look-ups: this is asked 1,700 times for each repaint."""
        if index.column() >= len(COLUMNS):
            return self._found_data(index, role)
        if role == DISPLAY:
            shown = self._record(index)
            return shown.texts[index.column()] if shown else None
        if role == ALIGNMENT:
            return _ALIGNED[index.column()]
        if role == TOOLTIP:
            shown = self._record(index)
            return tooltip(shown.row, COLUMNS[index.column()]) or None if shown else None
        if role == STATE and index.column() == _STATE_COLUMN:
            shown = self._record(index)
            return self._state(shown) if shown else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if section >= len(COLUMNS):
            return self._beside[section - len(COLUMNS)] if role == DISPLAY else _LEFT if role == ALIGNMENT else None
        if role == DISPLAY:
            return header(COLUMNS[section])
        return _ALIGNED[section] if role == ALIGNMENT else None

    # ── what the window asks ──────────────────────────────────────────────────────────────────────────────────

    @property
    def is_open(self) -> bool:
        """Whether there is a read model to read from."""
        return self._reader is not None

    @property
    def is_unanswerable(self) -> bool:
        """Whether the question is about what was overdue in the past, which is not known."""
        return self._at is not None and parse_search(self.question.text).overdue

    @property
    def ids(self) -> RowIds:
        """The ids of the rows in their order; not to be changed."""
        return self._pages.ids

    def book_at(self, row: int) -> BookRow | None:
        """The book in a row; None outside of the table, or where the row is gone."""
        shown = self._pages.at(row) if 0 <= row < len(self._pages) else None
        return shown.row if shown else None

    def texts(self) -> RowTexts:
        """What the rows of this order say, for copying."""
        return book_texts(self._session, ShownRows(self._pages.ids[:], self._rows_at, self.question.text))

    def row_of(self, book_id: UUID) -> BookRow | None:
        """What is known of a book, or was at the moment that is shown."""
        return self._reader.row_of(book_id) if self._reader else None

    def place_of_book(self, book_id: UUID) -> int | None:
        """The row of a book in this order; None where it is not among these."""
        row = self.row_of(book_id)
        if row is None:
            return None
        try:
            return self._pages.ids.index(row.id)
        except ValueError:
            return None

    def is_hidden(self, book_id: UUID) -> bool:
        """Whether a book was deleted, and deleted books are not asked for."""
        row = self.row_of(book_id)
        return row is not None and row.state == "deleted" and not self.question.with_deleted

    def open(self, session: Session) -> None:
        """Begin to show this session's catalogue, as soon as it has one."""
        self._session = session
        self._clock.start()
        self._open_reader()

    def close(self) -> None:
        """Give the connection back, and ask nothing more."""
        self._generation += 1
        self._session = None
        self._clock.stop()
        self._throttle.stop()
        self._swap(RowIds("q"))
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def ask(self, question: BookQuestion) -> None:
        """Show the books of another question; the one before is overtaken."""
        self.question = question
        self._throttle.stop()
        self._ask(FIRST if len(self._pages) > LARGE or question.text else None)

    def show_as_of(self, moment: CatalogueMoment | None) -> None:
        """Show the books as they were then, or (None) are now.

        While the first rows of one moment are on their way, the newest of those wished for meanwhile waits for them:
        so somebody who scrubs sees rows all the time.
        """
        self._moment = moment
        if not (self.is_asking and self._is_scrubbing and self._at is not None):
            self._ask(FIRST)

    def ask_again(self) -> None:
        """The same question, since rows came or went or moved."""
        if self.is_asking:
            self._throttle.request()
        else:
            self._ask(None)

    def announced(self, announcement: Announcement) -> None:
        """Hop 8: take over what changed."""
        if self._reader is None:
            self._open_reader()
            return
        of_the_past = self._rows_at is not None or self._at is not None
        if of_the_past or not announcement.live:
            if not of_the_past or self._moment is None:
                self._rows_changed = True
                self._throttle.request()
            return
        self._repaint(self._pages.refresh(announcement.changed) if announcement.changed else [])
        placed = not announcement.arrived or self._placed(announcement.arrived)
        if announcement.reordered or not placed:
            self._throttle.request()

    # ── asking for an order ───────────────────────────────────────────────────────────────────────────────────

    def _open_reader(self) -> None:
        self._reader = self._session.queries.reader() if self._session else None
        if self._reader is not None:
            self._ask(None)

    def _ask(self, limit: int | None) -> None:
        if self._session is None or self._reader is None:
            return
        self._generation = generation = self._generation + 1
        self.question = replace(self.question, today=self._session.moments.today())
        self.is_asking = not self.is_unanswerable
        if not self.is_asking:
            self._put_beside(self._session, self._at)
            self._swap(RowIds("q"))
            self.answered.emit()
            return
        self._throttle.asked()
        at = self._at
        self._is_scrubbing = at is not None and limit is not None
        answer = self._session.queries.ask(GetAllBooks(self.question, limit, at))
        answer.add_done_callback(lambda _answer: self._throttle.answered())
        self._bridge.call(answer, partial(self._take, generation, limit, at), partial(self._fail, generation), self)

    def _take(self, generation: int, limit: int | None, at: int | None, ids: RowIds) -> None:
        """An answer came; one to an earlier question is dropped."""
        if generation != self._generation:
            return
        self.is_asking = False
        if self._session is not None:
            self._put_beside(self._session, at)
        if self._rows_changed:
            self.found.renew()
        if at != self._rows_at:
            self._read_from(at)
            self._swap(ids)
        elif ids == self._pages.ids:
            if self._rows_changed:
                self._refresh_all()
        else:
            self._swap(ids)
        self._rows_changed = False
        if at != self._at:
            self._ask(FIRST)
        elif limit is not None and len(ids) == limit:
            self._ask(None)
        else:
            self.answered.emit()

    def _fail(self, generation: int, error: Exception) -> None:
        """An answer will not come: it was overtaken, the read model is just being opened, or else it is a bug."""
        if generation == self._generation:
            self.is_asking = False
            if isinstance(error, IndexNotReady):
                self.index_wanted.emit()
            else:
                self._throttle.request()
        if not isinstance(error, Interrupted | StoreError):
            raise error

    @property
    def _at(self) -> int | None:
        """As of which position rows are wanted; None for those of now, which the read model has."""
        if self._moment is not None:
            return self._moment.position
        return LATEST if parse_search(self.question.text).is_about_the_past else None

    def _read_from(self, at: int | None) -> None:
        """Rows are read as of another position from now on."""
        session, before = self._session, self._reader
        if session is not None:
            self._reader, self._rows_at = ShownRows(self._pages.ids, at).reader(session), at
            if before is not None:
                before.close()

    def _put_beside(self, session: Session, at: int | None) -> None:
        """What was found stands beside what the books are as long as that is looked for."""
        self.found.look_for(session, self.question.text, at)
        headings = found_headings(self.found.search)
        if len(headings) > len(self._beside):
            self.beginInsertColumns(ROOT, len(COLUMNS), len(COLUMNS) + len(headings) - 1)
            self._beside = headings
            self.endInsertColumns()
        elif len(headings) < len(self._beside):
            self.beginRemoveColumns(ROOT, len(COLUMNS), self.columnCount() - 1)
            self._beside = headings
            self.endRemoveColumns()
        elif headings != self._beside:
            self._beside = headings
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, len(COLUMNS), self.columnCount() - 1)

    def _swap(self, ids: RowIds) -> None:
        self.about_to_swap.emit()
        self.beginResetModel()
        self._pages.replace(ids)
        self.endResetModel()
        self.swapped.emit()

    # ── keeping rows up to date ───────────────────────────────────────────────────────────────────────────────

    def _placed(self, arrived: tuple[int, ...]) -> bool:
        """Whether the new rows could be put where they belong without asking for the whole order."""
        if len(arrived) > FEW or self.question.text or self.is_asking or self._reader is None:
            return False
        reader, sort, descending = self._reader, self.question.sort, self.question.descending
        for row_id in arrived:
            ids = self._pages.ids
            row = place_of(
                ids,
                row_id,
                lambda other: reader.compare_key(other, sort, descending=descending),
                descending=descending,
            )
            if row < len(ids) and ids[row] == row_id:
                continue
            self.beginInsertRows(ROOT, row, row)
            self._pages.insert(row, row_id)
            self.endInsertRows()
        self.answered.emit()
        return True

    def _record(self, index: Index) -> RowRecord | None:
        row = index.row()
        return self._pages.at(row) if 0 <= row < len(self._pages) else None

    def _read(self, ids: Any) -> dict[int, RowRecord]:
        if self._reader is None or self._session is None:
            return {}
        moment, rows = self._moment, self._reader.page(ids)
        now, ahead = (self._session.moments.now(), CLOCKS_DIFFER) if moment is None else (moment.at, 0.0)
        if self._beside:
            self.found.want(row.book_id for row in rows)
        return {row.id: record(row, now, ahead) for row in rows}

    def _found_data(self, index: Index, role: int) -> Any:
        shown = self._record(index)
        if shown is None or role not in (DISPLAY, TOOLTIP):
            return _LEFT if role == ALIGNMENT else None
        if role == TOOLTIP:
            return self.found.tip_of(shown.row.book_id) or None
        return self.found.texts_of(shown.row.book_id)[index.column() - len(COLUMNS)]

    @Slot(object)
    def _show_found(self, books: frozenset[UUID]) -> None:
        self._repaint(sorted(row for row in map(self._pages.find, books) if row is not None))

    def _state(self, shown: RowRecord) -> str:
        return "saving" if self._saving.is_saving(shown.row.book_id) else shown.state

    @Slot()
    def _a_minute_passed(self) -> None:
        """Words such as "5 min ago" are others; on another day other loans are overdue."""
        self._refresh_all()
        if self._session is not None and self._session.moments.today() != self.question.today:
            self.ask_again()

    def _refresh_all(self) -> None:
        self._pages.forget()
        self._repaint([0, len(self._pages) - 1] if len(self._pages) else [])

    @Slot(object)
    def _show_saving(self, book_id: UUID) -> None:
        row = self._pages.find(book_id)
        if row is not None:
            self._repaint([row])

    def _repaint(self, rows: list[int]) -> None:
        if rows:
            last = self.index(rows[-1], self.columnCount() - 1)
            self.dataChanged.emit(self.index(rows[0], 0), last)
