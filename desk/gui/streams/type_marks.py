"""The mark of a type of event, a shape in a colour, for tables and menus."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QIcon

from desk.application.command_events import ChangeKind, kind_of
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import TypeLook
from desk.gui.widgets.axis.shapes import mark_icon, shape_of
from desk.gui.widgets.visible_text import visible


class TypeMarks(QObject):
    """One icon for each kind of change, in the colours of the theme; white on a selected row."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: dict[ChangeKind, QIcon] = {}
        theme.changed.connect(self._icons.clear)

    def icon(self, type_name: str) -> QIcon:
        """The type's mark."""
        kind = kind_of(type_name)
        if kind not in self._icons:
            none, white = QColor(Qt.GlobalColor.transparent), QColor(Qt.GlobalColor.white)
            mark = shape_of(kind, 0.68 * scaled(16))
            self._icons[kind] = mark_icon(mark, (self._theme.change_color(kind), none), (white, none))
        return self._icons[kind]


def look_of_types(theme: Theme, kept: KeptStreams, parent: QObject) -> TypeLook:
    """How types are shown: with their marks, and the names that somebody gave them."""
    return TypeLook(lambda name: visible(kept.name_of(name)), TypeMarks(theme, parent).icon)
