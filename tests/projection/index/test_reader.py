"""What is asked of the event index beside the catalogue: changes, moments, values that ever were; when it cannot."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from desk.application.book_search import parse_search
from desk.application.catalogue import BookQuestion
from desk.application.event_index import GetMomentAt, GetPastHits, IndexNotReady, PastValue
from desk.domain.events import BookCreated, BookDetailsCorrected, CopyAdded, HoldPlaced
from desk.projection.index.reader import PastReader
from tests.projection.index.indexing import index, indexing, past
from tests.projection.library import BEGIN, Library, an_id, isbn_of


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "event-index.sqlite"


@pytest.fixture
def asked(path: Path, library: Library) -> Iterator[PastReader]:
    """Of a book whose title was corrected twice, and one that was lent."""
    emma = library.book("emma", title="Emma")
    library.write(BookDetailsCorrected(book_id=emma, title="Emma, a novel", subjects=("love",)))
    library.write(BookDetailsCorrected(book_id=emma, title="Emma"), user="ben")
    waves = library.book("waves", title="The Waves")
    library.write(CopyAdded(book_id=waves, copy_no=1, shelf_mark="W 7"))
    library.lend(waves)
    index(path, library)
    with past(path) as reader:
        yield reader


def test_a_typed_time_is_the_last_position_shown_by_then(path: Path, library: Library) -> None:
    first = library.book_created("first")  # shown a minute after the beginning
    library.book_created("second")
    old = library.write(
        BookDetailsCorrected(book_id=an_id("first"), title="Then"), issued_at=BEGIN + timedelta(seconds=90)
    )
    last = library.book_created("last")
    index(path, library)
    with past(path) as reader:
        moment = reader.moment(BEGIN + timedelta(seconds=100))
        assert moment is not None
        # The second book's time is later, and yet it was stored before the correction.
        assert (moment.position, moment.included_later, moment.missing_earlier, moment.since) == (old, 1, 0, 1)
        assert reader.moment(BEGIN) is None
        now = reader.moment(datetime(2100, 1, 1, tzinfo=UTC))
        assert now is not None
        assert (now.position, now.included_later, now.since) == (last, 0, 0)
        between = reader.moment_at(GetMomentAt(first + 1))
        assert between is not None
        assert (between.position, between.at, between.since) == (first, BEGIN + timedelta(minutes=1), 3)
        assert (between.included_later, between.missing_earlier) == (0, 0)
        # Of its time is also what was stored later; and a time may be asked for that is not the event's own.
        typed = reader.moment_at(GetMomentAt(first, BEGIN + timedelta(seconds=100)))
        assert typed is not None
        assert (typed.included_later, typed.missing_earlier, typed.since) == (0, 1, 3)
        assert reader.moment_at(GetMomentAt(first - 1)) is None


def test_what_was_stored_in_another_order_is_counted_on_both_sides_of_every_moment(
    path: Path, library: Library
) -> None:
    """As where a demo's year is written into a catalogue of today: moments have later events in them, or lack some."""
    dice = Random(7)
    for number in range(12):
        of_a_year = BookCreated(book_id=an_id(number), isbn=isbn_of(number), title=f"Book {number}", authors=("A",))
        library.write(of_a_year, issued_at=BEGIN + timedelta(hours=dice.randrange(200)))
    for number in range(12):
        library.book(f"today {number}")
    index(path, library)
    with closing(sqlite3.connect(path)) as connection:
        shown = connection.execute("SELECT position, shown_at FROM past_events ORDER BY position").fetchall()
    assert len(shown) == 12 + 2 * 12
    with past(path) as reader:
        for position, at in shown:
            for time in (at, at + 3600.5):
                moment = reader.moment_at(GetMomentAt(position, datetime.fromtimestamp(time, UTC)))
                assert moment is not None
                later = sum(other <= position and then > time for other, then in shown)
                earlier = sum(other > position and then <= time for other, then in shown)
                assert (moment.included_later, moment.missing_earlier) == (later, earlier)
                assert moment.since == sum(other > position for other, _ in shown)
            typed = reader.moment(datetime.fromtimestamp(at, UTC))
            assert typed is not None
            assert typed.position == max(other for other, then in shown if then <= at)
            assert typed.missing_earlier == 0, "all that is shown by then is there"


