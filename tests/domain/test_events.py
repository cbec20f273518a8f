"""Names and fields of the events are a promise for ever."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from typing import get_args
from uuid import UUID

import pytest

from desk.domain.errors import CorruptHistory
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, BookEvent, Event, IsbnEvent
from desk.domain.values import UNSET, Unset
from tests.domain.samples import SAMPLES

# Field, type, and ? where it may be unknown; ! where it may be absent because it did not change.
PROMISED = """
BookCreated: book_id uuid, isbn str, title str, authors [str], publisher str?, published_year int?, language str?, subjects [str]
BookListed: book_id uuid, isbn str
BookRejected: book_id uuid, isbn str, reason str, conflicting_book_id uuid
BookDetailsCorrected: book_id uuid, title str!, authors [str]!, publisher str?!, published_year int?!, language str?!, subjects [str]!
BookDeleted: book_id uuid, isbn str, reason str
CopyAdded: book_id uuid, copy_no int, shelf_mark str?
CopyWithdrawn: book_id uuid, copy_no int, reason str
CopyLent: book_id uuid, copy_no int, loan_id uuid, patron_ref str, lent_on date, due_on date
LoanRenewed: book_id uuid, copy_no int, loan_id uuid, due_on date, renewal_no int
CopyReturned: book_id uuid, copy_no int, loan_id uuid, returned_on date, days_late int
CopyLost: book_id uuid, copy_no int, loan_id uuid?, reported_on date
CopyFound: book_id uuid, copy_no int, found_on date
HoldPlaced: book_id uuid, hold_id uuid, patron_ref str, placed_at instant
CopySetAside: book_id uuid, copy_no int, hold_id uuid, pickup_until date
HoldFulfilled: book_id uuid, hold_id uuid, copy_no int, loan_id uuid
HoldRequeued: book_id uuid, hold_id uuid
HoldCancelled: book_id uuid, hold_id uuid, copy_no int?
HoldExpired: book_id uuid, hold_id uuid, copy_no int
IsbnClaimed: isbn str, book_id uuid
IsbnReleased: isbn str, book_id uuid, reason str
"""  # noqa: E501 - one line an event

WRITTEN = {UUID: "uuid", str: "str", int: "int", date: "date", datetime: "instant", tuple[str, ...]: "[str]"}


def written(kind: type[Event]) -> str:
    return f"{kind.__name__}: " + ", ".join(f"{field.name} {written_type(field)}" for field in fields(kind))


def written_type(field: Field[object]) -> str:
    parts = list(get_args(field.type)) if field.type not in WRITTEN else [field.type]
    optional = "?" if type(None) in parts else ""
    unset = "!" if Unset in parts else ""
    default = UNSET if unset else None
    assert field.default in ((default,) if optional or unset else (MISSING, ()))
    (plain,) = (WRITTEN[part] for part in parts if part in WRITTEN)
    return f"{plain}{optional}{unset}"


def kinds() -> Iterator[type[Event]]:
    yield from BOOK_EVENTS
    yield from ISBN_EVENTS


def test_every_event_has_the_name_and_the_fields_that_were_promised() -> None:
    assert "\n".join(map(written, kinds())) == PROMISED.strip()


def test_the_lists_of_events_are_complete() -> None:
    assert set(BOOK_EVENTS) == set(get_args(BookEvent))
    assert set(ISBN_EVENTS) == set(get_args(IsbnEvent))


def test_every_event_has_one_sample() -> None:
    assert [type(sample) for sample in SAMPLES] == list(kinds())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_an_event_is_a_value(sample: Event) -> None:
    same = type(sample)(**{field.name: getattr(sample, field.name) for field in fields(sample)})
    assert same == sample
    assert hash(same) == hash(sample)
    assert not hasattr(sample, "__dict__")


def test_an_exception_for_corrupt_histories_says_what_was_found() -> None:
    assert str(CorruptHistory("twice")) == "twice"
