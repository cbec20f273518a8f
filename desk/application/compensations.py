"""Hop 1: answers how a stored command can be taken back: reads the book as the command met it, and asks `undo`."""

from dataclasses import dataclass

from desk.application.handlers import Aggregates
from desk.application.undo import Done, WayBack, compensate, describe_command
from desk.cqrs.messages import Query
from desk.cqrs.moments import Moments
from desk.domain.commands import BookCommand, CreateBook
from desk.domain.state import INITIAL
from desk.domain.streams import book_stream


@dataclass(frozen=True, slots=True)
class Undoing:
    """A stored command as a menu can offer it: ``description`` in a few words, and the way back."""

    done: Done
    description: str
    way: WayBack


@dataclass(frozen=True, slots=True)
class GetUndoing(Query[Undoing]):
    """How a stored command can be taken back; ``revision`` is that of the last of its ``events``."""

    command: BookCommand
    events: tuple[object, ...]
    revision: int


class UndoQueryHandler:
    """Answers GetUndoing."""

    def __init__(self, aggregates: Aggregates, moments: Moments) -> None:
        self._books, self._moments = aggregates.books, moments

    def __call__(self, query: GetUndoing) -> Undoing:
        """Raises StoreError where the book cannot be read."""
        command, met = query.command, query.revision - len(query.events)
        before = INITIAL
        if not isinstance(command, CreateBook):
            before = self._books.load(book_stream(command.book_id), upto=met).state
        return undoing(Done(command, query.events, query.revision, before), self._moments)


def undoing(done: Done, moments: Moments) -> Undoing:
    """As of today, with new ids for what begins anew."""
    return Undoing(done, describe_command(done), compensate(done, moments.today(), moments.new_id))
