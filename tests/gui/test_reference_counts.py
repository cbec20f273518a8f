"""A binding that loses references to True and None aborts CPython before 3.12; Desk says so at its start."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal

from desk.gui.frame.binding import problem_of


class Bell(QObject):
    rung = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal from 3.12 on")
def test_emitting_and_calling_keep_the_counts_of_true_and_none() -> None:
    bell = Bell()
    bell.rung.connect(lambda: None)
    before = (sys.getrefcount(True), sys.getrefcount(None))
    for _ in range(400):
        bell.rung.emit()
        bell.setObjectName("bell")
    after = (sys.getrefcount(True), sys.getrefcount(None))
    assert all(abs(one - other) < 100 for one, other in zip(before, after, strict=True)), (before, after)


@pytest.mark.parametrize(
    ("qt", "python", "spoken_of"),
    [
        ((6, 11, 3), (3, 11, 7), ""),
        ((6, 8, 0), (3, 13, 0), ""),
        ((6, 12, 0), (3, 12, 1), ""),
        ((6, 12, 0), (3, 11, 7), "3.11"),
        ((6, 13, 1), (3, 11, 0), "6.13.1"),
        ((6, 11, 0), (3, 13, 0), "6.11.0"),
        ((6, 11, 1), (3, 11, 0), "pip install"),
    ],
)
def test_a_faulty_pair_of_versions_is_named_with_what_to_install(
    qt: tuple[int, ...], python: tuple[int, ...], spoken_of: str
) -> None:
    problem = problem_of(qt, python)
    assert spoken_of in problem
    assert bool(problem) == bool(spoken_of)
