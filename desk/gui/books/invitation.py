"""What the middle of the window says where there is no table to show: an invitation, nothing found, or a wait."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desk.gui.frame.actions import Actions, plain_text
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.gui.widgets.picture import Picture

WAYS_ON = ("book.new", "catalogue.import", "catalogue.demo")


class Message(QScrollArea):
    """A picture, a headline and a sentence, in the middle; perhaps a button. It scrolls where there is no room.

    Signals:
        pressed: the button was pressed.
    """

    pressed = Signal()

    def __init__(self, theme: Theme, icons: Icons, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Picture(theme, icons, icon, 56, "muted")
        self.headline = QLabel()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.headline.setFont(font)
        self.headline.setProperty("heading", "message")
        self.headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(32, 32, 32, 32)
        self.column.setSpacing(10)
        self.column.addStretch(2)
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        self.offer("")
        # Only what is not aligned gets the height that its wrapped text needs.
        for widget in (self.picture, self.headline, self.sentence):
            self.column.addWidget(widget)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addSpacing(10)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def say(self, headline: str, sentence: str) -> None:
        """Other words."""
        self.headline.setText(headline)
        self.sentence.setText(sentence)

    def offer(self, text: str) -> None:
        """Something to do about it; nothing where the text is empty."""
        self.button.setText(text)
        self.button.setVisible(bool(text))

    def finish(self) -> None:
        """Nothing more comes below."""
        self.column.addStretch(3)

    @Slot()
    def _press(self) -> None:
        self.pressed.emit()


def invitation(theme: Theme, icons: Icons, actions: Actions) -> Message:
    """What an empty catalogue says: three ways on, each an action of the window."""
    message = Message(theme, icons, "desk")
    message.say(message.tr("Your catalogue is empty"), message.tr("There are three ways to fill it."))
    for number, name in enumerate(WAYS_ON):
        button = _button(actions[name], icons, next(spec.icon for spec in actions if spec.name == name))
        button.setObjectName(f"invite.{name}")
        button.setAutoDefault(number == 0)
        message.column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
    message.finish()
    return message


def plain_message(theme: Theme, icons: Icons, icon: str) -> Message:
    """A message without buttons."""
    message = Message(theme, icons, icon)
    message.finish()
    return message


def _button(action: QAction, icons: Icons, icon: str) -> QPushButton:
    button = QPushButton(f" {plain_text(action)}")
    follow_text(button, lambda: button.setMinimumSize(scaled(260), scaled(38)))
    button.setAccessibleName(plain_text(action))
    button.setToolTip(action.toolTip())
    icons.put(button, icon)
    button.clicked.connect(action.trigger)
    return button
