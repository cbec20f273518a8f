"""Small things that most panels are made with: buttons, quiet texts, menus, keys, and timers."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from desk.gui.frame.icons import Icons

MenuOffer = tuple[str, Callable[[], object]]
"""Words of a menu, and what they do."""


def icon_button(icons: Icons, icon: str, text: str, *, checkable: bool = False) -> QToolButton:
    """A button that shows an icon; the text is its tip, and what a screen reader says."""
    button = QToolButton()
    icons.put(button, icon)
    button.setCheckable(checkable)
    button.setToolTip(text)
    button.setAccessibleName(text)
    return button


def text_button(text: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """A button that shows a text."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    return button


def quiet(label: QLabel) -> QLabel:
    """A text in the colour of placeholders: what it says stands behind everything else."""
    label.setForegroundRole(label.foregroundRole().PlaceholderText)
    return label


def giving_way(label: QLabel) -> QLabel:
    """A text that asks for no width of its own, and is cut or broken where there is too little."""
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def passing_menu(parent: QWidget, offers: Iterable[MenuOffer] = ()) -> QMenu:
    """A menu that is gone once it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for words, act in offers:
        menu.addAction(words).triggered.connect(lambda _checked=False, act=act: act())
    return menu


def add_keys(owner: QWidget, acts: Mapping[str, Callable[[], object]]) -> None:
    """Keys that work while the focus is in the widget, or in one within it."""
    for keys, act in acts.items():
        shortcut = QShortcut(QKeySequence(keys), owner, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)


def take_return(button: QPushButton) -> None:
    """Return presses a button that has the focus, where no dialog sees to it, or has another button for it."""
    button.setAutoDefault(False)
    add_keys(button, {"Return": button.click, "Enter": button.click})


def later(owner: QObject, milliseconds: int, act: Callable[[], object]) -> QTimer:
    """A timer that calls once, so long after it was last started."""
    timer = QTimer(owner, singleShot=True, interval=milliseconds)
    timer.timeout.connect(act)
    return timer


def alternatives(owner: QObject, *choices: tuple[str, str]) -> tuple[QToolButton, ...]:
    """Buttons of which one is chosen: the text and the tip of each."""
    group, buttons = QButtonGroup(owner), tuple(text_button(*choice, checkable=True) for choice in choices)
    for button in buttons:
        group.addButton(button)
    return buttons


def application() -> QCoreApplication:
    """The program's one application."""
    app = QCoreApplication.instance()
    assert app is not None
    return app
