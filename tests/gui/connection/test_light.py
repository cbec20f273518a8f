"""The light is a button in every state, and says the same by shape, words and colour; what is noted is in sight."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desk.application.session import Connection, ConnectionRecord, Light
from desk.gui.connection.light import ConnectionLight
from desk.gui.connection.mark import COLOURS, RecordMark
from desk.gui.connection.part import ConnectionPart
from desk.gui.connection.watch import ConnectionWatch
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession


@pytest.mark.parametrize("light", Light)
def test_the_light_is_told_by_shape_and_words_and_not_by_colour_alone(
    qtbot: QtBot, bridge: GuiBridge, icons: Icons, light: Light
) -> None:
    shown = ConnectionLight(ConnectionWatch(bridge, bridge), icons)
    qtbot.addWidget(shown)
    bridge.connection_changed.emit(Connection(light, "The node was stopped.", 3.0))
    assert shown.text()
    assert "The node was stopped." in shown.accessibleName()
    assert "Next try in 3 s." in shown.toolTip()
    shown.resize(shown.sizeHint() - QSize(6, 0))
    assert shown.in_sight.endswith("…"), "what is cut keeps its beginning"
    assert shown.text().startswith(shown.in_sight[:-1])
    assert not shown.grab().isNull()
    # All in one colour, and still no two alike.
    shapes = {bytes(icons.pixmap(f"light-{other.name.lower()}", 16, 1.0).toImage().constBits()) for other in Light}
    assert len(shapes) == len(Light)


@pytest.mark.parametrize("light", Light)
def test_the_light_opens_the_dialog_in_every_state_by_mouse_and_by_keyboard(
    qtbot: QtBot, connection: ConnectionPart, session: FakeSession, light: Light
) -> None:
    session.connect(light, "As it is.")
    button, part = connection.light, connection
    qtbot.waitUntil(lambda: part.watch.connection.text == "As it is.")
    assert isinstance(button, QToolButton)
    assert button.property("outlined") is (light is not Light.GREEN), "what is not green looks like a button"
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert part.dialog is not None
    part.dialog.discard()
    qtbot.waitUntil(lambda: part.dialog is None)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert part.dialog is not None
    part.show_dialog()
    assert len([one for one in button.window().findChildren(type(part.dialog)) if one.isVisible()]) == 1
    part.dialog.discard()


def test_the_dialog_has_a_place_in_a_menu_and_a_key(window: WorkspaceView) -> None:
    window.actions_by_name["connection.show"].trigger()
    dialog = window.status.connection.dialog
    assert dialog is not None
    dialog.discard()
    assert not window.actions_by_name["connection.show"].shortcut().isEmpty()


def test_the_seconds_to_the_next_try_count_down_in_the_light(
    qtbot: QtBot, bridge: GuiBridge, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("desk.gui.connection.watch.time.monotonic", lambda: now[0])
    watch = ConnectionWatch(bridge, bridge)
    light = ConnectionLight(watch, icons)
    qtbot.addWidget(light)
    bridge.connection_changed.emit(Connection(Light.AMBER, "Nobody answers.", 7.6))
    assert light.text() == "Nobody answers. Next try in 8 s."
    for later, said in ((105.0, "Next try in 3 s."), (108.0, "Trying now…")):
        now[0] = later
        watch.ticked.emit()
        assert light.text() == f"Nobody answers. {said}"
        assert said not in light.accessibleName(), "a screen reader would begin anew with every second"
    bridge.connection_changed.emit(Connection(Light.GREEN, "Connected."))
    assert watch.seconds_left is None


def test_the_seconds_pass_by_themselves(qtbot: QtBot, bridge: GuiBridge) -> None:
    watch = ConnectionWatch(bridge, bridge)
    bridge.connection_changed.emit(Connection(Light.AMBER, "Nobody answers.", 2.0))
    seen: list[int | None] = []
    watch.ticked.connect(lambda: seen.append(watch.seconds_left))
    qtbot.waitUntil(lambda: seen[-1:] == [0])
    qtbot.wait(1200)
    assert seen.count(0) == 1, "where nothing is counted no clock runs"


def test_name_colour_and_production_are_in_sight_and_nothing_where_nothing_is_noted(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession, bridge: GuiBridge
) -> None:
    mark = window.status.connection.mark
    assert not mark.isVisible()
    session.change_record(ConnectionRecord("The branch", "teal", production=True))
    qtbot.waitUntil(mark.isVisible)
    assert mark.name.text == "The branch"
    assert mark.production.isVisible()
    assert mark.production.text == "PRODUCTION"
    assert "The branch" in window.windowTitle()
    session.change_record(ConnectionRecord("", "no such colour"))
    qtbot.waitUntil(lambda: not mark.isVisible())
    assert "this computer" in window.windowTitle()


def test_both_themes_know_every_colour_of_a_store_and_no_two_are_alike(theme: Theme, qtbot: QtBot) -> None:
    mark = RecordMark(theme)
    qtbot.addWidget(mark)
    try:
        for mode in (ThemeMode.LIGHT, ThemeMode.DARK):
            theme.set_mode(mode)
            assert len({theme.color(f"store.{name}").name() for name in COLOURS}) == len(COLOURS)
    finally:
        theme.set_mode(ThemeMode.LIGHT)
