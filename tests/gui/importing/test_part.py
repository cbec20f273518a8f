"""The import and the demo, from the window's actions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.background import Bridge
from desk.gui.icons import Icons
from desk.gui.importing.part import ImportPart
from desk.gui.main_window import MainWindow
from desk.gui.settings import Settings
from desk.gui.theme import Theme
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import SAMPLE


@pytest.fixture
def main_window(qtbot: QtBot, qapp: QApplication, theme: Theme, bridge: Bridge, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(bridge, theme, Icons(theme), Settings(tmp_path / "settings.ini"), ())
    window.show()
    yield window
    with qtbot.waitSignal(window.gone):
        window.could_not_open(OSError("the test is over"))
        window.close()
    window.deleteLater()


def test_the_import_action_shows_one_dialog_and_the_end_is_said(
    qtbot: QtBot, main_window: MainWindow, catalogue: CatalogueInMemory
) -> None:
    part = ImportPart(main_window)
    said: list[str] = []
    part.said.connect(said.append)
    main_window.import_wanted.emit()
    assert part.dialog is None  # the session is not open yet
    main_window.opened.emit(catalogue)
    main_window.import_wanted.emit()
    dialog = part.dialog
    assert dialog is not None
    assert dialog.isVisible()
    part.import_file(SAMPLE)
    assert part.dialog is dialog
    qtbot.waitUntil(dialog.go.isEnabled)
    with qtbot.waitSignal(dialog.imported, timeout=10_000):
        dialog.go.click()
    assert said[-1].startswith("299 created")
    dialog.reject()
    assert part.dialog is None


def test_the_demo_action_loads_the_demo(qtbot: QtBot, main_window: MainWindow, catalogue: CatalogueInMemory) -> None:
    part = ImportPart(main_window)
    main_window.opened.emit(catalogue)
    with qtbot.waitSignal(part.said, timeout=15_000) as signal:
        main_window.demo_wanted.emit()
        assert part.demo is not None
    assert signal.args is not None
    assert "changes of a year" in signal.args[0]
    qtbot.waitUntil(lambda: part.demo is None)
    assert len(catalogue.books) == 151
