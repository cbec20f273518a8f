"""Opens a link to an event: just that one, in just that store, or it is said why not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from desk.application.event_links import EventAddress, UnreadableLink, read_address, wrong_event
from desk.application.queries import GetBookHistory
from desk.application.session import Connection, Light
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import ConnectionWish, Workspace


class LinkOpening(QObject):
    """``show_stream`` and ``show_event`` are called with what a link leads to, and nothing else is ever shown."""

    def __init__(
        self,
        workspace: Workspace,
        show_stream: Callable[[str], object],
        show_event: Callable[[Recorded], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._show_stream, self._show_event = workspace, show_stream, show_event
        self._window = parent
        self._waits: EventAddress | None = None
        workspace.bridge.connection_changed.connect(self._try_again)

    def open(self, link: str) -> None:
        """Go where a link leads; while the store is away, as soon as it answers."""
        session = self._workspace.ports
        self._waits = None
        try:
            address = read_address(link)
        except UnreadableLink as wrong:
            self._refuse(str(wrong))
            return
        if address.store and address.store != session.about.hosts:
            self._offer_other_store(address, session.about.name)
        else:
            self._go(address)

    def _go(self, address: EventAddress) -> None:
        if address.revision is None:
            self._show_stream(address.stream)
            return
        future = self._workspace.ports.queries.ask(GetBookHistory(address.stream, address.revision, 1))
        self._workspace.bridge.call(future, partial(self._look, address), partial(self._missing, address), self)

    def _try_again(self, connection: Connection) -> None:
        if connection.light is Light.GREEN and self._waits is not None:
            address, self._waits = self._waits, None
            self._go(address)

    def _look(self, address: EventAddress, events: tuple[Recorded, ...]) -> None:
        event = events[0] if events and events[0].revision == address.revision else None
        why = wrong_event(address, event)
        if event is None or why:
            self._refuse(why)
        else:
            self._show_event(event)

    def _missing(self, address: EventAddress, error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            self._waits = address
            self._workspace.say(
                self.tr("The event of the link is shown as soon as the store answers: {why}").format(why=error)
            )
        else:
            self._refuse(self.tr("The event of the link cannot be shown: {why}").format(why=error))

    def _refuse(self, why: str) -> None:
        self._workspace.say(why)
        self._box(why).open()

    def _offer_other_store(self, address: EventAddress, here: str) -> None:
        words = self.tr("The link is to an event in the store at {there}. This window shows {here}.")
        box = self._box(words.format(there=address.store, here=here))
        connecting = box.addButton(self.tr("Connect to it…"), QMessageBox.ButtonRole.AcceptRole)
        # Whoever connects says which store it is; there the event's id tells whether it is the one.
        wish = ConnectionWish(address.store, str(replace(address, store="")))
        connecting.clicked.connect(lambda: self._workspace.connection_wanted.emit(wish))
        box.open()

    def _box(self, text: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Link to an event"))
        box.setText(text)
        box.addButton(QMessageBox.StandardButton.Close)
        box.finished.connect(box.deleteLater)
        return box
