"""What leads to what in this program: answers GetWiring, and finds at the start what does not fit together."""

from collections.abc import Callable, Iterable, Mapping

from desk.application.queries import GetWiring
from desk.cqrs.errors import WiringError
from desk.cqrs.events import EventBus
from desk.cqrs.registering import place_of
from desk.cqrs.registry import EventRegistry
from desk.cqrs.report import ListenerWire, ProcessManagerWire, WiringReport


class WiringQueryHandler:
    """Answers GetWiring: what the buses said when they were sealed, what was added, and who listens now."""

    def __init__(self, events: EventBus, registry: EventRegistry) -> None:
        self._events, self._names, self._report = events, frozenset(registry.names()), WiringReport()

    def add(self, report: WiringReport) -> None:
        """More of the program is wired. Raises WiringError where that does not fit what is there already."""
        joined = self._report.joined(report)
        joined.check()
        unknown = {name for wire in report.commands for name in wire.events} - self._names
        if unknown:
            raise WiringError(f"{', '.join(sorted(unknown))} cannot be stored: no registered event")
        self._report = joined

    def add_projection(self, name: str, handlers: Mapping[type, Callable[..., object]]) -> None:
        """A projection takes in these classes of events by these functions. Raises WiringError as :meth:`add`."""
        places = tuple((event.__name__, place_of(handler)) for event, handler in handlers.items())
        self.add(WiringReport(projections=(ListenerWire(name, _names(handlers), places),)))

    def add_process_manager(self, name: str, events: Iterable[str], commands: Iterable[type]) -> None:
        """A process manager reacts to these types of events by these commands. Raises WiringError as :meth:`add`."""
        wire = ProcessManagerWire(name, tuple(sorted(events)), _names(commands))
        self.add(WiringReport(process_managers=(wire,)))

    def check_complete(self) -> None:
        """Everything is wired. Raises WiringError where an event that a command leads to is taken in by nobody."""
        if self._report.unheard:
            raise WiringError(f"nobody takes in {', '.join(self._report.unheard)}")

    def __call__(self, _query: GetWiring) -> WiringReport:
        listening = tuple(ListenerWire(one.name, one.kinds) for one in self._events.listeners())
        return self._report.joined(WiringReport(listeners=listening))


def _names(kinds: Iterable[type]) -> tuple[str, ...]:
    return tuple(sorted(kind.__name__ for kind in kinds))
