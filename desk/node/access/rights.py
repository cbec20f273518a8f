"""What a caller may do with a stream: its own access control list, else the node's settings, else what is built in.

A list names the roles that may act: users, groups, ``$all``. It stands in the stream's metadata as ``$acl``; lists for
all streams stand in the last event of ``$settings``, as ``$userStreamAcl`` and ``$systemStreamAcl``. The rules are
EventStoreDB's, with anonymous access off as it is by default.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from desk.node import metadata
from desk.node.access.caller import ADMINISTRATORS, EVERYONE, Caller
from desk.node.pages import LogPages
from desk.node.readers import Readers
from desk.node.records import METADATA_PREFIX, StoredEvent
from desk.node.wire import JSON, recorded_event

ALL_STREAM: Final = "$all"
SETTINGS_STREAM: Final = "$settings"
_USER_STREAMS: Final = "$userStreamAcl"
_SYSTEM_STREAMS: Final = "$systemStreamAcl"
_KEYS: Final = (metadata.ACL, _USER_STREAMS, _SYSTEM_STREAMS)
_MOST_REMEMBERED: Final = 4096

_Acl = Mapping[str, tuple[str, ...]]


class StreamAction(Enum):
    """What can be done with a stream, by the name that an access control list has for it."""

    READ = "$r"
    WRITE = "$w"
    DELETE = "$d"
    READ_METADATA = "$mr"
    WRITE_METADATA = "$mw"


_OF_METADATA: Final = {StreamAction.READ: StreamAction.READ_METADATA, StreamAction.WRITE: StreamAction.WRITE_METADATA}
_NOT_EVEN_ADMINISTRATORS: Final = frozenset({(StreamAction.WRITE, ALL_STREAM), (StreamAction.DELETE, ALL_STREAM)})


class Rights:
    """Answers whether a caller may act on a stream, and remembers the lists of streams until they are written."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._lists: dict[tuple[str, str], _Acl] = {}
        self._changes = 0

    def committed(self, events: Sequence[StoredEvent]) -> None:
        """Forgets the lists that these events may have changed."""
        for event in events:
            if event.stream == SETTINGS_STREAM or event.stream.startswith(METADATA_PREFIX):
                self._changes += 1
                for key in _KEYS:
                    self._lists.pop((event.stream, key), None)

    async def allow(self, caller: Caller, action: StreamAction, stream: str) -> bool:
        """Whether this is allowed. Raises LogError."""
        if not caller.known or (action, stream) in _NOT_EVEN_ADMINISTRATORS:
            return False
        if stream.startswith(METADATA_PREFIX):
            of_metadata = _OF_METADATA.get(action)
            if of_metadata is None:
                return False
            return await self.allow(caller, of_metadata, stream.removeprefix(METADATA_PREFIX))
        return caller.administrates or not caller.roles.isdisjoint(await self._roles(action, stream))

    async def _roles(self, action: StreamAction, stream: str) -> tuple[str, ...]:
        of_stream = await self._list_of(METADATA_PREFIX + stream)
        if action.value in of_stream:
            return of_stream[action.value]
        system = stream.startswith("$")
        of_all = await self._list_of(SETTINGS_STREAM, _SYSTEM_STREAMS if system else _USER_STREAMS)
        return of_all.get(action.value, (ADMINISTRATORS,) if system else (EVERYONE,))

    async def _list_of(self, stream: str, key: str = metadata.ACL) -> _Acl:
        """What the last event of a stream lists under a key."""
        found = self._lists.get((stream, key))
        if found is None:
            before = self._changes
            found = await self._readers.read(lambda pages: _last_list(pages, stream, key))
            if self._changes == before:  # else what was read may be old already
                if len(self._lists) >= _MOST_REMEMBERED:
                    del self._lists[next(iter(self._lists))]
                self._lists[stream, key] = found
        return found


def _last_list(pages: LogPages, stream: str, key: str) -> _Acl:
    last = pages.event_at(stream, -1)
    if last is None:
        return {}
    event = recorded_event(last.response)
    return metadata.access_list(event.data, key) if event.metadata["content-type"] == JSON else {}
