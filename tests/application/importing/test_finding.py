"""Finding encoding, delimiter, header and columns."""

import csv
from pathlib import Path

import pytest

from desk.application.importing.columns import ColumnMapping, Field, column_named, field_named, find_columns
from desk.application.importing.delimiters import find_format
from desk.application.importing.encodings import find_encoding, guess_western
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import open_rows, plan_with, preview
from desk.application.importing.source import CsvFormat
from tests.application.importing.files import SAMPLE, columns, plan_of, written

UMLAUTS = "ISBN;Titel;Autor\n3257228007;Das Parfüm;Süskind\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str) -> None:
    path = written(tmp_path, UMLAUTS.encode(encoding))
    assert find_encoding(path, guess_western) == found
    assert plan_of(path).header == ("ISBN", "Titel", "Autor")


def test_the_first_letter_that_is_not_utf8_may_come_after_megabytes(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" * 400_000 + "Süskind".encode("cp1252"))
    seen: list[bytes] = []

    def guess(sample: bytes) -> str:
        seen.append(sample)
        return "latin-1"

    assert find_encoding(path, guess) == "latin-1"
    assert seen == ["Süskind".encode("cp1252")]


def test_a_letter_on_the_border_between_two_readings_is_still_utf8(tmp_path: Path) -> None:
    path = written(tmp_path, b"x" * ((1 << 20) - 1) + "ü,b\n".encode())
    assert find_encoding(path, guess_western) == "utf-8"


@pytest.mark.parametrize("guessed", ["no-such-codec", "ascii", None])
def test_a_guess_that_does_not_fit_is_not_taken(tmp_path: Path, guessed: str | None) -> None:
    path = written(tmp_path, UMLAUTS.encode("cp1252"))
    assert find_encoding(path, lambda _sample: guessed) == "cp1252"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "a workbook or an archive, not a CSV file"),
        (b"%PDF-1.7", "a PDF document"),
        (bytes(range(256)) * 16 + b"\x00" * 900, "is not a text file"),
    ],
)
def test_what_is_no_text_is_said_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(ImportFailed, match=sentence):
        find_encoding(written(tmp_path, content), guess_western)


def test_a_file_of_blank_lines_has_no_rows(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="has no rows"):
        plan_of(written(tmp_path, "\n\n,,\n"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_the_delimiter_is_found_in_spite_of_titles_with_commas_semicolons_and_quotes(
    tmp_path: Path, delimiter: str, quoting: int
) -> None:
    path = tmp_path / "books.csv"
    with SAMPLE.open(encoding="utf-8", newline="") as source, path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=delimiter, quoting=quoting).writerows(csv.reader(source))  # type: ignore[arg-type]
    assert find_format(path, "utf-8") == CsvFormat("utf-8", delimiter)
    assert plan_of(path).mapping == columns(isbn=0, title=1, authors=2, published_year=3, publisher=4)


def test_backslashes_before_quotes_are_found(tmp_path: Path) -> None:
    text = '"ISBN";"Title";"Author"\n"1";"Real \\"J. Peterman\\"; a Life";"Peterman"\n"2";"Plain";"Who"\n'
    assert find_format(written(tmp_path, text), "utf-8") == CsvFormat("utf-8", ";", backslash=True)


def test_a_delimiter_that_the_first_line_names_is_taken(tmp_path: Path) -> None:
    assert find_format(written(tmp_path, "sep=~\nISBN~Title,a,b\n1~x,y,z\n"), "utf-8").delimiter == "~"


def test_a_first_row_with_an_isbn_is_no_header(tmp_path: Path) -> None:
    plan = plan_of(written(tmp_path, "Emma,0451523067,Jane Austen\n"))
    assert not plan.format.header
    assert plan.header == ("Column 1", "Column 2", "Column 3")
    assert plan.mapping == columns(isbn=1)
    assert plan.mapping.missing() == (Field.TITLE, Field.AUTHORS)
    seen = preview(plan)
    assert seen.problem == "No column is chosen for: Title, Authors. Choose one for each."
    assert (seen.rows, seen.importable) == ((), False)
    assert [record.cells for record in seen.records] == [("Emma", "0451523067", "Jane Austen")]
    assert [seen.samples(column) for column in range(4)] == ["Emma", "0451523067", "Jane Austen", ""]
    with pytest.raises(ImportFailed, match="No column is chosen for: Title, Authors"), open_rows(plan):
        pass


@pytest.mark.parametrize("isbn", ["9.78E+12", "'0140328726", "9780140328721 (pbk)", "0140328727", "9780140328721.0"])
def test_a_first_row_with_what_was_an_isbn_is_no_header(tmp_path: Path, isbn: str) -> None:
    plan = plan_of(written(tmp_path, f"Matilda,{isbn},Roald Dahl\nEmma,0451523067,Jane Austen\n"))
    assert not plan.format.header
    assert plan.mapping.column(Field.ISBN) == 1


def test_two_columns_of_isbns_are_found_without_names(tmp_path: Path) -> None:
    rows = "9.78E+12,Matilda,0140328726\n9780451523068,Emma,9.78E+12\n,Clara Callan,0002005018\n"
    assert plan_of(written(tmp_path, rows)).mapping == columns(isbn=2, other_isbn=0)


def test_a_changed_delimiter_finds_the_columns_anew(tmp_path: Path) -> None:
    path = written(tmp_path, "ISBN;Title;Author\n")
    assert plan_with(path, CsvFormat("utf-8", ","), latest_year=2026).mapping == columns()
    assert plan_with(path, CsvFormat("utf-8", ";"), latest_year=2026).mapping.column(Field.ISBN) == 0


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            ["ISBN", "Book-Title", "Book-Author", "Year-Of-Publication", "Book-Publisher"],
            columns(isbn=0, title=1, authors=2, published_year=3, publisher=4),
        ),
        (
            ["Schlagwörter", "SPRACHE", "Erscheinungsjahr", "Verlag", "Autor", "Titel", "isbn"],
            columns(6, 5, 4, 3, 2, 1, 0),
        ),
        (["Título", "Année", "ISBN", "ISBN-13", "Creator"], columns(3, 0, 4, None, 1, other_isbn=2)),
        (["isbn10", "ISBN", "Schlagwort"], columns(isbn=1, subjects=2, other_isbn=0)),
        (["ISBN", "ISBN", "Schlagworte"], columns(isbn=0, subjects=2, other_isbn=1)),
        (["One", "Two"], columns()),
    ],
)
def test_columns_are_found_by_well_known_names(header: list[str], mapping: ColumnMapping) -> None:
    assert find_columns(header) == mapping


def test_fields_and_columns_can_be_named_by_hand() -> None:
    assert field_named("Year") is Field.YEAR
    assert field_named("authors") is Field.AUTHORS
    assert field_named("colour") is None
    assert column_named("my year", ["Title", "My Year"]) == 1
    assert column_named("2", ["Title", "My Year"]) == 1
    assert column_named("3", ["Title", "My Year"]) is None
