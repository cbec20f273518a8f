"""The shape of each kind of change as closed lines of points: the same on the screen, in SVG and on paper. No Qt."""

from collections.abc import Iterable
from math import cos, pi, radians, sin
from typing import Final, TypeAlias

from desk.application.command_events import EVENT_NAMED, ChangeKind, kind_of
from desk.application.history import HistoryColumns

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""A closed line around (0, 0)."""

_ROUND: Final = 36
"""Points that make a circle."""

KIND_NAMES: Final = {kind: kind.name.capitalize() for kind in ChangeKind}
"""The English word for each kind."""


def kind_in(history: HistoryColumns, kind: ChangeKind, word: str) -> str:
    """What a legend calls a kind: by its word, or, where all is another system's, by the types that have its shape."""
    types = [name for name in history.type_names if kind_of(name) is kind]
    if kind is ChangeKind.SYSTEM or not types or any(name in EVENT_NAMED for name in types):
        return word
    return ", ".join(types[:2]) + (" …" if len(types) > 2 else "")


def outline_of(kind: ChangeKind, size: float) -> Ring:
    """The outline of a kind's mark, ``size`` pixels high and wide."""
    r = size / 2
    return tuple((x * r, y * r) for x, y in _UNIT[kind])


def _turning_arrow() -> Iterable[tuple[float, float]]:
    """An arrow that turns back on itself: outer arc, head, inner arc."""
    ring, half = 0.72, 0.23
    turned = [radians(60 + step * 262 / _ROUND) for step in range(_ROUND + 1)]
    angle = pi / 3
    x, y, wide = ring * cos(angle), -ring * sin(angle), 0.62
    along, across = (sin(angle), cos(angle)), (cos(angle), -sin(angle))
    yield from ((cos(turn) * (ring + half), -sin(turn) * (ring + half)) for turn in reversed(turned))
    yield x + across[0] * wide - along[0] * 0.2, y + across[1] * wide - along[1] * 0.2
    yield x + along[0] * wide * 1.1, y + along[1] * wide * 1.1
    yield x - across[0] * wide - along[0] * 0.2, y - across[1] * wide - along[1] * 0.2
    yield from ((cos(turn) * (ring - half), -sin(turn) * (ring - half)) for turn in turned)


def _circle(radius: float) -> Ring:
    return tuple((radius * cos(2 * pi * step / _ROUND), radius * sin(2 * pi * step / _ROUND)) for step in range(_ROUND))


def _box(x: float, y: float) -> Ring:
    return ((-x, -y), (x, -y), (x, y), (-x, y))


def _plus(long: float, thin: float) -> Ring:
    quarter = ((-thin, -long), (thin, -long), (thin, -thin), (long, -thin), (long, thin), (thin, thin))
    return (*quarter, *((-x, -y) for x, y in quarter))


_UNIT: Final[dict[ChangeKind, Ring]] = {
    ChangeKind.CREATED: _circle(0.94),
    ChangeKind.CORRECTED: tuple(_turning_arrow()),
    ChangeKind.ADDED: _plus(1.0, 0.34),
    ChangeKind.REMOVED: _box(1.0, 0.36),
    ChangeKind.LENT: ((-0.8, -1.0), (1.0, 0.0), (-0.8, 1.0)),
    ChangeKind.RETURNED: ((0.8, -1.0), (-1.0, 0.0), (0.8, 1.0)),
    ChangeKind.CHANGED: ((0.0, -1.06), (1.06, 0.0), (0.0, 1.06), (-1.06, 0.0)),
    ChangeKind.SYSTEM: _box(0.76, 0.76),
}
