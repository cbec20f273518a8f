"""A random walk through books: whatever is accepted, the invariants I1 to I9 and I11 hold after each append.

I11 is a rule over the history, so what the events say is followed by a second, simpler model (`Ledger`), which knows
nothing of `evolve`; a rule about the state alone would not see a loan that vanishes with its deleted book.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from desk.domain.book import INITIAL, decide, evolve, replay
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    LendCopy,
    ListBook,
    PlaceHold,
    RejectBook,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import CorruptHistory
from desk.domain.events import (
    BOOK_EVENTS,
    BookEvent,
    CopyAdded,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    LoanRenewed,
)
from desk.domain.policy import Policy
from desk.domain.sentences import describe
from desk.domain.state import Book, CopyState, HoldState, Life
from tests.domain.story import BOOK, ISBN, OTHER_BOOK, TODAY, on, refusal, uid
from tests.rounds import few_or_all

WALKS: Final = few_or_all(50, 4000)
"""So many are enough for all that is broken on purpose (``test_mutants``)."""

POLICY: Final = Policy(loan_days=4, renewals=2, pickup_days=2)
PATRONS: Final = ("P", "Q", "R", "S")


@dataclass(frozen=True, slots=True)
class Step:
    """One asked command, as the dice fell."""

    kind: int
    copy_no: int
    patron: int
    hold: int
    days: int


CREATE: Final = CreateBook(book_id=BOOK, isbn=ISBN, title="Title", authors=("A. Author",))
PENDING: Final[tuple[BookCommand, ...]] = (CREATE,)
LISTED: Final[tuple[BookCommand, ...]] = (CREATE, ListBook(book_id=BOOK), AddCopy(book_id=BOOK), AddCopy(book_id=BOOK))


def steps_of(seed: int) -> list[Step]:
    """The same steps for the same seed in every run."""
    dice = Random(seed)
    return [
        Step(dice.randrange(28), dice.randint(1, 3), dice.randrange(4), dice.randrange(4), dice.randrange(4))
        for _ in range(70)
    ]


def opening_of(seed: int) -> tuple[BookCommand, ...]:
    """Most walks begin with a listed book, some with one whose ISBN is yet to be checked."""
    return LISTED if seed % 8 else PENDING


def command_of(step: Step, number: int, book: Book, holds: list[UUID], today: date) -> BookCommand:
    """The command that a step asks for; kinds that lead further come more often."""
    book_id, copy_no, patron = BOOK, step.copy_no, PATRONS[step.patron]
    hold_id = holds[-1 - step.hold] if step.hold < len(holds) else uid("no hold")
    due_on = today + timedelta(days=step.hold) if step.hold else None
    lend = LendCopy(book_id=book_id, copy_no=copy_no, loan_id=uid(f"loan {number}"), patron=patron, due_on=due_on)
    take = ReturnCopy(book_id=book_id, copy_no=copy_no)
    place = PlaceHold(book_id=book_id, hold_id=uid(f"hold {number}"), patron=patron)
    add = AddCopy(book_id=book_id)
    lose = ReportCopyLost(book_id=book_id, copy_no=copy_no)
    # Copies on loan are few and soon asked for by others: a renewal looks for one.
    on_loan = [copy.copy_no for copy in book.copies if copy.loan] or [copy_no]
    renew = RenewLoan(book_id=book_id, copy_no=on_loan[copy_no % len(on_loan)], due_on=due_on)
    withdraw = WithdrawCopy(book_id=book_id, copy_no=copy_no, reason="worn out")
    cancel = CancelHold(book_id=book_id, hold_id=hold_id)
    expire = ExpireHold(book_id=book_id, hold_id=hold_id)
    menu: tuple[BookCommand, ...] = (
        CorrectBookDetails(book_id=book_id, seen_revision=0, title=f"Title {step.patron}"),
        ListBook(book_id=book_id),
        RejectBook(book_id=book_id, conflicting_book_id=OTHER_BOOK),
        # Deletion ends a walk, so that it is asked for more seldom than the rest.
        DeleteBook(book_id=book_id, reason="given away") if step.patron == step.hold else lend,
        PlaceHold(book_id=book_id, hold_id=hold_id, patron=patron),
        CreateBook(book_id=book_id, isbn=ISBN, title="Again", authors=("A. Author",)),
        *(add, lose, lose, withdraw, cancel, cancel, expire, expire, renew, renew, renew, renew),
        *(lend, lend, lend, lend, take, take, take, place, place, place),
    )
    return menu[step.kind % len(menu)]


@dataclass(slots=True)
class Ledger:
    """What the events alone say: who has what since when, and who waits in which order."""

    loans: dict[UUID, CopyLent] = field(default_factory=dict)
    due: dict[UUID, date] = field(default_factory=dict)
    queue: list[UUID] = field(default_factory=list)
    patrons: dict[UUID, str] = field(default_factory=dict)
    shelf: dict[UUID, CopySetAside] = field(default_factory=dict)
    copies: int = 0

    def note(self, event: BookEvent, today: date) -> None:
        match event:
            case CopyAdded():
                self.copies += 1
                assert event.copy_no == self.copies, "I8: numbers without gap"
            case CopyLent() | LoanRenewed() | CopyReturned() | CopyLost():
                self._note_loan(event)
            case _:
                self._note_hold(event, today)

    def _note_loan(self, event: CopyLent | LoanRenewed | CopyReturned | CopyLost) -> None:
        match event:
            case CopyLent():
                assert event.due_on > event.lent_on
                self.loans[event.loan_id] = event
                self.due[event.loan_id] = event.due_on
            case LoanRenewed():
                assert event.renewal_no <= POLICY.renewals, "I9: the limit"
                assert event.due_on > self.due[event.loan_id], "I9: always to a later date"
                assert not set(self.queue) - self.shelf.keys(), "I9: never while someone waits"
                self.due[event.loan_id] = event.due_on
            case CopyReturned():
                assert event.days_late == max(0, (event.returned_on - self.due[event.loan_id]).days)
                assert self.loans.pop(event.loan_id).copy_no == event.copy_no
            case CopyLost():
                # A copy on the shelf is lost first, and its hold goes back to the queue in the same append.
                self.shelf = {h: s for h, s in self.shelf.items() if s.copy_no != event.copy_no}
                if event.loan_id is not None:
                    assert self.loans.pop(event.loan_id).copy_no == event.copy_no

    def _note_hold(self, event: BookEvent, today: date) -> None:
        match event:
            case HoldPlaced():
                assert event.hold_id not in self.patrons, "a hold's id is never used again"
                self.queue.append(event.hold_id)
                self.patrons[event.hold_id] = event.patron_ref
            case CopySetAside():
                first = next(hold for hold in self.queue if hold not in self.shelf)
                assert event.hold_id == first, "I6: in the order of placing"
                assert event.pickup_until == today + timedelta(days=POLICY.pickup_days)
                self.shelf[event.hold_id] = event
            case HoldFulfilled():
                assert self.shelf.pop(event.hold_id).copy_no == event.copy_no
                assert self.loans[event.loan_id].patron_ref == self.patrons[event.hold_id]
                self.queue.remove(event.hold_id)
            case HoldCancelled():
                aside = self.shelf.pop(event.hold_id, None)
                assert event.copy_no == (aside.copy_no if aside else None)
                self.queue.remove(event.hold_id)
            case HoldExpired():
                assert self.shelf.pop(event.hold_id).pickup_until < today, "nobody is late before the last day is over"
                self.queue.remove(event.hold_id)


def check_state(book: Book) -> None:
    available = [copy for copy in book.copies if copy.state is CopyState.AVAILABLE]
    waiting = [hold for hold in book.open_holds if hold.state is HoldState.WAITING]
    assert not (available and waiting), "I1: no copy is available while a hold waits"
    shelf = {(copy.copy_no, copy.hold_id) for copy in book.copies if copy.state is CopyState.ON_HOLD_SHELF}
    ready = {(hold.copy_no, hold.hold_id) for hold in book.open_holds if hold.state is HoldState.READY}
    assert shelf == ready, "I2: shelf and ready holds are one to one"
    for copy in book.copies:
        assert (copy.loan is not None) == (copy.state is CopyState.ON_LOAN), "I3: a loan exactly on lent copies"
        assert (copy.hold_id is not None) == (copy.state is CopyState.ON_HOLD_SHELF), "I2: no hold elsewhere"
    borrowers = Counter(copy.loan.patron for copy in book.copies if copy.loan)
    holders = Counter(hold.patron for hold in book.open_holds)
    assert all(count == 1 for count in borrowers.values()), "I4: one loan a patron"
    assert all(count == 1 for count in holders.values()), "I5: one open hold a patron"
    assert not borrowers.keys() & holders.keys(), "I5: no hold beside a loan"
    if book.life is not Life.LISTED:
        assert not book.open_holds, "I7: no open hold on a book that is not listed"
        assert all(copy.state is CopyState.WITHDRAWN for copy in book.copies), "I7: no copy in use"
    assert [copy.copy_no for copy in book.copies] == list(range(1, len(book.copies) + 1)), "I8"


def check_history(book: Book, ledger: Ledger) -> None:
    loans = {copy.loan.loan_id: (copy.copy_no, copy.loan.due_on) for copy in book.copies if copy.loan}
    open_loans = {loan_id: (loan.copy_no, ledger.due[loan_id]) for loan_id, loan in ledger.loans.items()}
    assert loans == open_loans, "I11: a loan ends only by its return or loss"
    assert [hold.hold_id for hold in book.open_holds] == ledger.queue, "I6, I11: order and ends of holds"
    assert {hold.hold_id for hold in book.open_holds if hold.copy_no} == ledger.shelf.keys()


@dataclass(slots=True)
class Walk:
    """A book, what happened to it, and what was asked of it; checks everything after each command."""

    book: Book = INITIAL
    today: date = TODAY
    ledger: Ledger = field(default_factory=Ledger)
    history: list[BookEvent] = field(default_factory=list)
    asked: list[tuple[date, BookCommand]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def go(self, opening: tuple[BookCommand, ...], steps: list[Step]) -> None:
        for command in opening:
            self.ask(command)
        for number, step in enumerate(steps):
            self.today += timedelta(days=step.days)
            holds = [event.hold_id for event in self.history if isinstance(event, HoldPlaced)]
            self.ask(command_of(step, number, self.book, holds, self.today))
        assert replay(self.history) == self.book, "replay gives an equal state"

    def ask(self, command: BookCommand) -> None:
        self.asked.append((self.today, command))
        # Both are values to the last of their fields: what is changed within has another hash.
        book, before = self.book, hash((self.book, command))
        refused = refusal(self.book, command, on(self.today), POLICY)
        if refused is None:
            self.accept(decide(self.book, command, on(self.today), POLICY))
        else:
            self.refusals[refused.code] += 1
            assert describe(refused.code, refused.params)
        assert hash((book, command)) == before, "decide never changes its input"

    def accept(self, decided: tuple[BookEvent, ...]) -> None:
        for event in decided:
            self.ledger.note(event, self.today)
            self.book = evolve(self.book, event)
        self.history += decided
        check_state(self.book)
        check_history(self.book, self.ledger)


def failure(seed: int, steps: list[Step]) -> str | None:
    """What goes wrong on these steps and what was asked until then, to be read by people; None if nothing does."""
    walk = Walk()
    try:
        walk.go(opening_of(seed), steps)
    except (AssertionError, CorruptHistory, LookupError) as broken:
        return "\n".join((*(f"{today} {command}" for today, command in walk.asked), repr(broken)))
    return None


def shortest(seed: int, steps: list[Step]) -> list[Step]:
    """The failing steps without those that it fails without as well."""
    for size in (16, 4, 1):
        place = 0
        while place < len(steps):
            fewer = steps[:place] + steps[place + size :]
            if failure(seed, fewer):
                steps = fewer
            else:
                place += size
    return steps


def test_the_invariants_hold_after_every_accepted_command() -> None:
    for seed in range(WALKS):
        steps = steps_of(seed)
        assert failure(seed, steps) is None, f"seed {seed}\n{failure(seed, shortest(seed, steps))}"


def test_the_walk_meets_every_event_and_nearly_every_refusal() -> None:
    met: Counter[type[BookEvent]] = Counter()
    refusals: Counter[str] = Counter()
    for seed in range(30):
        walk = Walk()
        walk.go(opening_of(seed), steps_of(seed))
        met.update(map(type, walk.history))
        refusals.update(walk.refusals)
    assert met.keys() == set(BOOK_EVENTS)
    assert len(refusals) >= 22, refusals
