"""The process manager BookRegistration: a book is listed once it owns its ISBN, and rejected if another book does.

The book comes first and the claim second: that order survives a crash at any point. The created book is durable, so a
restart repeats the step. Each command's id follows from the event, so that a repeat is recognised. The look at the
book at the beginning makes a replay of all history write nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from desk.application.command_events import SentBy, commands_sent_by
from desk.application.handlers import Aggregates
from desk.cqrs.identity import step_id
from desk.cqrs.messages import Envelope, Outcome, Sender
from desk.cqrs.metadata import Metadata, parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Filter, Recorded
from desk.domain.commands import ClaimIsbn, ListBook, RejectBook, ReleaseIsbn
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import BookCreated, BookDeleted
from desk.domain.state import Life
from desk.domain.streams import book_id_of
from desk.domain.values import BOOK_DELETED, REGISTRATION_ABANDONED

NAME = SentBy.BOOK_REGISTRATION.value
KINDS = frozenset({"BookCreated", "BookDeleted"})
SENDS = commands_sent_by(SentBy.BOOK_REGISTRATION)
FEED = Filter.of_types(KINDS)


class BookRegistration:
    """Reacts to created and deleted books. ``send`` runs a command on the caller's thread and returns its outcome."""

    def __init__(
        self,
        aggregates: Aggregates,
        registry: EventRegistry,
        send: Callable[[Envelope[Any]], Outcome],
        sender: Sender,
    ) -> None:
        self._books, self._registry, self._send, self._sender = aggregates.books, registry, send, sender

    def react(self, recorded: Recorded) -> None:
        """Do what an event asks for. Raises StoreError, after which the same event may be given again."""
        if book_id_of(recorded.stream) is None:
            return  # somebody else's stream that only looks like ours
        meta = parse_metadata(recorded.metadata)
        event = self._registry.decode(recorded.type, meta.schema, recorded.data)
        story = _Story(recorded, meta, self._send, self._sender)
        if isinstance(event, BookCreated):
            self._register(event, recorded.stream, story)
        elif isinstance(event, BookDeleted):
            story.tell("release", ReleaseIsbn(isbn=event.isbn, book_id=event.book_id, reason=BOOK_DELETED))

    def _register(self, event: BookCreated, stream: str, story: "_Story") -> None:
        undo = ReleaseIsbn(isbn=event.isbn, book_id=event.book_id, reason=REGISTRATION_ABANDONED)
        life = self._books.get(stream).state.life
        if life in (Life.REJECTED, Life.DELETED):
            story.tell("undo", undo)
        elif life is Life.PENDING:
            owner = self._claim(event, story)
            if owner is not None:
                # Refused where another program, a step behind, claimed it after the owner had gone: then it is listed.
                reject = RejectBook(book_id=event.book_id, conflicting_book_id=owner)
                story.refused("reject", reject, RefusalCode.BOOK_NOT_PENDING)
            elif story.refused("list", ListBook(book_id=event.book_id), RefusalCode.BOOK_NOT_PENDING) is not None:
                story.tell("undo", undo)

    def _claim(self, event: BookCreated, story: "_Story") -> UUID | None:
        """The other book that owns the ISBN already; None when it is this one's now."""
        claim = ClaimIsbn(isbn=event.isbn, book_id=event.book_id)
        refused = story.refused("claim", claim, RefusalCode.ISBN_ALREADY_CLAIMED)
        if refused is None:
            return None
        owner = refused.params["owner"]
        assert isinstance(owner, UUID)
        return owner


class _Story:
    """The commands that one event leads to: their ids, their correlation, and the moment they count for."""

    def __init__(
        self, recorded: Recorded, meta: Metadata, send: Callable[[Envelope[Any]], Outcome], sender: Sender
    ) -> None:
        self._event_id, self._send, self._sender = recorded.id, send, sender
        self._correlation = meta.correlation_id or recorded.id
        # The story's own time: a year that is told in seconds stays a year.
        self._issued_at: datetime | None = meta.issued_at

    def tell(self, step: str, command: object) -> Outcome:
        """Send the command of a step."""
        return self._send(
            self._sender.envelope(
                command,
                command_id=step_id(self._event_id, step),
                correlation_id=self._correlation,
                trigger_id=self._event_id,
                issued_at=self._issued_at,
            )
        )

    def refused(self, step: str, command: object, code: RefusalCode) -> RuleBroken | None:
        """Send the command; the refusal, where it is refused with this code."""
        try:
            self.tell(step, command)
        except RuleBroken as refusal:
            if refusal.code is not code:
                raise
            return refusal
        return None
