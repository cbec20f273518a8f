"""Books by name: ranked out of what the read model found, with recent ones that it would not find."""

from uuid import uuid4

from desk.application.books_by_name import GetBooksByName, GetTitles, find_books, titles_of
from desk.domain.streams import book_stream
from tests.gui.fake_session import FakeSession

ISBN = "9780141439587"


def test_titles_come_before_authors_and_authors_before_what_is_not_shown() -> None:
    session = FakeSession()
    session.add("Persuasion", ISBN, authors=("Jane Austen",))
    session.add("Austere times", ISBN)
    session.add("Hidden", ISBN, subjects=("Austria",))
    found = find_books(session.reader(), GetBooksByName("aust"))
    assert [book.title for book in found] == ["Austere times", "Persuasion", "Hidden"]
    assert [book.match.letters for book in found] == [(0, 1, 2, 3), (16, 17, 18, 19), ()]


def test_of_equals_the_one_that_was_looked_at_last_is_first_and_recent_ones_are_found_by_any_letters() -> None:
    session = FakeSession()
    first, second = session.add("Emma", ISBN), session.add("Emma", ISBN)
    assert [book.book_id for book in find_books(session.reader(), GetBooksByName("emma", (second, first)))] == [
        second,
        first,
    ]
    assert not find_books(session.reader(), GetBooksByName("ema"))
    assert [book.book_id for book in find_books(session.reader(), GetBooksByName("ema", (first,)))] == [first]


def test_without_a_text_there_are_the_recent_ones_in_their_order_without_what_is_unknown() -> None:
    session = FakeSession()
    first, second = session.add("A", ISBN), session.add("B", ISBN)
    found = find_books(session.reader(), GetBooksByName(" ", (second, uuid4(), first)))
    assert [book.book_id for book in found] == [second, first]


def test_no_more_than_asked_for() -> None:
    session = FakeSession()
    for number in range(9):
        session.add(f"Emma {number}", ISBN)
    assert len(find_books(session.reader(), GetBooksByName("emma", limit=4))) == 4


def test_the_streams_of_books_have_their_titles_and_those_of_others_none() -> None:
    session = FakeSession()
    emma = book_stream(session.add("Emma", ISBN))
    wanted = GetTitles((emma, book_stream(uuid4()), "order-1", "book-17"))
    assert titles_of(session.reader(), wanted) == {emma: "Emma"}
