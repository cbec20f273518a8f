"""Hops 4 and 6: what is done by hand on a store, and what it says of itself: calls that are made once, in time."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar
from uuid import UUID

import grpc
from esdbclient import NewEvent as Proposed
from esdbclient import StreamState
from esdbclient.common import handle_rpc_error
from esdbclient.persistent import SubscriptionInfo
from esdbclient.protos.Grpc import persistent_pb2, projections_pb2, shared_pb2
from esdbclient.streams import StreamsService

from desk.application.acts import (
    Act,
    ActDone,
    ActRefused,
    AppendByHand,
    DeleteStream,
    Expected,
    ExpectedState,
    ReplayParked,
    SetStreamMetadata,
    SwitchProjection,
    TombstoneStream,
)
from desk.application.store_admin import (
    NotAllowed,
    NotOffered,
    ParkedMessage,
    StoreProjection,
    StoreUser,
    StoreVersion,
    SubscriptionGroup,
)
from desk.cqrs.errors import AccessDenied, OutcomeUnknown, StreamIsGone, StreamNotFound
from desk.cqrs.store import NO_STREAM, Recorded
from desk.store.eventstoredb import EventStoreDB
from desk.store.link import Link
from desk.store.translate import CLIENT_ERRORS, Verdict, code_of, conflict_of, fault_of, verdict_of

T = TypeVar("T")

SECONDS: Final = 10.0
"""How long one call may last."""

_ALL: Final = "$all"
_USER: Final = "/event_store.client.users.Users/Details"
_SUPPORTED: Final = "/event_store.client.server_features.ServerFeatures/GetSupportedMethods"
_STATES: Final = {
    ExpectedState.ANY: StreamState.ANY,
    ExpectedState.NO_STREAM: StreamState.NO_STREAM,
    ExpectedState.EXISTS: StreamState.EXISTS,
}
_NOT_AS_EXPECTED: Final = {
    ExpectedState.ANY: "The stream {stream} was changed by somebody else; nothing was done.",
    ExpectedState.NO_STREAM: "There is a stream {stream} already; nothing was done.",
    ExpectedState.EXISTS: "There is no stream {stream} yet; nothing was done.",
}
_SYSTEM_PROJECTIONS: Final = (
    "$by_category",
    "$by_correlation_id",
    "$by_event_type",
    "$stream_by_category",
    "$streams",
)


class StoreAdmin:
    """Does acts, and asks. Every call blocks for at most :data:`SECONDS`; raises StoreError, Conflict."""

    def __init__(self, store: EventStoreDB) -> None:
        self._store = store

    # ── acts ──────────────────────────────────────────────────────────────────────────────────────────────────

    def do(self, act: Act, event_id: UUID, metadata: bytes) -> ActDone:
        """Do it; ``event_id`` and ``metadata`` are those of the event that it stores, where it stores one."""
        match act:
            case AppendByHand(stream=stream, type=type_, expected=expected):
                event = Proposed(id=event_id, type=type_, data=act.stored_data(), metadata=metadata)
                return ActDone(self._write(stream, expected, StreamsService.batch_append, [event]))
            case SetStreamMetadata(stream=stream, expected=expected):
                event = Proposed(id=event_id, type="$metadata", data=act.stored_data(), metadata=metadata)
                return ActDone(self._write(f"$${stream}", expected, StreamsService.batch_append, [event]))
            case DeleteStream(stream=stream, expected=expected):
                self._write(stream, expected, StreamsService.delete)
            case TombstoneStream(stream=stream, expected=expected):
                self._write(stream, expected, StreamsService.tombstone)
            case ReplayParked():
                self._ask(lambda link, given: _replay(link, act, given))
            case SwitchProjection(name=name, run=True):
                self._ask(lambda link, given: link.client.projections.enable(name, **given))
            case SwitchProjection(name=name):
                self._ask(lambda link, given: link.client.projections.disable(name, write_checkpoint=True, **given))
        return ActDone()

    def _write(self, stream: str, expected: Expected, call: Callable[..., T], *what: Any) -> T:
        version = _STATES[expected] if isinstance(expected, ExpectedState) else expected
        link = self._store.link()
        try:
            return call(link.streams, stream, version, *what, **_given(link))
        except CLIENT_ERRORS as error:
            conflict = conflict_of(error, stream, NO_STREAM if isinstance(expected, ExpectedState) else expected)
            if conflict is not None and isinstance(expected, ExpectedState):
                raise ActRefused(_NOT_AS_EXPECTED[expected].format(stream=stream)) from None
            if conflict is not None:
                raise conflict from None
            fault = fault_of(error, link.where, stream)
            if verdict_of(error) is Verdict.LOST:
                raise OutcomeUnknown(f"Whether it was done is not known. {fault}") from None
            raise fault from None

    # ── questions ─────────────────────────────────────────────────────────────────────────────────────────────

    def version(self) -> StoreVersion:
        """What the server says of itself; servers before 21.10 say nothing."""
        try:
            answer = self._ask(_supported)
        except NotOffered:
            return StoreVersion("", ())
        return _version_of(answer)

    def user(self) -> StoreUser:
        """Who Desk is to the server, and in which groups where it says so."""
        link = self._store.link()
        if not link.has_users or not link.user:
            return StoreUser(link.user, everybody=not link.has_users)
        try:
            answers = self._ask(_details_of_user)
        except NotOffered:
            return StoreUser(link.user)
        details = (value for answer in answers for number, value in _fields(answer) if number == 1)
        found = (value.decode(errors="replace") for one in details for number, value in _fields(one) if number == 3)
        return StoreUser(link.user, tuple(found))

    def groups(self) -> tuple[SubscriptionGroup, ...]:
        """All persistent subscriptions."""
        found = self._ask(lambda link, given: link.client.persistent_subscriptions.list(**given))
        return tuple(_group_of(info) for info in sorted(found, key=lambda one: (one.event_source, one.group_name)))

    def parked(self, source: str, group: str, limit: int) -> tuple[ParkedMessage, ...]:
        """The messages that were parked last, the newest first. Those whose event is gone are dangling links."""
        stream = f"$persistentsubscription-{source}::{group}-parked"
        try:
            oldest = next(iter(self._store.read_stream(stream, limit=1)), None)
            links = tuple(self._store.read_stream(stream, backwards=True, limit=limit))
            events = tuple(self._store.read_stream(stream, backwards=True, limit=limit, resolve_links=True))
        except (StreamNotFound, StreamIsGone):
            return ()
        behind = {event.link.revision: event for event in events if event.link is not None}
        first = links[-1].revision if oldest is None else oldest.revision
        return tuple(_parked(link, behind.get(link.revision), link.revision - first) for link in links)

    def projections(self) -> tuple[StoreProjection, ...]:
        """All that run for ever, the system's own first."""
        found = self._ask(_projections)
        return tuple(sorted(map(_projection_of, found), key=lambda one: (not one.system, one.name)))

    def _ask(self, call: Callable[[Link, dict[str, Any]], T]) -> T:
        link = self._store.link()
        try:
            return call(link, _given(link))
        except CLIENT_ERRORS as error:
            fault = fault_of(error, link.where)
            if code_of(error) is grpc.StatusCode.UNIMPLEMENTED:
                raise NotOffered("This server does not offer it.") from None
            if isinstance(fault, AccessDenied):
                raise NotAllowed("This user may not see or do that: the server wants one with more rights.") from None
            raise fault from None


