"""Where the axis has its ticks and what they say: calendar steps, days in a row of their own. Pure, no Qt.

Wall-clock times are those of the machine's zone (``time.localtime`` and ``time.mktime``, which also know when clocks
are put forward).
"""

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil, floor
from typing import Final

from desk.application.timeline.scale import BREAK, Break, Scale
from desk.application.timeline.words import Detail, Words
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """A line on the axis at ``x`` (in the scale's pixels), with what it says; some say nothing.

    ``date`` goes into the lower row: where a day or a year begins, and at both edges of a break, where it matters
    most (``edge``). It is written to the right of ``x``, or to the left of it (``leftward``).
    """

    x: float
    text: str = ""
    date: str = ""
    edge: bool = False
    leftward: bool = False


_DAY: Final = 86_400.0
_1970: Final = datetime.date(1970, 1, 1).toordinal()
_STEPS: Final = (
    *((s, Detail.MILLISECOND) for s in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)),
    *((float(s), Detail.SECOND) for s in (1, 2, 5, 10, 15, 30)),
    *((60.0 * m, Detail.MINUTE) for m in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *((_DAY * d, Detail.DAY) for d in (1, 2, 7)),
    *((30 * _DAY * m, Detail.MONTH) for m in (1, 2, 3, 6)),
    *((365 * _DAY * y, Detail.YEAR) for y in (1, 2, 5, 10, 20, 50, 100)),
)
_SPACING: Final = 26.0

OVERHANG: Final = 26.0
"""A date may reach so many pixels beyond the right end."""

BREAK_SPARE: Final = 9.0
"""The length of a break may reach so many pixels beyond it."""

_COARSER: Final = {Detail.DAY: Detail.YEAR, Detail.MONTH: Detail.YEAR, Detail.YEAR: Detail.YEAR}


def step_for(zoom: float, words: Words, at: float) -> tuple[float, Detail]:
    """The smallest calendar step whose labels fit beside each other at so many pixels a second."""
    for seconds, detail in _STEPS:
        if seconds * zoom >= words.width(words.text(at, detail)) + _SPACING:
            return seconds, detail
    return _STEPS[-1]


def time_ticks(scale: Scale, left: float, right: float, words: Words) -> list[Tick]:
    """Ticks of a scale of time between two places; none within breaks, dates at their edges and at day changes."""
    breaks = scale.breaks(left, right)
    step, detail = step_for(scale.zoom, words, scale.at(left))
    upper = _COARSER.get(detail, Detail.DATE)
    begin = scale.at(left)
    ticks = [Tick(left, date=words.text(begin, upper))]
    for gap in breaks:
        if gap.start >= begin:
            ticks += _stretch(scale, begin, gap.start, step, detail, words)
            ticks.append(Tick(gap.x, date=words.text(gap.start, Detail.DATE), edge=True, leftward=True))
        ticks.append(Tick(gap.x + BREAK, date=words.text(gap.end, Detail.DATE), edge=True))
        begin = gap.end
    ticks += _stretch(scale, begin, scale.at(right), step, detail, words)
    return _without_collisions(ticks, breaks, words, left, right, words.text(scale.at(right), Detail.DATE))


def _stretch(scale: Scale, begin: float, end: float, step: float, detail: Detail, words: Words) -> list[Tick]:
    """Ticks of one unbroken piece, with the day (or year) wherever it is another one than before."""
    if detail is Detail.YEAR:
        return [Tick(scale.x_at(at), words.text(at, detail)) for at in calendar(begin, end, step, detail)]
    upper = _COARSER.get(detail, Detail.DATE)
    said = words.text(begin, upper)
    ticks = []
    for moment in calendar(begin, end, step, detail):
        date = words.text(moment, upper)
        ticks.append(Tick(scale.x_at(moment), words.text(moment, detail), date if date != said else ""))
        said = date
    return ticks


