"""Refused rows are kept, shown and saved."""

import csv
from contextlib import closing
from pathlib import Path

import pytest

from desk.application.importing.errors import ImportFailed
from desk.application.importing.refused import RefusedRows
from desk.application.importing.source import CsvRecord
from tests.application.importing.files import plan_of, rows_of


def test_refused_rows_are_saved_with_their_columns_line_and_reason(tmp_path: Path) -> None:
    with closing(RefusedRows(("ISBN", "Title", "Author"), ";")) as refused:
        refused.add(CsvRecord(2, ("1", "A; B", 'C "D"')), "Wrong.")
        refused.save(tmp_path / "first.csv")
        refused.add(CsvRecord(5, ("2",)), "Short.")
        refused.save(tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";")) == [
            ["ISBN", "Title", "Author", "Line", "Reason"],
            ["1", "A; B", 'C "D"', "2", "Wrong."],
            ["2", "", "", "5", "Short."],
        ]
    assert refused.count == 2
    assert [row.line for row in refused.first] == [2, 5]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["first.csv", "refused.csv"]


def test_what_was_saved_can_be_corrected_and_imported(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with closing(RefusedRows(("ISBN", "Title", "Author"))) as refused:
        refused.add(CsvRecord(2, ("0451523068", "Emmä", "Jane")), "Wrong.")
        refused.save(path)
    path.write_text(path.read_text("utf-8").replace("0451523068", "0451523067"), "utf-8")
    assert plan_of(path).mapping.missing() == ()
    assert len(rows_of(path)) == 1


def test_bytes_without_meaning_do_not_stop_the_saving(tmp_path: Path) -> None:
    with closing(RefusedRows(("ISBN",))) as refused:
        refused.add(CsvRecord(2, ("\udce4",)), "Wrong encoding.")
        refused.save(tmp_path / "refused.csv")
    assert "\\udce4" in (tmp_path / "refused.csv").read_text("utf-8-sig")


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    with closing(RefusedRows(("ISBN",))) as refused, pytest.raises(ImportFailed, match="cannot be written"):
        refused.save(tmp_path / "no" / "such" / "place.csv")
