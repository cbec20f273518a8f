"""From a record to a book: what is repaired, what is refused, and the sentences."""

from pathlib import Path

import pytest

from desk.application.importing.checking import CheckedRow, WrongRow, check_row
from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.source import Record
from tests.application.importing.files import HEADER, SAMPLE, good, rows_of, written, wrong

MAPPING = ColumnMapping(0, 1, 2, 3, 4, 5, 6)


def check(
    isbn: str = "0451523067", title: str = "Emma", authors: str = "Jane Austen", year: str = "", rest: str = ";;"
) -> CheckedRow | WrongRow:
    """A row of: ISBN, title, authors, publisher, year, language, subjects; `rest` has the three others."""
    publisher, language, subjects = rest.split(";")
    record = Record(7, (isbn, title, authors, publisher, year, language, subjects))
    return check_row(record, MAPPING, width=7, latest_year=2026)


def checked(**cells: str) -> CheckedRow:
    row = check(**cells)
    assert isinstance(row, CheckedRow), row
    return row


def reason(**cells: str) -> str:
    row = check(**cells)
    assert isinstance(row, WrongRow), row
    return row.reason


@pytest.mark.parametrize(
    "isbn", ["0451523067", "0-451-52306-7", "978-0-451-52306-8", '="0451523067"', " 9780451523068 "]
)
def test_an_isbn_is_stored_as_13_digits(isbn: str) -> None:
    row = checked(isbn=isbn)
    assert row.draft.isbn == "9780451523068"
    assert row.notes == ()


def test_zeros_lost_at_the_front_come_back_and_that_is_said() -> None:
    row = checked(isbn="2005018")
    assert row.draft.isbn == "9780002005012"
    assert row.notes == ("ISBN: zeros that 2005018 had lost are back, as in 0002005018.",)


def test_zeros_do_not_come_back_where_the_check_digit_disagrees() -> None:
    assert "10 or 13 digits" in reason(isbn="2005019")


@pytest.mark.parametrize("isbn", ["9.78E+12", "9,78045E+12"])
def test_what_a_spreadsheet_made_a_number_of_is_never_guessed(isbn: str) -> None:
    assert "A spreadsheet turned the ISBN into the number" in reason(isbn=isbn)


def test_everything_that_is_wrong_with_a_row_is_said() -> None:
    row = check(isbn="0451523068", title=" ", authors="", year="soon", rest=";klingon;")
    assert isinstance(row, WrongRow)
    fields = [problem.field for problem in row.problems]
    assert fields == [Field.ISBN, Field.TITLE, Field.AUTHORS, Field.YEAR, Field.LANGUAGE]
    assert row.reason.startswith("ISBN: The last digit of 0451523068 does not fit")


@pytest.mark.parametrize(
    ("year", "stored"),
    [("1999", 1999), ("", None), ("0", None), ("0000", None), ("1999.0", 1999), ("1999-05-01", 1999), ("2026", 2026)],
)
def test_a_year_is_read_and_zero_means_unknown(year: str, stored: int | None) -> None:
    row = checked(year=year)
    assert row.draft.published_year == stored
    assert row.notes == ()


def test_a_year_to_come_means_unknown_and_that_is_said() -> None:
    row = checked(year="2030")
    assert row.draft.published_year is None
    assert row.notes == ("Year: 2030 is still to come, so it is left empty.",)


@pytest.mark.parametrize("year", ["c1999", "19", "99999"])
def test_what_is_no_year_is_refused(year: str) -> None:
    assert reason(year=year).startswith("Year:")


@pytest.mark.parametrize(
    ("authors", "stored"),
    [
        ("Terry Pratchett; Neil Gaiman", ("Terry Pratchett", "Neil Gaiman")),
        ("Dolce & Gabbana", ("Dolce & Gabbana",)),
        ("Mary-Kate & Ashley Olsen", ("Mary-Kate & Ashley Olsen",)),
        ("Arthur Conan, Sir Doyle;", ("Arthur Conan, Sir Doyle",)),
    ],
)
def test_authors_are_separated_by_semicolons_only(authors: str, stored: tuple[str, ...]) -> None:
    assert checked(authors=authors).draft.authors == stored


@pytest.mark.parametrize(
    ("language", "stored"),
    [("en", "en"), ("eng", "en"), ("en-US", "en"), ("pt_BR", "pt"), ("German", "de"), ("Français", "fr"), ("", None)],
)
def test_languages_become_two_letters(language: str, stored: str | None) -> None:
    assert checked(rest=f";{language};").draft.language == stored


def test_subjects_are_separated_by_bars_too() -> None:
    assert checked(rest=";;Love|Marriage | England").draft.subjects == ("Love", "Marriage", "England")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (("0451523067", "Emma"), "This row has 2 of 3 cells"),
        (("0451523067", "Emma", "Jane", "Austen"), "This row has 4 cells instead of 3"),
        (("0451523067", "Em\udce4", "Jane"), "does not have the file's encoding"),
        (("0451523067", "Em\x00ma", "Jane"), "Title: This holds characters that cannot be shown"),
    ],
)
def test_rows_that_are_out_of_shape_are_refused(cells: tuple[str, ...], sentence: str) -> None:
    row = check_row(Record(2, cells), ColumnMapping(0, 1, 2), width=3, latest_year=2026)
    assert isinstance(row, WrongRow)
    assert sentence in row.reason


def test_empty_cells_at_the_end_of_a_row_do_no_harm() -> None:
    row = check_row(
        Record(2, ("0451523067", "Emma", "Jane", "", " ")), ColumnMapping(0, 1, 2), width=3, latest_year=2026
    )
    assert isinstance(row, CheckedRow)


def test_the_sample_has_one_book_twice_and_the_rest_is_fine() -> None:
    rows = rows_of(SAMPLE)
    assert len(good(rows)) == 299
    (twice,) = wrong(rows)
    first = next(row for row in good(rows) if row.draft.isbn == "9780395927205")
    assert twice.reason == f"ISBN: This ISBN is already in this file, line {first.record.line}."
    assert sum(row.draft.published_year is None for row in good(rows)) == 19
    assert sum(bool(row.notes) for row in good(rows)) == 3


def test_an_isbn_twice_is_found_however_it_is_written(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, HEADER + "0451523067,Emma,Austen,\n978-0-451-52306-8,Emma,Austen,\n"))
    assert [type(row) for row in rows] == [CheckedRow, WrongRow]
    assert "line 2" in wrong(rows)[0].reason
