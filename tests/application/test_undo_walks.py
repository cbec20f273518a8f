"""Undo is never stuck: whatever was done, taken back, done again and changed by others, what it offers is true."""

from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.compensations import DoneQueryHandler, GetDone, OfferQueryHandler
from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.messages import Origin, Outcome, Sender
from desk.cqrs.publisher import EventOrigin
from desk.domain.commands import AddCopy, BookCommand, CreateBook, LendCopy, ListBook, PlaceHold, ReportCopyLost
from desk.domain.state import Book
from desk.domain.streams import book_stream
from tests.memory_store import MemoryStore
from tests.moments import REAL
from tests.undo_walk import KINDS, WALKS, Step, UndoWalk, same_but_for_what_is_forced

STEPS = st.lists(
    st.tuples(st.integers(0, KINDS - 1), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), max_size=50
)
SETTINGS = settings(max_examples=WALKS, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Client:
    """One program over a store."""

    def __init__(self, store: MemoryStore, user: str) -> None:
        self.sender = Sender(user, REAL)
        self.buses: Buses = compose(store, self.sender, EventOrigin(user, "0"), ThreadLocalReaders(lambda: None))
        offers = OfferQueryHandler(self.buses.aggregates, self.buses.commands, self.sender)
        dones = DoneQueryHandler(self.buses.aggregates)
        self.ask: Callable[[Any], Any] = lambda query: (dones if isinstance(query, GetDone) else offers)(query)

    def send(self, command: BookCommand) -> Outcome:
        outcome = self.buses.commands.execute_inline(self.sender.envelope(command))
        if isinstance(command, CreateBook):
            itself = self.sender.on_behalf_of(Origin.PROCESS_MANAGER)
            self.buses.commands.execute_inline(itself.envelope(ListBook(book_id=command.book_id)))
        return outcome

    def state(self, book_id: UUID) -> Book:
        return self.buses.aggregates.books.load(book_stream(book_id)).state


def walk_over(steps: list[Step], *, others: bool, waiting: bool) -> UndoWalk:
    """Two books are there before: one with loans and a lost copy, one where readers wait if they shall."""
    store = MemoryStore()
    with closing(store):
        mine, theirs = Client(store, "ada"), Client(store, "bob")
        with closing(mine.buses), closing(theirs.buses):
            walk = UndoWalk(mine.send, mine.ask, theirs.send if others else _nobody, mine.state)
            walk.books += books_before(theirs.send, waiting=waiting)
            before = {book_id: mine.state(book_id) for book_id in walk.books}
            walk.take(steps)
            walk.take_all_back()
            same_but_for_what_is_forced(walk, before)
            return walk


def books_before(send: Callable[[BookCommand], object], *, waiting: bool) -> list[UUID]:
    ids = [uuid4(), uuid4()]
    for book_id, copies in zip(ids, (3, 1), strict=True):
        send(CreateBook(book_id=book_id, isbn="9780141439587", title="Emma", authors=("Jane Austen",)))
        for _ in range(copies):
            send(AddCopy(book_id=book_id))
    send(LendCopy(book_id=ids[0], copy_no=1, loan_id=uuid4(), patron="R-1"))
    send(ReportCopyLost(book_id=ids[0], copy_no=2))
    if waiting:
        send(LendCopy(book_id=ids[1], copy_no=1, loan_id=uuid4(), patron="R-2"))
        send(PlaceHold(book_id=ids[1], hold_id=uuid4(), patron="R-3"))
    return ids


def _nobody(_command: BookCommand) -> Outcome:
    return Outcome(None)


@SETTINGS
@given(STEPS)
def test_after_all_was_taken_back_every_book_is_as_it_was(steps: list[Step]) -> None:
    walk_over(steps, others=False, waiting=False)


@SETTINGS
@given(STEPS)
def test_where_readers_waited_before_it_is_so_too_but_for_the_copies_that_went_to_them(steps: list[Step]) -> None:
    walk_over(steps, others=False, waiting=True)


@SETTINGS
@given(STEPS)
def test_what_others_do_meanwhile_is_left_alone_and_makes_no_offer_untrue(steps: list[Step]) -> None:
    walk_over(steps, others=True, waiting=True)