def calendar(begin: float, end: float, step: float, detail: Detail) -> Iterator[float]:
    """Round moments from ``begin`` to ``end``, both in seconds, by a step of the table above."""
    if step < 60:
        for number in range(ceil(begin / step), floor(end / step) + 1):
            yield number * step
        return
    number = _number(begin, step, detail)
    while (moment := _moment(number, step, detail)) <= end:
        if moment >= begin:
            yield moment
        number += 1


def _number(at: float, step: float, detail: Detail) -> int:
    """Steps since the year 0, the months' first, or the day's midnight in 1970, up to ``at``."""
    local = time.localtime(at)
    if detail is Detail.YEAR:
        return local.tm_year // round(step / _DAY / 365)
    if detail is Detail.MONTH:
        return (local.tm_year * 12 + local.tm_mon - 1) // round(step / _DAY / 30)
    days = datetime.date(local.tm_year, local.tm_mon, local.tm_mday).toordinal() - _1970
    seconds = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec
    return int((days * _DAY + seconds) // step)


def _moment(number: int, step: float, detail: Detail) -> float:
    if detail is Detail.YEAR:
        return _local(number * round(step / _DAY / 365), 1, 1, 0)
    if detail is Detail.MONTH:
        months = number * round(step / _DAY / 30)
        return _local(months // 12, months % 12 + 1, 1, 0)
    days, seconds = divmod(number * step, _DAY)
    return _local(1970, 1, 1 + int(days), int(seconds))


def _local(year: int, month: int, day: int, seconds: int) -> float:
    # mktime takes days and seconds beyond their month and day as they are meant.
    return time.mktime((year, month, day, seconds // 3600, seconds % 3600 // 60, seconds % 60, 0, 0, -1))


def index_ticks(scale: Scale, left: float, right: float, times: Callable[[int], float], words: Words) -> list[Tick]:
    """Ticks of a scale by revision: round numbers, and the day where it is another one than at the tick before."""
    wide = words.width("0" * len(str(max(int(scale.at(min(right, scale.length))), 1)))) + _SPACING
    step = next(s for s in _round_numbers() if s * scale.zoom >= wide)
    first, last = ceil(max(scale.at(left), 0) / step), floor(scale.at(min(right, scale.length)) / step + 1e-9)
    ticks, said = [], ""
    for index in range(first * step, last * step + 1, step):
        date = words.text(times(index), Detail.DATE)
        ticks.append(Tick(scale.x_at(index), str(index), date if date != said else ""))
        said = date
    end = times(max(floor(scale.at(min(right, scale.length)) + 1e-9), 0))
    return _without_collisions(ticks, [], words, left, right, words.text(end, Detail.DATE))


def _round_numbers() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _without_collisions(
    ticks: list[Tick], breaks: list[Break], words: Words, left: float, right: float, end: str
) -> list[Tick]:
    """Drop labels that would lie upon others of their row, or under a break's length; dates at breaks come first, and
    last that of the right end, where it is not written anyway.
    """
    texts = [(gap.x - BREAK_SPARE, gap.x + BREAK + BREAK_SPARE) for gap in breaks]
    dates: list[tuple[float, float]] = []
    kept: list[Tick] = []
    at_end = Tick(right + OVERHANG, date=end, edge=True, leftward=True)
    for tick in (*sorted(ticks, key=lambda tick: not tick.edge), at_end):
        half = words.width(tick.text) / 2
        text = tick.text if tick.text and _take(texts, tick.x - half, tick.x + half) else ""
        wide = words.width(tick.date) + 6
        start = tick.x - wide if tick.leftward else tick.x
        fits = tick.date and left <= start and start + wide <= right + OVERHANG
        date = tick.date if fits and _take(dates, start, start + wide) else ""
        kept.append(replace(tick, text=text, date=date))
    if any(tick.date == end for tick in kept[:-1]) or not kept[-1].date:
        kept.pop()
    kept.sort(key=lambda tick: tick.x)
    return kept


def _take(taken: list[tuple[float, float]], left: float, right: float) -> bool:
    """Claim a place in a row, unless somebody has some of it."""
    if any(left < b and right > a for a, b in taken):
        return False
    taken.append((left, right))
    return True
