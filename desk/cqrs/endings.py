"""The ends of a command in one form, for the journal and for stories: which, its code, and the sentence for people."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from desk.cqrs.dryrun import Refusal
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError
from desk.cqrs.messages import Envelope, Outcome
from desk.records import dataclass

OK = "ok"
Refusals = Callable[[Exception], Refusal | None]
"""Puts a refusal into words; None for an exception that is no refusal."""


class End(Enum):
    """The five ends of a command, and the two that are none: it was cancelled before it was stored, or met a bug."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    CONFLICT = "conflict"
    STORE_AWAY = "store away"
    UNKNOWN = "outcome unknown"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandEnding:
    """How a command ended. ``code`` is stable ("ok", or what refused it); ``attempts`` is 0 where no handler began."""

    end: End
    code: str
    sentence: str
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class EndedCommand:
    """A command that was sent about a stream, how it ended, and after how many milliseconds."""

    envelope: Envelope[Any]
    stream: str
    ending: CommandEnding
    milliseconds: float


def ending_of(result: Outcome | Exception, refusals: Refusals, attempts: int) -> CommandEnding:
    """The end that an answer, or what was raised in its place, stands for."""
    if isinstance(result, Outcome):
        return CommandEnding(End.SUCCEEDED, OK, _stored(result), attempts)
    refusal = refusals(result)
    code, sentence = code_of(result), str(result) or type(result).__name__
    if refusal is not None:
        code, sentence = refusal.code, refusal.sentence
    elif isinstance(result, Conflict):
        sentence = f"Somebody else was faster, {attempts:,} times in a row. Look again, and send it once more."
    return CommandEnding(_end(result, refused=refusal is not None), code, sentence, attempts)


def code_of(error: BaseException) -> str:
    """The stable name of a failure."""
    return str(getattr(error, "code", type(error).__name__))


def _end(error: Exception, *, refused: bool) -> End:
    match error:
        case Conflict():
            return End.CONFLICT
        case OutcomeUnknown():
            return End.UNKNOWN
        case StoreError():
            return End.STORE_AWAY
        case Cancelled():
            return End.CANCELLED
    return End.REFUSED if refused else End.FAILED


def _stored(outcome: Outcome) -> str:
    if outcome.receipt is None:
        return "There was nothing to store."
    place = f"revision {outcome.receipt.revision} of {outcome.receipt.stream}"
    return f"It had been stored before, up to {place}." if outcome.repeated else f"Stored, up to {place}."
