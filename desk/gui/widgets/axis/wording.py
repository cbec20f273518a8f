"""How the history says times and lengths of time, in the language of the window and the machine's zone."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QLocale

from desk.application.timeline.words import Words


def words(width: Callable[[str], float], height: float) -> Words:
    """The window's language, with the measures of a font: of a text, and of a line."""
    return Words(width, height, month=_month, count=_count)


def duration(seconds: float) -> str:
    """A length of time in one unit, as "5 months"."""
    return words(float, 0.0).duration(seconds)


def _month(number: int) -> str:
    return QLocale().monthName(number, QLocale.FormatType.ShortFormat)


def _count(text: str, count: int) -> str:
    plain = QCoreApplication.translate("duration", text, "", count)
    # Without a translation Qt leaves English plurals as they are written here.
    return plain.replace("(s)", "" if count == 1 else "s")
