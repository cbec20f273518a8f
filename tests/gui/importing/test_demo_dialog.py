"""Loading the demo from the window."""

from pathlib import Path

from PySide6.QtWidgets import QMainWindow, QMessageBox
from pytestqt.qtbot import QtBot

from desk.application.demo.load import DemoReport
from desk.application.resources import resource
from desk.gui.importing.demo_dialog import DemoDialog
from desk.gui.widgets.background import GuiBridge
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import written
from tests.moments import REAL


def test_the_demo_is_loaded_and_the_dialog_closes(
    qtbot: QtBot, catalogue: CatalogueInMemory, bridge: GuiBridge, window: QMainWindow
) -> None:
    dialog = DemoDialog(catalogue, bridge, resource("demo/books.csv"), window, REAL)
    with qtbot.waitSignal(dialog.loaded) as signal:
        dialog.open()
    report = signal.args[0] if signal.args else None
    assert isinstance(report, DemoReport)
    assert report.left_out == 0
    assert len(catalogue.books) == 151


def test_loading_the_demo_can_be_cancelled(
    qtbot: QtBot, catalogue: CatalogueInMemory, bridge: GuiBridge, window: QMainWindow
) -> None:
    catalogue.away = True
    dialog = DemoDialog(catalogue, bridge, resource("demo/books.csv"), window, REAL)
    dialog.open()
    qtbot.waitUntil(lambda: "The store is away." in dialog.words.text())
    assert dialog.bar.maximum() > 1000
    dialog.reject()
    assert dialog.leaving.is_running
    answer(dialog, "Go on")
    window.close()
    assert window.isVisible()
    answer(dialog, "Go on")
    dialog.reject()
    with qtbot.waitSignal(dialog.loaded) as signal:
        answer(dialog, "Stop")
    report = signal.args[0] if signal.args else None
    assert isinstance(report, DemoReport)
    assert report.cancelled


def test_the_window_closes_in_the_loading_once_that_was_asked(
    qtbot: QtBot, catalogue: CatalogueInMemory, bridge: GuiBridge, window: QMainWindow
) -> None:
    catalogue.away = True
    dialog = DemoDialog(catalogue, bridge, resource("demo/books.csv"), window, REAL)
    dialog.open()
    window.close()
    with qtbot.waitSignal(dialog.loaded):
        answer(dialog, "Stop and close")
    assert not window.isVisible()


def answer(dialog: DemoDialog, text: str) -> None:
    """Press this button of the question."""
    (box,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
    (button,) = [button for button in box.buttons() if button.text().replace("&", "") == text]
    button.click()


def test_a_damaged_list_is_said_in_a_sentence(
    qtbot: QtBot, catalogue: CatalogueInMemory, bridge: GuiBridge, window: QMainWindow, tmp_path: Path
) -> None:
    dialog = DemoDialog(catalogue, bridge, written(tmp_path, "ISBN,Title,Authors\n1,Emma,Austen\n"), window, REAL)
    dialog.open()
    qtbot.waitUntil(lambda: "install Desk again" in dialog.words.text())
    assert dialog.isVisible()
    dialog.reject()
    assert not dialog.isVisible()
