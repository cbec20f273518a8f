"""Every action has a text, an icon, a key and a place; no key means two things."""

import re
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desk.gui.frame.actions import ActionSpec, Menu, plain_text
from desk.gui.frame.bars import Menus
from desk.gui.frame.icons import Icons
from desk.gui.frame.keys import KeyList
from desk.gui.frame.palette.lines import action_lines
from desk.gui.frame.panel import CompanionSpec, PlaceSpec
from desk.gui.frame.places import Places
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import Workspace
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.timeline.history_keys import HISTORY_KEYS
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import action_specs


def test_no_key_is_taken_twice_within_the_window(kept: WorkspaceView) -> None:
    keys = Counter(
        key.toString() for spec in kept.actions_by_name for key in kept.actions_by_name[spec.name].shortcuts()
    )
    assert [key for key, times in keys.items() if times > 1] == []
    actions, places = kept.actions_by_name, kept.places
    widgets = [places[name] for name in ("streams", "history")]
    shown = {actions[spec.name] for spec in actions}
    inner = [key for one in widgets for action in set(one.findChildren(QAction)) - shown for key in action.shortcuts()]
    inner += [shortcut.key() for one in widgets for shortcut in one.findChildren(QShortcut)]
    everywhere = {key.toString() for spec in actions if not spec.local for key in actions[spec.name].shortcuts()}
    assert len(inner) > 10
    assert [key.toString() for key in inner if key.toString() in everywhere] == [], "both would be silent"


WITHOUT_A_KEY = ("catalogue.demo",)
"""What nobody should do by slipping on a key."""


def test_every_action_has_a_key_that_qt_understands() -> None:
    for spec in action_specs():
        assert spec.keys or spec.name in WITHOUT_A_KEY, spec.name
        for key in spec.keys:
            assert QKeySequence(key).toString(), key


def test_every_action_stands_in_a_menu_with_text_icon_and_tooltip(kept: WorkspaceView) -> None:
    in_menus = {
        action.objectName()
        for menu in kept.menuBar().findChildren(QMenu)
        for action in menu.actions()
        if not action.isSeparator()
    }
    for spec in kept.actions_by_name:
        action = kept.actions_by_name[spec.name]
        assert spec.name in in_menus
        assert action.text()
        assert not action.icon().isNull()
        assert action.toolTip()


def test_within_a_menu_no_mnemonic_is_taken_twice(kept: WorkspaceView) -> None:
    for menu in (Menu.CATALOGUE, Menu.BOOK, Menu.HELP):
        letters = [
            spec.text[spec.text.index("&") + 1].lower()
            for spec in kept.actions_by_name
            if spec.menu is menu and "&" in spec.text
        ]
        assert len(letters) == len(set(letters)), menu


class Tally(QLineEdit):
    """A companion that can be counted up."""

    count = 0

    def add(self) -> None:
        self.count += 1

    def jump(self, *, on: bool) -> None:
        self.count = 100 if on else 0


TALLY: tuple[ActionSpec[Tally], ...] = (
    ActionSpec("tally.add", Menu.HISTORY, "&Add one", "zoom-in", ("F12",), "One more", run=Tally.add, local=True),
    ActionSpec("tally.far", Menu.HISTORY, "&Far", "forward", (), toggle=lambda tally, on: tally.jump(on=on)),
)


def typing_place(_: Workspace) -> QLineEdit:
    return QLineEdit()


def tally_of(_: Workspace) -> Tally:
    return Tally()


@pytest.fixture
def places(qtbot: QtBot, theme: Theme, bridge: GuiBridge) -> Places:
    """A view with a place for typing and a companion that brings actions; its session is not open yet."""
    view = QMainWindow()
    qtbot.addWidget(view)
    workspace = Workspace(bridge, theme, Icons(theme), Settings(Path("/nonexistent/settings.ini")), view)
    Menus(view, workspace.actions)
    home = PlaceSpec("home", "Home", "book", "Ctrl+1", f"{__name__}:typing_place")
    right = Qt.DockWidgetArea.RightDockWidgetArea
    tally = CompanionSpec("tally", "Tally", "card", "F9", ("home",), right, 200, f"{__name__}:tally_of", actions=TALLY)
    places = Places(view, workspace, (home,), (tally,))
    places.begin()
    view.show()
    qtbot.waitExposed(view)
    return places


def opened(places: Places, session: FakeSession) -> Tally:
    places.workspace.open(session.session)
    places.open()
    tally = places["tally"]
    assert isinstance(tally, Tally)
    return tally


def test_what_a_panel_brings_waits_until_the_panel_is_there(places: Places, session: FakeSession) -> None:
    add = places.workspace.actions["tally.add"]
    assert not add.isEnabled()
    assert "not open yet" in add.toolTip()
    tally = opened(places, session)
    add.trigger()
    assert tally.count == 1
    places.workspace.actions["tally.far"].setChecked(True)
    assert tally.count == 100


