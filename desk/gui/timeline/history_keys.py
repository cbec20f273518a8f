"""The keys of a history, in one table: what each is called, what it does, and where it works."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence

HISTORY_KEYS: Final = (
    ("previous", ("Left", "J"), "Previous event"),
    ("next", ("Right", "K"), "Next event"),
    ("previous-command", ("Ctrl+Left",), "Previous command"),
    ("next-command", ("Ctrl+Right",), "Next command"),
    ("first", ("Home",), "First event"),
    ("last", ("End",), "Last event"),
    ("mark", ("C",), "Set the mark to compare with, or take it away (also Shift+click)"),
    ("grow-left", ("Shift+Left",), "Compare with one event more to the left"),
    ("grow-right", ("Shift+Right",), "Compare with one event more to the right"),
    ("follow", ("F",), "Follow what is new, or stay"),
    ("play", ("Space",), "Play, or stop"),
    ("slower", (",",), "Play more slowly"),
    ("faster", (".",), "Play faster"),
    ("loop", ("L",), "Play round, between mark and playhead where there is a mark"),
    ("reverse", ("Shift+Space",), "Play towards the first event, or towards the last"),
    ("go-to", ("G",), "Go to a revision"),
    ("go-to-moment", ("T",), "Go to a moment"),
    ("change", ("D",), "Change"),
    ("state", ("S",), "State"),
    ("event", ("E",), "Event"),
    ("command", ("M",), "Command"),
    ("causes", ("A",), "Causes"),
    ("rows", ("R",), "Rows"),
    ("bookmark", ("B",), "Bookmark with a note, or change it"),
    ("previous-bookmark", ("[",), "Previous bookmark"),
    ("next-bookmark", ("]",), "Next bookmark"),
    ("pin", ("P",), "Only events that touched the field chosen in Change or State, or all again"),
    ("next-touch", ("N",), "Next event that touched the pinned field"),
    ("previous-touch", ("Shift+N",), "Previous event that touched the pinned field"),
    ("inspect", ("Return",), "Into the tab that is shown"),
    ("as-test", ("Ctrl+Shift+T",), "Copy the event as a test"),
    ("back", ("Esc",), "Stop playing, take the mark away, back to the newest event"),
)
"""What is done, by which keys, and how the list of keys says it. Letters work while axis or table have the focus."""


class HistoryKeys(QObject):
    """Does what the keys say, in every widget on which it is installed as an event filter.

    ``acts`` are called by the names of the table; one that gives False has not used the key.
    """

    def __init__(self, acts: Mapping[str, Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self._acts = {key: acts[name] for name, keys, _ in HISTORY_KEYS if name in acts for key in keys}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key that the window uses for something else is ours while the focus is here."""
        if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        act = self._acts.get(QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText))
        if act is None:
            return False
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return False
        return act() is not False
