"""From a record to a book: what is repaired, what is refused, and the sentences."""

from pathlib import Path

import pytest

from desk.application.importing.checking import CheckedRow, WrongRow, check_row
from desk.application.importing.columns import Field
from desk.application.importing.source import CsvRecord
from tests.application.importing.files import HEADER, SAMPLE, columns, good, rows_of, written, wrong

MAPPING = columns(0, 1, 2, 3, 4, 5, 6)


def check(
    isbn: str = "0451523067", title: str = "Emma", authors: str = "Jane Austen", year: str = "", rest: str = ";;"
) -> CheckedRow | WrongRow:
    """A row of: ISBN, title, authors, publisher, year, language, subjects; `rest` has the three others."""
    publisher, language, subjects = rest.split(";")
    record = CsvRecord(7, (isbn, title, authors, publisher, year, language, subjects))
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
    "isbn",
    [
        "0451523067",
        "0-451-52306-7",
        "978-0-451-52306-8",
        '="0451523067"',
        " 9780451523068 ",
        "'0451523067",
        "\u20190451523067",
        "9780451523068 (pbk)",
        "0-451-52306-7 (hbk. : alk. paper) : $8.95",
        "ISBN-13: 9780451523068 [paperback]",
        "ISBN 0451523067",
        "9780451523068.0",
    ],
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
    assert fields == [Field.ISBN, Field.TITLE, Field.AUTHORS]
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


@pytest.mark.parametrize(
    ("year", "stored"),
    [
        ("c1999", 1999),
        ("c. 1850", 1850),
        ("[1850?]", 1850),
        ("©2001", 2001),
        ("05/1999", 1999),
        ("1.5.1999", 1999),
        ("1999/1999", 1999),
    ],
)
def test_a_year_with_something_around_it_is_read_and_that_is_said(year: str, stored: int) -> None:
    row = checked(year=year)
    assert row.draft.published_year == stored
    assert row.notes == (f"Year: {year} is stored as {stored}.",)


@pytest.mark.parametrize(
    "year",
    ["19", "99999", "-1999", "\u2212300", "-44", "1200 BC", "1200 v. Chr.", "1998-2001", "n. d.", "0850", "soon"],
)
def test_what_is_no_year_of_print_is_left_out_and_that_is_said(year: str) -> None:
    row = checked(year=year)
    assert row.draft.published_year is None
    assert row.notes == (f"Year: {year} is no year of print, so it is left empty.",)


@pytest.mark.parametrize(
    ("isbn", "other"), [("9.78E+12", "0451523067"), ("", "9780451523068"), ("2005018", "0451523067")]
)
def test_of_two_isbns_the_whole_one_is_taken(isbn: str, other: str) -> None:
    two = columns(isbn=0, title=1, authors=2, other_isbn=3)
    for cells, mapping in (
        ((isbn, "Emma", "Austen", other), two),
        ((other, "Emma", "Austen", isbn), columns(isbn=3, title=1, authors=2, other_isbn=0)),
        ((other, "Emma", "Austen", ""), two),
    ):
        row = check_row(CsvRecord(2, cells), mapping, width=4, latest_year=2026)
        assert isinstance(row, CheckedRow), row
        assert row.draft.isbn == "9780451523068"
    row = check_row(CsvRecord(2, (isbn, "Emma", "Austen", other)), two, width=4, latest_year=2026)
    assert isinstance(row, CheckedRow)
    expected = f"ISBN: {isbn} is not whole, so 9780451523068 of the other column is taken."
    assert row.notes == ((expected,) if isbn else ())


def test_two_ruined_isbns_refuse_the_row_two_that_agree_need_no_word_and_two_different_ones_are_said() -> None:
    mapping = columns(isbn=0, title=1, authors=2, other_isbn=3)
    ruined = check_row(CsvRecord(2, ("", "Emma", "Austen", "9.78E+12")), mapping, width=4, latest_year=2026)
    assert isinstance(ruined, WrongRow)
    assert "A spreadsheet turned the ISBN" in ruined.reason
    agreeing = check_row(
        CsvRecord(2, ("2005018", "Emma", "Austen", "9780002005012")), mapping, width=4, latest_year=2026
    )
    assert isinstance(agreeing, CheckedRow)
    assert (agreeing.draft.isbn, agreeing.notes) == ("9780002005012", ())
    both = check_row(CsvRecord(2, ("0451523067", "Emma", "Austen", "0002005018")), mapping, width=4, latest_year=2026)
    assert isinstance(both, CheckedRow)
    assert both.draft.isbn == "9780451523068"
    assert both.notes == ("ISBN: the other column has another book's, 9780002005012. Check which is right.",)


def test_line_breaks_in_a_cell_become_spaces_and_that_is_said() -> None:
    row = checked(title="Emma\r\nA novel\n", authors="Jane\nAusten")
    assert (row.draft.title, row.draft.authors) == ("Emma A novel", ("Jane Austen",))
    assert row.notes == ("Title: its line breaks become spaces.", "Authors: its line breaks become spaces.")


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
    [
        ("en", "en"),
        ("eng", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("German", "de"),
        ("Français", "fr"),
        ("Englisch", "en"),
        ("ice", "is"),
        ("", None),
    ],
)
def test_languages_become_two_letters(language: str, stored: str | None) -> None:
    assert checked(rest=f";{language};").draft.language == stored


@pytest.mark.parametrize("language", ["xx", "klingon", "grc", "en; de"])
def test_what_is_no_language_is_left_out_and_that_is_said(language: str) -> None:
    record = CsvRecord(2, ("0451523067", "Emma", "Austen", "", "", language, ""))
    row = check_row(record, MAPPING, width=7, latest_year=2026)
    assert isinstance(row, CheckedRow)
    assert row.draft.language is None
    assert row.notes == (f"Language: {language} is no language of ISO 639-1, so it is left empty.",)


def test_a_subject_twice_is_kept_once() -> None:
    assert checked(rest=";;Codes|codes").draft.subjects == ("Codes",)


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
    row = check_row(CsvRecord(2, cells), columns(0, 1, 2), width=3, latest_year=2026)
    assert isinstance(row, WrongRow)
    assert sentence in row.reason


def test_empty_cells_at_the_end_of_a_row_do_no_harm() -> None:
    row = check_row(CsvRecord(2, ("0451523067", "Emma", "Jane", "", " ")), columns(0, 1, 2), width=3, latest_year=2026)
    assert isinstance(row, CheckedRow)


def test_the_sample_has_one_book_twice_and_the_rest_is_fine() -> None:
    rows = rows_of(SAMPLE)
    assert len(good(rows)) == 299
    (twice,) = wrong(rows)
    first = next(row for row in good(rows) if row.draft.isbn == "9780395927205")
    assert twice.reason == f"ISBN: This ISBN is already in this file, line {first.record.line}."
    assert sum(row.draft.published_year is None for row in good(rows)) == 19
    assert sum(bool(row.notes) for row in good(rows)) == 3


def test_a_doubt_about_the_quotes_of_a_row_is_said(tmp_path: Path) -> None:
    (row,) = good(rows_of(written(tmp_path, HEADER + '0451523067,"Emma,"Austen, Jane",1815\n')))
    assert row.draft.title == "Emma,Austen"
    assert "Check how the row was read" in row.notes[0]


def test_an_isbn_twice_is_found_however_it_is_written(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, HEADER + "0451523067,Emma,Austen,\n978-0-451-52306-8,Emma,Austen,\n"))
    assert [type(row) for row in rows] == [CheckedRow, WrongRow]
    assert "line 2" in wrong(rows)[0].reason
