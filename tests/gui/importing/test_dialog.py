"""The import dialog, from the choice of a file to the report."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from desk.application.importing.columns import Field
from desk.application.importing.progress import ImportReport, Progress
from desk.cqrs.messages import Outcome
from desk.domain.commands import Command
from desk.gui.importing.dialog import ImportContext, ImportDialog
from desk.gui.importing.preview import FIRST_FIELD, LINE, REMARK
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import HEADER, SAMPLE, many_books, written

Make = Callable[..., ImportDialog]


@pytest.fixture
def make(qtbot: QtBot, context: ImportContext, window: QMainWindow) -> Make:
    """Opens the dialog; with a file, once it was looked into."""

    def opened(path: Path | None = None) -> ImportDialog:
        dialog = ImportDialog(context, window, path)
        dialog.open()
        if path is not None:
            qtbot.waitUntil(lambda: settled(dialog))
        return dialog

    return opened


def settled(dialog: ImportDialog) -> bool:
    """Whether the file was looked into, with whatever result."""
    return dialog.file_page.remark.text() != dialog.tr("Reading…")


def cell(dialog: ImportDialog, row: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    model = dialog.file_page.model
    return model.data(model.index(row, column), role)


def imported(dialog: ImportDialog, qtbot: QtBot) -> ImportReport:
    with qtbot.waitSignal(dialog.imported, timeout=10_000) as signal:
        dialog.go.click()
    report = signal.args[0] if signal.args else None
    assert isinstance(report, ImportReport)
    return report


def test_a_file_is_previewed_as_it_will_be_stored(make: Make) -> None:
    dialog = make(SAMPLE)
    editor = dialog.file_page.editor
    assert (editor.encoding.currentData(), editor.delimiter.currentData()) == ("utf-8", ",")
    assert editor.header.isChecked()
    assert editor.copies.currentData() == 0
    assert editor.columns[Field.TITLE].currentText() == "Book-Title"
    assert editor.columns[Field.LANGUAGE].currentData() is None
    assert dialog.file_page.model.rowCount() == 100
    assert cell(dialog, 0, LINE) == "2"
    assert str(cell(dialog, 0, FIRST_FIELD)).startswith("978")
    assert dialog.file_page.remark.text() == "The first 100 rows as they will be stored. None is wrong."
    assert dialog.go.isEnabled()


def test_wrong_rows_are_marked_with_the_reason_and_repairs_are_said(make: Make, tmp_path: Path) -> None:
    rows = "9.78E+12,Emma,Austen,1999\n2005018,Clara Callan,Wright,2030\n"
    dialog = make(written(tmp_path, HEADER + rows))
    assert "A spreadsheet turned the ISBN" in str(cell(dialog, 0, REMARK))
    assert cell(dialog, 0, FIRST_FIELD) == "9.78E+12"
    assert cell(dialog, 0, LINE, Qt.ItemDataRole.DecorationRole) is not None
    problem = cell(dialog, 0, FIRST_FIELD, Qt.ItemDataRole.ForegroundRole)
    assert problem != cell(dialog, 0, FIRST_FIELD + 1, Qt.ItemDataRole.ForegroundRole)
    assert cell(dialog, 1, FIRST_FIELD) == "9780002005012"
    assert "zeros that 2005018 had lost are back" in str(cell(dialog, 1, REMARK))
    assert "2030 is still to come" in str(cell(dialog, 1, REMARK, Qt.ItemDataRole.ToolTipRole))
    assert dialog.file_page.remark.text() == "All 2 rows as they will be stored. Wrong, and left out: 1."
    dialog.file_page.table.selectRow(0)
    assert dialog.file_page.remark.text().startswith("Line 2: ISBN: A spreadsheet turned the ISBN")


def test_a_changed_delimiter_and_encoding_read_the_file_anew(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = make(written(tmp_path, "ISBN;Title;Author\n0451523067;Emmä;Jane Austen\n".encode("cp850")))
    editor = dialog.file_page.editor
    assert editor.encoding.currentData() == "cp1252"
    assert cell(dialog, 0, FIRST_FIELD + 1) != "Emmä"
    QTest.keyClicks(editor.encoding, "DOS")
    editor.encoding.activated.emit(editor.encoding.currentIndex())
    qtbot.waitUntil(lambda: cell(dialog, 0, FIRST_FIELD + 1) == "Emmä")
    QTest.keyClicks(editor.delimiter, "Bar")
    editor.delimiter.activated.emit(editor.delimiter.currentIndex())
    qtbot.waitUntil(lambda: bool(dialog.file_page.banner.text.text()))
    assert "No column is chosen for: ISBN, Title, Authors" in dialog.file_page.banner.text.text()
    assert not dialog.go.isEnabled()


def test_columns_can_be_chosen_where_their_names_say_nothing(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = make(written(tmp_path, "A,B,C\n0451523067,Emma,Jane Austen\n"))
    assert not dialog.go.isEnabled()
    for number, field in enumerate((Field.ISBN, Field.TITLE, Field.AUTHORS), 1):
        box = dialog.file_page.editor.columns[field]
        box.setCurrentIndex(number)
        box.activated.emit(number)
    qtbot.waitUntil(dialog.go.isEnabled)
    assert not dialog.file_page.banner.isVisible()
    assert cell(dialog, 0, FIRST_FIELD + 1) == "Emma"
    assert imported(dialog, qtbot).created == 1


def test_an_import_ends_with_a_report_and_saves_refused_rows(
    make: Make, qtbot: QtBot, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    dialog = make(SAMPLE)
    report = imported(dialog, qtbot)
    assert (report.created, report.refused) == (299, 1)
    assert len(catalogue.books) == 299
    page = dialog.report_page
    assert dialog.pages.currentWidget() is page
    assert page.headline.text() == "The import is done"
    assert " a second" in page.summary.text()
    reason = page.table.item(0, 2)
    assert reason is not None
    assert "already in this file, line 12" in reason.text()
    assert dialog.save.isVisible()
    dialog.save_refused(str(tmp_path / "refused.csv"))
    assert "Interpreter of Maladies" in (tmp_path / "refused.csv").read_text("utf-8-sig")
    assert "refused.csv" in page.banner.text.text()
    dialog.save_refused(str(tmp_path / "no" / "place.csv"))
    assert "cannot be written" in page.banner.text.text()


def test_copies_are_added_when_the_dialog_says_how_many(
    make: Make, qtbot: QtBot, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    dialog = make(many_books(tmp_path, 3))
    copies = dialog.file_page.editor.copies
    QTest.keyClicks(copies, "2")
    copies.activated.emit(copies.currentIndex())
    qtbot.waitUntil(dialog.go.isEnabled)
    imported(dialog, qtbot)
    assert [len(shelved.state.copies) for shelved in catalogue.books.values()] == [2, 2, 2]
    assert not dialog.save.isVisible()


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "is empty"), (b"PK\x03\x04", "a workbook"), (b"\n\n", "has no rows")]
)
def test_a_file_that_cannot_be_imported_is_said_in_a_sentence(
    make: Make, tmp_path: Path, content: bytes, sentence: str
) -> None:
    dialog = make(written(tmp_path, content))
    assert sentence in dialog.file_page.banner.text.text()
    assert not dialog.go.isEnabled()


def test_a_file_that_vanished_before_the_import_is_said_on_the_first_page(
    make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    path = many_books(tmp_path, 3)
    dialog = make(path)
    path.unlink()
    dialog.go.click()
    qtbot.waitUntil(lambda: not dialog.is_running)
    assert dialog.pages.currentWidget() is dialog.file_page
    assert "No such file" in dialog.file_page.banner.text.text()


def test_a_running_import_shows_its_progress_waits_for_the_store_and_can_be_cancelled(
    make: Make, qtbot: QtBot, catalogue: CatalogueInMemory, window: QMainWindow, tmp_path: Path
) -> None:
    field = QLineEdit()
    window.setCentralWidget(field)
    dialog = make(many_books(tmp_path, 500))
    catalogue.away = True
    dialog.go.click()
    page = dialog.progress_page
    qtbot.waitUntil(lambda: "The store is away." in page.banner.text.text(), timeout=10_000)
    assert dialog.pages.currentWidget() is page
    QTest.keyClicks(field, "usable")
    assert field.text() == "usable"
    with qtbot.waitSignal(dialog.imported, timeout=10_000):
        dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert dialog.isVisible()
    assert dialog.report_page.headline.text() == "The import was cancelled"
    assert "go on from here" in dialog.report_page.banner.text.text()
    dialog.reject()
    assert not dialog.isVisible()


def test_progress_is_told_in_words(make: Make) -> None:
    page = make().progress_page
    page.begin("books.csv")
    assert page.bar.maximum() == 0
    page.show_progress(Progress(1000, 30, 4, 9000, 210.4, 38.0))
    assert (page.bar.value(), page.bar.maximum()) == (1034, 9000)
    assert page.counts.text() == "1,000 created, 30 already there, 4 refused, of about 9,000"
    assert page.pace.text() == "210 a second, 38 s left"
    page.show_progress(Progress(1000, 30, 4, 9000, 1.0, 7900.0))
    assert page.pace.text() == "1 a second, 2 h 12 min left"


def test_closing_the_window_ends_a_running_import(
    make: Make,
    qtbot: QtBot,
    catalogue: CatalogueInMemory,
    window: QMainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    under_way, real = threading.Event(), catalogue.send

    def send(command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        under_way.set()
        return real(command, command_id, issued_at)

    monkeypatch.setattr(catalogue, "send", send)
    catalogue.registering = False
    make(many_books(tmp_path, 50)).go.click()
    assert under_way.wait(10)
    window.close()
    qtbot.waitUntil(lambda: not any(thread.name == "import" for thread in threading.enumerate()), timeout=10_000)


def test_a_file_can_be_dropped(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    assert not dialog.go.isEnabled()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(SAMPLE))])
    event = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    dialog.dropEvent(event)
    qtbot.waitUntil(dialog.go.isEnabled)
    assert dialog.file_page.path.text() == str(SAMPLE)


def test_a_file_can_be_looked_for(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    dialog.file_page.browse.click()
    chooser = dialog.findChild(QFileDialog)
    assert isinstance(chooser, QFileDialog)
    chooser.fileSelected.emit(str(SAMPLE))
    chooser.close()
    qtbot.waitUntil(dialog.go.isEnabled)


def test_only_the_newest_file_counts(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = make()
    for number in range(5):
        dialog.choose(written(tmp_path, HEADER + "0451523067,Emma,Austen,\n" * (number + 1), f"{number}.csv"))
    qtbot.waitUntil(dialog.go.isEnabled)
    assert dialog.file_page.model.rowCount() == 5
    assert dialog.file_page.path.text().endswith("4.csv")


def test_every_field_has_a_name_for_screen_readers(make: Make) -> None:
    page = make().file_page
    widgets = [page.path, page.table, page.editor.encoding, page.editor.delimiter, page.editor.copies]
    assert all(widget.accessibleName() for widget in (*widgets, *page.editor.columns.values()))
