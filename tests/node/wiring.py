"""Requests of the Streams service in a few words each, for tests that look at what is on the wire."""

import uuid
from collections.abc import Iterable, Sequence

from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub
from google.protobuf import empty_pb2

from desk.node.records import Proposed

EMPTY = shared_pb2.Empty()
Options = streams_pb2.ReadReq.Options
ReadReq = streams_pb2.ReadReq
ReadResp = streams_pb2.ReadResp
AppendReq = streams_pb2.AppendReq
AppendResp = streams_pb2.AppendResp
BatchAppendReq = streams_pb2.BatchAppendReq
BatchAppendResp = streams_pb2.BatchAppendResp


def identifier(stream: str) -> shared_pb2.StreamIdentifier:
    return shared_pb2.StreamIdentifier(stream_name=stream.encode())


def uuid_of(text: str) -> shared_pb2.UUID:
    return shared_pb2.UUID(string=text)


def event(data: bytes = b"{}", type: str = "Happened", **headers: str) -> AppendReq.ProposedMessage:
    return AppendReq.ProposedMessage(
        id=uuid_of(str(uuid.uuid4())),
        metadata={"type": type, "content-type": "application/json", **headers},
        data=data,
    )


def append_requests(
    stream: str, events: Iterable[AppendReq.ProposedMessage], expected: int | str = "any"
) -> list[AppendReq]:
    """An Append call; ``expected`` is a revision or the name of an option."""
    options = AppendReq.Options(stream_identifier=identifier(stream))
    if isinstance(expected, int):
        options.revision = expected
    else:
        getattr(options, expected).CopyFrom(EMPTY)
    return [
        AppendReq(options=options),
        *(AppendReq(proposed_message=event) for event in events),
    ]


def batch_request(
    correlation: str,
    stream: str,
    events: Sequence[AppendReq.ProposedMessage] = (),
    *,
    expected: int | str = "any",
    final: bool = True,
) -> BatchAppendReq:
    """The first message of an append on a batch call."""
    options = BatchAppendReq.Options(stream_identifier=identifier(stream))
    if isinstance(expected, int):
        options.stream_position = expected
    else:
        getattr(options, expected).CopyFrom(empty_pb2.Empty())
    return BatchAppendReq(
        correlation_id=uuid_of(correlation),
        options=options,
        proposed_messages=[_for_batch(event) for event in events],
        is_final=final,
    )


def batch_chunk(correlation: str, events: Sequence[AppendReq.ProposedMessage], *, final: bool) -> BatchAppendReq:
    """A later message of an append on a batch call."""
    return BatchAppendReq(
        correlation_id=uuid_of(correlation),
        proposed_messages=[_for_batch(event) for event in events],
        is_final=final,
    )


def write(stub: StreamsStub, stream: str, count: int = 1, *, data: bytes = b"{}", type: str = "Happened") -> None:
    """So many events alike, in one message: a message for each costs ten times as much."""
    events = [event(data, type) for _ in range(count)]
    (answer,) = stub.BatchAppend(iter([batch_request(str(uuid.uuid4()), stream, events)]))
    assert answer.HasField("success")


def read_stream(
    stream: str,
    start: int | str = "start",
    *,
    count: int = 1000,
    backwards: bool = False,
    resolve_links: bool = False,
    structured: bool = False,
    compatibility: int = 0,
) -> ReadReq:
    chosen = Options.StreamOptions(stream_identifier=identifier(stream))
    _set_start(chosen, start)
    return ReadReq(
        options=Options(
            stream=chosen,
            count=count,
            no_filter=EMPTY,
            read_direction=Options.Backwards if backwards else Options.Forwards,
            resolve_links=resolve_links,
            uuid_option=_uuid_option(structured=structured),
            control_option=Options.ControlOption(compatibility=compatibility),
        )
    )


def subscribe_stream(stream: str, start: int | str = "start", *, resolve_links: bool = False) -> ReadReq:
    request = read_stream(stream, start, resolve_links=resolve_links)
    request.options.subscription.CopyFrom(Options.SubscriptionOptions())
    return request


def read_all(
    start: int | str = "start",
    *,
    count: int | None = 1000,
    backwards: bool = False,
    filtered: Options.FilterOptions | None = None,
) -> ReadReq:
    """A read of the whole log; a subscription where there is no count."""
    chosen = Options.AllOptions()
    if isinstance(start, int):
        chosen.position.commit_position = chosen.position.prepare_position = start
    else:
        getattr(chosen, start).CopyFrom(EMPTY)
    options = Options(
        all=chosen,
        read_direction=Options.Backwards if backwards else Options.Forwards,
        uuid_option=_uuid_option(structured=False),
    )
    if count is None:
        options.subscription.CopyFrom(Options.SubscriptionOptions())
    else:
        options.count = count
    if filtered is None:
        options.no_filter.CopyFrom(EMPTY)
    else:
        options.filter.CopyFrom(filtered)
    return ReadReq(options=options)


def stream_filter(*prefixes: str, regex: str = "", window: int = 32, interval: int = 1) -> Options.FilterOptions:
    expression = Options.FilterOptions.Expression(regex=regex, prefix=prefixes)
    return Options.FilterOptions(stream_identifier=expression, max=window, checkpointIntervalMultiplier=interval)


def is_missing(stub: StreamsStub, stream: str) -> bool:
    """Whether readers are told that there is no such stream."""
    (response,) = stub.Read(read_stream(stream))
    return bool(response.HasField("stream_not_found"))


def proposed(data: bytes = b"{}", type: str = "Happened", id: bytes | None = None) -> Proposed:
    """An event as the log takes it."""
    return Proposed(id or uuid.uuid4().bytes, type, True, data, b"")


def _for_batch(event: AppendReq.ProposedMessage) -> BatchAppendReq.ProposedMessage:
    return BatchAppendReq.ProposedMessage.FromString(event.SerializeToString())


def _set_start(chosen: Options.StreamOptions, start: int | str) -> None:
    if isinstance(start, int):
        chosen.revision = start
    else:
        getattr(chosen, start).CopyFrom(EMPTY)


def _uuid_option(*, structured: bool) -> Options.UUIDOption:
    return Options.UUIDOption(structured=EMPTY) if structured else Options.UUIDOption(string=EMPTY)
