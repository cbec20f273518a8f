"""The import and the demo, from the window's actions."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desk.application.importing.plan import ImportPlan
from desk.application.importing.unfinished import UnfinishedImport
from desk.gui.frame.settings import Settings
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.part import ImportPart
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import SAMPLE, many_books, plan_of
from tests.gui.workspaces import frame_of


@pytest.fixture
def main_window(make_window: Callable[[Settings], WorkspaceView], settings: Settings) -> WorkspaceView:
    return make_window(settings)


def test_the_import_action_shows_one_dialog_and_the_end_is_said(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory
) -> None:
    part = ImportPart(main_window)
    said: list[str] = []
    part.said.connect(said.append)
    main_window.import_wanted.emit()
    assert part.dialog is None
    assert said == ["The catalogue is not open yet. Try again when it is."]
    main_window.opened.emit(catalogue.session)
    main_window.import_wanted.emit()
    dialog = part.dialog
    assert dialog is not None
    assert dialog.isVisible()
    part.import_file(SAMPLE)
    assert part.dialog is dialog
    qtbot.waitUntil(dialog.go.isEnabled)
    with qtbot.waitSignal(dialog.imported):
        dialog.go.click()
    assert said[-1].startswith("299 created")
    dialog.reject()
    assert part.dialog is None


def test_the_demo_action_loads_the_demo_into_an_empty_catalogue(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory
) -> None:
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    with qtbot.waitSignal(part.said) as signal:
        main_window.demo_wanted.emit()
    assert signal.args is not None
    assert "changes of a year" in signal.args[0]
    qtbot.waitUntil(lambda: part.demo is None)
    assert part.question is None
    assert len(catalogue.books) == 151


@pytest.mark.parametrize("known", [True, False])
def test_the_demo_asks_before_it_comes_among_books_or_where_nobody_knows(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path, known: bool
) -> None:
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    if known:
        part.import_file(many_books(tmp_path, 2))
        assert part.dialog is not None
        qtbot.waitUntil(part.dialog.go.isEnabled)
        with qtbot.waitSignal(part.dialog.imported):
            part.dialog.go.click()
        part.dialog.reject()
    else:
        catalogue.not_open_for = 1
    books = len(catalogue.books)
    main_window.demo_wanted.emit()
    qtbot.waitUntil(lambda: part.question is not None)
    assert part.question is not None
    said = part.question.informativeText()
    assert said.startswith("The catalogue has 2 books." if known else "It is not known yet")
    qtbot.keyClick(part.question, Qt.Key.Key_Escape)
    assert part.question is None
    assert part.demo is None
    assert len(catalogue.books) == books
    if known:
        main_window.demo_wanted.emit()
        qtbot.waitUntil(lambda: part.question is not None)
        with qtbot.waitSignal(part.said):
            pressed(part, "Load the demo")
        assert len(catalogue.books) == books + 151


def test_loading_the_demo_has_no_key(main_window: WorkspaceView) -> None:
    assert main_window.actions_by_name["catalogue.demo"].shortcuts() == []


def unfinished(tmp_path: Path) -> tuple[UnfinishedImport, ImportPlan]:
    """The note of an import of three books with two copies each, as a window that was killed leaves it."""
    plan = replace(plan_of(many_books(tmp_path, 3)), copies=2)
    note = UnfinishedImport(tmp_path, "this computer")
    note.note(plan)
    return note, plan


def pressed(part: ImportPart, text: str) -> None:
    """Press this button of the question."""
    assert part.question is not None
    (button,) = [button for button in part.question.buttons() if button.text().replace("&", "") == text]
    button.click()


def test_an_import_that_stopped_half_way_is_offered_at_the_start_and_goes_on(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    note, plan = unfinished(tmp_path)
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    qtbot.waitUntil(lambda: part.question is not None)
    assert part.question is not None
    assert part.question.text() == "The import of books.csv stopped half-way."
    assert str(plan.path) in part.question.informativeText()
    with qtbot.waitSignal(part.said):
        pressed(part, "Go on with it")
    assert [len(shelved.state.copies) for shelved in catalogue.books.values()] == [2, 2, 2]
    qtbot.waitUntil(lambda: note.find() is None)


@pytest.mark.parametrize(("answer", "stays"), [("Not now", True), ("Forget it", False)])
def test_an_import_that_stopped_half_way_waits_for_another_start_or_is_forgotten(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path, answer: str, stays: bool
) -> None:
    note, plan = unfinished(tmp_path)
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    qtbot.waitUntil(lambda: part.question is not None)
    pressed(part, answer)
    qtbot.waitUntil(lambda: (note.find() == plan) == stays)
    assert part.dialog is None
    assert catalogue.books == {}


def test_an_import_whose_file_is_gone_says_so(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    note, plan = unfinished(tmp_path)
    plan.path.unlink()
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    qtbot.waitUntil(lambda: part.question is not None)
    pressed(part, "Go on with it")
    assert part.dialog is not None
    qtbot.waitUntil(part.dialog.file_page.banner.isVisible)
    assert "No such file" in part.dialog.file_page.banner.text.text()
    assert note.find() == plan
    part.dialog.reject()


def test_nothing_is_offered_where_nothing_stopped(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    UnfinishedImport(tmp_path, "another store").note(plan_of(many_books(tmp_path, 3)))
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    qtbot.waitUntil(lambda: not any(thread.name == "unfinished-import" for thread in threading.enumerate()))
    qtbot.wait(50)
    assert part.question is None


def test_a_stop_of_the_program_asks_nothing(
    qtbot: QtBot, main_window: WorkspaceView, catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue.session)
    part.import_file(many_books(tmp_path, 3))
    catalogue.registering = False
    assert part.dialog is not None
    qtbot.waitUntil(part.dialog.go.isEnabled)
    part.dialog.go.click()
    qtbot.waitUntil(lambda: len(catalogue.books) == 3)
    dialog = part.dialog
    main_window.could_not_open(OSError("no session"))
    with qtbot.waitSignal(frame_of(main_window).gone):
        frame_of(main_window).stop()
    qtbot.waitUntil(lambda: not dialog.leaving.is_running)
    assert UnfinishedImport(tmp_path, "this computer").find() is not None
