"""What clients ask about groups, parsed at the edge."""

from typing import Final

from esdbclient.protos.Grpc import persistent_pb2

from desk.node.filters import EventFilter, WantedEvents, wanted_events
from desk.node.groups import failures
from desk.node.groups.definition import ALL, STRATEGIES, UNSET_CHECKPOINT_AFTER, Definition, GroupSettings
from desk.node.proposals import NONE, signed, stream_name
from desk.node.read_requests import END, log_place
from desk.node.status import HandlerThrew, invalid_argument, not_valid

CreateReq = persistent_pb2.CreateReq
UpdateReq = persistent_pb2.UpdateReq

_CLIENT: Final = "PersistentSubscriptions."
_TICKS_IN_A_MILLISECOND: Final = 10_000
_LONGEST: Final = 2**31 - 1

_Options = CreateReq.Options | UpdateReq.Options
_Settings = CreateReq.Settings | UpdateReq.Settings
_Named = (
    persistent_pb2.DeleteReq.Options
    | persistent_pb2.GetInfoReq.Options
    | persistent_pb2.ReplayParkedReq.Options
    | persistent_pb2.ReadReq.Options
)


def named(options: _Named) -> tuple[str, str]:
    """The source and the name of the group that options name. Raises HandlerThrew where they name none."""
    match options.WhichOneof("stream_option"):
        case "all":
            return ALL, options.group_name
        case "stream_identifier":
            return stream_name(options.stream_identifier), options.group_name
        case _:
            raise HandlerThrew("The request names no stream.")


def wanted(request: CreateReq | UpdateReq) -> Definition:
    """The group that a request describes; ``after`` is still to be found out.

    Raises Failure.
    """
    kind = type(request).__name__
    if not request.HasField("options"):
        raise HandlerThrew("The request has no options.")
    options = request.options
    if not options.HasField("settings"):
        raise invalid_argument("Subscription settings are required.")
    _check_sizes(options.settings)
    source, start, chosen = _source(kind, options)
    settings = _settings(options.settings)
    if settings.strategy not in STRATEGIES:
        reason = f"Consumer strategy {settings.strategy} does not exist."
        raise failures.failed(source, options.group_name, reason)
    return Definition(source, options.group_name, start, -1, chosen, settings)


def _source(kind: str, options: _Options) -> tuple[str, int | None, WantedEvents | None]:
    match options.WhichOneof("stream_option"):
        case "stream":
            chosen = options.stream
            which = chosen.WhichOneof("revision_option")
            if which is None:
                raise not_valid("None", f"{_CLIENT}{kind}+Types+StreamOptions+RevisionOptionOneofCase")
            start = _start(which, chosen.revision)
            return stream_name(chosen.stream_identifier), start, None
        case "all":
            if options.all.WhichOneof("all_option") is None:
                raise not_valid("None", f"{_CLIENT}{kind}+Types+AllOptions+AllOptionOneofCase")
            place = log_place(options.all)
            return ALL, None if place == END else place, _filter(options)
        case _:
            # As clients before 21.10 ask.
            return stream_name(options.stream_identifier), _start("revision", options.settings.revision), None


def _start(which: str, revision: int) -> int | None:
    if which == "start":
        return 0
    return None if which == "end" or revision == NONE else signed(revision)


def _filter(options: _Options) -> WantedEvents | None:
    if isinstance(options, UpdateReq.Options) or options.all.WhichOneof("filter_option") != "filter":
        return None
    found = wanted_events(options.all.filter)
    if found is None:
        raise not_valid("None", "Streams.CreateReq+Types+AllOptions+Types+FilterOptions+FilterOneofCase")
    EventFilter(found)  # is it valid?
    return found


def _check_sizes(settings: _Settings) -> None:
    sizes = {
        "Buffer Size": settings.history_buffer_size,
        "Live Buffer Size": settings.live_buffer_size,
        "Read Batch Size": settings.read_batch_size,
    }
    for name, size in sizes.items():
        if size <= 0:
            raise invalid_argument(f"{name} ({size}) must be positive")
    if settings.history_buffer_size <= settings.read_batch_size:
        raise invalid_argument(
            f"BufferSize ({settings.history_buffer_size}) must be larger than"
            f" ReadBatchSize ({settings.read_batch_size})"
        )


def _settings(given: _Settings) -> GroupSettings:
    return GroupSettings(
        resolve_links=given.resolve_links,
        extra_statistics=given.extra_statistics,
        max_retry_count=given.max_retry_count,
        min_checkpoint_count=given.min_checkpoint_count,
        max_checkpoint_count=given.max_checkpoint_count,
        max_subscriber_count=given.max_subscriber_count,
        live_buffer_size=given.live_buffer_size,
        read_batch_size=given.read_batch_size,
        history_buffer_size=given.history_buffer_size,
        message_timeout=_milliseconds(given, given.WhichOneof("message_timeout"), 0),
        checkpoint_after=_milliseconds(given, given.WhichOneof("checkpoint_after"), UNSET_CHECKPOINT_AFTER),
        strategy=_strategy(given),
    )


def _milliseconds(given: _Settings, which: str | None, unset: int) -> int:
    """A time that is given in milliseconds or in ticks."""
    if which is None:
        return unset
    value = int(getattr(given, which))
    if which.endswith("_ms"):
        return value
    return max(-_LONGEST, min(value // _TICKS_IN_A_MILLISECOND, _LONGEST))


def _strategy(given: _Settings) -> str:
    if isinstance(given, CreateReq.Settings) and given.consumer_strategy:
        return given.consumer_strategy
    number = given.named_consumer_strategy
    return STRATEGIES[number] if 0 <= number <= 2 else str(number)
