"""The connection's light: a button that says how the connection is, and leads to all that is known of it."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionToolButton, QToolButton

from desk.application.session import Light
from desk.gui.connection.watch import ConnectionWatch, describe_light, describe_next_try
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.widgets.rich import tooltip

WIDEST = 400
"""Pixels that the sentence about the connection may take; where there is less room it takes less."""

NARROWEST = 130
"""Pixels of the button at least, where it says a sentence."""


class ConnectionLight(QToolButton):
    """A shape, a colour and a sentence: each alone says how the connection is. Green, it is as quiet as a label."""

    def __init__(self, watch: ConnectionWatch, icons: Icons) -> None:
        super().__init__()
        self._watch, self._icons = watch, icons
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(self.tr("Opens what is known of the connection"))
        watch.changed.connect(self._show)
        watch.ticked.connect(self._show_words)
        self._show()
        follow_text(self, self._show_words)

    def minimumSizeHint(self) -> QSize:
        """A long sentence must not keep the window from being made smaller; the tooltip has all of it."""
        hint = self.sizeHint()
        return QSize(min(scaled(NARROWEST), hint.width()), hint.height())

    @property
    def in_sight(self) -> str:
        """The words that there is room for: what is cut keeps its beginning."""
        missing = max(self.sizeHint().width() - self.width(), 0)
        metrics = self.fontMetrics()
        room = metrics.horizontalAdvance(self.text()) - missing
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room) if missing else self.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt paints a button, but for the words: it would cut their middle out."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = self.in_sight
        with QPainter(self) as painter:
            self.style().drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option, painter, self)

    @Slot()
    def _show(self) -> None:
        connection = self._watch.connection
        name = connection.light.name.lower()
        self._icons.put(self, f"light-{name}", f"light.{name}")
        if self.property("outlined") != (connection.light is not Light.GREEN):
            self.setProperty("outlined", connection.light is not Light.GREEN)
            self.style().unpolish(self)
            self.style().polish(self)
        said = self.tr("Connection: {state}. {text}")
        # Without the seconds: a screen reader would begin anew with each of them.
        self.setAccessibleName(said.format(state=describe_light(connection.light), text=connection.text))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self._show_words()

    @Slot()
    def _show_words(self) -> None:
        connection = self._watch.connection
        text = " ".join(part for part in (connection.text, describe_next_try(self._watch.seconds_left)) if part)
        said = describe_light(connection.light) if connection.light is Light.GREEN else text
        shown = self.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, scaled(WIDEST))
        self.setText(shown.replace("&", "&&"))
        self.setToolTip(tooltip(text))
