"""How a command ended by what its sender's future holds: said once more than in Desk, to compare Desk with."""

from desk.cqrs.endings import End
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError


def end_of(error: BaseException | None) -> End:
    """The end that a sender is told; None where the command was done."""
    match error:
        case None:
            return End.SUCCEEDED
        case Conflict():
            return End.CONFLICT
        case OutcomeUnknown():
            return End.UNKNOWN
        case StoreError():
            return End.STORE_AWAY
    return End.REFUSED
