"""One batch: some events of the log are read, and what they are projected to is put together, on a reader's thread."""

import uuid
from collections.abc import Sequence
from itertools import product
from typing import Final

from desk.node.pages import LogPages
from desk.node.projected.outputs import Output
from desk.node.projected.source import is_projected, source
from desk.node.projected.states import ProjectionState
from desk.node.records import Proposed, StoredEvent
from desk.records import dataclass

LARGEST: Final = 100
"""Events in a batch: their links share its commit, and an append that comes meanwhile waits for no more than these."""


@dataclass(frozen=True, slots=True)
class ProjectedBatch:
    """What some events are projected to. ``position``: the log was read up to there; ``ended``: it goes no further."""

    outputs: tuple[Output, ...]
    events: int
    position: int
    ended: bool


def read_batch(
    pages: LogPages, projecting: Sequence[ProjectionState], position: int, limit: int | None
) -> ProjectedBatch:
    """What these projections write for the next events after a position, none of them beyond a limit."""
    page = pages.log_events(position, LARGEST, is_projected)
    reached = page.considered[-1] if page.considered else position
    ended = page.next is None
    if limit is not None and (ended or reached >= limit):
        reached, ended = limit, True
    events = [event for event in page.events if event.position <= reached]
    return ProjectedBatch(_outputs(pages, events, projecting), len(events), reached, ended)


def _outputs(
    pages: LogPages, events: Sequence[StoredEvent], projecting: Sequence[ProjectionState]
) -> tuple[Output, ...]:
    outputs: dict[str, list[Proposed]] = {}
    resets: dict[str, int] = {}
    for event, state in product(filter(None, map(source, events)), projecting):
        emitted = state.projection(event, pages)
        if emitted is not None:
            resets.setdefault(emitted.stream, state.checkpoint.reset_at)
            written = outputs.setdefault(emitted.stream, [])
            written.append(emitted.event(uuid.uuid4().bytes, state.tag, event.position))
    return tuple(Output(stream, tuple(written), resets[stream]) for stream, written in outputs.items())
