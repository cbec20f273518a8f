"""The one list page of Operations: a list, a report on its chosen row, and what is said where there is nothing."""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QWidget,
    QWidgetItem,
)

from desk.application.care import CareRefused
from desk.application.catalogue import Interrupted
from desk.cqrs.errors import Cancelled, Conflict, StoreError
from desk.domain.errors import RuleBroken
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.operations.listing import Listing, ReportLine
from desk.gui.operations.report import Report
from desk.gui.tables.columns import Column
from desk.gui.tables.copying import RowCopying, offer_menu, texts_of
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.boxes import column, fill, row
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.masking import masked_words
from desk.records import dataclass

A = TypeVar("A")
Row = TypeVar("Row")

KNOWN = (StoreError, RuleBroken, Conflict, Cancelled, CareRefused, Interrupted)
"""What may be answered instead of rows, or come of something that was done; anything else is a bug."""

THREE_ROWS = 112
"""Pixels of normal text that a list and its heading have at least."""

NARROW = 640
"""Pixels of normal text below which list and report stand one below the other."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """How a page looks. ``name`` is for screen readers; ``nothing`` is said where there are no rows.

    ``while_seen``: it is read whenever somebody sees it, and only then. ``newest_first``: the first row is followed
    while it is chosen. ``shares``: the widths of list and report to begin with. ``picture``: see :class:`Report`.
    """

    name: str
    columns: tuple[Column, ...]
    nothing: str
    while_seen: bool = False
    newest_first: bool = False
    shares: tuple[int, int] = (600, 400)
    picture: QWidget | None = None


class ListContent(Protocol[Row]):
    """What fills a list page, to which it belongs."""

    @property
    def page(self) -> "ListPage[Row]":
        """The page, made by whoever fills it."""

    def setParent(self, parent: QObject, /) -> None:
        """As every QObject has it."""

    def refresh(self) -> None:
        """Read the rows anew and have the page show them: ``page.ask`` for an answer, ``page.show_rows`` at once."""

    def line(self, row: Row) -> ReportLine:
        """A row in the list."""

    def describe(self, row: Row) -> tuple[str, str]:
        """A sentence on a row, and its details."""


class OneAtATime(QStackedWidget):
    """Needs the room of the page that is shown, and not that of the largest one."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda: self.updateGeometry())

    def hasHeightForWidth(self) -> bool:
        """Its layout would tell the height of the tallest page."""
        return False

    def minimumSizeHint(self) -> QSize:
        if (shown := self.currentWidget()) is None:
            return QSize()
        least, margins = QWidgetItem(shown).minimumSize(), self.contentsMargins()
        if (layout := shown.layout()) is not None and layout.hasHeightForWidth():
            inside = self.width() - margins.left() - margins.right()
            least.setHeight(max(least.height(), layout.minimumHeightForWidth(inside)))
        return least.grownBy(margins)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()


