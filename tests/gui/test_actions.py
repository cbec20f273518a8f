"""Every action has a text, an icon, a key and a place; no key means two things."""

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from desk.gui.frame.actions import SPECS, Actions, ActionSpec, Menu
from desk.gui.frame.icons import Icons
from desk.gui.frame.workspace_view import WorkspaceView


def test_no_key_is_taken_twice_within_the_window(window: WorkspaceView) -> None:
    keys = Counter(
        key.toString() for spec in window.actions_by_name for key in window.actions_by_name[spec.name].shortcuts()
    )
    assert [key for key, times in keys.items() if times > 1] == []


WITHOUT_A_KEY = ("catalogue.demo",)
"""What nobody should do by slipping on a key."""


def test_every_action_has_a_key_that_qt_understands() -> None:
    for spec in SPECS:
        assert spec.keys or spec.name in WITHOUT_A_KEY, spec.name
        for key in spec.keys:
            assert QKeySequence(key).toString(), key


def test_every_action_stands_in_a_menu_with_text_icon_and_tooltip(window: WorkspaceView) -> None:
    in_menus = {
        action.objectName()
        for menu in window.menuBar().findChildren(QMenu)
        for action in menu.actions()
        if not action.isSeparator()
    }
    for spec in window.actions_by_name:
        action = window.actions_by_name[spec.name]
        assert spec.name in in_menus
        assert action.text()
        assert not action.icon().isNull()
        assert action.toolTip()


def test_within_a_menu_no_mnemonic_is_taken_twice(window: WorkspaceView) -> None:
    for menu in (Menu.CATALOGUE, Menu.BOOK, Menu.HELP):
        letters = [
            spec.text[spec.text.index("&") + 1].lower()
            for spec in window.actions_by_name
            if spec.menu is menu and "&" in spec.text
        ]
        assert len(letters) == len(set(letters)), menu


def test_a_panel_cannot_take_a_key_that_is_taken(window: WorkspaceView, icons: Icons) -> None:
    with pytest.raises(ValueError, match="panel\\.x"):
        window.actions_by_name.add(ActionSpec("panel.x", Menu.VIEW, "X", "card", ("Ctrl+N",)))


def test_a_refused_action_says_why_and_an_allowed_one_what_it_does(window: WorkspaceView, icons: Icons) -> None:
    actions = Actions(icons, window)
    actions.refuse("copy.lend", "Copy 1 is on loan.")
    assert not actions["copy.lend"].isEnabled()
    assert actions["copy.lend"].toolTip() == "Copy 1 is on loan. (Ctrl+L)"
    actions.allow("copy.lend")
    assert actions["copy.lend"].isEnabled()
    assert actions["copy.lend"].toolTip() == "Lend a copy to a reader (Ctrl+L)"
