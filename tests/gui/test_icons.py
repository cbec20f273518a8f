"""Icons take the theme's colours, in every place where they were put."""

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon
from PySide6.QtWidgets import QApplication, QDialog

from desk.application.resources import resource
from desk.gui.frame.icons import Icons, window_icon
from desk.gui.frame.theme import Theme, ThemeMode
from tests.gui.workspaces import action_specs

DRAWINGS = sorted(resource("icons").glob("*.svg"))
COLOURED = {"chevron", "chevron-left", "chevron-right", "chevron-up", "check", "window"}
"""Drawings that keep their colours: those of the sheet, and the window's for desktops of any colour."""


def ink(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> QColor:
    """The colour of the darkest-lying pixel: the most opaque one."""
    image = icon.pixmap(QSize(32, 32), 1.0, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    return max(pixels, key=QColor.alpha)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=[path.stem for path in DRAWINGS])
def test_a_drawing_has_one_colour_on_a_grid_of_24(drawing: object) -> None:
    path = resource(f"icons/{getattr(drawing, 'name', '')}")
    text = path.read_text(encoding="utf-8")
    assert 'viewBox="0 0 24 24"' in text
    if path.stem not in COLOURED:
        assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', text)) <= {"none", "currentColor", "#FACE"}


def test_every_action_has_a_drawing() -> None:
    assert {spec.icon for spec in action_specs()} <= {path.stem for path in DRAWINGS}


def test_an_icon_has_the_colour_of_texts_and_another_one_where_it_is_disabled(icons: Icons, qapp: QApplication) -> None:
    icon = icons.icon("delete")
    assert ink(icon).name() == qapp.palette().buttonText().color().name()
    assert ink(icon, QIcon.Mode.Disabled).name() != ink(icon).name()


def test_all_windows_have_the_same_icon(icons: Icons, theme: Theme) -> None:
    assert Icons(theme).icon("delete").cacheKey() == icons.icon("delete").cacheKey()


def test_an_icon_can_have_a_named_colour(icons: Icons, theme: Theme) -> None:
    assert ink(icons.icon("light-red", "light.red")).name() == theme.color("light.red").name()


def test_an_icon_that_was_put_somewhere_follows_the_theme(icons: Icons, theme: Theme, qapp: QApplication) -> None:
    action = QAction()
    icons.put(action, "delete")
    before = ink(action.icon())
    theme.set_mode(ThemeMode.DARK)
    try:
        assert ink(action.icon()) != before
    finally:
        theme.set_mode(ThemeMode.LIGHT)
    assert ink(action.icon()) == before


def test_nothing_is_given_its_icon_anew_where_only_texts_have_another_size(icons: Icons, theme: Theme) -> None:
    action, changes = QAction(), list[None]()
    icons.put(action, "delete")
    action.changed.connect(lambda: changes.append(None))
    theme.changed.emit()
    assert changes == []


def test_an_icon_is_drawn_sharply_at_twice_the_size(icons: Icons) -> None:
    pixmap = icons.pixmap("book", 16, 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)


def test_windows_and_dialogs_have_the_programs_icon_in_every_size_that_desktops_show(qapp: QApplication) -> None:
    assert {size.width() for size in qapp.windowIcon().availableSizes()} >= {16, 32, 48, 256}
    dialog = QDialog()
    assert not dialog.windowIcon().isNull()
    image = window_icon().pixmap(QSize(32, 32), 1.0).toImage()
    colors = {image.pixelColor(x, y).name() for x in range(32) for y in range(32)}
    assert {"#2459c9", "#ffffff"} <= colors
