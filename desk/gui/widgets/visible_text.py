"""Text from elsewhere on one line: what cannot be seen is shown, and nothing changes the direction of what follows."""

import unicodedata
from typing import Final

from desk.gui.widgets.masking import masked_words

_SYMBOLS: Final = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
"""Control characters and the signs that stand for them."""
_JOINER: Final = "\u200d"
"""Emoji are made with it."""


def visible(text: str) -> str:
    """The text with signs for control characters, and ``U+202E`` and the like for what has no sign of its own; on a
    stage without what is hidden there.
    """
    text = masked_words(text)
    if text.isprintable():
        return text
    return "".join(
        letter if letter == " " or letter == _JOINER or unicodedata.category(letter)[0] not in "CZ" else _named(letter)
        for letter in text.translate(_SYMBOLS)
    )


def _named(letter: str) -> str:
    return " " if unicodedata.category(letter) == "Zs" else f"‹U+{ord(letter):04X}›"
