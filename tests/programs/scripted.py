"""A program at work until it is killed: ``python -m tests.programs.scripted DIR SEED``. It says ``ready`` once live."""

import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from desk.application.session import Light, Session
from desk.cqrs.errors import StoreError
from desk.cqrs.messages import Consistency
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
)
from desk.domain.errors import RuleBroken
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
from tests.programs.lender import say

ISBNS = ("9780306406157", "9780141439587", "9780261103344", "9780451523068")


def main(directory: Path, seed: int) -> None:
    session = open_session(Options(directory, user="ada"))
    while session.connection.state.light is not Light.GREEN:
        time.sleep(0.005)
    say("ready")
    work(session, Random(seed))


def work(session: Session, dice: Random) -> None:
    """Without end: books come, live and go; some at once, some waited for until the read model shows them."""
    books, holds, flying = list[UUID](), list[tuple[UUID, UUID]](), list[Any]()
    for number in count():
        command = next_command(dice, books, holds, number)
        consistency = dice.choice(list(Consistency))
        flying.append(session.commands.execute(command, consistency=consistency))
        if len(flying) > dice.randrange(8):
            for future in flying:
                with suppress(RuleBroken, StoreError):
                    future.result(60)
            flying.clear()


def next_command(dice: Random, books: list[UUID], holds: list[tuple[UUID, UUID]], number: int) -> BookCommand:
    if not books or dice.random() < 0.2:
        books.append(uuid4())
        isbn, title = dice.choice(ISBNS), f"The book of {number}"
        return CreateBook(book_id=books[-1], isbn=isbn, title=title, authors=("A. Author",))
    at: dict[str, Any] = {"book_id": dice.choice(books[-6:]), "copy_no": dice.randint(1, 2)}
    book_id, patron = at["book_id"], f"P-{dice.randrange(4)}"
    holds.append((book_id, uuid4()))
    held_book, held = dice.choice(holds[-8:])
    menu: tuple[BookCommand, ...] = (
        AddCopy(book_id=book_id),
        LendCopy(**at, loan_id=uuid4(), patron=patron),
        LendCopy(**at, loan_id=uuid4(), patron=patron),
        ReturnCopy(**at),
        RenewLoan(**at),
        ReportCopyLost(**at),
        PlaceHold(book_id=book_id, hold_id=holds[-1][1], patron=patron),
        CancelHold(book_id=held_book, hold_id=held),
        CorrectBookDetails(book_id=book_id, seen_revision=10**6, title=f"The book of {number} things"),
        DeleteBook(book_id=book_id, reason="worn out"),
    )
    return dice.choice(menu)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
