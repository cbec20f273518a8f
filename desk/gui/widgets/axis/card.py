"""The small card beside the pointer: what an event is, when, and by whom; for several, how many of each type."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from desk.application.timeline.marks import Mark
from desk.application.timeline.words import moment_text
from desk.gui.widgets.axis.model import AxisModel
from desk.gui.widgets.axis.shapes import paint_plate, write
from desk.gui.widgets.axis.style import TimelineStyle
from desk.gui.widgets.axis.wording import duration
from desk.gui.widgets.controls import application
from desk.gui.widgets.masking import masked_words

_MOST_TYPES: Final = 3
_INSET: Final = 9.0
_AWAY: Final = 14.0


class KeyWatch(QObject):
    """Tells of a key that is pressed anywhere, as long as there is a card: nobody who types wants it in the way."""

    def __init__(self, owner: QObject, pressed: Callable[[], None]) -> None:
        super().__init__(owner)
        self._pressed, self._watching = pressed, False

    def watch(self, *, wanted: bool) -> None:
        """Begin, or end."""
        if wanted != self._watching:
            self._watching = wanted
            (application().installEventFilter if wanted else application().removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:  # comes before a key, be it one of an action or not
            self._pressed()
        return False


def card_lines(found: Mark, model: AxisModel) -> tuple[str, ...]:
    """What the card says; its first line stands out."""
    if found.count == 1:
        by = model.user(found.first)
        after = model.since(found.first)
        when = moment_text(model.time(found.first))
        title = f"{model.type_name(found.first)}  ·  {model.place(found.first)}"
        return tuple(line for line in (title, f"{when}  {after}".rstrip(), by) if line)
    translate = QCoreApplication.translate
    title = translate("card", "{count} events").format(count=f"{found.count:,}")
    begin, end = model.time(found.first), model.time(found.last)
    within = translate("card", "within {time}").format(time=duration(end - begin))
    types = model.history.types
    counts = Counter(types[index] for index in found.members).most_common()
    names = [f"{count:,} × {model.history.type_names[number]}" for number, count in counts[:_MOST_TYPES]]
    if len(counts) > _MOST_TYPES:
        names.append(translate("card", "and {count} more types").format(count=len(counts) - _MOST_TYPES))
    how = translate("card", "Click: one after the other. Double-click: take them apart.")
    return (title, f"{moment_text(begin)}  {within}", *names, how)


def paint_card(
    painter: QPainter,
    found: Mark,
    at: QPointF,
    within: QRectF,
    model: AxisModel,
    style: TimelineStyle,
    said: tuple[str, ...] = (),
) -> None:
    """Paint it beside ``at``, on whichever side has room; ``said`` stands below what it says by itself."""
    lines = (*card_lines(found, model), *said)
    fonts = [style.bold, *([style.small] * (len(lines) - 1))]
    sizes = [_size(font, line) for font, line in zip(fonts, lines, strict=True)]
    wide = max(size[0] for size in sizes) + 2 * _INSET
    high = sum(size[1] for size in sizes) + 2 * _INSET - 4
    left = found.x + _AWAY if found.x + _AWAY + wide < within.right() - 2 else found.x - _AWAY - wide
    top = min(max(at.y() - high / 2, within.top() + 3), max(within.bottom() - high - 3, within.top()))
    card = QRectF(max(left, 2.0), top, wide, high)
    for grow in (3, 2, 1):
        paint_plate(painter, card.adjusted(-grow, -grow + 1, grow, grow + 1), QColor(0, 0, 0, 14), 7)
    paint_plate(painter, card, style.card, 6)
    y = card.top() + _INSET - 2
    for line, font, (_, height) in zip(lines, fonts, sizes, strict=True):
        area = QRectF(card.left() + _INSET, y, wide, height)
        write(painter, area, masked_words(line), style.on_card, font, Qt.AlignmentFlag.AlignVCenter)
        y += height


def _size(font: QFont, text: str) -> tuple[float, float]:
    metrics = QFontMetricsF(font)
    return metrics.horizontalAdvance(text), metrics.height()
