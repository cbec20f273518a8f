"""Which commands a book would refuse: asked of the aggregate itself, by deciding on its state without appending."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any
from uuid import UUID

from desk.application.command_events import TABLE, SentBy, Subject, part_of
from desk.application.handlers import Aggregates
from desk.application.queries import GetPermissions, Permissions
from desk.cqrs.bus import CommandBus
from desk.cqrs.messages import Sender
from desk.cqrs.store import NO_STREAM
from desk.domain.commands import BookCommand
from desk.domain.state import Book
from desk.domain.streams import book_stream

_ANYBODY = "0"
_NOBODY = UUID(int=0)


class PermissionsQueryHandler:
    """Answers GetPermissions. The book is read once, and each command is explained on what was read."""

    def __init__(self, aggregates: Aggregates, commands: CommandBus, sender: Sender) -> None:
        self._books, self._commands, self._sender = aggregates.books, commands, sender

    def __call__(self, query: GetPermissions) -> Permissions | None:
        """What the book's present state refuses; None where there is no such book."""
        loaded = self._books.load(book_stream(query.book_id))
        if loaded.version == NO_STREAM:
            return None
        refusals = {}
        for command in candidates(query.book_id, loaded.state, loaded.version):
            refusal = self._commands.explain_inline(self._sender.envelope(command), loaded).refusal
            if refusal is not None:
                refusals[type(command), part_of(command)] = refusal.sentence
        return Permissions(query.book_id, loaded.version, refusals)


def candidates(book_id: UUID, state: Book, version: int) -> Iterator[BookCommand]:
    """A command of each kind as anybody might send it, for the book and for each of its copies and open holds."""
    values = {"book_id": book_id, "seen_revision": version, "reason": "?", "hold_id": _NOBODY, "loan_id": _NOBODY}
    anybody = _reader_other_than(state)
    yield from _of_each_kind(Subject.BOOK, {**values, "patron": anybody})
    for hold in state.open_holds:
        yield from _of_each_kind(Subject.HOLD, {**values, "hold_id": hold.hold_id})
    for copy in state.copies:
        kept_for = state.open_hold(copy.hold_id) if copy.hold_id else None
        reader = kept_for.patron if kept_for else anybody
        yield from _of_each_kind(Subject.COPY, {**values, "copy_no": copy.copy_no, "patron": reader})


def _of_each_kind(about: Subject, values: Mapping[str, object]) -> Iterator[BookCommand]:
    for entry in TABLE:
        if entry.about is about and entry.sent_by is SentBy.ANYBODY and not entry.begins_stream:
            kind: Any = entry.command
            yield kind(**{field.name: values[field.name] for field in fields(kind) if field.default is MISSING})


def _reader_other_than(state: Book) -> str:
    taken = {copy.loan.patron for copy in state.copies if copy.loan} | {hold.patron for hold in state.open_holds}
    name = _ANYBODY
    while name in taken:
        name += "0"
    return name