def test_a_menu_is_shown_once_there_is_an_action_for_it(places: Places, window: WorkspaceView) -> None:
    bar = places.workspace.actions["tally.add"].associatedObjects()
    menus = [menu for menu in bar if isinstance(menu, QMenu)]
    assert [menu.menuAction().isVisible() for menu in menus] == [True]
    empty = [menu for menu in window.menuBar().findChildren(QMenu) if menu.isEmpty() and menu.menuAction().text()]
    assert not any(menu.menuAction().isVisible() for menu in empty)


def test_a_panel_that_is_hidden_is_shown_before_its_action_runs(places: Places, session: FakeSession) -> None:
    tally = opened(places, session)
    places.dock("tally").hide()
    places.workspace.actions["tally.add"].trigger()
    assert tally.isVisible()
    assert tally.count == 1


def test_the_key_of_a_panels_own_action_counts_only_within_it(
    qtbot: QtBot, places: Places, session: FakeSession
) -> None:
    tally, home = opened(places, session), places["home"]
    home.setFocus()
    qtbot.waitUntil(home.hasFocus)
    qtbot.keyClick(home, Qt.Key.Key_F12)
    assert tally.count == 0
    tally.setFocus()
    qtbot.waitUntil(tally.hasFocus)
    qtbot.keyClick(tally, Qt.Key.Key_F12)
    assert tally.count == 1


def test_what_a_panel_brings_is_in_palette_and_list_of_keys(places: Places) -> None:
    lines = {line.name: line for line in action_lines(places.workspace.actions, "add one")}
    assert lines["tally.add"].keys == "F12"
    view = places.parent()
    assert isinstance(view, QWidget)
    tree = KeyList(places.workspace.actions, places.companions.values(), view).tree
    model = tree.model()
    heads = [model.index(row, 0) for row in range(model.rowCount())]
    found = {head.data(): [model.index(row, 0, head).data() for row in range(model.rowCount(head))] for head in heads}
    assert found["Tally"] == ["Add one"]
    assert "Add one" not in found["Everywhere"]


def test_one_key_may_mean_something_else_in_another_panel_but_not_in_the_whole_window(places: Places) -> None:
    def spec(name: str, *, local: bool) -> ActionSpec[None]:
        return ActionSpec(name, Menu.VIEW, "X", "card", ("F12",), run=lambda _: None, local=local)

    actions = places.workspace.actions
    actions.add((spec("other.x", local=True),), lambda: None)
    for taken in (spec("tally.x", local=True), spec("window.x", local=False), spec("tally.add", local=True)):
        with pytest.raises(ValueError, match=taken.name):
            actions.add((taken,), lambda: None)


def test_a_refused_action_says_why_and_an_allowed_one_what_it_does(kept: WorkspaceView) -> None:
    actions = kept.actions_by_name
    why_not = actions["copy.lend"].statusTip()
    actions.refuse("copy.lend", "Copy 1 is on loan.")
    assert not actions["copy.lend"].isEnabled()
    assert actions["copy.lend"].toolTip() == "Copy 1 is on loan. (Ctrl+L)"
    QTest.keyClick(kept.part.view.search, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert kept.status.said.text() == "Copy 1 is on loan.", "whoever presses its key is told, too"
    actions.allow("copy.lend")
    assert actions["copy.lend"].isEnabled()
    assert actions["copy.lend"].toolTip() == "Lend a copy to a reader (Ctrl+L)"
    actions.refuse("copy.lend", why_not)


def test_reduced_motion_is_one_setting_that_the_menu_follows(kept: WorkspaceView) -> None:
    action = kept.actions_by_name["view.motion"]
    assert not action.isChecked()
    action.trigger()
    assert (kept.workspace.moves_little, kept.settings.reduced_motion) == (True, True)
    kept.workspace.reduce_motion(on=False)
    assert not action.isChecked()


def test_no_key_of_a_history_means_something_else_beside_it() -> None:
    everywhere = {key for spec in action_specs() if not spec.local for key in spec.keys}
    assert not [key for _, keys, _ in HISTORY_KEYS for key in keys if key in everywhere]


README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_readme_names_the_keys_that_the_actions_have(kept: WorkspaceView) -> None:
    actions = kept.actions_by_name
    keys_of = {plain_text(actions[spec.name]).lower().rstrip("…"): spec.keys for spec in action_specs() if spec.text}
    told = re.findall(r"\*(?:\w+ → )?([^*|]+?)…?\*\s+\(([CSF][^),]*)", README)
    for line in README.partition("## Keys")[2].partition("## Map")[0].splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        told += [(words, key) for keys, words in zip(cells[::2], cells[1::2], strict=True) for key in keys.split(", ")]
    meant = [(words, key, keys_of[words.lower()]) for words, key in told if words.lower() in keys_of]
    assert len(meant) > 20
    assert [(words, key) for words, key, keys in meant if key not in keys] == []
