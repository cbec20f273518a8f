"""A look, a bridge, a window and a catalogue in memory for the import dialog; afterwards no thread is left."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from desk.application.importing.unfinished import UnfinishedImport
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme, ThemeMode, load_fonts
from desk.gui.importing.dialog import ImportContext
from desk.gui.widgets.background import GuiBridge
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.moments import REAL
from tests.waiting import until


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Iterator[Theme]:
    load_fonts()
    theme = Theme(qapp, ThemeMode.LIGHT)
    yield theme
    theme.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[CatalogueInMemory]:
    threads = set(threading.enumerate())
    opened = CatalogueInMemory(tmp_path)
    yield opened
    opened.close()
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)  # what it does is seen before it ends
    until(lambda: set(threading.enumerate()) <= threads)


@pytest.fixture
def bridge(catalogue: CatalogueInMemory, qapp: QApplication) -> Iterator[GuiBridge]:
    bridge = GuiBridge()
    yield bridge
    bridge.close()


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def unfinished(tmp_path: Path) -> UnfinishedImport:
    return UnfinishedImport(tmp_path, "this computer")


@pytest.fixture
def context(
    catalogue: CatalogueInMemory, unfinished: UnfinishedImport, bridge: GuiBridge, theme: Theme
) -> ImportContext:
    return ImportContext(catalogue, unfinished, bridge, theme, Icons(theme), REAL)
