"""How the history says times and lengths of time, in the language of the window and the machine's zone."""

import time
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from desk.application.timeline.axis import Detail
from desk.gui.widgets.moment_text import milliseconds

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86_400.0
_UNITS: Final = (
    (365.25 * _DAY, 0.97, "%n year(s)", "y"),
    (30.44 * _DAY, 1.5, "%n month(s)", "mo"),
    (7 * _DAY, 3.0, "%n week(s)", "w"),
    (_DAY, 1.0, "%n day(s)", "d"),
    (_HOUR, 1.0, "%n hour(s)", "h"),
    (_MINUTE, 1.0, "%n minute(s)", "min"),
    (1.0, 1.0, "%n second(s)", "s"),
    (0.001, 0.0, "%n ms", "ms"),
)


def duration(seconds: float) -> str:
    """A length of time in one unit, as "5 months"."""
    count, text, _ = _in_unit(seconds)
    plain = QCoreApplication.translate("duration", text, "", count)
    # Without a translation Qt leaves English plurals as they are written here.
    return plain.replace("(s)", "" if count == 1 else "s")


def short_duration(seconds: float) -> str:
    """The same where room is dear, as "5 mo"."""
    count, _, sign = _in_unit(seconds)
    return f"{count} {sign}"


def _in_unit(seconds: float) -> tuple[int, str, str]:
    for size, least, text, sign in _UNITS:
        # One and a half of a unit is said in the next smaller one: "45 days" says more than "1 month".
        if round(seconds / size, 3) >= least and round(seconds / size) >= 1:
            return round(seconds / size), text, sign
    return 0, "%n ms", "ms"


def axis_text(moment: float, detail: Detail) -> str:
    """A label of the axis."""
    local = time.localtime(moment)
    clock = f"{local.tm_hour:02}:{local.tm_min:02}"
    if detail is Detail.YEAR:
        return str(local.tm_year)
    if detail is Detail.MINUTE:
        return clock
    if detail in (Detail.SECOND, Detail.MILLISECOND):
        text = f"{clock}:{local.tm_sec:02}"
        return text if detail is Detail.SECOND else f"{text}.{milliseconds(moment):03}"
    month = QLocale().monthName(local.tm_mon, QLocale.FormatType.ShortFormat)
    if detail is Detail.MONTH:
        return month
    day = f"{local.tm_mday} {month}"
    return day if detail is Detail.DAY else f"{day} {local.tm_year}"
