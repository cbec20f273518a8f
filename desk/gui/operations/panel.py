"""The Operations panel: what wants care, what was refused, how long actions took, and what leads to what."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QListWidget, QListWidgetItem, QWidget

from desk.gui.frame.panel import TIMES, WIRING
from desk.gui.frame.text_size import follow_text, scaled
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
from desk.gui.widgets.boxes import NO_MARGINS, fill

PARKED, OUTBOX, MANAGERS = "parked", "outbox", "process managers"
FAULTS, REFUSED, READ_MODEL = "faults", "refused", "read model"
MESSAGES, STORE, ACTS = "messages", "store", "acts"
LIST_WIDTH = 190
ROW_HEIGHT = 28
NARROW = 560
"""Pixels of normal text below which the pages are chosen from a box above them."""


Page = ListPage[Any] | ReadModelPage


class OperationsPanel(QWidget):
    """A list of pages at the left, each with the number of things that want to be looked at.

    Those that count without being looked at are built with it, each of the others when it is first turned to.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        assert workspace.session is not None
        self.workspace = workspace
        self.setObjectName("operations")
        self.setAccessibleName(self.tr("Operations"))
        self._titles: dict[str, str] = {}
        self._makers: dict[str, Callable[[], Page]] = {}
        self._pages: dict[str, Page] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Pages of Operations"))
        self.list.setObjectName("operationsPages")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.box = QComboBox()
        self.box.setAccessibleName(self.list.accessibleName())
        self.box.setModel(self.list.model())
        self.box.activated.connect(self.list.setCurrentRow)
        self._stack = OneAtATime()
        self.list.currentRowChanged.connect(lambda row: self._stack.setCurrentWidget(self.page(self.names[row])))
        self.list.currentRowChanged.connect(self.box.setCurrentIndex)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        fill(self._row, self.list, self.box, (self._stack, 1), margins=NO_MARGINS, spacing=0)
        self._stack.setContentsMargins(14, 10, 14, 12)
        self._offer_pages()
        for name in filter(self._makers.__contains__, (PARKED, OUTBOX, MANAGERS, FAULTS)):
            self.page(name)
        follow_text(self.list, self._measure)
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

    @property
    def names(self) -> tuple[str, ...]:
        """The pages in their order."""
        return tuple(self._titles)

    def page(self, name: str) -> Page:
        """The page of this name, which is built if need be. Raises KeyError where there is none."""
        if name not in self._pages:
            page = self._pages[name] = self._makers[name]()
            self._stack.addWidget(page)
            page.said.connect(self.workspace.say)
            page.counted.connect(lambda number: self._count(name, number))
            page.refresh()
        return self._pages[name]

    def show_page(self, page: str) -> bool:
        """Turn to a page, and tell whether there is one of this name."""
        if page in self._titles:
            self.list.setCurrentRow(self.names.index(page))
        return page in self._titles

    @property
    def most_pressing(self) -> str:
        """The page to look at first."""
        return next(filter(self.workspace.attention.get, self.names), self.names[0])

    def stop(self) -> None:
        """Read no more, to be called before the session closes: what nobody sees is not read."""
        self._stack.hide()

    def save_state(self) -> QByteArray:
        """Which page is open."""
        return QByteArray(self.names[max(0, self.list.currentRow())].encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`."""
        self.show_page(bytes(saved.data()).decode(errors="replace"))

    def _offer_pages(self) -> None:
        session, bridge, theme = self.workspace.ports, self.workspace.bridge, self.workspace.theme
        care, outbox, admin, acts = session.care, session.commands.outbox, session.admin, session.acts
        if care is not None:
            self._offer(PARKED, self.tr("Parked streams"), lambda: ParkedStreams(session, care, bridge).page)
        self._offer(OUTBOX, self.tr("Outbox"), lambda: OutboxCommands(outbox, session.moments, bridge).page)
        self._offer(MANAGERS, self.tr("Process managers"), lambda: ProcessManagersPage(session, bridge).page)
        self._offer(FAULTS, self.tr("Faults"), lambda: Faults(session, bridge).page)
        self._offer(REFUSED, self.tr("Refused commands"), lambda: RefusedCommands(session, bridge).page)
        if care is not None:
            self._offer(READ_MODEL, self.tr("Read model"), lambda: ReadModelPage(session, care, bridge))
        if admin is not None and acts is not None:
            self._offer(STORE, self.tr("Store"), lambda: StorePage(admin, acts, bridge).page)
            self._offer(ACTS, self.tr("Acts by hand"), lambda: ActsPage(acts, bridge).page)
        self._offer(TIMES, self.tr("Times of actions"), lambda: Times(session, bridge, theme).page)
        self._offer(MESSAGES, self.tr("Messages"), lambda: Messages(session, bridge).page)
        self._offer(WIRING, self.tr("Wiring"), lambda: Wiring(session, bridge).page)

    def _offer(self, name: str, title: str, make: Callable[[], Page]) -> None:
        self._titles[name], self._makers[name] = title, make
        self.list.addItem(QListWidgetItem(title))

    def _count(self, name: str, number: int) -> None:
        item = self.list.item(self.names.index(name))
        item.setText(f"{self._titles[name]}  ({number:,})" if number else self._titles[name])
        self.workspace.need(name, number)
