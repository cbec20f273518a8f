"""Hop 1: a command that was stored, as undoing sees it: what it became, what it met, its name, what replaced it.

What is taken back begins anew under another id: a loan, a hold, a book, a copy's number. Whatever else was done to the
old one is from then on about the new one, or nothing earlier could be taken back.
"""

from collections.abc import Mapping
from dataclasses import field, fields, replace
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from desk.application.command_events import ENTRY_OF
from desk.application.isolation import isolated
from desk.domain.commands import (
    BookCommand,
    CancelHold,
    CreateBook,
    LendCopy,
    PlaceHold,
    ReportCopyLost,
    ReturnCopy,
)
from desk.domain.details import details_given
from desk.domain.events import (
    BookCreated,
    BookDetailsCorrected,
    CopyAdded,
    CopyLent,
    HoldFulfilled,
    HoldPlaced,
)
from desk.domain.state import Book, Loan
from desk.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Met:
    """What of the book a command met and ended: ``details`` are the earlier values of the fields that it corrected,
    ``loan`` is that of its copy, ``reader`` (empty: none) whoever had the hold that it is about.
    """

    title: str
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    loan: Loan | None = None
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was stored, and its events. ``is_rest``: half of it is taken back already, see :meth:`rest`."""

    command: BookCommand
    events: tuple[object, ...]
    met: Met
    is_rest: bool = False

    def first(self, kind: type[T]) -> T | None:
        """The first of its events of a kind."""
        return next((event for event in self.events if isinstance(event, kind)), None)

    def has(self, kind: type) -> bool:
        """Whether it became such an event."""
        return self.first(kind) is not None

    @property
    def title(self) -> str:
        """The book's title in quotation marks, whichever way it is written."""
        return f"“{isolated(self.met.title)}”"

    @property
    def loan_id(self) -> UUID | None:
        """The loan that it began or ended."""
        if isinstance(self.command, LendCopy):
            return self.command.loan_id
        return self.met.loan.loan_id if self.met.loan else None

    @property
    def hold_id(self) -> UUID | None:
        """The hold that it began or ended."""
        if isinstance(self.command, PlaceHold | CancelHold):
            return self.command.hold_id
        fulfilled = self.first(HoldFulfilled)
        return fulfilled.hold_id if fulfilled else None

    def rest(self) -> "Done | None":
        """What is left to take back after the first command that does: a hold that ended as its reader got the copy, a
        loan that ended as the copy was lost. No one command brings back both."""
        is_whole = not self.is_rest
        if is_whole and isinstance(self.command, LendCopy) and self.has(HoldFulfilled):
            return replace(self, is_rest=True)
        if is_whole and isinstance(self.command, ReportCopyLost) and self.met.loan is not None:
            return replace(self, is_rest=True)
        return None


def done_of(command: BookCommand, events: tuple[object, ...], before: Book) -> Done:
    """A command with its events, and with what it met of the book ``before`` it."""
    title = command.title if isinstance(command, CreateBook) else before.title
    done = Done(command, events, Met(title))
    corrected = done.first(BookDetailsCorrected)
    names = details_given(corrected) if corrected is not None else ()
    copy = before.copy(command.copy_no) if isinstance(command, ReturnCopy | ReportCopyLost) else None
    hold = before.open_hold(command.hold_id) if isinstance(command, CancelHold) else None
    met = Met(
        title,
        MappingProxyType({name: getattr(before, name) for name in names}),
        copy.loan if copy else None,
        hold.patron if hold else "",
    )
    return replace(done, met=met)


def copy_no_of(done: Done) -> int:
    """The number of the copy that the command is about, or that came in by it; 0 where there is none."""
    added = done.first(CopyAdded)
    number: int = added.copy_no if added is not None else getattr(done.command, "copy_no", 0)
    return number


def describe_command(done: Done) -> str:
    """What was done, in a few words that can follow "Undo", as in "Lend copy 2 of “Emma” to R-1001"."""
    command, loan, copy_no = done.command, done.met.loan, copy_no_of(done)
    reader = getattr(command, "patron", done.met.reader) or "a reader"
    if not done.is_rest:
        return ENTRY_OF[type(command)].words.format(title=done.title, copy_no=copy_no, reader=reader)
    if isinstance(command, LendCopy):
        return f"End of the hold of {reader} on {done.title}"
    return f"End of the loan of copy {copy_no} of {done.title} to {loan.patron if loan else reader}"


@dataclass(frozen=True, slots=True)
class Successors:
    """What took whose place: ids of books, loans and holds; and copies, by book and number."""

    ids: Mapping[UUID, UUID]
    copies: Mapping[tuple[UUID, int], int]


def successors(done: Done, events: tuple[object, ...]) -> Successors:
    """What began anew in the events that took a command back or did it again."""
    now = Done(done.command, events, done.met)
    lent, placed = now.first(CopyLent), now.first(HoldPlaced)
    created, added = now.first(BookCreated), now.first(CopyAdded)
    pairs = (
        (done.loan_id, lent.loan_id if lent else None),
        (done.hold_id, placed.hold_id if placed else None),
        (done.command.book_id, created.book_id if created else None),
    )
    copies = {(added.book_id, copy_no_of(done)): added.copy_no} if added else {}
    return Successors({old: new for old, new in pairs if old and new}, copies)


def follow(done: Done, those: Successors) -> Done:
    """The same command, of what has taken the place of the things that it was about."""
    loan = done.met.loan
    return replace(
        done,
        command=_renamed(done.command, those),
        events=tuple(_renamed(event, those) for event in done.events),
        met=replace(done.met, loan=_renamed(loan, those)) if loan else done.met,
    )


def _renamed(thing: T, those: Successors) -> T:
    values = {one.name: getattr(thing, one.name) for one in fields(thing)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {
        name: those.ids[values[name]] for name in ("book_id", "loan_id", "hold_id") if values.get(name) in those.ids
    }
    copy = (values.get("book_id"), values.get("copy_no"))
    if copy in those.copies:
        changes["copy_no"] = those.copies[copy]  # type: ignore[index]
    return replace(thing, **changes) if changes else thing  # type: ignore[type-var]
