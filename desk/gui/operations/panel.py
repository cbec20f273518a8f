"""The Operations panel: what wants care, what was refused, how long actions took, and what leads to what."""

from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QListWidget, QListWidgetItem, QWidget

from desk.application.session import Session
from desk.gui.frame.panel import TIMES, WIRING
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import Workspace
from desk.gui.operations.acts_page import ActsPage
from desk.gui.operations.faults import Faults
from desk.gui.operations.list_page import ListPage, OneAtATime
from desk.gui.operations.messages import Messages
from desk.gui.operations.outbox_commands import OutboxCommands
from desk.gui.operations.parked_streams import ParkedStreams
from desk.gui.operations.process_managers import ProcessManagersPage
from desk.gui.operations.read_model_page import ReadModelPage
from desk.gui.operations.refused_commands import RefusedCommands
from desk.gui.operations.store_page import StorePage
from desk.gui.operations.times import Times
from desk.gui.operations.wiring import Wiring
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.boxes import NO_MARGINS, fill

PARKED, OUTBOX, MANAGERS = "parked", "outbox", "process managers"
FAULTS, REFUSED, READ_MODEL = "faults", "refused", "read model"
MESSAGES, STORE, ACTS = "messages", "store", "acts"
LIST_WIDTH = 190
ROW_HEIGHT = 28
NARROW = 560
"""Pixels of normal text below which the pages are chosen from a box above them."""


class OperationsPanel(QWidget):
    """A list of pages at the left, each with the number of things that want to be looked at."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        assert workspace.session is not None
        self.workspace = workspace
        self.setObjectName("operations")
        self.setAccessibleName(self.tr("Operations"))
        self._titles: dict[str, str] = {}
        self.pages: dict[str, ListPage[Any] | ReadModelPage] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Pages of Operations"))
        self.list.setObjectName("operationsPages")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        follow_text(self.list, self._measure)
        self.box = QComboBox()
        self.box.setAccessibleName(self.list.accessibleName())
        self.box.setModel(self.list.model())
        self.box.activated.connect(self.list.setCurrentRow)
        self._stack = OneAtATime()
        self.list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.list.currentRowChanged.connect(self.box.setCurrentIndex)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        fill(self._row, self.list, self.box, (self._stack, 1), margins=NO_MARGINS, spacing=0)
        self._stack.setContentsMargins(14, 10, 14, 12)
        self._build(workspace.session, workspace.bridge, workspace.theme)
        follow_text(self, self._fit)
        self.list.setCurrentRow(0)

    def _measure(self) -> None:
        self.list.setFixedWidth(scaled(LIST_WIDTH))
        for number in range(self.list.count()):
            self.list.item(number).setSizeHint(QSize(scaled(LIST_WIDTH), scaled(ROW_HEIGHT)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The pages stand in a list where that leaves them enough room, else in a box."""
        narrow, way = self.width() < scaled(NARROW), QBoxLayout.Direction
        self._row.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.list.setHidden(narrow)
        self.box.setVisible(narrow)
        self.setFocusProxy(self.box if narrow else self.list)

    def show_page(self, page: str) -> bool:
        """Turn to a page, and tell whether there is one of this name."""
        if page in self.pages:
            self.list.setCurrentRow(list(self.pages).index(page))
        return page in self.pages

    @property
    def most_pressing(self) -> str:
        """The page to look at first."""
        return next((name for name in self.pages if self.workspace.attention.get(name)), next(iter(self.pages)))

    def stop(self) -> None:
        """Read no more, to be called before the session closes: what nobody sees is not read."""
        self._stack.hide()

    def save_state(self) -> QByteArray:
        """Which page is open."""
        return QByteArray(list(self.pages)[max(0, self.list.currentRow())].encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`."""
        self.show_page(bytes(saved.data()).decode(errors="replace"))

    def _build(self, session: Session, bridge: GuiBridge, theme: Theme) -> None:
        care = session.care

        outbox = session.commands.outbox
        if care is not None:
            self._add(PARKED, self.tr("Parked streams"), ParkedStreams(session, care, bridge).page)
        self._add(OUTBOX, self.tr("Outbox"), OutboxCommands(outbox, session.moments, bridge).page)
        self._add(MANAGERS, self.tr("Process managers"), ProcessManagersPage(session, bridge).page)
        self._add(FAULTS, self.tr("Faults"), Faults(session, bridge).page)
        self._add(REFUSED, self.tr("Refused commands"), RefusedCommands(session, bridge).page)
        if care is not None:
            self._add(READ_MODEL, self.tr("Read model"), ReadModelPage(session, care, bridge))
        if session.admin is not None and session.acts is not None:
            self._add(STORE, self.tr("Store"), StorePage(session.admin, session.acts, bridge).page)
            self._add(ACTS, self.tr("Acts by hand"), ActsPage(session.acts, bridge).page)
        self._add(TIMES, self.tr("Times of actions"), Times(session, bridge, theme).page)
        self._add(MESSAGES, self.tr("Messages"), Messages(session, bridge).page)
        self._add(WIRING, self.tr("Wiring"), Wiring(session, bridge).page)

    def _add(self, name: str, title: str, page: ListPage[Any] | ReadModelPage) -> None:
        self.pages[name], self._titles[name] = page, title
        item = QListWidgetItem(title)
        self.list.addItem(item)
        self._measure()
        self._stack.addWidget(page)
        page.said.connect(self.workspace.say)
        page.counted.connect(lambda number: self._count(name, number))
        page.refresh()

    def _count(self, name: str, number: int) -> None:
        item = self.list.item(list(self.pages).index(name))
        item.setText(f"{self._titles[name]}  ({number:,})" if number else self._titles[name])
        self.workspace.need(name, number)
