"""The note of an import that has not ended."""

from dataclasses import replace
from pathlib import Path

import pytest

from desk.application.importing.columns import Field
from desk.application.importing.unfinished import FILE_NAME, UnfinishedImport
from tests.application.importing.files import SAMPLE, plan_of, written


def test_a_plan_comes_back_as_it_was_noted_until_it_is_forgotten(tmp_path: Path) -> None:
    note, other = UnfinishedImport(tmp_path, "this computer"), UnfinishedImport(tmp_path, "example.org:2113")
    plan = replace(plan_of(SAMPLE), copies=3)
    without_names = plan_of(written(tmp_path, "0451523067;Emma;Austen\n".encode("cp1252")))
    note.note(plan)
    other.note(without_names)
    again = UnfinishedImport(tmp_path, "this computer")
    assert again.find() == plan
    assert again.find().mapping.column(Field.TITLE) == 1  # type: ignore[union-attr]
    again.forget()
    assert note.find() is None
    assert other.find() == without_names
    assert sorted(each.name for each in tmp_path.iterdir()) == ["books.csv", FILE_NAME]


def test_the_path_is_noted_so_that_another_start_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "ISBN,Title,Author\n0451523067,Emma,Austen\n")
    monkeypatch.chdir(tmp_path)
    note = UnfinishedImport(tmp_path, "this computer")
    note.note(plan_of(Path("books.csv")))
    monkeypatch.chdir("/")
    found = note.find()
    assert found is not None
    assert found.path == tmp_path / "books.csv"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"this computer": 1}', '{"this computer": {}}', '{"this computer": {"path": 1}}'],
)
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, "utf-8")
    note = UnfinishedImport(tmp_path, "this computer")
    assert note.find() is None
    note.note(plan_of(SAMPLE))
    assert note.find() == plan_of(SAMPLE)


def test_an_import_goes_on_without_a_note_where_none_can_be_written(tmp_path: Path) -> None:
    note = UnfinishedImport(tmp_path / "gone", "this computer")
    note.note(plan_of(SAMPLE))
    note.forget()
    assert note.find() is None
