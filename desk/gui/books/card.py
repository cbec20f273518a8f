"""Hop 9: the card of the chosen book: what it is, its copies and loans, and what can be done with it."""

from collections.abc import Iterator
from html import escape
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from desk.application.catalogue import BookCard
from desk.application.event_index import PastHits
from desk.application.isolation import isolated
from desk.domain.details import details_of, spell
from desk.domain.isbn import Isbn
from desk.gui.books.book_actions import OF_COPY
from desk.gui.books.chips import Chips
from desk.gui.books.commands import BOOK_LINK, CommandSender
from desk.gui.books.copies import copy_lines, describe_past_loan
from desk.gui.books.found_values import REVISION_LINK, found_links
from desk.gui.books.holds import hold_lines, holds_heading
from desk.gui.books.invitation import Message
from desk.gui.books.lines import LineList
from desk.gui.books.rows import absolute, detail_labels, names, state_name
from desk.gui.books.selection import Selection
from desk.gui.frame.actions import Actions
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.flash import Flash

PAST_LOANS = 8
"""How many ended loans the card lists; the history below has them all."""


class StateChip(QWidget):
    """The state of a book as a chip of its own."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._chips, self.state = Chips(theme, icons), "pending"
        follow_text(self, lambda: self.setFixedHeight(scaled(28)))
        theme.changed.connect(self.update)

    def show_state(self, state: str) -> None:
        """Another state."""
        self.state = state
        self.setAccessibleName(state_name(state))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """At the left edge."""
        painter = QPainter(self)
        cell = self.rect().adjusted(-6, 0, 0, 0)
        self._chips.draw(painter, cell, self.state, state_name(self.state))


class UprightScrolling(QScrollArea):
    """Scrolls up and down alone, and is always as wide as what it holds needs."""

    def __init__(self, content: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What the widget needs changes with what it says, and with its font some time after that has changed.

        While it is hidden nobody tells; and when it is shown again Qt lays it out in the size of before.
        """
        widget, kind = self.widget(), event.type()
        if kind in (QEvent.Type.LayoutRequest, QEvent.Type.Show) and widget is not None:
            if kind is QEvent.Type.Show and (layout := widget.layout()) is not None:
                layout.setGeometry(widget.contentsRect())
            self.setMinimumWidth(widget.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return super().eventFilter(watched, event)


class CardView(QStackedWidget):
    """Shows the chosen book, or that none is chosen.

    Signals:
        book_wanted: a link to another book was followed (UUID).
        revision_wanted: a link to the event that set a value was followed (int).
    """

    book_wanted = Signal(object)  # UUID
    revision_wanted = Signal(object)  # int

    def __init__(
        self, chosen: Selection, commands: CommandSender, theme: Theme, icons: Icons, actions: Actions
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._chosen, self._commands = chosen, commands
        self._theme, self._icons, self._actions = theme, icons, actions
        self.nothing = Message(theme, icons, "card")
        self._say_nothing()
        self.title = _label(heading="book", weight=QFont.Weight.DemiBold)
        self.authors = _label()
        self.state = StateChip(theme, icons)
        self.several = Banner(theme, icons)
        self.note = Banner(theme, icons)
        self.aside = Banner(theme, icons)
        self.found = Banner(theme, icons)
        self.hidden = Banner(theme, icons)
        self.found.link_followed.connect(self._follow)
        self.note.link_followed.connect(self._follow)
        self.note.pressed.connect(actions["book.again"].trigger)
        self.facts = _label()
        self.copies_head = _label(weight=QFont.Weight.DemiBold)
        self.copies = LineList("copies", self.tr("Copies"), theme, icons)
        self.copies.chosen.connect(chosen.choose_copy)
        self.holds_head = _label(weight=QFont.Weight.DemiBold)
        self.holds = LineList("holds", self.tr("Holds"), theme, icons)
        self.holds.chosen.connect(chosen.choose_hold)
        self.loans = _label()
        self.loans_head = _label(weight=QFont.Weight.DemiBold)
        self.loans_head.setText(self.tr("Past loans"))
        self.addWidget(self.nothing)
        self.addWidget(UprightScrolling(self._body()))
        chosen.card_changed.connect(self.refresh)
        chosen.permissions_changed.connect(self._say_several)
        chosen.book_changed.connect(self.aside.clear)
        chosen.book_changed.connect(self.found.clear)
        theme.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show what is known of the chosen book now."""
        card = self._chosen.card
        if card is None:
            self._say_nothing()
            self.setCurrentIndex(0)
            return
        row = card.row
        self.title.setText(isolated(row.title))
        self.authors.setText(names(row.authors))
        self.state.show_state(row.state)
        self._say_note(card)
        self.facts.setText(self._facts(card))
        head = self.tr("Copies") if not card.copies else self.tr("Copies: {available} of {total} available")
        self.copies_head.setText(head.format(available=row.copies_available, total=row.copies_total))
        moment = self._chosen.moment
        today = self._commands.moments.today() if moment is None else moment.at.astimezone().date()
        self.copies.show_lines(copy_lines(card.copies, today))
        self.holds_head.setText(holds_heading(card.holds))
        self.holds.show_lines(hold_lines(card.holds, today))
        self.loans_head.setVisible(bool(card.past_loans))
        self.loans.setVisible(bool(card.past_loans))
        style = f'style="margin:0 0 4px 0; color:{self._theme.color("muted").name()}"'
        loans = map(describe_past_loan, card.past_loans[:PAST_LOANS])
        self.loans.setText("".join(f"<p {style}>{escape(loan)}</p>" for loan in loans))
        self.setCurrentIndex(1)

    def flash(self, keys: frozenset[str], *, still: bool) -> None:
        """Tint for a moment what shows these fields."""
        parts = {"title": self.title, "authors": self.authors, "state": self.state}
        parts |= {"copies": self.copies, "holds": self.holds}
        for widget in {parts.get(key.partition("/")[0], self.facts) for key in keys}:
            if widget.isVisible():
                Flash(widget, still=still)

    def say_set_aside(self, sentence: str) -> None:
        """Say what a command has just set aside, until the next command or another book; nothing where it is empty."""
        if sentence:
            self.aside.say(sentence, icon="hold", color="copy.onHoldShelf")
        else:
            self.aside.clear()

    def say_hidden(self, *, hidden: bool) -> None:
        """Say that the search does not find this book; its row is not in sight beside the card."""
        if hidden:
            words = self.tr("This book is not among those found.")
            self.hidden.say(words, icon="search", color="notice", button=self.tr("Show it"))
        else:
            self.hidden.clear()

    def say_found(self, hits: PastHits | None) -> None:
        """Say what a search about the past found in the book; nothing where it found nothing here."""
        if hits is None:
            self.found.clear()
        else:
            self.found.say(found_links(hits), icon="history", color="notice")

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────

    def _body(self) -> QWidget:
        body = QWidget()
        body.setBackgroundRole(QPalette.ColorRole.Base)
        body.setAutoFillBackground(True)
        about = (
            self.several,
            self.hidden,
            self.title,
            self.authors,
            self.state,
            self.found,
            self.note,
            self.aside,
            self.facts,
        )
        change = self._button_row("book.correct", "book.delete")
        head = row((self.copies_head, 1), self._button("copy.add"))
        copies = head, self.copies, self._button_grid(OF_COPY)
        holds = self.holds_head, self.holds, self._button_row("hold.place", "hold.cancel")
        parts = *about, change, 10, *copies, 10, *holds, 10, self.loans_head, self.loans, None
        column(*parts, on=body, margins=(16, 14, 16, 16), spacing=8)
        return body

    def _button_row(self, *names: str) -> QHBoxLayout:
        return row(*map(self._button, names), None, spacing=6)

    def _button_grid(self, names: tuple[str, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, name in enumerate(names):
            button = self._button(name)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(button, number // 3, number % 3)
            grid.setColumnStretch(number % 3, 1)
        return grid

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"card.{name}")
        button.setDefaultAction(self._actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setProperty("outlined", True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _say_nothing(self) -> None:
        if not self._chosen.is_open:
            self.nothing.say(self.tr("Not known"), self.tr("The catalogue is not open yet."))
        elif self._chosen.is_connected:
            self.nothing.say(self.tr("No book chosen"), self.tr("Choose one in the table to see its copies and loans."))
        elif self._chosen.book_id is None:
            self.nothing.say(self.tr("Not known"), self.tr("The store does not answer, and no book is chosen."))
        else:
            self.nothing.say(self.tr("Not known"), self.tr("The chosen book was not read from the store yet."))

    @Slot()
    def _say_several(self) -> None:
        now = self._chosen.selected
        if now.are_several:
            words = self.tr("{n} books are selected. This is the one that is framed in the table.")
            self.several.say(words.format(n=f"{now.count:,}"), color="notice")
        else:
            self.several.clear()

    def _say_note(self, card: BookCard) -> None:
        state = card.row.state
        if state == "pending":
            words = self.tr("Registered; its ISBN is being checked.")
            self.note.say(words, icon="state-pending", color="state.pending")
        elif state == "deleted":
            self.note.say(self.tr("Deleted; its history stays."), icon="state-deleted", color="state.deleted")
        elif state == "rejected":
            owner = escape(isolated(card.conflicting_title or self.tr("the book that has it")))
            link = f'<a href="{BOOK_LINK}{card.conflicting_book_id}">{owner}</a>'
            text = self.tr("Rejected: its ISBN belongs to {link}.").format(link=link)
            self.note.say(text, icon="state-rejected", color="state.rejected", button=self.tr("Create again…"))
        else:
            self.note.clear()

    def _facts(self, card: BookCard) -> str:
        row = card.row
        isbn10 = Isbn(row.isbn).as_isbn10
        facts = (
            (self.tr("ISBN"), f"{row.isbn} · {isbn10}" if isbn10 else row.isbn),
            *_details(card),
            (self.tr("Taken in"), absolute(card.created_at)),
            (self.tr("Changes"), str(row.revision + 1)),
        )
        muted = self._theme.color("muted").name()
        lines = (
            f'<tr><td style="color:{muted}; padding-right:12px; padding-bottom:3px">{escape(name)}</td>'
            f"<td>{escape(value)}</td></tr>"
            for name, value in facts
            if value
        )
        return f"<table cellspacing=0 cellpadding=0>{''.join(lines)}</table>"

    @Slot(str)
    def _follow(self, link: str) -> None:
        if link.startswith(BOOK_LINK):
            self.book_wanted.emit(UUID(link.removeprefix(BOOK_LINK)))
        elif link.startswith(REVISION_LINK):
            self.revision_wanted.emit(int(link.removeprefix(REVISION_LINK)))


def _details(card: BookCard) -> Iterator[tuple[str, str]]:
    """What is known of the title besides what its head says, by what it is called."""
    for name, value in details_of(card.details).items():
        if name not in ("title", "authors"):
            text = names(value) if isinstance(value, tuple) else isolated(spell(value))
            yield detail_labels()[name].replace("&", ""), text


def _label(*, heading: str = "", weight: QFont.Weight = QFont.Weight.Normal) -> QLabel:
    label = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
    font = QFont(label.font())
    font.setWeight(weight)
    label.setFont(font)
    label.setProperty("heading", heading)
    return label
