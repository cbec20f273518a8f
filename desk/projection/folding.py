"""What makes two texts the same for sorting and searching: accents and case are ignored, articles stay."""

import re
import unicodedata
from typing import Final

# Letters that no decomposition takes apart, though readers type the plain ones.
_LIGATURES: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"}
)
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER: Final = re.compile(r"[\d\s\-\u2010-\u2015]+[xX]?")


def fold(text: str) -> str:
    """The form in which texts are compared: decomposed, without marks, in lower case, single spaces."""
    if text.isascii():
        plain = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
        plain = "".join(
            character for character in unicodedata.normalize("NFKD", decomposed) if not unicodedata.combining(character)
        )
    return _SPACE.sub(" ", plain).strip()


def words(text: str) -> list[str]:
    """The words of a search, folded; an ISBN of either length, however it is hyphenated, is one word."""
    if number := _isbn_like(text.strip()):
        return [number]
    return split(fold(text))


def split(folded: str) -> list[str]:
    """The words of a folded text: letters and digits, nothing else."""
    return _WORD.findall(folded)


def _isbn_like(text: str) -> str:
    """The digits of what may be (the beginning of) an ISBN, as the catalogue has them; else nothing."""
    if not _NUMBER.fullmatch(text):
        return ""
    digits = "".join(character for character in text if character.isalnum())
    if digits.startswith(("978", "979")):
        return digits if digits.isdecimal() else ""
    # All but the check digit, which is another one in an ISBN-13.
    return "978" + digits[:9] if len(digits) == 10 else ""
