"""Hop 2: the wiring report: what leads to what in the sealed program, and what does not fit together."""

from dataclasses import fields

from desk.cqrs.errors import WiringError
from desk.cqrs.registering import HandlerPlace
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class MessageWire:
    """A command or a query, who handles it, and the events that a command can lead to."""

    message: str
    handler: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListenerWire:
    """A projection or a listener of the event bus, and the events that it takes in.

    ``places`` says, of a projection, which function takes in which event.
    """

    name: str
    events: tuple[str, ...]
    places: tuple[tuple[str, HandlerPlace], ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessManagerWire:
    """A process manager: the events that it reacts to, and the commands that it may send."""

    name: str
    events: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WiringReport:
    """Commands → handlers → events → projections and listeners; process managers → commands; plugins, outermost first.

    Each bus makes its own when sealed; :meth:`joined` puts them together.
    """

    commands: tuple[MessageWire, ...] = ()
    queries: tuple[MessageWire, ...] = ()
    command_plugins: tuple[str, ...] = ()
    query_plugins: tuple[str, ...] = ()
    projections: tuple[ListenerWire, ...] = ()
    listeners: tuple[ListenerWire, ...] = ()
    process_managers: tuple[ProcessManagerWire, ...] = ()

    def joined(self, other: "WiringReport") -> "WiringReport":
        """Both, one after the other."""
        return WiringReport(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def unheard(self) -> tuple[str, ...]:
        """Events that commands lead to and that neither a projection nor a process manager nor a listener takes in."""
        heard = {name for one in self._takers() for name in one.events}
        return tuple(sorted(self._events() - heard))

    def _takers(self) -> "tuple[ListenerWire | ProcessManagerWire, ...]":
        return (*self.projections, *self.listeners, *self.process_managers)

    def _events(self) -> set[str]:
        return {name for one in self.commands for name in one.events}

    def check(self) -> None:
        """Raises WiringError with all that is wrong: doubles, events from nowhere, commands without a handler."""
        wrong = [*self._doubles(), *self._from_nowhere(), *self._to_nobody()]
        if wrong:
            raise WiringError("; ".join(wrong))

    def _doubles(self) -> list[str]:
        names = [one.name for one in self._takers()]
        names += [one.message for one in (*self.commands, *self.queries)]
        return [f"{name} is there twice" for name in sorted(set(names)) if names.count(name) > 1]

    def _from_nowhere(self) -> list[str]:
        known = self._events()
        return [
            f"{one.name} waits for {name}, which no command leads to"
            for one in self._takers()
            for name in one.events
            if name not in known
        ]

    def _to_nobody(self) -> list[str]:
        handled = {one.message for one in self.commands}
        return [
            f"{one.name} sends {name}, which has no handler"
            for one in self.process_managers
            for name in one.commands
            if name not in handled
        ]
