"""What differs between two texts, by words, and by letters where two words are alike. Pure, no Qt."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from desk.records import dataclass

_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS: Final = 600
_ALIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether the other text has it too."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]


def compare_texts(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces; joined again they are what they were. Very long ones are compared only as wholes."""
    words = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(words[0]), len(words[1])) > _MOST_WORDS:
        differs = before != after
        return _joined([(before, differs)]), _joined([(after, differs)])
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, a, b, c, d in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        old, new = "".join(words[0][a:b]), "".join(words[1][c:d])
        if tag == "replace":
            _refine(old, new, left, right)
        else:
            left.append((old, tag != "equal"))
            right.append((new, tag != "equal"))
    return _joined(left), _joined(right)


def _refine(old: str, new: str, left: list[tuple[str, bool]], right: list[tuple[str, bool]]) -> None:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > 200 or matcher.ratio() < _ALIKE:
        left.append((old, True))
        right.append((new, True))
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        left.append((old[a:b], tag != "equal"))
        right.append((new[c:d], tag != "equal"))


def _joined(pieces: Sequence[tuple[str, bool]]) -> Pieces:
    joined: list[Piece] = []
    for text, differs in pieces:
        if text and joined and joined[-1].differs == differs:
            joined[-1] = Piece(joined[-1].text + text, differs)
        elif text:
            joined.append(Piece(text, differs))
    return tuple(joined)
