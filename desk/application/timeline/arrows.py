"""Which events led to one that is looked at, and what it led to, as arrows from event to event. No Qt."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from desk.application.inspection.causes import CauseKind, CauseNode, Causes
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class CauseLink:
    """One led to the other, directly or by a command; ``step`` counts from the first cause on, from 1.

    A cause that is found nowhere is of the kind MISSING.
    """

    cause: CauseNode
    effect: CauseNode
    step: int


def links_of(causes: Causes) -> tuple[CauseLink, ...]:
    """The arrows to and from the events that are looked at: their causes above, their effects below."""
    pairs = [pair for root in causes.roots for pair in _pairs(root, None)]
    here = {node.id for root in causes.roots for node in _nodes(root) if node.is_here and node.kind is CauseKind.EVENT}
    above = _reached(here, [(effect.id, cause.id) for cause, effect in pairs])
    below = _reached(here, [(cause.id, effect.id) for cause, effect in pairs])
    kept = {
        (cause.id, effect.id): (cause, effect)
        for cause, effect in pairs
        if {cause.id, effect.id} <= above or {cause.id, effect.id} <= below
    }
    ordered = sorted(kept.values(), key=lambda pair: (pair[1].at or 0.0, pair[1].revision or 0))
    return tuple(CauseLink(cause, effect, number) for number, (cause, effect) in enumerate(ordered, start=1))


def _nodes(node: CauseNode) -> Iterator[CauseNode]:
    yield node
    for follower in node.followers:
        yield from _nodes(follower)


def _pairs(node: CauseNode, cause: CauseNode | None) -> Iterator[tuple[CauseNode, CauseNode]]:
    """Events with the events before them; the commands between are passed over."""
    if node.kind is CauseKind.EVENT and cause is not None:
        yield cause, node
    above = cause if node.kind is CauseKind.COMMAND else node
    for follower in node.followers:
        yield from _pairs(follower, above)


def _reached(start: set[UUID], steps: Iterable[tuple[UUID, UUID]]) -> set[UUID]:
    """All that these steps lead to, and the start itself."""
    leads: dict[UUID, list[UUID]] = {}
    for begin, end in steps:
        leads.setdefault(begin, []).append(end)
    found, waiting = set[UUID](), list(start)
    while waiting:
        if (place := waiting.pop()) not in found:
            found.add(place)
            waiting += leads.get(place, ())
    return found
