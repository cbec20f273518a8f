"""The window says up to which position what is seen is painted."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desk.application.catalogue import Announcement
from desk.gui.frame import repaints
from desk.gui.frame.repaints import FirstPaint, Repaints
from desk.gui.widgets.background import GuiBridge


def test_a_position_is_told_once_after_the_painting_that_follows_its_announcement(
    qtbot: QtBot, bridge: GuiBridge
) -> None:
    label = QLabel("rows")
    qtbot.addWidget(label)
    told: list[int] = []
    Repaints(label, bridge, told.append)
    with qtbot.waitExposed(label):
        label.show()
    bridge.announced.emit(Announcement(6, live=False))
    label.update()
    qtbot.wait(1)
    assert told == [], "what is only caught up with is painted later"
    bridge.announced.emit(Announcement(7))
    assert told == []
    label.update()
    qtbot.waitUntil(lambda: told == [7])
    label.repaint()
    qtbot.wait(1)
    assert told == [7]


def test_the_first_paint_is_told_once_when_it_is_over(qtbot: QtBot) -> None:
    label = QLabel("rows")
    qtbot.addWidget(label)
    told: list[bool] = []
    FirstPaint(label, lambda: told.append(label.isVisible()))
    label.show()
    assert told == []
    qtbot.waitUntil(lambda: told == [True])
    label.repaint()
    qtbot.wait(1)
    assert told == [True]


def test_a_window_that_nobody_sees_counts_as_painted_after_a_while(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repaints, "AT_LATEST", 1)
    label = QLabel("rows")
    qtbot.addWidget(label)
    told: list[bool] = []
    FirstPaint(label, lambda: told.append(label.isVisible()))
    qtbot.waitUntil(lambda: told == [False])
    label.show()
    qtbot.wait(1)
    assert told == [False]
