"""Hop 2 made visible: what leads to what in this program, and the plugins that every message passes, in their order."""

from collections.abc import Callable, Iterator
from html import escape

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel

from desk.application.queries import GetWiring
from desk.application.session import Session
from desk.cqrs.report import ListenerWire, MessageWire, ProcessManagerWire, WiringReport
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.rich import strong
from desk.records import dataclass

NAMELESS = "<lambda>"


@dataclass(frozen=True, slots=True)
class Wire:
    """A row: its texts, and what is said of it."""

    name: str
    leads_to: str
    taken_by: str
    sentence: str
    details: str


class Wiring(QObject):
    """A row for each command, process manager and query: who handles it, what it leads to, and who takes that in."""

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._session = session
        columns = (
            Column(self.tr("Message"), 145),
            Column(self.tr("Leads to"), 170),
            Column(self.tr("Taken in by")),
        )
        nothing = self.tr("Nothing is handled here.")
        self.page = ListPage(self, ListSpec(self.tr("What leads to what"), columns, nothing, while_seen=True), bridge)
        self.commands, self.queries = self._add_way(), self._add_way()

    def _add_way(self) -> QLabel:
        """Above the list, where the plugins stand in their order."""
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        way = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText, textInteractionFlags=selectable)
        self.page.add_above(way)
        return way

    def refresh(self) -> None:
        """Ask over the query bus; listeners come and go."""
        self.page.ask(self._session.queries.ask(GetWiring()), self._show)

    def line(self, row: Wire) -> ReportLine:
        """What leads to what."""
        return ReportLine(row.name, (row.name, row.leads_to, row.taken_by))

    def describe(self, row: Wire) -> tuple[str, str]:
        """Who handles it, and who takes in what."""
        return row.sentence, row.details

    def _show(self, wiring: WiringReport) -> None:
        self.commands.setText(_way(self.tr("A command passes"), wiring.command_plugins, self.tr("its handler")))
        self.queries.setText(_way(self.tr("A query passes"), wiring.query_plugins, self.tr("its handler")))
        takers = _takers_of(wiring)
        self.page.show_rows(
            [
                *(self._command(wire, takers) for wire in wiring.commands),
                *(self._process_manager(wire) for wire in wiring.process_managers),
                *(self._query(wire) for wire in wiring.queries),
            ]
        )

    def _command(self, wire: MessageWire, takers: Callable[[str], Iterator[str]]) -> Wire:
        told = self._handled(wire, self.tr("{message} is a command, handled by {handler}. It leads to:"))
        lines = (f"{event}  →  {', '.join(takers(event))}" for event in wire.events)
        all_takers = dict.fromkeys(taker for event in wire.events for taker in takers(event))
        return Wire(wire.message, ", ".join(wire.events), ", ".join(all_takers), told, "\n".join(lines))

    def _process_manager(self, wire: ProcessManagerWire) -> Wire:
        told = self.tr("{name} reacts to events by sending commands.").format(name=wire.name)
        lines = (*(f"on {event}" for event in wire.events), "", *(f"sends {name}" for name in wire.commands))
        return Wire(wire.name, ", ".join(wire.commands), self.tr("the command bus"), told, "\n".join(lines))

    def _query(self, wire: MessageWire) -> Wire:
        told = self._handled(wire, self.tr("{message} is a query, answered by {handler}."))
        return Wire(wire.message, self.tr("an answer"), "", told, "")

    def _handled(self, wire: MessageWire, words: str) -> str:
        handler = self.tr("a function without a name") if wire.handler == NAMELESS else wire.handler
        return words.format(message=wire.message, handler=handler)


def _takers_of(wiring: WiringReport) -> Callable[[str], Iterator[str]]:
    all_of_them: tuple[ListenerWire | ProcessManagerWire, ...] = (
        *wiring.projections,
        *wiring.listeners,
        *wiring.process_managers,
    )
    return lambda event: (one.name for one in all_of_them if event in one.events)


def _way(words: str, plugins: tuple[str, ...], end: str) -> str:
    # No line ends before an arrow: each of them begins the step that it leads to.
    steps = (strong(plugin).replace(" ", "\u00a0") for plugin in plugins)
    return f"{escape(words)} {' '.join(f'{step}&nbsp;→' for step in steps)} {escape(end)}"
