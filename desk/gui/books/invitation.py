"""What the middle of the window says where there is no table to show: an invitation, nothing found, or a wait."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QWidget

from desk.gui.frame.actions import Actions, plain_text
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import take_return
from desk.gui.widgets.picture import Picture

_LOW = 240
"""Pixels of normal text below which a picture above the words would push them out of sight."""
WAYS_ON = ("book.new", "catalogue.import", "catalogue.demo")


class Message(QScrollArea):
    """A picture, a headline and a sentence, in the middle; perhaps a button. It scrolls where there is no room.

    Signals:
        pressed: the button was pressed.
    """

    pressed = Signal()

    def __init__(self, theme: Theme, icons: Icons, icon: str, *ways_on: QPushButton) -> None:
        super().__init__(widgetResizable=True)
        self.picture = Picture(theme, icons, icon, 56, "muted")
        self.headline = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.headline.setFont(font)
        self.headline.setProperty("heading", "message")
        self.sentence = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = QWidget()
        # Only what is not aligned gets the height that its wrapped text needs.
        parts = (None, 2), self.picture, self.headline, self.sentence
        content = self._content = column(*parts, on=inner, margins=(32, 32, 32, 32), spacing=10)
        self.button = QPushButton()
        take_return(self.button)
        self.button.clicked.connect(self.pressed)
        content.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.offer("")
        content.addSpacing(10)
        for way_on in ways_on:
            content.addWidget(way_on, 0, Qt.AlignmentFlag.AlignHCenter)
        content.addStretch(3)
        self.setWidget(inner)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where little room is left, the words need it more than the picture."""
        super().resizeEvent(event)
        is_low = self.height() < scaled(_LOW)
        self.picture.setVisible(not is_low)
        self._content.setContentsMargins(32, 8 if is_low else 32, 32, 8 if is_low else 32)

    def say(self, headline: str, sentence: str) -> None:
        """Other words."""
        self.headline.setText(headline)
        self.sentence.setText(sentence)

    def offer(self, text: str) -> None:
        """Something to do about it; nothing where the text is empty."""
        self.button.setText(text)
        self.button.setVisible(bool(text))


def invitation(theme: Theme, icons: Icons, actions: Actions) -> Message:
    """What an empty catalogue says: three ways on, each an action of the window."""
    specs = {spec.name: spec for spec in actions}
    ways_on = (_button(actions[name], icons, specs[name].icon) for name in WAYS_ON)
    message = Message(theme, icons, "desk", *ways_on)
    message.say(message.tr("Your catalogue is empty"), message.tr("There are three ways to fill it."))
    return message


def _button(action: QAction, icons: Icons, icon: str) -> QPushButton:
    button = QPushButton(f" {plain_text(action)}")
    take_return(button)
    button.setObjectName(f"invite.{action.objectName()}")
    follow_text(button, lambda: button.setMinimumSize(scaled(260), scaled(38)))
    button.setAccessibleName(plain_text(action))
    button.setToolTip(action.toolTip())
    icons.put(button, icon)
    button.clicked.connect(action.trigger)
    return button
