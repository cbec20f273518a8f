"""Hop 1: answers what of a stored command can be taken back, or done again, now: by the dry run of what would do it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desk.application.done import Done, done_of
from desk.application.undo import Direction, Impossible, Present, way_of
from desk.cqrs.messages import Query, Sender
from desk.domain.commands import BookCommand, CreateBook
from desk.domain.state import INITIAL
from desk.domain.streams import book_stream
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.handlers import Aggregates
    from desk.cqrs.bus import CommandBus
    from desk.cqrs.dryrun import DryRun


@dataclass(frozen=True, slots=True)
class GetDone(Query[Done]):
    """A stored command with what it met; ``revision`` is that of the last of its ``events``."""

    command: BookCommand
    events: tuple[object, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What Undo or Redo can do about a command now: send ``command``, of which ``run`` is the dry run.

    ``sentence`` says what that does. Without a command it says why not; ``for_good``: nor will it ever be possible.
    """

    sentence: str
    command: BookCommand | None = None
    run: "DryRun | None" = None
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class GetOffer(Query[Offer]):
    """What Undo or Redo can do about a command as the book is now."""

    done: Done
    direction: Direction


class DoneQueryHandler:
    """Answers GetDone."""

    def __init__(self, aggregates: "Aggregates") -> None:
        self._books = aggregates.books

    def __call__(self, query: GetDone) -> Done:
        """Raises StoreError where the book cannot be read."""
        command, met = query.command, query.revision - len(query.events)
        before = INITIAL
        if not isinstance(command, CreateBook):
            before = self._books.load(book_stream(command.book_id), upto=met).state
        return done_of(command, query.events, before)


class OfferQueryHandler:
    """Answers GetOffer. The book is read once: what the offer says and its dry run are of the same moment."""

    def __init__(self, aggregates: "Aggregates", commands: "CommandBus", sender: Sender) -> None:
        self._books, self._commands, self._sender = aggregates.books, commands, sender

    def __call__(self, query: GetOffer) -> Offer:
        """Raises StoreError where the book cannot be read."""
        loaded = self._books.load(book_stream(query.done.command.book_id))

        def explain(command: BookCommand) -> "DryRun":
            same = command.book_id == query.done.command.book_id
            return self._commands.explain_inline(self._sender.envelope(command), loaded if same else None)

        moments = self._sender.moments
        return offer_of(query, Present(loaded.state, loaded.version, moments.today(), moments.new_id), explain)


def offer_of(query: GetOffer, present: Present, explain: Callable[[BookCommand], "DryRun"]) -> Offer:
    """What the book's present state permits; ``explain`` makes a dry run on it."""
    way = way_of(query.done, query.direction, present)
    if isinstance(way, Impossible):
        return Offer(way.reason, for_good=way.for_good)
    run = explain(way.command)
    if run.refusal is not None:
        return Offer(run.refusal.sentence)
    if not run.events:
        return Offer("It is so already: nothing needs to be done about it.")
    return Offer(way.sentence, way.command, run)
