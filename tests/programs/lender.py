"""A program that lends: ``python -m tests.programs.lender URI PATRON``.

Each line that it gets, a book's id, makes it lend that book's first copy to its reader; it answers what came of it.
"""

import sys
from contextlib import closing
from uuid import UUID, uuid4

from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.messages import Sender
from desk.cqrs.publisher import EventOrigin
from desk.cqrs.store import EventStore
from desk.domain.commands import LendCopy
from desk.domain.errors import RuleBroken
from desk.store.eventstoredb import EventStoreDB
from tests.moments import REAL


def buses_over(store: EventStore, sender: Sender) -> Buses:
    """All of the command's side over a store, without a read model."""
    return compose(store, sender, EventOrigin("here", "0"), ThreadLocalReaders(lambda: None))


def say(line: str) -> None:
    """Tell whoever started this program."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(uri: str, patron: str) -> None:
    sender = Sender(patron, REAL)
    with closing(EventStoreDB(uri, "lender")) as store, closing(buses_over(store, sender)) as buses:
        store.head()
        say("ready")
        for line in sys.stdin:
            command = LendCopy(book_id=UUID(line.strip()), copy_no=1, loan_id=uuid4(), patron=patron)
            try:
                outcome = buses.commands.execute(sender.envelope(command)).result(60)
            except RuleBroken as refused:
                say(refused.code.value)
            else:
                say(f"lent {len(outcome.events)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