class ListPage(QWidget, Generic[Row]):
    """Before the first answer nothing is known of the rows, nor after one that failed; it says so.

    Signals:
        counted: (int) so many things want attention.
        said: (str) what came of something that was done here, or why the rows could not be read.
        chosen_changed: another row was chosen, or what it says has changed.
        seen: somebody sees the page now.
    """

    counted = Signal(int)
    said = Signal(str)
    chosen_changed = Signal()
    seen = Signal()

    def __init__(self, content: ListContent[Row], spec: ListSpec, bridge: GuiBridge) -> None:
        super().__init__()
        self.content, self._bridge, self.spec = content, bridge, spec
        content.setParent(self)
        self.rows: tuple[Row, ...] = ()
        self.nothing_words = spec.nothing
        self._by_key: dict[Hashable, Row] = {}
        self._buttons: list[tuple[QPushButton, Callable[[Row], bool]]] = []
        self._busy: set[tuple[QPushButton, Hashable]] = set()
        self._above: list[QBoxLayout] = []
        self._asked = self._answered = 0
        self.listing = Listing(spec.name, spec.columns)
        self.copying = RowCopying(self.listing, partial(texts_of, self.listing.model()), bridge)
        self.copying.said.connect(self.said)
        offer_menu(self.listing)
        self.report = Report(spec.picture)
        self.nothing = QLabel(self.tr("Reading…"), alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._lay_out()
        follow_text(self.listing, lambda: self.listing.setMinimumHeight(scaled(THREE_ROWS)))
        self.listing.chosen.connect(self._look)
        follow_text(self, self._fit)
        self._look()

    # What fills it calls

    def add_above(self, first: QWidget, *others: QWidget) -> None:
        """One more row above the list; the first of it takes what room there is."""
        above = fill(QBoxLayout(QBoxLayout.Direction.LeftToRight), (first, 1), spacing=14)
        if others:
            self._above.append(fill(above, row(*others, spacing=14), spacing=14))
            self._turn(above)
        self._column.insertLayout(self._column.count() - 1, above)

    def add_button(
        self, text: str, act: Callable[[Row], None], allowed: Callable[[Row], bool] = lambda _: True
    ) -> QPushButton:
        """One more thing that can be done with the chosen row, where that allows it."""
        button = self.report.add_button(text)
        button.setEnabled(False)
        button.clicked.connect(lambda: act(self.chosen) if self.chosen is not None else None)
        self._buttons.append((button, allowed))
        return button

    def ask(self, answer: "Future[A]", show: Callable[[A], None]) -> None:
        """Have an answer shown when it comes, unless a later one has come before it."""
        self._asked += 1
        self._bridge.call(answer, partial(self._answer, self._asked, show), partial(self._not_read, self._asked), self)

    def follow(self, outcome: "Future[A]", done: Callable[[A], None], *buttons: QPushButton) -> None:
        """Say what comes of something that was done with the chosen row; until then these buttons rest for it."""
        resting = {(button, self.listing.key) for button in buttons}
        self._busy |= resting
        self._look()
        self._bridge.call(outcome, partial(self._done, resting, done), partial(self._not_done, resting), self)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these instead; the same row stays chosen, or else the first."""
        lines = [self.content.line(row) for row in rows]
        first = next(iter(self._by_key), None)
        follows = self.spec.newest_first and self.listing.key == first and len(self.listing.selected_keys) < 2
        self.rows = tuple(rows)
        self._by_key = {line.key: row for line, row in zip(lines, rows, strict=True)}
        self.listing.show_lines(lines)
        if lines and follows:
            self.listing.choose(lines[0].key)
        self.nothing.setText(self.nothing_words)
        self._pages.setCurrentIndex(1 if lines else 0)

    # What the panel, and whoever looks, does with it

    @property
    def chosen(self) -> Row | None:
        """The row that is chosen."""
        return self._by_key.get(self.listing.key)

    @Slot()
    def refresh(self) -> None:
        """Read the rows anew, where somebody sees them or they are counted."""
        if self.isVisible() or not self.spec.while_seen:
            self.content.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What was not followed meanwhile is read."""
        super().showEvent(event)
        if self.spec.while_seen:
            self.content.refresh()
        self.seen.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What has no room side by side stands one below the other."""
        beside = self.width() >= scaled(NARROW)
        way = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if way is not self._parts.orientation():
            self._parts.setOrientation(way)
            self._parts.setSizes(list(self.spec.shares))
            self.report.stand(beside=beside)
            for above in self._above:
                self._turn(above)

    def _turn(self, above: QBoxLayout) -> None:
        """As list and report stand, so stands what is above them."""
        beside = self._parts.orientation() is Qt.Orientation.Horizontal
        above.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        above.setStretch(0, int(beside))

    # Within

    def _answer(self, number: int, show: Callable[[A], None], answer: A) -> None:
        if number > self._answered:
            self._answered = number
            show(answer)

    def _not_read(self, number: int, error: Exception) -> None:
        if number > self._answered:
            self._answered = number
            self.nothing.setText(self.tr("What belongs here is not known: {why}").format(why=error))
            self.said.emit(str(error))
        if not isinstance(error, KNOWN):
            raise error

    def _done(self, resting: set[tuple[QPushButton, Hashable]], done: Callable[[A], None], outcome: A) -> None:
        self._busy -= resting
        self._look()
        done(outcome)
        self.refresh()

    def _not_done(self, resting: set[tuple[QPushButton, Hashable]], error: Exception) -> None:
        self._busy -= resting
        self._look()
        if not isinstance(error, KNOWN):
            raise error
        self.said.emit(str(error))
        self.refresh()

    @Slot()
    def _look(self) -> None:
        row, key = self.chosen, self.listing.key
        self.report.show_report(*map(masked_words, ("", "") if row is None else self.content.describe(row)))
        for button, allowed in self._buttons:
            button.setEnabled(row is not None and (button, key) not in self._busy and allowed(row))
        self.chosen_changed.emit()

    def _lay_out(self) -> None:
        self.nothing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        quiet(self.nothing)
        self._parts = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._parts.addWidget(self.listing)
        self._parts.addWidget(self.report)
        self._parts.setSizes(list(self.spec.shares))
        self._pages = OneAtATime()
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(self._parts)
        self._column = column((self._pages, 1), on=self, spacing=10)
