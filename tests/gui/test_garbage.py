"""Cycles with Qt's objects in them end on the window's thread, whichever thread allocates."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desk.gui.frame.garbage import GarbageCollection


class Ring(QObject):
    """Refers to itself, so that only a collection ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture
def collection(qtbot: QtBot) -> Iterator[GarbageCollection]:
    collection = GarbageCollection()
    yield collection
    collection.close()


def allocate() -> None:
    kept = [[number] for number in range(50_000)]
    assert len(kept) == 50_000


def drop_a_ring(ended_on: list[int]) -> None:
    weakref.finalize(Ring(), lambda: ended_on.append(threading.get_ident()))


def test_a_ring_of_qt_objects_ends_on_the_windows_thread(qtbot: QtBot, collection: GarbageCollection) -> None:
    ended_on: list[int] = []
    drop_a_ring(ended_on)
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert ended_on == []
    kept = [[number] for number in range(10_000)]
    qtbot.waitUntil(lambda: bool(ended_on))
    assert ended_on == [threading.get_ident()]
    assert len(kept) == 10_000


def test_after_closing_python_collects_by_itself_again(qtbot: QtBot) -> None:
    before = gc.isenabled()
    collection = GarbageCollection()
    assert not gc.isenabled()
    collection.close()
    assert gc.isenabled() is before


def test_closing_leaves_nothing_that_python_could_collect_while_an_object_of_qts_ends(qtbot: QtBot) -> None:
    ended_on: list[int] = []
    collection = GarbageCollection()
    drop_a_ring(ended_on)
    assert ended_on == []
    collection.close()
    assert ended_on == [threading.get_ident()]
