"""How well a name suits what somebody has typed: beginnings of words before letters that merely follow each other."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from desk.records import dataclass

START, WORDS, DETAIL_WORDS, LETTERS, ELSEWHERE = range(5)
"""Grades of a match, the best first: the name begins so; each typed word begins a word of the name; or one of name and
detail; the letters occur in this order; what was typed matches by something that is not shown."""

_NOT_PLAIN: Final = re.compile(r"[^\x00-\x7f]|[A-Z]+")
_LONGEST: Final = 200
"""Letters of a name that are compared with letters that merely follow each other."""


@dataclass(frozen=True, slots=True)
class Match:
    """``rank`` is less for what suits better: grade, letters in between, length of the name.

    ``letters`` are the places of the matched letters in the name, or in name, space and detail.
    """

    rank: tuple[int, int, int]
    letters: tuple[int, ...] = ()


def match(typed: str, name: str, detail: str = "") -> Match | None:
    """How a name suits what was typed, without regard to case and accents; None where it does not.

    Nothing typed suits every name alike.
    """
    words = _words(typed)
    if not words:
        return Match((START, 0, 0))
    plain, places = _plain(name)
    begin = " ".join(words)
    if plain.startswith(begin):
        return Match((START, 0, len(name)), _in_text(places, range(len(begin))))
    found = _beginnings(words, plain)
    if found is not None:
        return Match((WORDS, 0, len(name)), _in_text(places, found))
    if detail:
        both, places_of_both = _plain(f"{name} {detail}")
        found = _beginnings(words, both)
        if found is not None:
            return Match((DETAIL_WORDS, 0, len(name)), _in_text(places_of_both, found))
    found = _in_order("".join(words), plain[:_LONGEST])
    if found is None:
        return None
    return Match((LETTERS, found[-1] - found[0] + 1 - len(found), len(name)), _in_text(places, found))


@lru_cache(64)
def _words(typed: str) -> tuple[str, ...]:
    return tuple(_plain(typed)[0].split())


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text without case and accents, and for each of its letters the place in the text that it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    uneven = False

    def plain_letters(found: re.Match[str]) -> str:
        nonlocal uneven
        letters = found[0].lower() if found[0].isascii() else _without_marks(found[0])
        uneven = uneven or len(letters) != len(found[0])
        return letters

    plain = _NOT_PLAIN.sub(plain_letters, text)
    if not uneven:  # letter by letter takes ten times as long
        return plain, range(len(text))
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in character.lower() if character.isascii() else _without_marks(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _without_marks(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _in_text(places: Sequence[int], found: Sequence[int]) -> tuple[int, ...]:
    """Where these letters stand in the text; one of its letters may have become several."""
    return tuple(found) if isinstance(places, range) else tuple(dict.fromkeys(places[at] for at in found))


def _beginnings(words: Sequence[str], plain: str) -> list[int] | None:
    """The places of all letters, where each of the words begins another word of the text; else None."""
    found: list[int] = []
    starts: set[int] = set()
    for word in sorted(words, key=len, reverse=True):
        start = plain.find(word)
        while start in starts or (start > 0 and plain[start - 1].isalnum()):
            start = plain.find(word, start + 1)
        if start < 0:
            return None
        starts.add(start)
        found += range(start, start + len(word))
    return sorted(found)


def _in_order(letters: str, plain: str) -> list[int] | None:
    """The places of the letters in the text, one after the other and as near to each other as they occur; or None."""
    best: list[int] | None = None
    first = plain.find(letters[0])
    while first >= 0:
        found = [first]
        for letter in letters[1:]:
            at = plain.find(letter, found[-1] + 1)
            if at < 0:
                return best
            found.append(at)
        if best is None or found[-1] - found[0] < best[-1] - best[0]:
            best = found
        first = plain.find(letters[0], first + 1)
    return best
