"""Hop 9: loans and holds across all books, and what belongs to one correlation: the answers' types."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from desk.application.catalogue import CatalogueReader, HoldLine, LoanLine


@dataclass(frozen=True, slots=True)
class LoanQuestion:
    """Which loans; what is None does not matter. ``overdue_as_of``: open, and due before that day."""

    patron: str | None = None
    overdue_as_of: date | None = None
    open: bool | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan and its book."""

    book_id: UUID
    title: str
    loan: LoanLine


@dataclass(frozen=True, slots=True)
class HoldQuestion:
    """Which holds; what is None does not matter. ``state`` is waiting, ready, fulfilled, cancelled or expired."""

    book_id: UUID | None = None
    patron: str | None = None
    state: str | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold and its book."""

    book_id: UUID
    title: str
    hold: HoldLine


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """An event that a command led to; ``at`` is the time at which it is shown."""

    event_id: UUID
    stream: str
    revision: int
    position: int
    type: str
    at: datetime
    user: str


@dataclass(frozen=True, slots=True)
class TracedCommand:
    """A command with its events, in their order, and what process managers sent because of these.

    ``command_id`` is None where the events do not say which command they came from. ``trigger`` is the event that
    made a process manager send it; None for what a person asked for.
    """

    command_id: UUID | None
    trigger: UUID | None
    events: tuple[TracedEvent, ...]
    followers: tuple["TracedCommand", ...] = ()


class CirculationReader(CatalogueReader, Protocol):
    """The read side with what goes across all books; belongs to one thread, as its base."""

    def loans(self, question: LoanQuestion) -> tuple[LoanRow, ...]:
        """Loans across all books, the longest due first."""

    def holds(self, question: HoldQuestion) -> tuple[HoldRow, ...]:
        """Holds across all books, in the order in which they were placed."""

    def trace(self, correlation_id: UUID) -> tuple[TracedCommand, ...]:
        """The commands of one correlation that nothing in it triggered, each with all that followed."""
