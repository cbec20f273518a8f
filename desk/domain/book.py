"""Hop 3: the book's decider: which events a command means in a state, and which state follows from an event.

Checks come in one order: life of the book, copy or hold exists, its state, the patron, dates.
"""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

from desk.domain.commands import BookCommand, CopyCommand, HoldCommand, LifeCommand, LoanCommand
from desk.domain.copies import decide_copies, evolve_copies
from desk.domain.errors import CorruptHistory
from desk.domain.events import (
    BookCreated,
    BookEvent,
    CopyEvent,
    HoldEvent,
    LifeEvent,
    LoanEvent,
)
from desk.domain.holds import decide_holds, evolve_holds, set_aside
from desk.domain.lifecycle import decide_life, evolve_life
from desk.domain.loans import decide_loans, evolve_loans
from desk.domain.policy import Moment, Policy
from desk.domain.state import INITIAL, Book, Life, require_listed

__all__ = ["INITIAL", "Book", "decide", "evolve", "replay"]


def decide(state: Book, command: BookCommand, moment: Moment, policy: Policy) -> tuple[BookEvent, ...]:
    """The events that a command means, all for one append; empty where it is already so. Raises RuleBroken."""
    if isinstance(command, LifeCommand):
        return decide_life(state, command)
    require_listed(state)
    decided = _decide_within(state, command, moment, policy)
    # No copy is left available while a reader waits, whichever command freed it.
    return decided + set_aside(replay(decided, state), command.book_id, moment, policy)


def evolve(state: Book, event: BookEvent) -> Book:
    """The state after a stored event. Raises CorruptHistory for an event that cannot follow, and never RuleBroken."""
    if state.life is Life.ABSENT and not isinstance(event, BookCreated):
        raise CorruptHistory(f"{type(event).__name__} came before the book was created")
    if isinstance(event, LifeEvent):
        return evolve_life(state, event)
    if isinstance(event, CopyEvent):
        return evolve_copies(state, event)
    if isinstance(event, LoanEvent):
        return evolve_loans(state, event)
    if isinstance(event, HoldEvent):
        return evolve_holds(state, event)
    assert_never(event)


def replay(events: Iterable[BookEvent], state: Book = INITIAL) -> Book:
    """The state after all the events."""
    return reduce(evolve, events, state)


def _decide_within(
    state: Book, command: CopyCommand | LoanCommand | HoldCommand, moment: Moment, policy: Policy
) -> tuple[BookEvent, ...]:
    if isinstance(command, CopyCommand):
        return decide_copies(state, command, moment)
    if isinstance(command, LoanCommand):
        return decide_loans(state, command, moment, policy)
    if isinstance(command, HoldCommand):
        return decide_holds(state, command, moment)
    assert_never(command)
