"""Hop 2 made visible: what leads to what in this program, and the plugins that every message passes, in their order."""

from collections.abc import Iterable, Iterator
from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desk.application.queries import GetWiring
from desk.application.session import Session
from desk.cqrs.report import MessageWire, WiringReport
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.rich import strong

NAMELESS = "<lambda>"


class WiringPage(QWidget):
    """A row for each command, process manager and question: who handles it, what it leads to, and who takes that in.

    Signals:
        counted: (int) nothing here wants attention.
        said: (str) what could not be read.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self.wiring = WiringReport()
        self.commands, self.queries = QLabel(), QLabel()
        columns = [self.tr("Message"), self.tr("Leads to"), self.tr("Taken in by")]
        self.listing = Listing(self.tr("What leads to what"), columns, stretched=2)
        self.listing.setColumnWidth(0, 145)
        self.listing.setColumnWidth(1, 170)
        self.report = Report()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for label in (self.commands, self.queries):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addWidget(side_by_side(self.listing, self.report), 1)
        self.listing.chosen.connect(self._look)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask again whenever somebody looks: listeners come and go."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask over the query bus."""
        if self.isVisible():
            self._bridge.call(self._session.queries.ask(GetWiring()), self._show, self._failed, self)

    def _failed(self, error: Exception) -> None:
        self.said.emit(str(error))

    def _show(self, wiring: WiringReport) -> None:
        self.wiring = wiring
        self.commands.setText(_way(self.tr("A command passes"), wiring.command_plugins, self.tr("its handler")))
        self.queries.setText(_way(self.tr("A query passes"), wiring.query_plugins, self.tr("its handler")))
        lines = [self._command(wire) for wire in wiring.commands]
        lines += [
            Line(one.name, (one.name, ", ".join(one.commands), self.tr("the command bus")))
            for one in wiring.process_managers
        ]
        lines += [Line(wire.message, (wire.message, self.tr("an answer"), "")) for wire in wiring.queries]
        self.listing.show_lines(lines)

    def _command(self, wire: MessageWire) -> Line:
        takers = dict.fromkeys(taker for event in wire.events for taker in self._takers(event))
        return Line(wire.message, (wire.message, ", ".join(wire.events), ", ".join(takers)))

    def _takers(self, event: str) -> Iterator[str]:
        wiring = self.wiring
        yield from (one.name for one in (*wiring.projections, *wiring.listeners) if event in one.events)
        yield from (one.name for one in wiring.process_managers if event in one.events)

    @Slot()
    def _look(self) -> None:
        wiring, name = self.wiring, self.listing.key
        for wire in wiring.commands:
            if wire.message == name:
                told = self.tr("{message} is a command, handled by {handler}. It leads to:")
                self._tell(told, wire, (f"{event}  →  {', '.join(self._takers(event))}" for event in wire.events))
        for one in wiring.process_managers:
            if one.name == name:
                words = self.tr("{name} reacts to events by sending commands.").format(name=one.name)
                reacting = [f"on {event}" for event in one.events]
                self.report.show_report(words, "\n".join((*reacting, "", *(f"sends {it}" for it in one.commands))))
        for wire in wiring.queries:
            if wire.message == name:
                self._tell(self.tr("{message} is a query, answered by {handler}."), wire, ())
        if name is None:
            self.report.show_report("", "")

    def _tell(self, words: str, wire: MessageWire, lines: Iterable[str]) -> None:
        handler = self.tr("a function without a name") if wire.handler == NAMELESS else wire.handler
        self.report.show_report(words.format(message=wire.message, handler=handler), "\n".join(lines))


def _way(words: str, plugins: tuple[str, ...], end: str) -> str:
    # No line ends before an arrow: each of them begins the step that it leads to.
    steps = (strong(plugin).replace(" ", "\u00a0") for plugin in plugins)
    return f"{escape(words)} {' '.join(f'{step}&nbsp;→' for step in steps)} {escape(end)}"