def values(reader: PastReader, search: str, *names: object, at: int | None = None) -> list[PastValue]:
    """What was found in these books, each with its newest value first."""
    books = tuple(an_id(name) for name in names or ("emma", "waves"))
    return [value for hits in reader.past_hits(GetPastHits(search, books, at)) for value in hits.values]


def test_a_value_that_a_field_once_had_is_found_with_when_and_until_when(asked: PastReader) -> None:
    (hits,) = asked.past_hits(GetPastHits('ever:"a novel"', (an_id("waves"), an_id("emma"))))
    (novel,) = hits.values
    assert (hits.book_id, novel.field, novel.value) == (an_id("emma"), "title", "Emma, a novel")
    assert (novel.revision, hits.number) == (2, 1)
    assert novel.last is not None
    assert novel.first < novel.last
    assert novel.until == novel.since + timedelta(minutes=1)
    assert [(one.value, one.last is None) for one in values(asked, "ever:emm")] == [
        ("Emma", True),
        ("Emma, a novel", False),
        ("Emma", False),
    ]
    assert [one.field for one in values(asked, 'ever:"W 7"')] == ["copies/1/shelf_mark"]
    assert values(asked, "ever:?!") == []
    assert values(asked, "ever:emm", "waves") == []
    assert asked.past_hits(GetPastHits("ever:emm", ())) == ()


def test_words_of_two_fields_of_one_event_are_told_by_both_of_them(asked: PastReader) -> None:
    assert [row.title for row in asked.at(2**62).page(asked.at(2**62).order(BookQuestion('ever:"novel love"')))] == [
        "Emma"
    ]
    assert [one.field for one in values(asked, 'ever:"novel love"')] == ["title", "subjects"]


def test_no_more_values_than_wanted_are_told_and_how_many_there_are(asked: PastReader) -> None:
    (hits,) = asked.past_hits(GetPastHits("ever:emm", (an_id("emma"),), limit=2))
    assert (hits.number, [one.revision for one in hits.values]) == (3, [3, 2])


def test_as_of_a_position_what_came_afterwards_is_neither_found_nor_an_end(asked: PastReader) -> None:
    (novel,) = values(asked, "ever:novel")
    assert novel.last is not None
    (then,) = values(asked, "ever:novel", at=novel.last - 1)
    assert (then.last, then.until) == (None, None)
    assert values(asked, "ever:novel", at=novel.first - 1) == []


def test_what_changed_in_a_time_is_told_with_when_and_until_when(asked: PastReader) -> None:
    lent = values(asked, "changed:2024-03-01", "waves")
    assert {one.field for one in lent} >= {"title", "state", "copies/1/state", "copies/1/patron", "copies/1/shelf_mark"}
    assert not any(one.field.startswith("loans/") for one in lent)
    states = [(one.value, one.until is None) for one in lent if one.field == "copies/1/state"]
    assert states == [("onLoan", True), ("available", False)]
    assert values(asked, "changed:2023") == []


def test_the_readers_of_a_books_holds_are_told_with_its_values(asked: PastReader, path: Path, library: Library) -> None:
    hold = uuid4()
    waves, placed = an_id("waves"), BEGIN + timedelta(hours=1)
    last = library.write(HoldPlaced(book_id=waves, hold_id=hold, patron_ref="P-7", placed_at=placed))
    with indexing(path, library) as again:
        again.until_at(last)
    (hits,) = asked.past_hits(GetPastHits("changed:2024-03-01", (waves,)))
    assert hits.patrons == {f"holds/{hold}/patron": "P-7"}


def test_books_are_found_by_what_they_ever_were_and_by_when_they_changed(asked: PastReader) -> None:
    now = asked.at(2**62)

    def titles(text: str) -> list[str]:
        return [row.title for row in now.page(now.order(BookQuestion(text)))]

    assert titles("novel") == []
    assert titles("ever:novel") == ["Emma"]
    assert titles('ever:"a novel"') == ["Emma"]
    assert titles("ever:novel waves") == []
    assert titles("changed:2024-03-01") == ["Emma", "The Waves"]
    assert titles("changed:2024 ever:W") == ["The Waves"]
    assert titles("changed:2023-12") == []
    with asked.asked() as connection:
        (listed,) = connection.execute("SELECT min(position) FROM past_events WHERE revision = 1").fetchone()
    before = asked.at(listed)
    assert list(before.order(BookQuestion("ever:novel"))) == []


