"""Every way in which a command is refused, in one form: code, values, and the sentence that says what to do.

A refusal is an answer and no failure; the last ones are kept in a journal on this machine.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from desk.cqrs.dryrun import Refusal
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.messages import Envelope
from desk.cqrs.plugins.origin import NotForUsers
from desk.cqrs.plugins.retry import EditConflict
from desk.domain.errors import CorruptHistory, InvalidCommand, RuleBroken
from desk.domain.sentences import describe


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that was refused: when it was issued (UTC), its type, why, and who sent it."""

    at: datetime
    command: str
    command_id: UUID
    code: str
    sentence: str
    user: str


class RefusalJournal(Protocol):
    """Keeps the last refused commands. Safe to use from several threads."""

    def keep_refused(self, refused: RefusedCommand) -> None: ...

    def refused(self) -> tuple[RefusedCommand, ...]:
        """The newest first."""


def entry_of(env: Envelope[Any], refusal: Refusal) -> RefusedCommand:
    """What the journal keeps of a refusal."""
    kind = type(env.message).__name__
    return RefusedCommand(env.issued_at, kind, env.id, refusal.code, refusal.sentence, env.user)


def refusal_of(error: Exception) -> Refusal | None:
    """The refusal that an exception is; None for one that is something else: a store that is away, a bug."""
    match error:
        case RuleBroken() | InvalidCommand():
            return Refusal(error.code.value, describe(error.code, error.params), error.params)
        case EditConflict():
            fields = ", ".join(name.replace("_", " ") for name in error.fields)
            sentence = f"Somebody else has corrected the same meanwhile: {fields}. Look at the book again."
            return Refusal(error.code, sentence, {"fields": fields})
        case UnknownEvent():
            sentence = f"This was changed by a newer version of Desk ({error.type_name}). Update Desk to change it."
            return Refusal(error.code, sentence, {"type_name": error.type_name, "schema": error.schema})
        case CorruptHistory():
            return Refusal("CorruptHistory", f"This stream cannot be read to its end: {error}.")
        case NotForUsers():
            return Refusal(error.code, f"{error}.")
    return None
