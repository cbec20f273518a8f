"""Hop 3: decisions about the title itself, from creation over the check of its ISBN to deletion."""

from dataclasses import replace
from typing import assert_never

from desk.domain.commands import (
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LifeCommand,
    ListBook,
    RejectBook,
)
from desk.domain.details import details_given, details_of
from desk.domain.errors import CorruptHistory, RefusalCode, RuleBroken
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookEvent,
    BookListed,
    BookRejected,
    CopyWithdrawn,
    LifeEvent,
)
from desk.domain.state import Book, CopyState, Life, require_known
from desk.domain.values import DUPLICATE_ISBN


def decide_life(book: Book, command: LifeCommand) -> tuple[BookEvent, ...]:
    """The events of a command about the title; raises RuleBroken."""
    if isinstance(command, CreateBook):
        return _create(book, command)
    require_known(book)
    match command:
        case ListBook():
            return _list(book, command)
        case RejectBook():
            return _reject(book, command)
        case CorrectBookDetails():
            return _correct(book, command)
        case DeleteBook():
            return _delete(book, command)
        case _:
            assert_never(command)


def evolve_life(book: Book, event: LifeEvent) -> Book:
    """The book after the event; raises CorruptHistory for a second creation."""
    match event:
        case BookCreated():
            return _created(book, event)
        case BookListed():
            return replace(book, life=Life.LISTED)
        case BookRejected():
            return replace(book, life=Life.REJECTED, conflicting_book_id=event.conflicting_book_id)
        case BookDetailsCorrected():
            return replace(book, **details_given(event))
        case BookDeleted():
            return replace(book, life=Life.DELETED)
        case _:
            assert_never(event)


def _create(book: Book, command: CreateBook) -> tuple[BookEvent, ...]:
    if book.life is not Life.ABSENT:
        raise RuleBroken(RefusalCode.BOOK_ALREADY_EXISTS, title=book.title)
    return (BookCreated(book_id=command.book_id, isbn=command.isbn, **details_of(command)),)


def _list(book: Book, command: ListBook) -> tuple[BookEvent, ...]:
    if book.life is Life.LISTED:
        return ()
    if book.life is not Life.PENDING:
        raise RuleBroken(RefusalCode.BOOK_NOT_PENDING, life=book.life.value)
    return (BookListed(book_id=command.book_id, isbn=book.isbn),)


def _reject(book: Book, command: RejectBook) -> tuple[BookEvent, ...]:
    if book.life is Life.LISTED:
        raise RuleBroken(RefusalCode.BOOK_NOT_PENDING, life=book.life.value)
    if book.life is not Life.PENDING:
        return ()
    return (
        BookRejected(
            book_id=command.book_id,
            isbn=book.isbn,
            reason=DUPLICATE_ISBN,
            conflicting_book_id=command.conflicting_book_id,
        ),
    )


def _correct(book: Book, command: CorrectBookDetails) -> tuple[BookEvent, ...]:
    _require_open(book)
    changed = {name: value for name, value in details_given(command).items() if value != getattr(book, name)}
    return (BookDetailsCorrected(book_id=command.book_id, **changed),) if changed else ()


def _delete(book: Book, command: DeleteBook) -> tuple[BookEvent, ...]:
    _require_open(book)
    lent = sum(copy.state is CopyState.ON_LOAN for copy in book.copies)
    if lent:
        raise RuleBroken(RefusalCode.COPIES_ON_LOAN, count=lent)
    if book.open_holds:
        raise RuleBroken(RefusalCode.HOLDS_OUTSTANDING, count=len(book.open_holds))
    withdrawn = (
        CopyWithdrawn(book_id=command.book_id, copy_no=copy.copy_no, reason=command.reason)
        for copy in book.copies
        if copy.state is not CopyState.WITHDRAWN
    )
    deleted = BookDeleted(book_id=command.book_id, isbn=book.isbn, reason=command.reason)
    return (*withdrawn, deleted)


def _require_open(book: Book) -> None:
    """A pending book may be corrected and deleted like a listed one."""
    if book.life not in (Life.PENDING, Life.LISTED):
        raise RuleBroken(RefusalCode.BOOK_NOT_LISTED, life=book.life.value)


def _created(book: Book, event: BookCreated) -> Book:
    if book.life is not Life.ABSENT:
        raise CorruptHistory("a book was created a second time")
    return Book(life=Life.PENDING, book_id=event.book_id, isbn=event.isbn, **details_of(event))
