"""The streams that projections write: where each ends, its metadata, and what an earlier version left in it.

A stream that is written for the first time is given its metadata, so that ordinary users may read it. The first
writing after a reset hides what is there by ``$tb``.
"""

import uuid
from collections.abc import Sequence
from typing import Final

from desk.node import metadata
from desk.node.pages import LogPages
from desk.node.records import METADATA_PREFIX, METADATA_TYPE, Append, Proposed
from desk.node.wire import recorded_event
from desk.records import dataclass

_METADATA: Final = b'{"$acl":{"$r":"$all","$mr":"$all"}}'
_MOST_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Output:
    """Events for one stream; ``reset_at`` is where the log ended when its projection was last reset, or 0."""

    stream: str
    events: tuple[Proposed, ...]
    reset_at: int


class Outputs:
    """Remembers where the streams end that were written lately, which nobody else is expected to write.

    Each append names the revision that it expects, so that a wrong memory is found out: then ``forget``.
    """

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}

    def forget(self) -> None:
        """Somebody else wrote one of the streams, or a projection was reset."""
        self._ends.clear()

    def written(self, appends: Sequence[Append]) -> None:
        """These were committed."""
        if len(self._ends) + len(appends) > _MOST_REMEMBERED:
            self._ends.clear()
        for append in appends:
            if not append.stream.startswith(METADATA_PREFIX):
                self._ends[append.stream] = append.expected + len(append.events)

    def appends(self, pages: LogPages, outputs: Sequence[Output]) -> tuple[Append, ...]:
        """What is to be written so that the streams have these events; those that were ended are left as they are."""
        with pages.view():
            prepared = [self._appends(pages, output) for output in outputs]
        return tuple(append for appends in prepared for append in appends)

    def _appends(self, pages: LogPages, output: Output) -> list[Append]:
        known = self._ends.get(output.stream)
        if known is not None:
            return [Append(output.stream, known, output.events)]
        end = pages.end_of(output.stream)
        if end.tombstoned:
            return []
        append = Append(output.stream, end.last, output.events)
        described = _metadata_append(pages, output, end.last)
        return [described, append] if described is not None else [append]


def _metadata_append(pages: LogPages, output: Output, last: int) -> Append | None:
    stream = METADATA_PREFIX + output.stream
    end = pages.end_of(stream)
    if end.tombstoned:
        return None
    revision = end.last
    outdated = _shows_events_up_to(pages, output.stream, last, output.reset_at)
    if revision >= 0 and not outdated:
        return None
    data = _METADATA
    if outdated:
        data = _hiding(pages, stream, revision, last + 1)
    return Append(stream, revision, (Proposed(uuid.uuid4().bytes, METADATA_TYPE, True, data, b""),))


def _shows_events_up_to(pages: LogPages, stream: str, last: int, position: int) -> bool:
    """Whether the last event that readers are shown is of an older version."""
    if position == 0 or last < 0:
        return False
    event = pages.event_at(stream, last)
    return event is not None and event.position <= position


def _hiding(pages: LogPages, stream: str, revision: int, first: int) -> bytes:
    """The metadata as they are, with ``$tb``; those of a new stream where they are not JSON."""
    event = pages.event_at(stream, revision) if revision >= 0 else None
    current = recorded_event(event.response).data if event is not None else _METADATA
    return metadata.with_truncate_before(current, first) or metadata.with_truncate_before(_METADATA, first) or _METADATA
