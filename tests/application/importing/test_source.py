"""Reading records: difficult files, and what is said about wrong ones."""

import csv
import io
import os
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.importing.encodings import find_encoding, guess_western
from desk.application.importing.errors import ImportFailed
from desk.application.importing.source import CsvFormat, CsvRecord, CsvSource
from tests.application.importing.files import records_of, written

PLAIN = CsvFormat("utf-8", ",")
_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00\ufeff"), max_size=12)
_ROWS = st.lists(
    st.lists(_CELLS, min_size=2, max_size=4).filter(lambda row: bool("".join(row).strip())), min_size=1, max_size=4
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    rows=_ROWS,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_as_csv_is_read_as_it_was(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, quoting: int, newline: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=newline).writerows(rows)  # type: ignore[arg-type]
    path = written(tmp_path, text.getvalue().encode(encoding))
    announced = len(rows[0]) == 2 and text.getvalue().lower().startswith(("sep=", '"sep='))
    records = records_of(path, CsvFormat(encoding, delimiter))
    assert announced or [list(record.cells) for record in records] == rows
    assert not any(record.problem or record.doubt for record in records)


def test_a_cell_may_go_over_lines_and_lines_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n"one\ntwo",2\n\n,\nx,3\n')
    assert records_of(path, PLAIN) == [
        CsvRecord(1, ("a", "b")),
        CsvRecord(2, ("one\ntwo", "2")),
        CsvRecord(6, ("x", "3")),
    ]


@pytest.mark.parametrize("lines_after", [3, 500])
def test_a_quote_that_is_never_closed_costs_one_line_only(tmp_path: Path, lines_after: int) -> None:
    text = 'a,b\n1,"open\n' + "".join(f"{number},x\n" for number in range(lines_after))
    first, bad, *rest = records_of(written(tmp_path, text), PLAIN)
    assert first.cells == ("a", "b")
    assert (bad.line, bad.cells) == (2, ("1", '"open'))
    assert "never closed" in bad.problem
    assert [record.line for record in rest] == list(range(3, 3 + lines_after))
    assert not any(record.problem for record in rest)


ROWS = ("0451523067,Emma,Jane Austen,1815", "0140328726,Matilda,Roald Dahl,1988", "0002005018,Clara,Wright,2001")


@pytest.mark.parametrize(
    "closing",
    [
        '0345391802,"The Hitchhiker\'s Guide",Douglas Adams,1979',
        '0345391802,The 12" record",Douglas Adams,1979',
        '0345391802,The Guide,Douglas Adams,"1979"',
        '0345391802,"""Guide""",Douglas Adams,1979',
        "0345391802,The Guide,Douglas Adams,1979",
    ],
)
@pytest.mark.parametrize("before", ["", '0330258648,"So\nlong",Adams,1984\n'])
def test_an_open_quote_swallows_no_rows_however_it_is_closed_further_down(
    tmp_path: Path, before: str, closing: str
) -> None:
    bad = '0439136350,"Quote not closed,J. K. Rowling,1999'
    lines = ["ISBN,Title,Author,Year", *before.splitlines(), bad, *ROWS, closing, "0451526341,Animal Farm,Orwell,1945"]
    records = records_of(written(tmp_path, "\n".join(lines) + "\n"), PLAIN)
    at = lines.index(bad) + 1
    (wrong,) = [record for record in records if record.problem]
    assert (wrong.line, wrong.cells) == (at, tuple(bad.split(",")))
    assert f"opens in line {at} and is never closed" in wrong.problem
    assert [record.line for record in records if record.line > at] == list(range(at + 1, len(lines) + 1))
    assert [record.cells for record in records[-5:-2]] == [tuple(row.split(",")) for row in ROWS]
    assert records[-1].cells[1] == "Animal Farm"
    assert all(len(record.cells) == 4 for record in records)


def test_a_quote_left_open_behind_a_cell_of_two_lines_is_found_in_its_own_line(tmp_path: Path) -> None:
    text = 'a,b,c\n"one\ntwo","open,3\n' + ROWS[0] + '\n4,"5",6\n'
    _, bad, *rest = records_of(written(tmp_path, text), PLAIN)
    assert bad.line == 2
    assert "opens in line 3" in bad.problem
    assert [record.line for record in rest] == [4, 5]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quote_left_open_in_the_last_line_is_said(tmp_path: Path, end: str) -> None:
    *_, last = records_of(written(tmp_path, 'a,b\n1,2\n3,"open' + end), PLAIN)
    assert (last.line, last.cells) == (3, ("3", '"open'))
    assert "opens in line 3" in last.problem


@pytest.mark.parametrize("end", ["", "\n1,2\n"])
@pytest.mark.parametrize("line", ['3,"The "Great" Gatsby"', '3,"Cultural Literacy,"E. D., Jr. Hirsch"'])
def test_a_quote_that_is_closed_by_chance_in_its_own_line_leaves_a_doubt(tmp_path: Path, line: str, end: str) -> None:
    _, doubtful, *rest = records_of(written(tmp_path, "a,b\n" + line + end), PLAIN)
    assert not doubtful.problem
    assert "Check how the row was read" in doubtful.doubt
    assert not any(record.doubt for record in rest)


def test_cells_of_many_lines_with_commas_and_numbers_are_no_rows(tmp_path: Path) -> None:
    text = 'a,b,c\n1,"one, two, three\n12, 13, 14\n""so"", ""they"", said",3\n4,5,6\n'
    assert records_of(written(tmp_path, text), PLAIN)[1:] == [
        CsvRecord(2, ("1", 'one, two, three\n12, 13, 14\n"so", "they", said', "3")),
        CsvRecord(5, ("4", "5", "6")),
    ]


def test_an_open_quote_behind_backslashes_is_found(tmp_path: Path) -> None:
    text = '"1";"A \\"b\\"\nc"\n"2";"open\n"3";"d"\n'
    first, bad, last = records_of(written(tmp_path, text), CsvFormat("utf-8", ";", backslash=True))
    assert (first.cells, last.cells) == (("1", 'A "b"\nc'), ("3", "d"))
    assert "opens in line 3" in bad.problem


def test_a_cell_beyond_all_measure_costs_one_row_only(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "x" * 200_000 + ",2\n3,4\n")
    first, bad, last = records_of(path, PLAIN)
    assert (first.cells, last.cells) == (("a", "b"), ("3", "4"))
    assert "too long" in bad.problem


def test_a_line_of_a_million_characters_is_no_csv_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "x" * 1_100_000)
    with pytest.raises(ImportFailed, match="Line 2 has more than a million characters"):
        records_of(path, PLAIN)


