"""T22: a test of the tests: with one rule of the domain broken at a time, the tables or the walk notice it.

A rule is broken in memory: the text of its function is changed, compiled where it stands, and put back afterwards.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import pytest

from desk.domain import book, copies, holds, isbn_claim, lifecycle, loans, state
from desk.domain.errors import CorruptHistory, RuleBroken
from tests.domain.test_book_walk import WALKS, failure, steps_of
from tests.domain.test_decision_tables import check_all


@dataclass(frozen=True)
class Mutant:
    """One broken rule: what is said in the function's text, and what it is made to say."""

    says: str
    function: Callable[..., Any]
    text: str
    instead: str


ELEVEN = (
    Mutant("I1: a freed copy is not set aside for who waits", book.decide, "decided + set_aside(", "decided + leave("),
    Mutant(
        "I2: a copy on the shelf is lent to anybody",
        loans._require_lendable,
        "holder is not None and holder.patron != patron",
        "False",
    ),
    Mutant("I3: a lent copy is lent again", loans._require_lendable, "copy.state is CopyState.ON_LOAN", "False"),
    Mutant("I4: a reader gets a second copy", loans._require_patron_may_borrow, "if lent is not None", "if False"),
    Mutant("I5: a reader places a second hold", holds._place, "book.hold_of(command.patron) is not None", "False"),
    Mutant("I5: a reader with a loan places a hold", holds._place, "if lent is not None", "if False"),
    Mutant(
        "I6: the last in the queue is served first", holds.set_aside, "book.open_holds if", "book.open_holds[::-1] if"
    ),
    Mutant("I7, I11: a book with copies on loan is deleted", lifecycle._delete, "if lent:", "if False:"),
    Mutant("I7, I11: a book with open holds is deleted", lifecycle._delete, "if book.open_holds:", "if False:"),
    Mutant(
        "I8: the number of a withdrawn copy is used again",
        copies.decide_copies,
        "len(book.copies) + 1",
        "1 + sum(copy.state is not CopyState.WITHDRAWN for copy in book.copies)",
    ),
    Mutant("I9: a loan is renewed while someone waits", loans._renew, "if book.someone_waits:", "if False:"),
)
MORE = (
    Mutant("one renewal too many", loans._renew, "loan.renewals >= policy.renewals", "loan.renewals > policy.renewals"),
    Mutant("a renewal to the same date", loans._renew, "due_on <= loan.due_on", "due_on < loan.due_on"),
    Mutant("a loan that is due today", loans._lend, "due_on <= moment.today", "due_on < moment.today"),
    Mutant(
        "a hold expires on its last day",
        holds._expire,
        "moment.today <= hold.pickup_until",
        "moment.today < hold.pickup_until",
    ),
    Mutant("a copy lost from the shelf keeps its hold", copies._lose, "if copy.hold_id is None", "if True"),
    Mutant("a hold whose copy is lost is still ready", holds.evolve_holds, "state=HoldState.WAITING, ", ""),
    Mutant("a loan from the shelf leaves its hold open", loans._lend, "if copy.hold_id is None", "if True"),
    Mutant("a copy is withdrawn from the shelf", copies._withdraw, "copy.state is CopyState.ON_HOLD_SHELF", "False"),
    Mutant("an owned ISBN is claimed by another", isbn_claim._claim, "if state.owner is not None", "if False"),
    Mutant(
        "an ISBN is released by who does not own it",
        isbn_claim._release,
        "state.owner != command.book_id",
        "state.owner is None",
    ),
    Mutant("a rejected book is listed", lifecycle._list, "book.life is not Life.PENDING", "book.life is Life.DELETED"),
    Mutant(
        "an expired hold does not free its copy",
        holds.evolve_holds,
        "_closed(_freed(book, event.copy_no), hold, HoldState.EXPIRED)",
        "_closed(book, hold, HoldState.EXPIRED)",
    ),
    Mutant("nobody is ever late", loans._take_back, "(returned_on - loan.due_on).days", "0"),
    Mutant("a withdrawn copy is used again", state.require_copy, "copy.state is CopyState.WITHDRAWN", "False"),
    Mutant("the id of a closed hold is used again", holds._place, " or book.closed_hold(command.hold_id)", ""),
)


def leave(*_arguments: object) -> tuple[()]:
    """What a mutant does in the place of a rule that adds events."""
    return ()


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """The rule is broken for everybody who calls it, however they came by it, until the end of the block."""
    function = mutant.function
    assert isinstance(function, FunctionType)
    text = textwrap.dedent(inspect.getsource(function))
    assert text.count(mutant.text) == 1, f"{function.__name__} does not say {mutant.text!r} once"
    changed: dict[str, Any] = {}
    exec(compile(text.replace(mutant.text, mutant.instead), function.__name__, "exec"), function.__globals__, changed)
    sound = function.__code__
    function.__globals__["leave"] = leave
    function.__code__ = changed[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = sound
        del function.__globals__["leave"]


def noticed_by() -> str:
    """Who notices that something is wrong: the tables, the walk, or nobody."""
    try:
        check_all()
    except (AssertionError, RuleBroken, CorruptHistory, LookupError, pytest.fail.Exception):
        return "tables"
    return "walk" if any(failure(seed, steps_of(seed)) for seed in range(WALKS)) else ""


@pytest.mark.parametrize("mutant", [*ELEVEN, *MORE], ids=lambda mutant: mutant.says)
def test_t22_a_broken_rule_is_noticed(mutant: Mutant) -> None:
    with broken(mutant):
        assert noticed_by(), f"nobody notices: {mutant.says}"


def test_t22_without_a_broken_rule_nobody_notices_anything() -> None:
    """What was broken is mended again; the walk itself is another test's."""
    check_all()
    assert failure(1, steps_of(1)) is None
