"""Whether a write is made, was made already, or is refused: expected versions and idempotency.

The rules are EventStoreDB's. They need to know of a stream only what ``StreamView`` tells.
"""

from collections.abc import Sequence

from desk.node.heads import StreamView
from desk.node.records import ANY, NO_STREAM, STREAM_EXISTS, StreamDeleted, WrongExpectedVersion


def already_written(stream: StreamView, expected: int, ids: Sequence[bytes]) -> int | None:
    """The revision of the last of these events if they are all there already; None if they are to be written.

    Raises WrongExpectedVersion and StreamDeleted.
    """
    if stream.tombstoned:
        raise StreamDeleted(stream.name)
    if expected == STREAM_EXISTS:
        if stream.deleted:
            raise StreamDeleted(stream.name)
        if stream.last_revision < 0 and not stream.has_metadata:
            raise WrongExpectedVersion(stream.name, expected, stream.last_revision)
    if expected in (ANY, STREAM_EXISTS):
        return _found_anywhere(stream, expected, ids)
    if expected == stream.last_revision:
        return None
    return _found_behind(stream, expected, ids)


def _found_anywhere(stream: StreamView, expected: int, ids: Sequence[bytes]) -> int | None:
    if not ids or stream.last_revision < 0 or stream.first_revision_of(ids[0]) is None:
        return None
    last: int | None = None
    for event_id in ids:
        last = stream.first_revision_of(event_id)
        if last is None:
            raise WrongExpectedVersion(stream.name, expected, stream.last_revision)
    return last


def _found_behind(stream: StreamView, expected: int, ids: Sequence[bytes]) -> int | None:
    refusal = WrongExpectedVersion(stream.name, expected, stream.last_revision)
    if expected > stream.last_revision or not ids:
        raise refusal
    stored = stream.ids_from(expected + 1, len(ids))
    if list(stored) == list(ids):
        return expected + len(ids)
    if list(stored[:1]) != list(ids[:1]) and expected == NO_STREAM and stream.deleted:
        return None
    raise refusal
