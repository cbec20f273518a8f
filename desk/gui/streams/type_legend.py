"""The legend above a stream's table: each type that occurs with its mark and how often; it filters, and renames."""

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QIcon, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QInputDialog, QMenu, QSizePolicy, QToolButton, QWidget

from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.streams.filtering import Filtering, TypeCount
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import TypeLook
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import passing_menu
from desk.gui.widgets.visible_text import visible

_LONGEST: Final = 28
"""Characters of a type's name."""
_MOST: Final = 40
"""Buttons; there are systems with thousands of types."""


class TypeLegend(QWidget):
    """As many buttons as there is room for, the most frequent types first; a menu has the others.

    A click shows only events of this type, and of others that were clicked; a double click, F2 or the menu renames it.
    """

    def __init__(self, look: TypeLook, kept: KeptStreams, filtering: Filtering) -> None:
        super().__init__()
        self._look, self._kept, self._filtering = look, kept, filtering
        self._types: tuple[TypeCount, ...] = ()
        self.buttons: list[QToolButton] = []
        self.setObjectName("Legend")
        self.setAccessibleName(self.tr("Legend of the types"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setToolTip(self.tr("Types for which there is no room here"))
        self.others = QMenu(self)
        self.more.setMenu(self.others)
        self._row = row(None, self.more, on=self, margins=(6, 1, 6, 1), spacing=2)
        filtering.types_changed.connect(self.renew)
        kept.changed.connect(self.renew)
        follow_text(self, self.renew)

    def minimumSizeHint(self) -> QSize:
        """What there is no room for is in the menu."""
        return QSize(0, super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.renew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def renew(self) -> None:
        """The types, their names or their marks are others."""
        self._types = self._filtering.types()
        shown = self._types[:_MOST]
        while len(self.buttons) < len(shown):
            self._add_button()
        for button, one in zip(self.buttons, shown, strict=False):
            self._dress(button, one)
        self.setVisible(bool(shown))
        self.setAccessibleDescription(", ".join(f"{self._name(one)} {one.count:,}" for one in shown))
        self._fit()

    def _add_button(self) -> None:
        button = QToolButton(toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        number = len(self.buttons)
        button.setCheckable(True)
        button.clicked.connect(lambda: self._filtering.choose_type(self._types[number].name))
        button.installEventFilter(self)
        self.buttons.append(button)
        self._row.insertWidget(number, button)

    def _dress(self, button: QToolButton, one: TypeCount) -> None:
        icon = self._look.icon(one.name) or QIcon()
        size = QSize(scaled(16), scaled(16))
        button.setIconSize(size)
        # Faint: they are left out by the others that were chosen.
        button.setIcon(QIcon(icon.pixmap(size, QIcon.Mode.Disabled)) if one.is_left_out else icon)
        button.setChecked(one.is_chosen)
        wide = button.width() if one.is_left_out and button.isVisible() else 0
        button.setText(self._words(one))
        button.setMinimumWidth(wide)  # without its count too, so that those beside it stay where they are
        what = self.tr("shown alone; show the others too") if one.is_chosen else self.tr("show only these")
        button.setAccessibleName(f"{self._name(one)} {one.count:,}: {what}")
        name = self._name(one)
        named = name if name == visible(one.name) else f"{name} ({visible(one.name)})"
        button.setToolTip(self.tr("{name}: {what}. A double click renames it here.").format(name=named, what=what))

    def _name(self, one: TypeCount) -> str:
        return self._look.name(one.name)

    def _words(self, one: TypeCount) -> str:
        name = self._name(one)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        return (short if one.is_left_out else f"{short} {one.count:,}").replace("&", "&&")

    def _fit(self) -> None:
        room = self.width() - 2 * scaled(6)
        buttons = self.buttons[: len(self._types)]
        wide = [max(one.sizeHint().width(), one.minimumWidth()) + self._row.spacing() for one in buttons]
        fits = len(self._types) <= len(wide) and sum(wide) <= room
        room -= 0 if fits else scaled(56)
        count = 0
        while count < len(wide) and (room := room - wide[count]) >= 0:
            count += 1
        for number, button in enumerate(self.buttons):
            button.setVisible(number < count)
        rest = self._types[count:]
        self.more.setVisible(bool(rest))
        self.more.setText(f"+{len(rest):,}")
        self.others.clear()
        for one in rest[:_MOST]:
            action = self.others.addAction(self._look.icon(one.name) or QIcon(), self._words(one))
            action.setCheckable(True)
            action.setChecked(one.is_chosen)
            action.triggered.connect(lambda _checked, name=one.name: self._filtering.choose_type(name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What renames a type, and the menu of its button."""
        if not isinstance(watched, QToolButton) or watched not in self.buttons:
            return super().eventFilter(watched, event)
        number = self.buttons.index(watched)
        if number >= len(self._types):
            return False
        name = self._types[number].name
        choose, rename = partial(self._filtering.choose_type, name), partial(ask_type_name, self, self._kept, name)
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonDblClick:
            choose()  # takes back what the first of both clicks did
            rename()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_F2:
            rename()
        elif isinstance(event, QContextMenuEvent):
            words = self.tr("Show the others &too") if self._types[number].is_chosen else self.tr("&Show only these")
            passing_menu(watched, ((words, choose), (self.tr("&Rename…"), rename))).popup(event.globalPos())
        else:
            return False
        return True


def ask_type_name(parent: QWidget, kept: KeptStreams, name: str) -> None:
    """Ask what a type is to be called here."""
    asking = QInputDialog(parent)
    asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asking.setWindowTitle(asking.tr("Rename a type"))
    asking.setLabelText(asking.tr("What {type} is called in this window").format(type=visible(name)))
    asking.setTextValue(kept.name_of(name))
    asking.textValueSelected.connect(partial(kept.rename, name))
    asking.open()
