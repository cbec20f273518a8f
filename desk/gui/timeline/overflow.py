"""A button at the end of a row, with a menu of whatever the row has no room for."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLayout, QLineEdit, QMenu, QToolButton, QWidget

from desk.gui.widgets.controls import passing_menu

Group = tuple[QWidget, ...]


class Overflow(QToolButton):
    """Hides groups of a row's widgets as far as there is no room for them, and does in its menu what they do.

    ``groups`` come in the order in which they give way; what is in none always stays. A field is handed to ``ask``
    when it is chosen: a field that has the focus stays too, and others give way for it.
    """

    def __init__(
        self, layout: QLayout, groups: Sequence[Group], ask: Callable[[QLineEdit], None] | None = None
    ) -> None:
        super().__init__()
        self._layout, self.groups, self._ask = layout, groups, ask
        self._width, self._is_fitting = 0, False
        self.setText("»")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(self.tr("More that there is no room for"))
        self.setAccessibleName(self.tr("More"))
        self.clicked.connect(self._open)

    def fit(self, width: int) -> None:
        """Show as much of the row as there is room for, in a width in pixels."""
        self._width = width
        if self._is_fitting:  # what is shown and hidden may resize the row at once, which asks again
            return
        self._is_fitting = True
        try:
            self._give_way(width)
            if self._width != width:
                self._give_way(self._width)
        finally:
            self._is_fitting = False

    def _give_way(self, width: int) -> None:
        for group in self.groups:
            _set_visible(group, visible=True)
        hides = False
        for group in self.groups:
            if self._needed(with_button=hides) <= width:
                break
            if not any(widget.hasFocus() for widget in group):
                _set_visible(group, visible=False)
                hides = True
        self.setVisible(hides)  # last: hidden for a moment only, it would lose the focus

    def menu_of_hidden(self) -> QMenu:
        """A new menu of what is hidden now, in the order of the row's importance."""
        menu = passing_menu(self)
        for group in reversed(self.groups):
            for widget in group:
                if widget.isHidden():
                    self._offer(menu, widget)
        return menu

    def _needed(self, *, with_button: bool) -> int:
        self._layout.invalidate()
        self._layout.activate()  # rows within rows are measured anew by this alone
        own = self.minimumSizeHint().width() + self._layout.spacing()
        return self._layout.minimumSize().width() + own * (int(with_button) - int(not self.isHidden()))

    def _open(self) -> None:
        self.menu_of_hidden().popup(self.mapToGlobal(QPoint(0, self.height())))

    def _offer(self, menu: QMenu, widget: QWidget) -> None:
        if isinstance(widget, QAbstractButton):
            action = menu.addAction(widget.text() or widget.accessibleName())
            action.setCheckable(widget.isCheckable())
            action.setChecked(widget.isChecked())
            action.setEnabled(widget.isEnabled())
            action.triggered.connect(widget.click)
        elif isinstance(widget, QComboBox):
            within = menu.addMenu(widget.accessibleName())
            for at in range(widget.count()):
                _offer_item(within.addAction(widget.itemText(at)), widget, at)
        elif isinstance(widget, QLineEdit) and self._ask is not None:
            action = menu.addAction(
                self.tr("{name}: {value}…").format(name=widget.accessibleName(), value=widget.text())
            )
            action.triggered.connect(partial(self._ask, widget))


def _set_visible(group: Group, *, visible: bool) -> None:
    for widget in group:
        widget.setVisible(visible)


def _offer_item(action: QAction, box: QComboBox, at: int) -> None:
    action.setCheckable(True)
    action.setChecked(at == box.currentIndex())
    action.triggered.connect(lambda: box.activated.emit(at))
