"""Texts of the user's within sentences of ours: right-to-left letters turn nothing but themselves."""

import unicodedata

_TURNING = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"})
"""Bidirectional classes of characters that turn what stands beside them."""

_FIRST_TURNING = "\u0590"
"""Where those begin: no text in Latin, Greek or Cyrillic letters has to be looked at one by one."""

_LEFT_TO_RIGHT_MARK, _FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u200e", "\u2068", "\u2069"
_WITHOUT_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def isolated(text: str) -> str:
    """The text such that right-to-left letters in it turn nothing around it, and it still reads in its own direction.

    A text without such letters is given back as it is. The mark before it gives a line that begins with the text the
    direction of the window: Qt's rich text does not look past an isolate for it.
    """
    if not text or max(text) < _FIRST_TURNING or not any(unicodedata.bidirectional(char) in _TURNING for char in text):
        return text
    inner = text.translate(_WITHOUT_ISOLATES)
    return f"{_LEFT_TO_RIGHT_MARK}{_FIRST_STRONG_ISOLATE}{inner}{_POP_ISOLATE}"
