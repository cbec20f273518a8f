"""The demo's books and the year that is told of them."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk.application.demo.books import read_books
from desk.application.demo.script import write_year
from desk.application.importing.bulk_sender import PendingCommand
from desk.application.importing.checking import Draft
from desk.application.importing.errors import ImportFailed
from desk.domain.commands import CorrectBookDetails, CreateBook, DeleteBook, ReportCopyLost

EVENING = datetime(2026, 11, 23, 19, 30).astimezone()
MOMENTS = [
    EVENING,
    datetime(2028, 2, 29, 0, 0).astimezone(),
    datetime(2027, 3, 28, 12, 0).astimezone(),
    datetime(2027, 10, 31, 23, 59).astimezone(),
]


Years = dict[datetime, tuple[PendingCommand, ...]]


@pytest.fixture(scope="module")
def years(books: tuple[Draft, ...]) -> Years:
    return {now: write_year(books, now) for now in MOMENTS}


def test_there_are_150_different_books_with_subjects_and_language(books: tuple[Draft, ...]) -> None:
    assert len(books) == 150
    assert len({draft.isbn for draft in books}) == 150
    for draft in books:
        assert draft.language, draft
        assert len(draft.subjects) >= 2, draft
        assert draft.published_year, draft
        assert not draft.title.isupper() or draft.title.isdigit(), draft
        assert "(" not in draft.title, draft
        assert not any(author.isupper() for author in draft.authors), draft


@pytest.mark.parametrize("now", MOMENTS)
def test_the_year_ends_now_and_begins_a_year_ago(years: Years, now: datetime) -> None:
    moments = [pending.issued_at for pending in years[now] if pending.issued_at]
    assert moments == sorted(moments)
    assert moments[-1] <= now
    assert moments[-1].date() == now.date()
    assert timedelta(days=350) < now - moments[0] < timedelta(days=367)
    by_month = Counter((now - moment).days // 30 for moment in moments)
    assert min(by_month[month] for month in range(12)) >= 20


def test_it_is_the_same_year_whenever_it_is_told(years: Years) -> None:
    told = [
        [(pending.id, type(pending.command)) for pending in sorted(years[now], key=lambda each: str(each.id))]
        for now in MOMENTS
    ]
    assert told[0] == told[1] == told[2] == told[3]
    assert len({command_id for command_id, _ in told[0]}) == len(told[0])
    assert 1200 <= len(told[0]) <= 1600


def test_something_of_everything_happens(years: Years) -> None:
    kinds = Counter(type(pending.command) for pending in years[EVENING])
    assert kinds[CreateBook] == 151
    assert kinds[CorrectBookDetails] >= 5
    assert kinds[ReportCopyLost] >= 2
    assert kinds[DeleteBook] == 1


def test_a_damaged_list_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_text("ISBN,Title,Authors\n1,Emma,Austen\n", "utf-8")
    with pytest.raises(ImportFailed, match="install Desk again"):
        read_books(path, latest_year=2026)
