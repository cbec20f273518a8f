"""Both themes can be read by everybody, follow a change at once, and name the same colours."""

import re
from functools import cache
from itertools import product

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desk.application.command_events import ChangeKind
from desk.application.resources import resource
from desk.application.session import Light
from desk.gui.frame.theme import FAMILY, MONO_FAMILY, Theme, ThemeMode, Tokens, mono_font, ui_font

TOKENS = {mode: Tokens.load(resource(f"themes/{mode}.json")) for mode in (ThemeMode.LIGHT, ThemeMode.DARK)}
TEXT_PAIRS = (
    ("WindowText", "Window"),
    ("Text", "Base"),
    ("Text", "AlternateBase"),
    ("ButtonText", "Button"),
    ("HighlightedText", "Highlight"),
    ("ToolTipText", "ToolTipBase"),
    ("PlaceholderText", "Base"),
    ("Link", "Base"),
    ("Link", "Window"),
)


@cache
def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("mode", "pair"), list(product(TOKENS, TEXT_PAIRS)))
def test_texts_have_a_contrast_of_at_least_four_and_a_half(mode: ThemeMode, pair: tuple[str, str]) -> None:
    palette = TOKENS[mode].palette
    assert contrast(palette[pair[0]], palette[pair[1]]) >= 4.5


@pytest.mark.parametrize(("mode", "name"), [(mode, name) for mode in TOKENS for name in TOKENS[mode].colors])
def test_named_colours_can_be_read_as_texts_on_every_ground(mode: ThemeMode, name: str) -> None:
    tokens = TOKENS[mode]
    for ground in ("Base", "Window"):
        assert contrast(tokens.colors[name], tokens.palette[ground]) >= 4.5


def test_both_themes_name_the_same_colours_and_roles() -> None:
    light, dark = TOKENS[ThemeMode.LIGHT], TOKENS[ThemeMode.DARK]
    assert light.colors.keys() == dark.colors.keys()
    assert light.palette.keys() == dark.palette.keys()
    assert light.disabled.keys() == dark.disabled.keys()


def test_every_role_of_a_palette_is_set_explicitly() -> None:
    roles = {role.name for role in QPalette.ColorRole} - {"NoRole", "NColorRoles", "AccentColor"}
    assert roles <= TOKENS[ThemeMode.LIGHT].palette.keys()


def test_every_kind_of_change_and_every_light_has_a_colour_of_its_own(theme: Theme) -> None:
    assert len({theme.change_color(kind).name() for kind in ChangeKind}) == len(ChangeKind)
    assert len({theme.color(f"light.{light.name.lower()}").name() for light in Light}) == len(Light)


def test_the_sheet_names_colours_only_as_those_of_the_palette() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", resource("desk.qss").read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|\b(white|black|red|blue|gr[ae]y|green)\b", sheet)


def test_the_sheet_names_roles_that_qt_knows() -> None:
    """Qt takes an unknown name in silence, and paints in whatever colour it has."""
    spelled = {re.sub("(?<!^)(?=[A-Z])", "-", role.name).lower() for role in QPalette.ColorRole}
    spelled |= {name.replace("tool-tip", "tooltip") for name in spelled} - {"tool-tip-base", "tool-tip-text"}
    named = set(re.findall(r"palette\(([^)]*)\)", resource("desk.qss").read_text(encoding="utf-8")))
    named.discard("…")
    assert named <= spelled - {"tool-tip-base", "tool-tip-text"}


def test_a_styled_widget_follows_a_change_of_theme(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    theme.dress(label)
    label.show()
    try:
        with qtbot.waitSignal(theme.changed):
            theme.set_mode(ThemeMode.DARK)
        assert theme.is_dark
        assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(
            TOKENS[ThemeMode.DARK].palette["WindowText"]
        )
        assert theme.color("problem") == QColor(TOKENS[ThemeMode.DARK].colors["problem"])
    finally:
        theme.set_mode(ThemeMode.LIGHT)
    assert not theme.is_dark


def test_a_link_that_stands_there_follows_a_change_of_theme(qtbot: QtBot, theme: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    link = QLabel('<a href="x">whole story</a>', window)
    link.adjustSize()
    theme.dress(window)
    window.show()
    try:
        theme.set_mode(ThemeMode.DARK)
        image = link.grab().toImage()
        seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert TOKENS[ThemeMode.DARK].palette["Link"].lower() in seen
    finally:
        theme.set_mode(ThemeMode.LIGHT)


def test_a_widget_is_styled_anew_as_often_however_deep_it_stands(qtbot: QtBot, theme: Theme) -> None:
    def styled(depth: int) -> int:
        top = inner = QWidget()
        qtbot.addWidget(top)
        theme.dress(top)
        for _ in range(depth):
            inner = QWidget(inner)
        top.show()
        counter = _StyleChanges(inner)
        theme.set_mode(ThemeMode.DARK)
        theme.set_mode(ThemeMode.LIGHT)
        return counter.counted

    assert 0 < styled(12) == styled(1)


class _StyleChanges(QObject):
    """Counts how often a widget is told that its style changed."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.counted = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.counted += event.type() is QEvent.Type.StyleChange
        return False


def test_the_fonts_of_our_own_are_the_ones_in_use(theme: Theme) -> None:
    assert QFontInfo(ui_font()).family() == FAMILY
    assert QFontInfo(mono_font()).family() == MONO_FAMILY
