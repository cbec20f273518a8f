"""What Flow shows of a command on the real runtime, over a node: what its sender was told, and what the store holds."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from desk.application.flow.rounds import Cargo, Station
from desk.application.flow.telling import is_resent, tell
from desk.cqrs.endings import End
from desk.cqrs.errors import StoreError, StreamNotFound
from desk.cqrs.messages import Outcome
from desk.cqrs.stories import Story
from desk.domain.commands import AddCopy, CorrectBookDetails, CreateBook, LendCopy, ListBook, ReturnCopy
from desk.domain.streams import book_stream
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from tests.ends import end_of
from tests.rounds import few_or_all
from tests.test_undo_in_session import isbn_of

WALKS: Final = few_or_all(6, 300)
STEPS: Final = 6
COMMANDS: Final = ("add copy", "lend", "return", "correct", "correct too late", "wrong year", "internal", "again")
FAULTS: Final = ("none", "none", "lost answer", "faster writer")
PATIENCE: Final = 60
"""Seconds."""


class Book:
    """A listed book with a copy, and the last command that was sent to it."""

    def __init__(self, runtime: Runtime, number: int) -> None:
        self.runtime, self.id = runtime, uuid4()
        self.stream = book_stream(self.id)
        create = CreateBook(book_id=self.id, isbn=isbn_of(number), title="Emma", authors=("Jane Austen",))
        self.last: tuple[Any, UUID] = (create, uuid4())
        self.send(*self.last).result(PATIENCE)
        wait_until(lambda: "BookListed" in [event.type for event in self.stored()])
        self.send(AddCopy(book_id=self.id), uuid4()).result(PATIENCE)

    def stored(self) -> list[Any]:
        try:
            return list(self.runtime.store.read_stream(self.stream))
        except StreamNotFound:
            return []

    def send(self, command: object, command_id: UUID) -> "Future[Outcome]":
        return self.runtime.session.commands.execute(command, command_id=command_id)

    def command(self, kind: str, dice: Random) -> tuple[Any, UUID]:
        seen, title = len(self.stored()) - 1, f"Emma {dice.random()}"
        made: dict[str, Any] = {
            "add copy": lambda: AddCopy(book_id=self.id),
            "lend": lambda: LendCopy(book_id=self.id, copy_no=1, loan_id=uuid4(), patron="R-17"),
            "return": lambda: ReturnCopy(book_id=self.id, copy_no=1),
            "correct": lambda: CorrectBookDetails(book_id=self.id, seen_revision=seen, title=title),
            "correct too late": lambda: CorrectBookDetails(book_id=self.id, seen_revision=0, title=title),
            "wrong year": lambda: CorrectBookDetails(book_id=self.id, seen_revision=seen, published_year=2999),
            "internal": lambda: ListBook(book_id=self.id),
        }
        return self.last if kind == "again" else (made[kind](), uuid4())


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with closing(open_runtime(Options(tmp_path, user="ada", throw_away=True))) as opened:
        assert opened.ready(PATIENCE)
        yield opened


def test_what_is_shown_is_what_the_sender_was_told_and_what_the_node_holds(runtime: Runtime) -> None:
    ends = set()
    for seed in range(WALKS):
        dice, book = Random(seed), Book(runtime, seed + 1)
        for _ in range(STEPS):
            kind, fault = dice.choice(COMMANDS), dice.choice(FAULTS)
            command, command_id = book.last = book.command(kind, dice)
            cause(runtime, book, fault)
            before = {event.id for event in book.stored()}
            future = book.send(command, command_id)
            future.exception(PATIENCE)
            ends.add(compare(runtime, book, command_id, future, before))
            settle(runtime)
    assert ends >= {End.SUCCEEDED, End.REFUSED, End.CONFLICT, End.UNKNOWN}


def test_a_node_that_is_killed_among_commands_leaves_no_picture_that_is_not_so(runtime: Runtime) -> None:
    book, faults = Book(runtime, 1), runtime.session.faults
    assert faults is not None
    ids = [uuid4() for _ in range(12)]
    futures = [book.send(AddCopy(book_id=book.id), command_id) for command_id in ids[:6]]
    faults.kill_node()
    futures += [book.send(AddCopy(book_id=book.id), command_id) for command_id in ids[6:]]
    for future in futures:
        future.exception(PATIENCE)
    settle(runtime)
    wait_until(lambda: is_answering(book))
    for command_id, future in zip(ids, futures, strict=True):
        compare(runtime, book, command_id, future, set())


def cause(runtime: Runtime, book: Book, fault: str) -> None:
    faults = runtime.session.faults
    assert faults is not None
    if fault == "lost answer":
        faults.lose_next_answer(book.stream)
    elif fault == "faster writer":
        faults.overtake(AddCopy(book_id=book.id))


def settle(runtime: Runtime) -> None:
    """Nothing is wanted any more, and the outbox knows how everything ended."""
    faults = runtime.session.faults
    assert faults is not None
    faults.take_back()
    wait_until(lambda: runtime.session.commands.outbox.waiting() == ())


def is_answering(book: Book) -> bool:
    try:
        return bool(book.stored())
    except StoreError:
        return False


def wait_until(condition: Any) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def story_of(runtime: Runtime, command_id: UUID, future: "Future[Outcome]") -> Story:
    """Of those of one command the one whose end this future is: the outbox may have sent it again."""
    error, stories = future.exception(0), runtime.session.diagnostics.stories()
    own = [one for one in stories if one.envelope.id == command_id]
    if error is None:
        return next(one for one in own if one.outcome is future.result(0))
    return next(one for one in own if one.ending.sentence == str(error) or one.outcome is None)


def compare(runtime: Runtime, book: Book, command_id: UUID, future: "Future[Outcome]", before: set[UUID]) -> End:
    """The end that is shown, which is the sender's and the store's."""
    story = story_of(runtime, command_id, future)
    told, error = tell(story, resent=is_resent(story, runtime.session.diagnostics.stories())), future.exception(0)
    assert told.end is end_of(error)
    assert [hop.end for hop in told.hops if hop.end] == [told.end], "the sender is told once"
    assert told.attempts == len(story.attempts)
    decided = {event.id for event in story.attempts[-1].appended} if story.attempts else set()
    held = decided & ({event.id for event in book.stored()} - before)
    to_readers = any((hop.origin, hop.target) == (Station.STORE, Station.READ_MODEL) for hop in told.hops)
    if error is None:
        outcome = future.result(0)
        assert told.attempts == outcome.attempts
        is_stored = outcome.receipt is not None and not outcome.repeated
        assert to_readers is is_stored
        assert (len(outcome.events) if is_stored else 0) == len(decided) == len(held)
        acknowledged = any((hop.origin, hop.cargo) == (Station.STORE, Cargo.ANSWER) for hop in told.hops)
        assert acknowledged is is_stored
    elif told.end is End.UNKNOWN:
        assert not to_readers
        assert not told.hops[-1].arrives
    else:
        assert held == set(), "what was refused is not there"
        assert told.hops[-1].cargo is Cargo.REFUSAL
        assert Station.READ_MODEL not in told.reached(len(told.hops)), "nothing behind lights up"
    return told.end
