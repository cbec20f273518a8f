"""What a picture of a command's way is made of: stations, hops between them with real times, and rounds of hops."""

from collections.abc import Mapping
from enum import Enum

from desk.application.catalogue import BookCard
from desk.cqrs.endings import End
from desk.cqrs.stories import Story
from desk.records import dataclass


class Station(Enum):
    """Where a command, its events and the answers stop. The values are what people call them.

    The first five are always there; a process manager is, where it is the sender.
    """

    FORM = "Form"
    BUS = "Command bus"
    AGGREGATE = "Aggregate"
    STORE = "Event store"
    READ_MODEL = "Read model"
    PROCESS_MANAGER = "Process manager"


class Cargo(Enum):
    """What a hop carries; the one thing that the colour and the shape of its mark mean."""

    COMMAND = "command"
    EVENT = "event"
    VIEW = "view"
    ANSWER = "answer"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Hop:
    """From one station to another: what it carries, what that says in a few characters, and a sentence of it.

    ``begin`` and ``milliseconds`` are real time, from the beginning of the command; both None where that is not known.
    ``pending``: it has not happened yet. Not ``arrives``: it got lost on its way, or nobody knows whether it came.
    ``attempt`` is that of the handler, 0 outside of all; ``end`` is set on the hop that tells the sender.
    """

    origin: Station
    target: Station
    cargo: Cargo
    value: str
    sentence: str
    begin: float | None = None
    milliseconds: float | None = None
    attempt: int = 0
    pending: bool = False
    arrives: bool = True
    end: End | None = None


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What a query for a command's book was answered, once the read model held what was stored; None: no such book.

    ``milliseconds`` are the query's own, from the question to the answer, whenever it was asked.
    """

    card: BookCard | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Round:
    """One command's way. ``number`` counts the rounds of one correlation from 1: a later one is what a process manager
    did next, or the outbox, and ``sender`` is who gets the answer.

    ``plugins`` are those of the bus that it met, each with "ok" or the code of what came out of it; ``turned_back_by``
    is the plugin that refused it. ``lines`` is what each station has to show once it was reached. ``book`` is the title
    of the book that it is about, empty where that is not known.
    """

    story: Story
    number: int
    title: str
    value: str
    sender: Station
    sender_name: str
    hops: tuple[Hop, ...]
    plugins: tuple[tuple[str, str], ...]
    turned_back_by: str
    lines: Mapping[Station, tuple[str, ...]]
    book: str = ""

    @property
    def happened(self) -> int:
        """How many of its hops have happened by now."""
        return next((number for number, hop in enumerate(self.hops) if hop.pending), len(self.hops))

    @property
    def milliseconds(self) -> float | None:
        """From the beginning of the command to the end of its last hop; None as long as that is not known."""
        last = self.hops[-1] if self.hops else None
        if last is None or last.milliseconds is None:
            return None
        return max((hop.begin or 0.0) + (hop.milliseconds or 0.0) for hop in self.hops)

    @property
    def end(self) -> End | None:
        """What the sender is told."""
        return next((hop.end for hop in self.hops if hop.end is not None), None)

    @property
    def attempts(self) -> int:
        """How often it came to the aggregate."""
        return sum(1 for hop in self.hops if hop.origin is Station.BUS and hop.target is Station.AGGREGATE)

    def reached(self, hops: int) -> frozenset[Station]:
        """The stations that are reached after so many hops; nothing behind a refusal is."""
        met = {self.sender} if self.hops else set()
        for hop in self.hops[:hops]:
            met.add(hop.origin)
            if hop.arrives:
                met.add(hop.target)
        return frozenset(met)
