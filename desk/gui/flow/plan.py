"""Where everything stands in the picture: five stations in a row, a line above for what goes on, two below for what
comes back. Lengths in pixels, made anew for each size of the picture and of the text.
"""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

from desk.application.flow.rounds import Cargo, Hop, Station

ROW: Final = (Station.FORM, Station.BUS, Station.AGGREGATE, Station.STORE, Station.READ_MODEL)
NAMES: Final = ("Form", "Command", "bus", "Aggregate", "Event", "store", "Read", "model", "Process", "manager")
_BETWEEN, _GAP, _SIDE = 0.15, 0.5, 0.12
"""Spaces between stations, between store and read model, and at the sides, in widths of a station."""
_WIDTHS: Final = 5 + 3 * _BETWEEN + _GAP + 2 * _SIDE
_TOP: Final = 3.9
"""Of the text's height: what stands above the stations; then what stands below them, and between the ways back."""
_BELOW: Final = 6.8
_LANE: Final = 2.95
_AGAIN: Final = 0.5
"""How far above the answer's way a conflict goes back to the bus, so that both can be seen."""
_TALLEST, _SHORTEST = 13.0, 5.4
"""A station's height at most and at least, in that of the text."""

_MANAGER, _MANAGER_HIGH = 1.2, 3.1
"""Of a process manager's box the width in those of a station, as its name is one word, and the height in text's."""
_ASIDE: Final = 0.2
_EDGES: Final = 9
"""Pixels that a station's edges take."""
_CAP: Final = 4
"""Pixels by which the end of a line reaches into the room of a station."""


class FlowPlan:
    """The places of one picture."""

    def __init__(self, size: QSizeF, em: float) -> None:
        self.size, self.em = size, em
        self.width = size.width() / _WIDTHS
        below = _BELOW * em
        high = min(_TALLEST * em, max(_SHORTEST * em, size.height() - _TOP * em - below))
        spare = max(0.0, size.height() - _TOP * em - below - high) / 2
        self.rail = spare + 2.45 * em
        top = spare + _TOP * em
        self.boxes: dict[Station, QRectF] = {}
        left = _SIDE * self.width
        for station in ROW:
            self.boxes[station] = QRectF(left, top, self.width, high)
            left += self.width * (1 + (_GAP if station is Station.STORE else _BETWEEN))
        bottom = top + high
        self.lanes = (bottom + 1.7 * em, bottom + 1.7 * em + _LANE * em)
        aggregate = self.boxes[Station.AGGREGATE]
        hanging = self.lanes[0] + self.mark_height / 2 + 0.2 * em
        wide = _MANAGER * self.width
        self.manager = QRectF(aggregate.center().x() - wide / 2, hanging, wide, _MANAGER_HIGH * em)

    @property
    def pitch(self) -> float:
        """From one station to the next."""
        return self.width * (1 + _BETWEEN)

    def word_place(self, lane: float) -> QPointF:
        """Where a word stands on a line back: beside the process manager's box."""
        return QPointF(self.boxes[Station.BUS].center().x() - _ASIDE * self.width, lane)

    @property
    def mark_height(self) -> float:
        return max(28.0, 1.75 * self.em)

    @property
    def gap(self) -> QRectF:
        """Between the store and the read model."""
        store, reading = self.boxes[Station.STORE], self.boxes[Station.READ_MODEL]
        return QRectF(store.right(), store.top(), reading.left() - store.right(), store.height())

    def box(self, station: Station) -> QRectF:
        """Where a station stands."""
        return self.manager if station is Station.PROCESS_MANAGER else self.boxes[station]

    def is_managed(self, hop: Hop) -> bool:
        """Whether a process manager is at one of its ends."""
        return Station.PROCESS_MANAGER in (hop.origin, hop.target)

    def is_forth(self, hop: Hop) -> bool:
        """Whether it goes along the line above."""
        if self.is_managed(hop):
            return False
        return ROW.index(hop.origin) < ROW.index(hop.target)

    def line_of(self, hop: Hop) -> tuple[QPointF, QPointF]:
        """From where to where a hop's mark travels."""
        if self.is_forth(hop):
            y = self.rail
        elif hop.origin is Station.READ_MODEL:
            y = self.lanes[1]
        else:
            again = hop.target is Station.BUS and hop.cargo is Cargo.REFUSAL
            y = self.lanes[0] - (_AGAIN * self.em if again else 0)
        return QPointF(self.box(hop.origin).center().x(), y), QPointF(self.box(hop.target).center().x(), y)

    def zone(self, hop: Hop) -> QRectF:
        """Where a hop's line, its label, and what it covers are painted."""
        begin, end = self.line_of(hop)
        box = self.boxes[Station.FORM]
        if self.is_forth(hop):
            return QRectF(begin.x() - 0.6 * self.width, 0, end.x() - begin.x() + 1.2 * self.width, box.top() + _CAP)
        high = begin.y() + self.mark_height / 2 + 1.3 * self.em - box.bottom()
        return QRectF(0, box.bottom() - _CAP, self.size.width(), high + _CAP)

    def label_place(self, hop: Hop) -> QPointF:
        """Where its number and time stand: beside the process manager's box, not on it."""
        begin, end = self.line_of(hop)
        middle, half = (begin + end) / 2, self.mark_height / 2
        if self.is_forth(hop):
            return middle - QPointF(0, half + 0.75 * self.em)
        if self.is_managed(hop) and begin.x() != end.x():
            other = begin if hop.target is Station.PROCESS_MANAGER else end
            away = 0.2 * self.width * (-1 if other.x() > self.manager.center().x() else 1)
            middle = QPointF(other.x() + away, other.y())
        if hop.target is Station.BUS and hop.origin is Station.STORE:
            middle += QPointF(0.35 * self.pitch, 0)
        return middle + QPointF(0, half + 0.6 * self.em)

    def place(self, hop: Hop, share: float) -> QPointF:
        """Where its mark is after this share of the way."""
        begin, end = self.line_of(hop)
        return begin + (end - begin) * share


def least_size(em: float, word: float) -> QSizeF:
    """The smallest picture whose words can be read; ``word`` is the width of the longest."""
    return QSizeF((1.05 * word + 0.6 * em + _EDGES) * _WIDTHS, (_TOP + _SHORTEST + _BELOW) * em)


def share_in(wide: float, em: float, word: float) -> float:
    """How large words may be in a picture of this width, beside those of its :func:`least_size`."""
    return (wide / _WIDTHS - _EDGES) / (1.05 * word + 0.6 * em)
