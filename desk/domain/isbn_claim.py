"""Hop 3: the decider of an ISBN's owner. The ISBN is the stream's name, and so is unique among listed books."""

from typing import Final, assert_never, final
from uuid import UUID

from desk.domain.commands import ClaimIsbn, IsbnCommand, ReleaseIsbn
from desk.domain.errors import CorruptHistory, RefusalCode, RuleBroken
from desk.domain.events import IsbnClaimed, IsbnEvent, IsbnReleased
from desk.domain.policy import Moment, Policy
from desk.records import dataclass


@final
@dataclass(frozen=True, slots=True)
class IsbnClaim:
    """Who owns an ISBN; None where it is free."""

    owner: UUID | None = None


INITIAL: Final = IsbnClaim()


def decide(state: IsbnClaim, command: IsbnCommand, moment: Moment, policy: Policy) -> tuple[IsbnEvent, ...]:
    """The events that a command means; empty where it is already so. Raises RuleBroken.

    Moment and policy are not needed; they are there because every decider is called alike.
    """
    match command:
        case ClaimIsbn():
            return _claim(state, command)
        case ReleaseIsbn():
            return _release(state, command)
        case _:
            assert_never(command)


def evolve(state: IsbnClaim, event: IsbnEvent) -> IsbnClaim:
    """The state after a stored event; raises CorruptHistory for an event that cannot follow."""
    match event:
        case IsbnClaimed():
            if state.owner is not None:
                raise CorruptHistory(f"ISBN {event.isbn} was claimed while it had an owner")
            return IsbnClaim(owner=event.book_id)
        case IsbnReleased():
            if state.owner != event.book_id:
                raise CorruptHistory(f"ISBN {event.isbn} was released by a book that did not own it")
            return IsbnClaim()
        case _:
            assert_never(event)


def _claim(state: IsbnClaim, command: ClaimIsbn) -> tuple[IsbnEvent, ...]:
    if state.owner == command.book_id:
        return ()
    if state.owner is not None:
        raise RuleBroken(RefusalCode.ISBN_ALREADY_CLAIMED, isbn=command.isbn, owner=state.owner)
    return (IsbnClaimed(isbn=command.isbn, book_id=command.book_id),)


def _release(state: IsbnClaim, command: ReleaseIsbn) -> tuple[IsbnEvent, ...]:
    if state.owner != command.book_id:
        return ()
    return (IsbnReleased(isbn=command.isbn, book_id=command.book_id, reason=command.reason),)