@pytest.mark.parametrize(
    ("text", "rest", "ever", "spans"),
    [
        ("emma", "emma", (), 0),
        ("ever:emma woodhouse", "woodhouse", ("emma",), 0),
        ('x ever:"emma woodhouse" y', "x y", ("emma woodhouse",), 0),
        ("forever:emma", "forever:emma", (), 0),
        ("changed:2026-03 emma", "emma", (), 1),
        ("changed:2026-13", "changed:2026-13", (), 0),
        ("changed:2026-02-30", "changed:2026-02-30", (), 0),
        ("changed:9999-12-31", "changed:9999-12-31", (), 0),
        ("ever:", "ever:", (), 0),
    ],
)
def test_a_search_is_taken_apart(text: str, rest: str, ever: tuple[str, ...], spans: int) -> None:
    found = parse_search(text)
    assert (found.text, found.ever, len(found.changed)) == (rest, ever, spans)
    assert found.is_about_the_past is bool(ever or spans)


def test_what_was_overdue_is_not_known_and_says_so(path: Path, library: Library) -> None:
    assert parse_search(" Is:overdue emma").text == "emma"
    assert [parse_search(text).overdue for text in ("a is:overdue", "is:overdueb", "this:overdue")] == [
        True,
        False,
        False,
    ]
    library.some_history()
    index(path, library)
    with past(path) as reader, pytest.raises(ValueError, match="not known"):
        reader.at(2**62).order(BookQuestion("is:overdue"))


def test_nothing_is_said_before_the_part_is_complete(path: Path, library: Library) -> None:
    with past(path) as reader, pytest.raises(IndexNotReady):
        reader.at(0).counts()
    library.some_history()
    index(path, library)
    with past(path) as reader:
        assert reader.at(2**62).counts().shown == 5
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE parts SET complete = 0")
        with pytest.raises(IndexNotReady):
            reader.at(2**62).counts()


def test_a_reader_goes_over_to_a_file_that_was_made_anew(path: Path, library: Library) -> None:
    library.some_history(books=2)
    index(path, library)
    with past(path) as reader:
        assert reader.at(2**62).counts().shown == 2
        for file in path.parent.glob("event-index.sqlite*"):
            if not file.name.endswith("-local"):
                file.unlink()
        library.some_history(books=0)
        library.book("third")
        index(path, library)
        assert reader.at(2**62).counts().shown == 3


def test_it_follows_live_and_is_opened_again(path: Path, library: Library) -> None:
    library.some_history(books=2)
    index(path, library)
    with indexing(path, library) as again, past(path) as reader:
        last = library.write(BookDetailsCorrected(book_id=an_id(0), title="Renamed"))
        again.until_at(last)
        now = reader.at(last)
        assert [row.title for row in now.page(now.order(BookQuestion("renamed")))] == ["Renamed"]
        assert [one.field for one in values(reader, "ever:renamed", 0)] == ["title"]
        then = reader.at(last - 1)
        assert list(then.order(BookQuestion("renamed"))) == []
        assert again.faults == []


def test_events_that_cannot_be_kept_are_left_out_and_the_others_are_there(path: Path, library: Library) -> None:
    book_id = library.book("known")
    stream = f"book-{book_id}"
    halves = rb'{"bookId":"%s","title":"\ud800"}' % str(book_id).encode()
    library.write_raw(stream, "BookDetailsCorrected", halves)
    endless = b'{"bookId":"%s","publishedYear":%s}' % (str(book_id).encode(), b"9" * 400)
    library.write_raw(stream, "BookDetailsCorrected", endless)
    library.write_raw(stream, "BookDetailsCorrected", b"\xff\x00 not JSON")
    library.write_raw("book-of-somebody", "BookCreated", b"{}")
    last = library.write(BookDetailsCorrected(book_id=book_id, title="After all"))
    index(path, library)
    with past(path) as reader:
        row = reader.at(last).row_of(book_id)
        assert row is not None
        assert (row.title, row.revision) == ("After all", 5)
        with reader.asked() as connection:
            kept = connection.execute("SELECT sets FROM past_events ORDER BY position").fetchall()
        assert [sets for (sets,) in kept][2:5] == [None, None, None]