def _given(link: Link) -> dict[str, Any]:
    return {"timeout": SECONDS, "metadata": link.metadata, "credentials": link.credentials}


def _called(call: Any, request: Any, given: dict[str, Any]) -> Any:
    """The answer, or all answers, to a call that the client does not have. Raises the client's exceptions."""
    metadata = (*given["metadata"], ("requires-leader", "true"))
    try:
        answer = call(request, timeout=given["timeout"], metadata=metadata, credentials=given["credentials"])
        return list(answer) if isinstance(answer, Iterator) else answer
    except grpc.RpcError as error:
        raise handle_rpc_error(error) from error


def _replay(link: Link, act: ReplayParked, given: dict[str, Any]) -> None:
    options = persistent_pb2.ReplayParkedReq.Options(group_name=act.group)
    if act.source == _ALL:
        options.all.SetInParent()
    else:
        options.stream_identifier.stream_name = act.source.encode()
    if act.last is None:
        options.no_limit.SetInParent()
    else:
        options.stop_at = act.last + 1
    service = link.client.persistent_subscriptions
    _called(service._stub.ReplayParked, persistent_pb2.ReplayParkedReq(options=options), given)


def _projections(link: Link, given: dict[str, Any]) -> list[Any]:
    options = projections_pb2.StatisticsReq.Options(continuous=shared_pb2.Empty())
    request = projections_pb2.StatisticsReq(options=options)
    return [answer.details for answer in _called(link.client.projections._stub.Statistics, request, given)]