def test_quotes_behind_backslashes_are_read_where_the_format_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, '"1";"The \\"Great\\"; Gatsby"\n')
    assert records_of(path, CsvFormat("utf-8", ";", backslash=True))[0].cells == ("1", 'The "Great"; Gatsby')


def test_a_first_line_that_names_the_delimiter_is_no_record(tmp_path: Path) -> None:
    path = written(tmp_path, "sep=;\na;b\n")
    assert records_of(path, CsvFormat("utf-8", ";")) == [CsvRecord(2, ("a", "b"))]


def test_zero_bytes_are_no_end_of_anything(tmp_path: Path) -> None:
    assert records_of(written(tmp_path, b"a,b\x00c\n1,2\n"), PLAIN)[0].cells == ("a", "b\x00c")


@pytest.mark.parametrize("make", ["missing", "directory", "pipe"])
def test_what_is_no_file_is_said_in_a_sentence_and_not_waited_for(tmp_path: Path, make: str) -> None:
    path = tmp_path / "books.csv"
    if make == "directory":
        path.mkdir()
    if make == "pipe":
        os.mkfifo(path)
    with pytest.raises(ImportFailed, match=r"books\.csv .*\."):
        find_encoding(path, guess_western)
    with pytest.raises(ImportFailed, match=r"books\.csv .*\."):
        CsvSource(path, PLAIN)


def test_an_encoding_that_does_not_exist_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="no such encoding"):
        CsvSource(written(tmp_path, "a,b\n"), CsvFormat("utf-88", ","))


def test_the_wrong_one_of_two_wide_encodings_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="does not have the chosen encoding"):
        records_of(written(tmp_path, "a,b\nä,ö"), CsvFormat("utf-32", ","))


def test_a_file_that_grows_shrinks_or_vanishes_has_changed(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "1,2\n" * 10)
    with closing(CsvSource(path, PLAIN)) as source:
        assert not source.changed()
        with path.open("a") as file:
            file.write("3,4\n")
        assert source.changed()
        path.unlink()
        assert source.changed()
        assert len(list(source.records())) == 12


def test_the_share_that_was_read_grows_to_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "one,two\n" * 20_000)
    with closing(CsvSource(path, PLAIN)) as source:
        shares = [source.share() for _ in source.records()]
    assert shares[0] < 0.2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
