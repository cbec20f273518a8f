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
_PREFIXES: Final = ("978", "979")
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


def meanings(text: str) -> list[list[str]]:
    """What a search may mean, as lists of folded words that must all occur; none for a text without words.

    A number, however it is hyphenated, may be an ISBN of either length, or the beginning of one.
    """
    plain = split(fold(text))
    isbns = [[isbn] for isbn in _isbns_like(text.strip())]
    return [*isbns, plain] if plain and plain not in isbns else isbns


def is_isbn_like(words: list[str]) -> bool:
    """Whether one of the meanings is the beginning of an ISBN-13."""
    return len(words) == 1 and words[0].isdecimal() and words[0].startswith(_PREFIXES)


def split(folded: str) -> list[str]:
    """The words of a folded text: letters and digits, nothing else."""
    return _WORD.findall(folded)


def _isbns_like(text: str) -> list[str]:
    """The beginnings of an ISBN-13, as the catalogue has them, that may be meant by a number."""
    digits = "".join(character for character in text if character.isalnum())
    if not _NUMBER.fullmatch(text) or not digits[:9].isdecimal():
        return []
    found = [digits] if digits.isdecimal() and digits.startswith(_PREFIXES) else []
    if len(digits) == 10 or (len(digits) < 10 and digits.isdecimal()):
        # All but the check digit, which is another one in an ISBN-13.
        found.append("978" + digits[:9])
    return found
