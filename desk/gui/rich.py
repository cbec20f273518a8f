"""Texts of the user's within sentences of ours: kept to their own direction, escaped, emphasised, or in a tooltip."""

import unicodedata
from html import escape

_TURNING = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"})
"""Bidirectional classes of characters that turn what stands beside them."""

_LEFT_TO_RIGHT_MARK, _FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u200e", "\u2068", "\u2069"
_WITHOUT_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def isolated(text: str) -> str:
    """The text such that right-to-left letters in it turn nothing around it, and it still reads in its own direction.

    A text without such letters is given back as it is. The mark before it gives a line that begins with the text the
    direction of the window: Qt's rich text does not look past an isolate for it.
    """
    if text.isascii() or not any(unicodedata.bidirectional(char) in _TURNING for char in text):
        return text
    inner = text.translate(_WITHOUT_ISOLATES)
    return f"{_LEFT_TO_RIGHT_MARK}{_FIRST_STRONG_ISOLATE}{inner}{_POP_ISOLATE}"


def strong(text: str) -> str:
    """The text, emphasised. Plain bold would be made up from a lighter weight: the font's own is demi-bold."""
    return f'<span style="font-weight:600">{escape(isolated(text))}</span>'


def tooltip(text: str) -> str:
    """A sentence as a tooltip of several lines: Qt breaks rich text only, and plain text runs off the screen."""
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>' if text else ""
