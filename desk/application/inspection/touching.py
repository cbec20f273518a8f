"""Answers GetTouches: which events of a stream changed which field, so that a history can be read field by field."""

from itertools import islice

from desk.application.event_json import object_in
from desk.application.inspection.folded_stream import LONGEST_FOLD, FoldedStreams
from desk.application.queries import GetTouches
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.store import EventStore


class TouchesQueryHandler:
    """Looks at the first events of a stream, as many as are folded at most."""

    def __init__(self, store: EventStore, streams: FoldedStreams) -> None:
        self._store, self._streams = store, streams

    def __call__(self, query: GetTouches) -> dict[str, tuple[int, ...]]:
        """Revisions by field, in the order in which the fields were first changed. Raises StoreError."""
        with self._streams.upto(query.stream, LONGEST_FOLD - 1) as folded:
            if folded is not None:
                return folded.touches()
        return self._named_in_payloads(query.stream)

    def _named_in_payloads(self, stream: str) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        try:
            for event in islice(self._store.read_stream(stream, resolve_links=True), LONGEST_FOLD):
                for key in object_in(event.data):
                    found.setdefault(key, []).append((event.link or event).revision)
        except StreamNotFound:
            return {}
        return {key: tuple(revisions) for key, revisions in found.items()}
