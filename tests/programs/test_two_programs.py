"""T2: two programs lend the last copy at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import uuid4

from desk.cqrs.messages import Origin, Sender
from desk.domain.commands import AddCopy, CreateBook, ListBook, ReturnCopy
from desk.store.eventstoredb import EventStoreDB
from tests.forked import Forked
from tests.moments import REAL
from tests.node.processes import start_node
from tests.programs.lender import buses_over
from tests.rounds import few_or_all

ROUNDS = few_or_all(20, 200)


@contextmanager
def lender(uri: str, patron: str) -> Iterator[Forked]:
    """A program of its own that lends; it ends when its input does."""
    with Forked("tests.programs.lender", [uri, patron]) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.communicate(timeout=60)


def tell(process: Forked, line: str) -> None:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def answer(process: Forked) -> str:
    return process.stdout.readline().strip()


def test_t02_two_programs_lend_the_last_copy_and_one_of_them_gets_it(tmp_path: Path) -> None:
    book, sender, won = uuid4(), Sender("ada", REAL), set[int]()
    with ExitStack() as stack:
        node = start_node(tmp_path)
        stack.callback(node.stop)
        store = stack.enter_context(closing(EventStoreDB(node.uri, "test")))
        buses = stack.enter_context(closing(buses_over(store, sender)))
        programs = [stack.enter_context(lender(node.uri, patron)) for patron in ("P-1", "P-2")]
        create = CreateBook(book_id=book, isbn="9780306406157", title="Emma", authors=("Jane Austen",))
        buses.commands.execute(sender.envelope(create)).result(60)
        listing = sender.on_behalf_of(Origin.PROCESS_MANAGER).envelope(ListBook(book_id=book))
        buses.commands.execute_inline(listing)
        buses.commands.execute(sender.envelope(AddCopy(book_id=book))).result(60)
        for number in range(ROUNDS):
            for program in programs if number % 2 else reversed(programs):
                tell(program, str(book))
            answers = [answer(program) for program in programs]
            assert sorted(answers) == ["CopyIsOnLoan", "lent 1"], f"round {number}"
            won.add(answers.index("lent 1"))
            buses.commands.execute(sender.envelope(ReturnCopy(book_id=book, copy_no=1))).result(60)
        types = [event.type for event in store.read_stream(f"book-{book}")]
    assert types[3:] == ["CopyLent", "CopyReturned"] * ROUNDS
    assert won == {0, 1}, "it was a race"
