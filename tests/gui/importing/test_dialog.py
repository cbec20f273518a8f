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
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.application.importing.columns import Field
from desk.application.importing.progress import ImportReport, Progress
from desk.application.importing.unfinished import UnfinishedImport
from desk.cqrs.messages import Outcome
from desk.domain.commands import Command, CreateBook
from desk.gui.importing.dialog import ImportContext, ImportDialog
from desk.gui.importing.preview import FIRST_FIELD, LINE, REMARK
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import HEADER, SAMPLE, many_books, written

Make = Callable[..., ImportDialog]


@pytest.fixture
def make(qtbot: QtBot, context: ImportContext, window: QMainWindow) -> Make:
    """Opens the dialog; with a file, once it was looked into."""

    def opened(path: Path | None = None) -> ImportDialog:
        dialog = ImportDialog(context, window)
        dialog.open()
        if path is not None:
            dialog.choose(path)
            qtbot.waitUntil(lambda: settled(dialog))
        return dialog

    return opened


def settled(dialog: ImportDialog) -> bool:
    """Whether the file was looked into, with whatever result."""
    return dialog.file_page.summary.text() != dialog.tr("Reading…")


def cell(dialog: ImportDialog, row: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    model = dialog.file_page.model
    return model.data(model.index(row, column), role)


def asked(dialog: ImportDialog) -> dict[str, QAbstractButton]:
    """The buttons of the question that is open, by their texts; none where none is."""
    boxes = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
    return {button.text().replace("&", ""): button for box in boxes for button in box.buttons()}


def imported(dialog: ImportDialog, qtbot: QtBot) -> ImportReport:
    with qtbot.waitSignal(dialog.imported) as signal:
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
    assert dialog.file_page.summary.text() == "All of the first 100 rows can be imported, as shown here."
    assert dialog.file_page.table.isColumnHidden(REMARK)
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
    page = dialog.file_page
    assert page.summary.text() == (
        "1 of the 2 rows can be imported, as shown here. 1 cannot, and will be left out; the remark says why."
    )
    assert dialog.go.isEnabled()


def test_a_remark_can_be_read_whole_where_the_dialog_is_as_wide_as_at_first(
    make: Make, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = make(written(tmp_path, HEADER + "9.78E+12,Emma,Austen,1999\n0451523067,Emma,Austen,1815\n"))
    page = dialog.file_page
    header = page.table.horizontalHeader()
    assert header.sectionViewportPosition(REMARK) + 100 < page.table.viewport().width()
    tooltip = str(cell(dialog, 0, REMARK, Qt.ItemDataRole.ToolTipRole))
    assert tooltip.startswith("<p>")
    page.table.selectRow(0)
    assert page.remark.isVisible()
    assert page.remark.text() == f"Line 2: {cell(dialog, 0, REMARK)}"
    qtbot.waitUntil(lambda: page.remark.height() >= page.remark.heightForWidth(page.remark.width()))
    assert page.remark.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    page.table.selectRow(1)
    assert not page.remark.isVisible()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["0451523067,Emma,Austen,"], "The only row can be imported, as shown here."),
        (["1,Emma,Austen,"], "The only row cannot be imported; the remark says why."),
        (["1,Emma,Austen,"] * 2, "None of the 2 rows can be imported; the remark says why."),
        (["0451523067,Emma,Austen,", "0140328726,Matilda,Dahl,"], "All of the 2 rows can be imported, as shown here."),
        ([], "There are no rows below the names of the columns."),
    ],
)
def test_how_much_can_be_imported_is_said(make: Make, tmp_path: Path, rows: list[str], said: str) -> None:
    assert make(written(tmp_path, HEADER + "\n".join(rows) + "\n")).file_page.summary.text() == said


@pytest.mark.parametrize("count", [1, 8, 150])
def test_with_no_row_right_nothing_can_be_imported_and_the_dialog_says_why(
    make: Make, tmp_path: Path, count: int
) -> None:
    dialog = make(written(tmp_path, HEADER + "9.78E+12,Emma,Austen,1999\n" * count))
    assert not dialog.go.isEnabled()
    assert dialog.go.toolTip() == "No row of the file can be imported."
    said = dialog.file_page.banner.text.text()
    assert said.startswith("There is nothing to import: no row is right. The first one, line 2: ISBN: A spreadsheet")
    assert dialog.file_page.banner.isVisible()


