"""What consumers are sent: responses made from stored ones, and the other way round what they answer with."""

import uuid
from collections.abc import Iterable
from typing import Final

from esdbclient.protos.Grpc import persistent_pb2, shared_pb2, streams_pb2

from desk.node.groups.delivery import NackAction
from desk.node.wire import id_bytes, varint, with_structured_ids

ReadReq = persistent_pb2.ReadReq
ReadResp = persistent_pb2.ReadResp

_ID_KEYS: Final = 4
_ID_TEXT: Final = 36
_RETRY_COUNT: Final = b"\x28"
_ACTIONS: Final = {
    ReadReq.Nack.Park: NackAction.PARK,
    ReadReq.Nack.Skip: NackAction.SKIP,
    ReadReq.Nack.Stop: NackAction.SKIP,
}


def confirmation(key: str) -> bytes:
    """A consumer has joined."""
    content = ReadResp.SubscriptionConfirmation(subscription_id=key)
    return ReadResp(subscription_confirmation=content).SerializeToString()


def delivered(response: bytes, retries: int, *, structured_ids: bool) -> bytes:
    """A consumer's response from one of a read.

    Both have the event in field 1, and in it all fields are numbered alike: only the count of retries is added.
    """
    if structured_ids:
        response = with_structured_ids(response)
    start = _start(response)
    count = _RETRY_COUNT + varint(retries)
    return b"".join((b"\x0a", varint(len(response) - start + len(count)), memoryview(response)[start:], count))


def in_one_place(response: bytes) -> bytes:
    """A resolved event is given the position of the link that led to it, as EventStoreDB does for consumers."""
    message = streams_pb2.ReadResp.FromString(response)
    if message.event.HasField("link") and message.event.HasField("event"):
        event, link = message.event.event, message.event.link
        event.commit_position, event.prepare_position = link.commit_position, link.prepare_position
        return message.SerializeToString()
    return response


def answered_ids(ids: Iterable[shared_pb2.UUID]) -> list[bytes]:
    """The ids that a consumer answers with; what is not an id is left out."""
    found = []
    for id in ids:
        try:
            found.append(id_bytes(id))
        except ValueError:
            continue
    return found


def action_of(nack: ReadReq.Nack) -> NackAction:
    """What is to be done; to be sent again where it is unknown."""
    return _ACTIONS.get(nack.action, NackAction.RETRY)


def event_id(response: bytes) -> bytes:
    """The id of a stored event: of its response, the first field of the first field of the first."""
    start = _start(response, _start(response)) + _ID_KEYS
    return uuid.UUID(response[start : start + _ID_TEXT].decode()).bytes


def _start(response: bytes, index: int = 0) -> int:
    """Where a field's content begins, behind its key and its length."""
    index += 1
    while response[index] >= 0x80:
        index += 1
    return index + 1
