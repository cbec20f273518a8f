"""A worker's thread tells the window everything by signals: the installed pair of Python and PySide6 has to bear it."""

import re
import threading
import tomllib
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from desk.gui.frame.binding import problem_of

EMITS = 100_000
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class Bridge(QObject):
    """As the window's: one signal that carries one object."""

    told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.last: object = None

    @Slot(object)
    def hear(self, said: object) -> None:
        self.heard += 1
        self.last = said


def test_t18_a_hundred_thousand_signals_out_of_a_worker_all_arrive(qapp: QCoreApplication) -> None:
    bridge = Bridge()
    bridge.told.connect(bridge.hear, Qt.ConnectionType.QueuedConnection)

    def tell() -> None:
        for number in range(EMITS):
            bridge.told.emit((number, True, None))

    worker = threading.Thread(target=tell)
    worker.start()
    while worker.is_alive():
        qapp.processEvents()
    worker.join()
    qapp.processEvents()
    assert (bridge.heard, bridge.last) == (EMITS, (EMITS - 1, True, None))


def test_t18_the_package_asks_for_no_pair_that_aborts() -> None:
    wanted = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    found = [re.sub(r"\s", "", one).partition(";") for one in wanted if one.startswith("PySide6")]
    bounds = {marker: bound.removeprefix("PySide6-Essentials").split(",") for bound, _, marker in found}
    old, new = bounds["python_version<'3.12'"], bounds["python_version>='3.12'"]
    assert {"!=6.11.0", "!=6.11.1"} <= set(old) & set(new)
    assert "<6.12" in old
    assert problem_of((6, 12, 0), (3, 11, 0))
