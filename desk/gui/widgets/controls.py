"""Small things that most panels are made with: buttons, quiet texts, menus, keys, and timers."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

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


def give_rows_menu(view: QAbstractItemView, open_menu: Callable[[QPoint], object]) -> None:
    """Call ``open_menu`` with a point of the viewport: where the mouse asks, or within the current row for a key."""
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.customContextMenuRequested.connect(open_menu)
    view.installEventFilter(_MenuKey(view, open_menu))


class _MenuKey(QObject):
    """Qt asks at the middle of the widget, wherever the current row is."""

    def __init__(self, view: QAbstractItemView, open_menu: Callable[[QPoint], object]) -> None:
        super().__init__(view)
        self._view, self._open_menu = view, open_menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QContextMenuEvent) or event.reason() is not QContextMenuEvent.Reason.Keyboard:
            return False
        current = self._view.currentIndex()
        if current.isValid():
            self._view.scrollTo(current)
            self._open_menu((self._view.visualRect(current) & self._view.viewport().rect()).center())
        return True


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
