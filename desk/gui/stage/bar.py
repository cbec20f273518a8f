"""What stands below the picture on a stage: the cue's sentence, what was pressed, and how far the talk is."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolBar, QWidget

from desk.gui.frame.theme import FAMILY
from desk.gui.frame.workspace import announce
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import later

SENTENCE, NAME, LEAST = 30, 36, 50
"""The height of the screen has so many times that of a sentence, of a name, of the smallest text."""

KEYS_FOR = 2500
"""Milliseconds for which a key that was pressed is shown."""

_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class StageBar(QToolBar):
    """Belongs to the window, below its workspaces."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("stageBar")
        self.setWindowTitle(self.tr("Stage"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.sentence, self.keys, self.count = QLabel(wordWrap=True), QLabel(), QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.keys.setAccessibleName(self.tr("Keys"))
        room = QWidget()
        row((self.sentence, 1), self.keys, self.count, on=room, margins=(16, 6, 16, 6), spacing=24)
        self.addWidget(room)
        self.shows_keys = True
        self._forgetting = later(self, KEYS_FOR, self.keys.clear)

    def fit(self, height: int) -> None:
        """Texts as large as a screen of this height wants them."""
        for label, share, bold in (
            (self.sentence, SENTENCE, True),
            (self.keys, NAME, False),
            (self.count, NAME, False),
        ):
            font = QFont(FAMILY)
            font.setPixelSize(-(-height // share))
            font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
            label.setFont(font)

    def say(self, sentence: str, count: str) -> None:
        """The sentence of this cue, told to screen readers too, and how far the talk is."""
        self.count.setText(count)
        self.sentence.setText(sentence)
        announce(self.sentence, sentence)

    def hint(self, text: str) -> None:
        """Something for the speaker, in place of the keys, for as long as these are shown."""
        self.keys.setText(text)
        announce(self.keys, text)
        self._forgetting.start()

    def pressed(self, event: QKeyEvent) -> None:
        """Show a key, unless it is typed into a text or only held beside another."""
        if self.shows_keys and event.key() not in _MODIFIERS:
            text = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.NativeText)
            self.keys.setText(f"⌨ {text}")
            self._forgetting.start()

    @Slot()
    def toggle_keys(self) -> None:
        """Show keys no more, or again."""
        self.shows_keys = not self.shows_keys
        self.keys.clear()