def _supported(link: Link, given: dict[str, Any]) -> bytes:
    call: Any = link.client._connection._grpc_channel.unary_unary(_SUPPORTED)
    return bytes(_called(call, b"", given))


def _details_of_user(link: Link, given: dict[str, Any]) -> list[bytes]:
    call: Any = link.client._connection._grpc_channel.unary_stream(_USER)
    # The client has no message for it: this one has the same fields, options and in them a name.
    request = projections_pb2.EnableReq(options=projections_pb2.EnableReq.Options(name=link.user))
    answers: list[bytes] = _called(call, request.SerializeToString(), given)
    return answers


def _version_of(answer: bytes) -> StoreVersion:
    """Read from the wire's form: the client has no message for it."""
    version, services = "", dict[str, list[str]]()
    for number, value in _fields(answer):
        if number == 2:
            version = value.decode(errors="replace")
        elif number == 1:
            method = {inner: text.decode(errors="replace") for inner, text in _fields(value)}
            services.setdefault(method.get(2, ""), []).append(method.get(1, ""))
    return StoreVersion(version, tuple((name, tuple(sorted(methods))) for name, methods in sorted(services.items())))


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and contents of a message that has texts and messages only; it ends at anything else."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        if key & 7 != 2:
            return
        size, place = _varint(message, place)
        yield key >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        byte = message[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80:
            break
    return value, place


def _group_of(info: SubscriptionInfo) -> SubscriptionGroup:
    processed, known = info.last_checkpointed_event_position, info.last_known_event_position
    settings = {
        "starts at": info.start_from,
        "consumer strategy": info.consumer_strategy,
        "links": "resolved" if info.resolve_links else "as they are",
        "message timeout": f"{info.message_timeout:g} s",
        "retries": str(info.max_retry_count),
        "consumers at most": str(info.max_subscriber_count) if info.max_subscriber_count else "any number",
        "checkpoint": f"after {info.checkpoint_after:g} s, {info.min_checkpoint_count} to {info.max_checkpoint_count}"
        " messages",
        "buffers": f"live {info.live_buffer_size}, history {info.history_buffer_size}, read {info.read_batch_size}",
    }
    return SubscriptionGroup(
        info.event_source,
        info.group_name,
        info.status,
        processed,
        known,
        _lag(processed, known),
        info.total_in_flight_messages,
        info.parked_message_count,
        info.average_per_second,
        tuple(settings.items()),
    )


def _lag(processed: str, known: str) -> int | None:
    """Events between two revisions; positions of ``$all`` do not count events."""
    if not re.fullmatch(r"\d+", known):
        return None
    return max(0, int(known) - (int(processed) if re.fullmatch(r"\d+", processed) else -1))


def _parked(link: Recorded, event: Recorded | None, older: int) -> ParkedMessage:
    try:
        about = json.loads(link.metadata)
    except (ValueError, RecursionError):
        about = {}
    reason = str(about.get("reason", "")).strip() if isinstance(about, dict) else ""
    return ParkedMessage(link.revision, event or link, reason, dangling=event is None, older=older)


def _projection_of(details: Any) -> StoreProjection:
    return StoreProjection(
        details.name,
        details.status,
        details.mode,
        details.progress,
        details.position,
        details.stateReason,
        details.name in _SYSTEM_PROJECTIONS,
    )
