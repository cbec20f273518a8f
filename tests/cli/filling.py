"""Fills a catalogue on the embedded node, in a process of its own: ``python -m tests.cli.filling DIR [foreign]``.

Three books with a copy each, a loan, a hold, and a stream of another program's; with ``foreign`` only that stream.
"""

import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from desk.cqrs.messages import Consistency
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.domain.commands import AddCopy, CreateBook, LendCopy, PlaceHold
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from tests.sessions import foreign_client

ISBNS = ("9780451523068", "9780306406157", "9780261102217")
ROWS, STREAMS = 8, 3
"""Rows of the read model that the books have, and their streams."""


def fill(directory: Path, *, books: bool) -> None:
    """Store it all, and wait until the read model has it."""
    with closing(open_runtime(Options(directory, user="ada"))) as runtime:
        assert runtime.ready(60)
        with foreign_client(runtime.session) as store:
            store.append("invoice-1", NO_STREAM, (NewEvent(uuid4(), "InvoiceSent", b'{"sum": 12}', b"{}"),), timeout=20)
        if books:
            _store_books(runtime)


def _store_books(runtime: Runtime) -> None:
    first, *_ = books = [uuid4() for _ in ISBNS]
    commands = [
        *(
            CreateBook(book_id=book, isbn=isbn, title=f"Book {isbn}", authors=("Jane Austen",))
            for book, isbn in zip(books, ISBNS, strict=True)
        ),
        *(AddCopy(book_id=book) for book in books),
        LendCopy(book_id=first, copy_no=1, loan_id=uuid4(), patron="P-1"),
        PlaceHold(book_id=first, hold_id=uuid4(), patron="P-2"),
    ]
    for command in commands:
        _send(runtime, command)


def _send(runtime: Runtime, command: object) -> None:
    runtime.session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)


if __name__ == "__main__":
    fill(Path(sys.argv[1]), books="foreign" not in sys.argv)
