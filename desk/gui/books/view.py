"""Hop 9: the catalogue's table with its search, keeping selection and place while rows come and go."""

from enum import Enum
from functools import cached_property
from uuid import UUID

from PySide6.QtCore import QByteArray, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QMenu, QStackedWidget, QWidget

from desk.application.book_search import OVERDUE, parse_search
from desk.application.catalogue import BookQuestion, SortKey
from desk.application.isolation import isolated
from desk.gui.books.book_columns import BookColumns
from desk.gui.books.chips import StateDelegate
from desk.gui.books.invitation import Message, invitation
from desk.gui.books.model import STATE, BookTable
from desk.gui.books.row_selection import RowSelection
from desk.gui.books.rows import COLUMNS
from desk.gui.books.search_box import SearchBox
from desk.gui.books.steady_table import SteadyTable
from desk.gui.frame.actions import Actions, plain_text
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.tables.columns import set_up_table
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import give_rows_menu
from desk.gui.widgets.placeholder import set_placeholder

ROW_HEIGHT = 28


class GoTo(Enum):
    """Where the table goes when the answer to a question comes."""

    SAME_ROWS = "the rows that were in sight"
    TOP = "the first rows"
    CHOSEN = "the chosen book"


class CatalogueView(QWidget):
    """Search box, table, and what stands in its place where there is nothing to show.

    Signals:
        book_chosen: another book is in hand (UUID).
        question_changed: what is looked for, or its order, changed.
    """

    book_chosen = Signal(object)  # UUID
    question_changed = Signal()

    def __init__(self, model: BookTable, theme: Theme, icons: Icons, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("catalogue")
        self.model, self._theme, self._icons, self._actions = model, theme, icons, actions
        self._wanted: UUID | None = None
        self._top: UUID | None = None
        self._top_row = -1
        self._was_in_sight = self._walking = False
        self._go_to = GoTo.SAME_ROWS
        self._is_empty = False
        self._headline = self._sentence = ""
        self.menu = QMenu(self)
        self._more = QAction(self)
        self._more.setToolTip(self.tr("Search the past"))
        self.search = SearchBox()
        self.table = SteadyTable()
        self.found = QLabel()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.opening = self._in_place_of_rows(Message(theme, icons, "renew"))
        self._set_up_search(icons)
        self._set_up_table(theme, icons)
        self.selected = RowSelection(self.table, model)
        self.selected.changed.connect(self._show_found)
        self.selected.taken_in_hand.connect(self._taken_in_hand)
        self._lay_out()
        model.about_to_swap.connect(self._remember_place)
        model.swapped.connect(self._restore_place)
        model.rowsAboutToBeInserted.connect(self._remember_place)
        model.rowsInserted.connect(self._keep_place)
        model.answered.connect(self._show_what_there_is)
        self.say_opening(self.tr("Opening the catalogue…"), "")

    def _in_place_of_rows(self, message: Message) -> Message:
        self.stack.addWidget(message)
        return message

    @cached_property
    def nothing(self) -> Message:
        """What stands there where a search finds nothing."""
        return self._in_place_of_rows(Message(self._theme, self._icons, "search"))

    @cached_property
    def unknown(self) -> Message:
        """What stands there as long as not all is known."""
        message, look = Message(self._theme, self._icons, "connection"), self._actions["connection.show"]
        message.pressed.connect(look.trigger)
        message.offer(f"{plain_text(look)}…")
        return self._in_place_of_rows(message)

    @cached_property
    def invitation(self) -> Message:
        """What an empty catalogue shows."""
        return self._in_place_of_rows(invitation(self._theme, self._icons, self._actions))

    # ── what the window asks ──────────────────────────────────────────────────────────────────────────────────

    def ask(self, question: BookQuestion) -> None:
        """Show the answer to this question, with search box and header saying the same."""
        self.search.blockSignals(True)
        self.search.setText(question.text)
        self.search.blockSignals(False)
        self._ask(question, GoTo.CHOSEN)

    def choose(self, book_id: UUID | None) -> None:
        """Choose a book, wherever it is; one that is not among the rows stays wanted."""
        self._wanted = book_id
        self._select_wanted(scroll=True)
        if book_id is not None:
            self.book_chosen.emit(book_id)

    def reveal(self, book_id: UUID) -> None:
        """Choose a book that a link names; what hides it, search or deletion, does so no longer."""
        if self.model.is_hidden(book_id):
            self._actions["view.deleted"].setChecked(True)
            self._go_to = GoTo.CHOSEN
        if self.model.place_of_book(book_id) is None and self.search.text():
            self.search.clear()
        self.choose(book_id)

    def say_opening(self, headline: str, sentence: str, *, can_retry: bool = False) -> None:
        """Nothing to show yet, and why."""
        self.opening.say(headline, sentence)
        self.opening.offer(self.tr("Try again") if can_retry else "")
        self.stack.setCurrentWidget(self.opening)

    def set_known(self, headline: str, sentence: str, *, is_empty: bool) -> None:
        """What stands in the place of rows where there are none.

        It invites where the catalogue is known to be empty. As long as not all of it is known a headline and a
        sentence say why; both are empty otherwise.
        """
        if (headline, sentence, is_empty) == (self._headline, self._sentence, self._is_empty):
            return
        self._headline, self._sentence, self._is_empty = headline, sentence, is_empty
        if headline:
            self.unknown.say(headline, sentence)
        if not self.model.is_asking:  # else the answer shows it, and whoever walks to the rows waits for that
            self._show_what_there_is()

    def show_deleted(self, *, shown: bool) -> None:
        """Deleted books too, or not."""
        old = self.model.question
        self._ask(BookQuestion(old.text, old.sort, old.descending, shown), GoTo.SAME_ROWS)

    @Slot()
    def begin_search(self) -> None:
        """Go to the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def offer_searches(self, actions: list[QAction]) -> None:
        """Offer these by a button of the search box."""
        menu = QMenu(self)
        menu.addActions(actions)
        self._more.triggered.connect(lambda: menu.popup(self.search.mapToGlobal(self.search.rect().bottomLeft())))

    def look_for(self, text: str, selected: int) -> None:
        """Put this into the search box, with so many of its last characters selected to be typed over."""
        self.begin_search()
        self.search.setText(text)
        self.search.setSelection(len(text) - selected, selected)

    @Slot()
    def walk(self) -> None:
        """Go to the table; to its first row where none is chosen. While rows are still looked for, to those found."""
        self._walking = self.model.is_asking
        if self._walking or self.model.rowCount():
            self._enter_rows()
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def leave_search(self) -> None:
        """A command was given: the keys go on with its book, and Undo means the command, not what was typed before."""
        self.search.forget_typing()
        if self.window().focusWidget() is self.search and self.model.rowCount():
            self.table.setFocus()

    def show_chosen(self) -> None:
        """The chosen book comes into sight, also among the rows that are on their way."""
        self._go_to = GoTo.CHOSEN
        if self._wanted is not None:
            self.bring_into_sight(self._wanted)

    def bring_into_sight(self, book_id: UUID) -> bool:
        """Scroll to the row of a book; False where it has none because the search hides it."""
        place = self.model.place_of_book(book_id)
        if place is not None:
            self.table.scrollTo(self.model.index(place, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        return place is not None or not self.model.question.text

    def hides(self, book_id: UUID) -> bool:
        """Whether the search is known to find other books than this one."""
        model = self.model
        known = model.question.text and not (model.is_asking or model.is_unanswerable)
        return bool(known) and self.model.place_of_book(book_id) is None

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────

    def _set_up_search(self, icons: Icons) -> None:
        set_placeholder(self.search, self.tr("Search title, authors, subjects, ISBN"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        glass = QAction(self.search)
        icons.put(glass, "search")
        self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        icons.put(self._more, "history")
        self.search.addAction(self._more, QLineEdit.ActionPosition.TrailingPosition)
        self.search.textChanged.connect(self._search_changed)
        self.search.left_downwards.connect(self.walk)

    def _set_up_table(self, theme: Theme, icons: Icons) -> None:
        table = self.table
        table.setModel(self.model)
        table.setObjectName("books")
        set_up_table(table, self.tr("Books"), (), ROW_HEIGHT)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setItemDelegateForColumn(COLUMNS.index(SortKey.STATE), StateDelegate(theme, icons, STATE, table))
        give_rows_menu(table, self._open_menu)
        for again in (table.clicked, table.activated):
            again.connect(self._taken_again)
        table.horizontalHeader().sectionClicked.connect(self._sort_by)
        self.columns = BookColumns(table, self.model)
        self.columns.restore(QByteArray())

    def _lay_out(self) -> None:
        above = row((self.search, 1), self.found, margins=(10, 6, 10, 6), spacing=12)
        column(above, (self.stack, 1), on=self, spacing=0)

    # ── asking ────────────────────────────────────────────────────────────────────────────────────────────────

    @Slot(str)
    def _search_changed(self, text: str) -> None:
        old, text = self.model.question, text if text.strip() else ""
        self._ask(BookQuestion(text, old.sort, old.descending, old.with_deleted), GoTo.TOP if text else GoTo.CHOSEN)

    @Slot(int)
    def _sort_by(self, section: int) -> None:
        old = self.model.question
        if section >= len(COLUMNS):
            self.columns.show_sort(old)  # the click has turned its sign; what was found is no order
            return
        key = COLUMNS[section]
        descending = not old.descending if key is old.sort else False
        self._ask(BookQuestion(old.text, key, descending, old.with_deleted), GoTo.CHOSEN)

    def _ask(self, question: BookQuestion, go_to: GoTo) -> None:
        self._go_to = go_to
        self.columns.show_sort(question)
        self.model.ask(question)
        self.question_changed.emit()

    @Slot()
    def _show_what_there_is(self) -> None:
        if not self.model.is_open:
            return
        text, rows = self.model.question.text, self.model.rowCount()
        self._go_to = GoTo.SAME_ROWS
        self._show_found()
        if rows:
            self.stack.setCurrentWidget(self.table)
            self._choose_when_it_arrives()
            if self._walking:
                self._enter_rows()
        elif text:
            self.nothing.say(*self._why_nothing(text))
            self.stack.setCurrentWidget(self.nothing)
            if self._walking:
                self.search.setFocus()
        else:
            self.stack.setCurrentWidget(self._page_without_rows())
        self._walking = False

    def _why_nothing(self, text: str) -> tuple[str, str]:
        """A headline and a sentence where a search finds nothing, or cannot be answered."""
        search, words = parse_search(text), self.tr("Nothing matches “{text}”").format(text=isolated(text))
        if self.model.is_unanswerable:
            return self.tr("Not known for the past"), self.tr(
                "Which copies are overdue is known only for now. Esc clears."
            )
        if search.overdue and not search.text:
            words, rule = self.tr("Nothing is overdue"), self.tr("No copy was due before today. Esc clears.")
        else:
            rule = self.tr(
                "Every word must begin a word of title, authors, subjects or ISBN; {overdue} finds what is overdue. "
                "Esc clears."
            ).format(overdue=OVERDUE)
        unread = self.tr("Only what was read before was searched: not everything is known now.")
        return words, f"{rule} {unread}" if self._headline else rule

    def _page_without_rows(self) -> QWidget:
        if self._is_empty:
            return self.invitation
        return self.unknown if self._headline else self.table

    # ── selection and place ───────────────────────────────────────────────────────────────────────────────────

    def _enter_rows(self) -> None:
        if not self.table.selectionModel().hasSelection() and self.model.rowCount():
            self.selected.go_to(0)

    @Slot(object)
    def _taken_in_hand(self, book_id: UUID) -> None:
        if book_id != self._wanted:
            self._wanted = book_id
            self.book_chosen.emit(book_id)

    @Slot(QModelIndex)
    def _taken_again(self, index: QModelIndex) -> None:
        """Who goes to the row that is in hand already wants to see all about its book."""
        book = self.model.book_at(index.row())
        if book is not None and book.book_id == self._wanted:
            self.book_chosen.emit(book.book_id)

    @Slot()
    def _show_found(self) -> None:
        now, found = self.selected.now, f"{self.model.rowCount():,}"
        words = self.tr("{n} of {found} selected") if now.are_several else self.tr("{found} found")
        self.found.setText(words.format(n=f"{now.count:,}", found=found))
        is_search = bool(self.model.question.text) and not self.model.is_unanswerable
        self.found.setVisible(is_search or now.are_several)

    @Slot()
    def _remember_place(self) -> None:
        """What stands at the top stays there; as long as nobody has chosen a book or scrolled, the first row does."""
        is_at_begin = self._wanted is None and self.table.verticalScrollBar().value() == 0
        self._top_row = -1 if is_at_begin else self.table.rowAt(0)
        top = self.model.book_at(self._top_row)
        self._top = top.book_id if top else None
        current = self.table.visualRect(self.table.currentIndex())
        self._was_in_sight = current.isValid() and self.table.viewport().rect().contains(current.center())

    @Slot(QModelIndex, int, int)
    def _keep_place(self, parent: QModelIndex, first: int, last: int) -> None:
        """Rows that come in above push nothing out of sight."""
        if first <= self._top_row:
            top = self.model.index(self._top_row + last - first + 1, 0)
            self.table.scrollTo(top, QAbstractItemView.ScrollHint.PositionAtTop)
        if self._was_in_sight:
            self.table.scrollTo(self.table.currentIndex(), QAbstractItemView.ScrollHint.EnsureVisible)

    @Slot()
    def _restore_place(self) -> None:
        same = self._top if self._go_to is GoTo.SAME_ROWS else None
        place = self.model.place_of_book(same) if same else None
        if place is not None:
            self.table.verticalScrollBar().setValue(place)
        else:
            self.table.scrollToTop()
        stays = self._was_in_sight and self._go_to is GoTo.SAME_ROWS
        several = self.selected.restore()
        self._select_wanted(scroll=stays or self._go_to is GoTo.CHOSEN, keep_others=several)

    def _choose_when_it_arrives(self) -> None:
        """A book that was wanted before it had a row, such as a new one, is chosen as soon as it has."""
        shown = self.model.book_at(self.table.currentIndex().row())
        waits = self._wanted is not None and (shown is None or shown.book_id != self._wanted)
        if waits and self.selected.now.count <= 1:
            self._select_wanted(scroll=True)

    def _select_wanted(self, *, scroll: bool, keep_others: bool = False) -> None:
        place = self.model.place_of_book(self._wanted) if self._wanted else None
        if place is None:
            return
        # Qt scrolls to what becomes current; only a choice of the user's may move the rows.
        before = self.table.verticalScrollBar().value()
        self.selected.go_to(place, keep_others=keep_others)
        if scroll:
            self.table.scrollTo(self.model.index(place, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        else:
            self.table.verticalScrollBar().setValue(before)

    # ── menus ─────────────────────────────────────────────────────────────────────────────────────────────────

    @Slot(QPoint)
    def _open_menu(self, at: QPoint) -> None:
        if self.table.indexAt(at).isValid():
            self.menu.popup(self.table.viewport().mapToGlobal(at))
