"""Shows a payload: JSON laid out and coloured, anything else as bytes; within limits that keep the window quick."""

import json
import re

from PySide6.QtCore import Slot
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from desk.gui.frame.theme import Theme, mono_font
from desk.gui.widgets.masking import masked_json

COLOURED_UP_TO = 256 * 1024
"""Characters; colouring costs three times what plain text costs."""

SHOWN_UP_TO = 1024 * 1024
"""Characters; what is longer is shown up to here, and copied whole."""

HEX_UP_TO = 4 * 1024
"""Bytes of something that is no JSON."""

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)'
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<word>\b(?:true|false|null)\b)"
)


class JsonView(QWidget):
    """A read-only payload with a line above it where something has to be said about it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setContentsMargins(8, 6, 8, 6)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font())
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setAccessibleName(self.tr("Payload"))
        self._raw = b""
        self._colours = JsonColours(theme, self.text.document())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.note)
        layout.addWidget(self.text, 1)
        self.clear()

    @property
    def raw(self) -> bytes:
        """The bytes as they are stored, for copying and saving."""
        return self._raw

    def clear(self, note: str = "") -> None:
        """Show nothing, and say why."""
        self._raw = b""
        self._set("", note, coloured=False)

    def show_bytes(self, data: bytes) -> None:
        """Show a payload, whatever it is."""
        self._raw = data
        if not data:
            self._set("", self.tr("There is no data."), coloured=False)
            return
        laid_out = lay_out(masked_json(data))
        if laid_out is None:
            note = self.tr("These {count} bytes are no JSON.").format(count=f"{len(data):,}")
            self._set(hex_dump(data[:HEX_UP_TO]), note, coloured=False)
        elif len(laid_out) > COLOURED_UP_TO:
            note = self.tr("{count} bytes: too long for colours; copying takes the whole of it.")
            self._set(laid_out[:SHOWN_UP_TO], note.format(count=f"{len(data):,}"), coloured=False)
        else:
            self._set(laid_out, "", coloured=True)

    def _set(self, text: str, note: str, *, coloured: bool) -> None:
        # Without a document the highlighter costs nothing while the new text comes in.
        self._colours.setDocument(self.text.document() if coloured else None)
        self.text.setPlainText(text)
        self.note.setText(note)
        self.note.setVisible(bool(note))


class JsonColours(QSyntaxHighlighter):
    """Keys, strings, numbers and words in the theme's colours."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        self._renew()
        theme.changed.connect(self._renew)

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for each line that changed."""
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or ""
            self.setFormat(match.start(), match.end() - match.start(), self._formats[kind])

    @Slot()
    def _renew(self) -> None:
        for kind in ("key", "string", "number", "word"):
            form = QTextCharFormat()
            form.setForeground(self._theme.color(f"json.{kind}"))
            self._formats[kind] = form
        if self.document() is not None:
            self.rehighlight()


def lay_out(data: bytes) -> str | None:
    """JSON with one value a line, in the stored order of its keys; None for bytes that are no JSON."""
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def hex_dump(data: bytes) -> str:
    """Offset, sixteen bytes, and the characters among them."""
    lines = []
    for offset in range(0, len(data), 16):
        part = data[offset : offset + 16]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)
        lines.append(f"{offset:06x}  {part.hex(' '):<47}  {letters}")
    return "\n".join(lines)
