"""One batch: some events of the log are read, and what they are projected to is put together, on a reader's thread."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from desk.node.pages import Pages
from desk.node.projected.outputs import Output
from desk.node.projected.source import Source, is_projected, source
from desk.node.projected.states import State
from desk.node.records import Proposed, StoredEvent

LARGEST: Final = 100
"""Events a batch: their links share its commit, and an append that comes meanwhile waits for no more than these."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What some events come to. ``position``: up to there the log was read; ``ended``: it goes no further."""

    outputs: tuple[Output, ...]
    events: int
    position: int
    ended: bool


def read_batch(pages: Pages, projecting: Sequence[State], position: int, limit: int | None) -> Batch:
    """What these projections write for the next events after a position, none of them beyond a limit."""
    page = pages.log_forwards(position, LARGEST, is_projected)
    reached = page.considered[-1] if page.considered else position
    ended = page.next is None
    if limit is not None and (ended or reached >= limit):
        reached, ended = limit, True
    events = [event for event in page.events if event.position <= reached]
    return Batch(_outputs(pages, events, projecting), len(events), reached, ended)


def _outputs(pages: Pages, events: Sequence[StoredEvent], projecting: Sequence[State]) -> tuple[Output, ...]:
    outputs: dict[str, list[Proposed]] = {}
    resets: dict[str, int] = {}
    for event in filter(None, map(source, events)):
        for state in projecting:
            _project(pages, event, state, outputs, resets)
    return tuple(Output(stream, tuple(written), resets[stream]) for stream, written in outputs.items())


def _project(
    pages: Pages, event: Source, state: State, outputs: dict[str, list[Proposed]], resets: dict[str, int]
) -> None:
    emitted = state.projection(event, pages)
    if emitted is None:
        return
    written = outputs.get(emitted.stream)
    if written is None:
        written = outputs[emitted.stream] = []
        resets[emitted.stream] = state.checkpoint.reset_at
    written.append(emitted.event(uuid.uuid4().bytes, state.tag, event.position))
