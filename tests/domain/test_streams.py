"""Names of streams, both ways, and the ids of an import."""

from uuid import NAMESPACE_DNS, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.streams import book_id_of, book_stream, import_id, isbn_of, isbn_stream

BOOK = UUID("5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01")


def test_a_stream_is_named_after_its_category_and_key() -> None:
    assert book_stream(BOOK) == "book-5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01"
    assert isbn_stream("9780306406157") == "isbn-9780306406157"


@given(st.uuids())
def test_a_books_stream_leads_back_to_the_book(book_id: UUID) -> None:
    assert book_id_of(book_stream(book_id)) == book_id
    assert isbn_of(book_stream(book_id)) is None


def test_an_isbns_stream_leads_back_to_the_isbn() -> None:
    assert isbn_of("isbn-9780306406157") == "9780306406157"
    assert book_id_of("isbn-9780306406157") is None


@pytest.mark.parametrize(
    "stream",
    [
        "",
        "book",
        "book-",
        "book-1",
        "book-copy-5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01",
        "book-5E0C3F4A-0D0B-4C6E-9F35-1B1F6B0C7A01",
        "book-{5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01}",
        "other-5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01",
        "isbn-9780306406158",
        "isbn-0306406152",
        "isbn-9780306406157 ",
        "$ce-isbn",
    ],
)
def test_a_foreign_name_leads_nowhere(stream: str) -> None:
    assert book_id_of(stream) is None
    assert isbn_of(stream) is None


def test_an_import_gives_the_same_row_the_same_id_until_its_book_is_deleted() -> None:
    first = import_id(NAMESPACE_DNS, "9780306406157", 0)
    assert first == UUID("40635177-17b0-51b6-90a0-90d18fa50484")
    assert first == import_id(NAMESPACE_DNS, "9780306406157", 0)
    assert first != import_id(NAMESPACE_DNS, "9780306406157", 1)