def test_one_right_row_behind_the_preview_is_enough(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    rows = "9.78E+12,Emma,Austen,1999\n" * 150
    dialog = make(written(tmp_path, HEADER + rows + "0451523067,Emma,Austen,1999\n"))
    assert dialog.file_page.summary.text().startswith("None of the first 100 rows can be imported")
    assert not dialog.file_page.banner.isVisible()
    assert imported(dialog, qtbot).created == 1


def test_a_file_without_names_is_shown_as_it_stands_with_samples_of_its_columns(
    make: Make, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = make(written(tmp_path, "0451523067,Emma,Jane Austen\n0140328726,Matilda,Roald Dahl\n"))
    page = dialog.file_page
    model = page.model
    header = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    assert header == ["Line", "Remark", "Column 1", "Column 2", "Column 3"]
    assert page.table.isColumnHidden(REMARK)
    assert [str(cell(dialog, 1, column)) for column in (0, 2, 3, 4)] == ["2", "0140328726", "Matilda", "Roald Dahl"]
    box = page.editor.columns[Field.TITLE]
    assert [box.itemText(n) for n in range(box.count())][1:3] == [
        "Column 1: 0451523067, 0140328726",
        "Column 2: Emma, Matilda",
    ]
    assert "No column is chosen for: Title, Authors" in dialog.go.toolTip()
    for number, field in ((2, Field.TITLE), (3, Field.AUTHORS)):
        chosen = page.editor.columns[field]
        chosen.setCurrentIndex(number)
        chosen.activated.emit(number)
    qtbot.waitUntil(dialog.go.isEnabled)
    assert model.headerData(FIRST_FIELD + 1, Qt.Orientation.Horizontal) == "Title"
    assert cell(dialog, 1, FIRST_FIELD + 1) == "Matilda"


@pytest.mark.parametrize("way", ["typed", "pasted", "quoted", "address"])
def test_the_path_of_a_file_can_be_typed_and_pasted(make: Make, qtbot: QtBot, way: str) -> None:
    dialog = make()
    field = dialog.file_page.path
    assert dialog.focusWidget() is field
    if way == "typed":
        qtbot.keyClicks(field, str(SAMPLE))
        assert not dialog.go.isEnabled()
        qtbot.keyClick(field, Qt.Key.Key_Return)
    else:
        text = {"pasted": str(SAMPLE), "quoted": f'"{SAMPLE}"', "address": SAMPLE.as_uri()}[way]
        QApplication.clipboard().setText(text)
        qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(dialog.go.isEnabled)
    assert field.text() == str(SAMPLE)
    assert dialog.file_page.model.rowCount() == 100
    assert not dialog.leaving.is_running


def test_a_path_that_is_changed_is_not_imported_before_it_is_read(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = make(SAMPLE)
    dialog.file_page.path.end(False)
    qtbot.keyClick(dialog.file_page.path, Qt.Key.Key_Backspace)
    assert not dialog.go.isEnabled()
    assert "Press Enter" in dialog.go.toolTip()
    assert dialog.file_page.model.rowCount() == 0
    qtbot.keyClick(dialog.file_page.path, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.file_page.banner.isVisible)
    assert "No such file" in dialog.file_page.banner.text.text()
    assert not dialog.leaving.is_running
    qtbot.keyClicks(dialog.file_page.path, "v")
    qtbot.keyClick(dialog.file_page.path, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.go.isEnabled)


def test_an_encoding_that_does_not_fit_can_be_changed_again(make: Make, qtbot: QtBot) -> None:
    dialog = make(SAMPLE)
    editor = dialog.file_page.editor
    for name, can in (("UTF-32", False), ("UTF-8", True)):
        editor.encoding.setCurrentText(name)
        editor.encoding.activated.emit(editor.encoding.currentIndex())
        qtbot.waitUntil(lambda: settled(dialog))
        qtbot.waitUntil(lambda can=can: dialog.go.isEnabled() == can and editor.isEnabled())  # type: ignore[misc]


def test_the_dialog_fits_a_small_screen(make: Make, tmp_path: Path) -> None:
    dialog = make(written(tmp_path, HEADER + "9.78E+12,Emma,Austen,1999\n" * 3))
    dialog.file_page.table.selectRow(0)
    smallest = dialog.minimumSizeHint()
    assert (smallest.width(), smallest.height()) <= (860, 520)
    assert smallest.height() <= 520


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
    page.table.selectRow(0)
    assert page.reason.text() == f"Line 116: {reason.text()}"
    assert reason.toolTip().startswith("<p>")
    assert "Stored otherwise than in the file: 3" in page.summary.text()
    assert page.table.rowCount() == 4
    remarks = [item.text() for row in (1, 2, 3) if (item := page.table.item(row, 2)) is not None]
    assert all("is still to come, so it is left empty" in remark for remark in remarks)
    assert len(remarks) == 3
    signs = [item.icon().isNull() for row in range(4) if (item := page.table.item(row, 0)) is not None]
    assert signs == [False, True, True, True]
    assert dialog.save.isVisible()
    dialog.save_refused(tmp_path / "refused.csv")
    assert "Interpreter of Maladies" in (tmp_path / "refused.csv").read_text("utf-8-sig")
    assert "refused.csv" in page.banner.text.text()
    dialog.save_refused(tmp_path / "no" / "place.csv")
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
    qtbot.waitUntil(lambda: not dialog.leaving.is_running)
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
    qtbot.waitUntil(lambda: "The store is away." in page.banner.text.text())
    assert dialog.pages.currentWidget() is page
    QTest.keyClicks(field, "usable")
    assert field.text() == "usable"
    for way_out in (dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click, dialog.close, dialog.reject):
        way_out()
        stay = asked(dialog)["Go on"]
        assert dialog.leaving.is_running
        stay.click()
    dialog.reject()
    with qtbot.waitSignal(dialog.imported):
        asked(dialog)["Stop the import"].click()
    assert dialog.isVisible()
    assert dialog.report_page.headline.text() == "The import was cancelled"
    assert "go on from here" in dialog.report_page.banner.text.text()
    dialog.reject()
    assert not dialog.isVisible()


def test_the_question_goes_when_the_import_has_ended(make: Make, qtbot: QtBot, catalogue: CatalogueInMemory) -> None:
    dialog = make(SAMPLE)
    catalogue.away = True
    dialog.go.click()
    qtbot.waitUntil(lambda: "The store is away." in dialog.progress_page.banner.text.text())
    dialog.reject()
    assert asked(dialog)
    with qtbot.waitSignal(dialog.imported):
        catalogue.come_back()
    assert not asked(dialog)
    assert dialog.report_page.headline.text() == "The import is done"


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


@pytest.fixture
def under_way(
    make: Make, qtbot: QtBot, catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ImportDialog:
    """An import that has begun, and does not end by itself."""
    sent, real = threading.Event(), catalogue.send

    def send(command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        sent.set()
        return real(command, command_id, issued_at)

    monkeypatch.setattr(catalogue, "send", send)
    catalogue.registering = False
    dialog = make(many_books(tmp_path, 50))
    dialog.go.click()
    qtbot.waitUntil(sent.is_set)
    return dialog


def until_ended(qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not any(thread.name == "import" for thread in threading.enumerate()))


def test_closing_the_window_in_an_import_asks_and_then_ends_it(
    under_way: ImportDialog, qtbot: QtBot, window: QMainWindow, unfinished: UnfinishedImport, tmp_path: Path
) -> None:
    window.close()
    assert window.isVisible()
    asked(under_way)["Go on"].click()
    assert under_way.leaving.is_running
    window.close()
    asked(under_way)["Stop and close"].click()
    assert not window.isVisible()
    until_ended(qtbot)
    noted = unfinished.find()
    assert noted is not None
    assert noted.path == tmp_path / "books.csv"


def test_a_window_that_must_close_asks_nothing_and_the_import_is_noted_as_unfinished(
    under_way: ImportDialog, qtbot: QtBot, window: QMainWindow, unfinished: UnfinishedImport
) -> None:
    under_way.leaving.abandon()
    window.close()
    assert not window.isVisible()
    until_ended(qtbot)
    assert unfinished.find() is not None


@pytest.mark.parametrize("ends", ["stopped", "done"])
def test_an_import_that_was_stopped_or_is_done_is_not_noted_any_more(
    under_way: ImportDialog, qtbot: QtBot, catalogue: CatalogueInMemory, unfinished: UnfinishedImport, ends: str
) -> None:
    noted = unfinished.find()
    assert noted is not None
    assert noted == under_way._plan
    with qtbot.waitSignal(under_way.imported):
        if ends == "stopped":
            under_way.cancel()
        else:
            qtbot.waitUntil(lambda: len(catalogue.books) == 50)
            for command, _id in tuple(catalogue.sent):
                assert isinstance(command, CreateBook)
                catalogue._register(command, datetime.now().astimezone())
                catalogue._announce(command.book_id)
    assert unfinished.find() is None


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


def test_a_file_can_be_dropped_anywhere_on_the_dialog(make: Make) -> None:
    dialog = make()
    for widget in (dialog.file_page.path, dialog.file_page.table.viewport(), dialog.file_page.editor.encoding):
        taker: QWidget | None = widget
        while taker is not None and not taker.acceptDrops():
            taker = taker.parentWidget()
        assert taker is dialog


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
