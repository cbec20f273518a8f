"""Every way in which a command is refused, in one form: code, values, and the sentence that says what to do.

A refusal is an answer and no failure.
"""

from desk.cqrs.dryrun import Refusal
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.plugins.origin import NotForUsers
from desk.cqrs.plugins.retry import EditConflict
from desk.domain.errors import CorruptHistory, InvalidCommand, RuleBroken
from desk.domain.sentences import describe


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
