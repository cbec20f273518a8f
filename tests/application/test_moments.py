"""With a source of moments and ids that is given, two runs are the same to the last byte."""

from datetime import timedelta
from typing import Any

from desk.application.compensations import GetDone, GetOffer
from desk.application.undo import Direction
from desk.application.wiring import ThreadLocalReaders, compose
from desk.cqrs.messages import Origin, Sender
from desk.cqrs.publisher import EventOrigin
from desk.domain.commands import AddCopy, CreateBook, LendCopy, ListBook, ReturnCopy
from tests.memory_store import MemoryStore
from tests.moments import counted


def one_run() -> tuple[list[Any], list[Any], object]:
    """All that is stored, all stories without what they took, and the way back of the last command."""
    moments, store = counted(), MemoryStore()
    sender = Sender("ada", moments)
    buses = compose(store, sender, EventOrigin("here", "0"), ThreadLocalReaders(lambda: None))
    book_id, due_on = moments.new_id(), moments.today() + timedelta(days=7)
    loan = LendCopy(book_id=book_id, copy_no=1, loan_id=moments.new_id(), patron="R-1", due_on=due_on)
    created = CreateBook(book_id=book_id, isbn="9780306406157", title="Emma", authors=("Jane Austen",))
    back = ReturnCopy(book_id=book_id, copy_no=1)
    try:
        buses.commands.execute(sender.envelope(created)).result(60)
        listing = sender.on_behalf_of(Origin.PROCESS_MANAGER).envelope(ListBook(book_id=book_id))
        buses.commands.execute_inline(listing)
        outcomes = [
            buses.commands.execute(sender.envelope(command)).result(60)
            for command in (AddCopy(book_id=book_id), loan, back)
        ]
        receipt = outcomes[-1].receipt
        assert receipt is not None
        done = buses.queries.execute(GetDone(back, outcomes[-1].events, receipt.revision)).result(60)
        offer = buses.queries.execute(GetOffer(done, Direction.UNDO)).result(60)
        assert offer.command is not None
    finally:
        buses.close()
    stored = [(one.id, one.stream, one.type, one.data, one.metadata) for one in store.read_all()]
    told = [
        (one.envelope.id, one.envelope.issued_at, one.envelope.today, one.started_at) for one in buses.stories.stories()
    ]
    passed = [(one.at, one.name, one.message_id) for one in buses.log.messages()]
    return stored, [*told, *passed], offer


def test_two_runs_with_the_same_source_store_the_same_ids_and_times() -> None:
    first, second = one_run(), one_run()
    assert len(first[0]) == 5
    assert first == second
