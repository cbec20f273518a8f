"""The walks of undo and redo over a whole session: a real node, its read model, and a second program beside it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest

from desk.application.wiring import ThreadLocalReaders, compose
from desk.cqrs.messages import Consistency, Outcome, Sender
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.publisher import EventOrigin
from desk.domain.commands import AddCopy, BookCommand, CreateBook, LendCopy
from desk.domain.state import Book, Life
from desk.domain.streams import book_stream
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from tests.moments import REAL
from tests.sessions import foreign_client
from tests.undo_walk import KINDS, WALKS, UndoWalk, same_but_for_what_is_forced


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with closing(open_runtime(Options(tmp_path, user="ada"))) as opened:
        assert opened.ready(20)
        yield opened


def isbn_of(number: int) -> str:
    digits = f"978{number:09}"
    return digits + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10)


def test_on_a_real_node_with_a_second_program_beside_it_undo_is_never_stuck(runtime: Runtime) -> None:
    session, numbers = runtime.session, iter(range(1, 10**6))

    def state(book_id: UUID) -> Book:
        return runtime.buses.aggregates.books.load(book_stream(book_id)).state

    def send(command: BookCommand) -> Outcome:
        outcome = session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)
        limit = time.monotonic() + 60
        while isinstance(command, CreateBook) and state(command.book_id).life is Life.PENDING:
            assert time.monotonic() < limit
            time.sleep(0.005)
        return outcome

    with foreign_client(session) as store:
        bob = Sender("bob", REAL)
        theirs = compose(store, bob, EventOrigin("elsewhere", "0"), ThreadLocalReaders(lambda: None))
        with closing(theirs):

            def foreign(command: BookCommand) -> Outcome:
                return theirs.commands.execute(bob.envelope(command)).result(60)

            for seed in range(max(2, WALKS // 100)):
                dice, book_id = Random(seed), uuid4()
                send(CreateBook(book_id=book_id, isbn=isbn_of(next(numbers)), title="Emma", authors=("X",)))
                for command in (
                    AddCopy(book_id=book_id),
                    AddCopy(book_id=book_id),
                    LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-1"),
                ):
                    send(command)
                walk = UndoWalk(send, lambda query: session.queries.ask(query).result(60), foreign, state)
                walk.books.append(book_id)
                before = {book_id: state(book_id)}
                kinds = [kind for kind in range(KINDS) if seed % 2 or not 9 <= kind < 12]
                walk.take(
                    (dice.choice(kinds), dice.randrange(3), dice.randrange(4), dice.randrange(4)) for _ in range(40)
                )
                walk.take_all_back()
                same_but_for_what_is_forced(walk, before)
                assert walk.undone > 3
                metas = [parse_metadata(event.metadata) for event in store.read_stream(book_stream(book_id))]
                own = [meta for meta in metas if meta.user == "ada" and meta.trigger is None]
                assert all(meta.correlation_id == meta.command_id for meta in own)
