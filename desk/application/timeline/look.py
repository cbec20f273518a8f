"""The colours of an axis that is written rather than painted, and the widths of its letters. No Qt."""

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desk.application.command_events import ChangeKind
from desk.application.timeline.layout import Side
from desk.application.timeline.words import Words
from desk.records import dataclass

FONT: Final = "Inter, 'Segoe UI', system-ui, -apple-system, Roboto, 'DejaVu Sans', sans-serif"
FONT_SIZE: Final = 11.3
"""Pixels of small text."""

_LINE: Final = 14.0
_WIDTHS: Final = (
    *(25, 31, 40, 64, 65, 84, 66, 21, 39, 39, 54, 67, 30, 47, 29, 38, 67, 48, 62, 65, 67, 63, 65, 59, 65, 65, 29, 30),
    *(67, 67, 67, 54, 100, 72, 66, 74, 72, 61, 59, 75, 74, 27, 56, 68, 57, 91, 74, 77, 64, 78, 65, 65, 66, 73, 72),
    *(101, 69, 70, 65, 39, 38, 39, 48, 47, 50, 57, 63, 58, 63, 59, 38, 63, 61, 26, 26, 57, 26, 90, 61, 61, 62, 62, 40),
    *(55, 38, 61, 58, 84, 56, 58, 56, 39, 36, 39, 67),
)
"""Hundredths of the font's size for each letter from the space on, as bold as text gets here."""


@dataclass(frozen=True, slots=True)
class AxisStyle:
    """Colours as ``#rrggbb``."""

    paper: str
    band: str
    line: str
    strong_line: str
    grid: str
    ink: str
    muted: str
    accent: str
    kinds: Mapping[ChangeKind, str]
    sides: Mapping[Side, str]

    @property
    def scheme(self) -> str:
        """What a browser is to draw its own parts like."""
        return "dark" if int(self.paper[1:3], 16) < int(self.ink[1:3], 16) else "light"

    @classmethod
    def load(cls, path: Path) -> "AxisStyle":
        """The colours of a theme's file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        palette, colors = content["palette"], content["colors"]
        notice = colors["notice"]
        return cls(
            paper=palette["Base"],
            band=palette["Window"],
            line=palette["Mid"],
            strong_line=palette["Dark"],
            grid=palette["Midlight"],
            ink=palette["Text"],
            muted=colors["muted"],
            accent=palette["Accent"],
            kinds={kind: colors[f"change.{kind.name.lower()}"] for kind in ChangeKind},
            sides={Side.DUE: notice, Side.PICKUP: notice, Side.REFUSED: colors["problem"]},
        )


def text_width(text: str) -> float:
    """About how many pixels a text takes."""
    return sum(map(_width, text)) * FONT_SIZE / 100


def _width(letter: str) -> int:
    place = ord(letter) - 32
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place]
    if unicodedata.category(letter) in ("Mn", "Cf"):
        return 0
    return 100 if unicodedata.east_asian_width(letter) in "WF" else 66


ENGLISH: Final = Words(text_width, _LINE)
"""What an axis says where there is no window."""
