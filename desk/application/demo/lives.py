"""What may happen to one book in the demo's year: taken in, copies, loans, losses. Days count up to 0, the last one.

Everything comes from a seeded source of chance and from days counted backwards, never from the calendar, so that the
same year is told whenever it is told.
"""

from dataclasses import replace
from random import Random
from typing import Final
from uuid import UUID, uuid5

from desk.application.importing.checking import Draft
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CorrectBookDetails,
    DeleteBook,
    LendCopy,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.records import dataclass

LOAN_DAYS: Final = 21
OPENING, CLOSING = 9 * 60, 18 * 60
"""Minutes of the day."""
READERS: Final = tuple(f"R-{1000 + 37 * number}" for number in range(80))


@dataclass(frozen=True, slots=True)
class TimedCommand:
    """A command on a day (0 is the last, earlier ones are negative) at a minute of that day."""

    day: int
    minute: int
    command: BookCommand


class BookLife:
    """Gathers the steps of one book. Each reader borrows it once at most, so that no rule can be broken.

    ``day`` is when the book comes.
    """

    def __init__(self, draft: Draft, book_id: UUID, day: int, chance: Random) -> None:
        self.draft, self.book_id, self.day, self.chance = draft, book_id, day, chance
        self.steps: list[TimedCommand] = []
        self._readers = list(READERS)
        chance.shuffle(self._readers)
        self._copies = 0

    def at(self, day: int, command: BookCommand, minute: int | None = None) -> None:
        """Something happens on that day, during opening hours."""
        self.steps.append(
            TimedCommand(day, self.chance.randrange(OPENING, CLOSING) if minute is None else minute, command)
        )

    def taken_in(self, noted: Draft | None = None) -> None:
        """The book is created, before the doors open; ``noted`` is what was written down where it was not right."""
        self.at(self.day, (noted or self.draft).command(self.book_id), OPENING - 60)

    def corrected(self, day: int, **fields: object) -> None:
        """Somebody puts right what was noted wrongly; which revision is before the eyes is known later."""
        self.at(day, replace(CorrectBookDetails(book_id=self.book_id, seen_revision=0), **fields))  # type: ignore[arg-type]

    def copy_comes(self, day: int, shelf_mark: str | None = None) -> int:
        """A copy is added before the doors open; its number. Copies have to be told in the order of their days."""
        self._copies += 1
        self.at(day, AddCopy(book_id=self.book_id, shelf_mark=shelf_mark), OPENING - 30 + self._copies)
        return self._copies

    def lend(self, day: int, copy_no: int) -> None:
        """Some reader takes the copy."""
        reader = self._readers.pop()
        loan_id = uuid5(self.book_id, f"loan/{reader}")
        self.at(day, LendCopy(book_id=self.book_id, copy_no=copy_no, loan_id=loan_id, patron=reader))

    def loan(self, day: int, copy_no: int, *, kept: int, renewals: int = 0) -> int:
        """A loan with its renewals, each shortly before it would be due, given back after ``kept`` more days.

        The day on which the copy is back; what would come after the last day has not happened.
        """
        self.lend(day, copy_no)
        for _ in range(renewals):
            day += LOAN_DAYS - self.chance.randrange(1, 4)
            if day > 0:
                return day
            self.at(day, RenewLoan(book_id=self.book_id, copy_no=copy_no))
        day += kept
        if day <= 0:
            self.at(day, ReturnCopy(book_id=self.book_id, copy_no=copy_no))
        return day

    def borrowed(self, day: int, copy_no: int, *, loans: int, pause: int) -> None:
        """Some loans, one after the other: most in time, one in five late, some renewed once or twice."""
        for _ in range(loans):
            day += self.chance.randrange(1, pause + 1)
            if day > 0:
                return
            renewals = self.chance.choices((0, 1, 2), (70, 20, 10))[0]
            late = self.chance.random() < 0.2
            kept = self.chance.randrange(LOAN_DAYS + 3, LOAN_DAYS + 16) if late else self.chance.randrange(5, LOAN_DAYS)
            day = self.loan(day, copy_no, kept=kept, renewals=renewals)

    def lost_and_found(self, day: int, copy_no: int) -> int:
        """A copy vanishes while it is lent, and turns up two months later; the day after."""
        self.lend(day, copy_no)
        self.at(day + 40, ReportCopyLost(book_id=self.book_id, copy_no=copy_no))
        self.at(day + 98, ReturnCopy(book_id=self.book_id, copy_no=copy_no))
        return day + 99

    def lost_for_good(self, day: int, copy_no: int) -> None:
        """A copy vanishes, and is given up after half a year."""
        self.lend(day, copy_no)
        self.at(day + 45, ReportCopyLost(book_id=self.book_id, copy_no=copy_no))
        self.at(day + 225, WithdrawCopy(book_id=self.book_id, copy_no=copy_no, reason="Lost"))
        self.copy_comes(day + 230)

    def worn_out(self, day: int, copy_no: int) -> int:
        """A copy is withdrawn and another one takes its place; the number of that."""
        self.at(day, WithdrawCopy(book_id=self.book_id, copy_no=copy_no, reason="Worn out"))
        return self.copy_comes(day + 9, "New in")

    def deleted(self, day: int, reason: str) -> None:
        """The book leaves the catalogue."""
        self.at(day, DeleteBook(book_id=self.book_id, reason=reason))
