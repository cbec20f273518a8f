"""The owner of an ISBN: what the table leaves open."""

import pytest

from desk.domain import isbn_claim
from desk.domain.commands import ReleaseIsbn
from desk.domain.errors import CorruptHistory
from desk.domain.events import IsbnClaimed, IsbnReleased
from tests.domain.story import BOOK, ISBN, MOMENT, OTHER_BOOK, POLICY

CLAIMED = isbn_claim.evolve(isbn_claim.INITIAL, IsbnClaimed(isbn=ISBN, book_id=BOOK))


def test_a_released_isbn_says_why() -> None:
    command = ReleaseIsbn(isbn="0306406152", book_id=BOOK, reason="registrationAbandoned")
    (event,) = isbn_claim.decide(CLAIMED, command, MOMENT, POLICY)
    assert event == IsbnReleased(isbn=ISBN, book_id=BOOK, reason="registrationAbandoned")
    assert isbn_claim.evolve(CLAIMED, event) == isbn_claim.INITIAL


def test_a_second_owner_in_a_stream_cannot_be_true() -> None:
    with pytest.raises(CorruptHistory):
        isbn_claim.evolve(CLAIMED, IsbnClaimed(isbn=ISBN, book_id=OTHER_BOOK))


def test_a_release_by_somebody_else_cannot_be_true() -> None:
    with pytest.raises(CorruptHistory):
        isbn_claim.evolve(CLAIMED, IsbnReleased(isbn=ISBN, book_id=OTHER_BOOK, reason="bookDeleted"))
