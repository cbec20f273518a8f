"""What clients ask about groups, parsed at the edge."""

from dataclasses import dataclass
from typing import Final

from esdbclient.protos.Grpc import persistent_pb2

from desk.node.groups import failures
from desk.node.groups.definition import ALL, STRATEGIES, UNSET_CHECKPOINT_AFTER, GroupFilter, GroupSettings
from desk.node.proposals import NONE, signed, stream_name
from desk.node.status import HandlerThrew, invalid_argument, not_valid

CreateReq = persistent_pb2.CreateReq
UpdateReq = persistent_pb2.UpdateReq

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group as it is to be. ``start``: a revision or position, None for the end."""

    source: str
    group: str
    start: int | None
    filter: GroupFilter | None
    settings: GroupSettings


@dataclass(frozen=True, slots=True)
class Named:
    """A group that is asked about."""

    source: str
    group: str


def named(options: _Named) -> Named:
    """The group that options name. Raises HandlerThrew where they name none."""
    match options.WhichOneof("stream_option"):
        case "all":
            return Named(ALL, options.group_name)
        case "stream_identifier":
            return Named(stream_name(options.stream_identifier), options.group_name)
        case _:
            raise HandlerThrew("The request names no stream.")


def wanted(request: CreateReq | UpdateReq) -> Wanted:
    """The group that a request describes. Raises Failure."""
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
    return Wanted(source, options.group_name, start, chosen, settings)


def _source(kind: str, options: _Options) -> tuple[str, int | None, GroupFilter | None]:
    match options.WhichOneof("stream_option"):
        case "stream":
            chosen = options.stream
            which = chosen.WhichOneof("revision_option")
            if which is None:
                raise failures.not_a_choice("None", f"{kind}+Types+StreamOptions+RevisionOptionOneofCase")
            start = _start(which, chosen.revision)
            return stream_name(chosen.stream_identifier), start, None
        case "all":
            position = options.all.WhichOneof("all_option")
            if position is None:
                raise failures.not_a_choice("None", f"{kind}+Types+AllOptions+AllOptionOneofCase")
            return ALL, _position(position, options.all), _filter(options)
        case _:
            # As clients before 21.10 ask.
            return stream_name(options.stream_identifier), _start("revision", options.settings.revision), None


def _start(which: str, revision: int) -> int | None:
    if which == "start":
        return 0
    return None if which == "end" or revision == NONE else signed(revision)


def _position(which: str, chosen: CreateReq.AllOptions | UpdateReq.AllOptions) -> int | None:
    if which != "position":
        return 0 if which == "start" else None
    commit, prepare = signed(chosen.position.commit_position), signed(chosen.position.prepare_position)
    if commit < prepare:
        raise HandlerThrew("The commit position cannot be less than the prepare position.")
    return None if commit == -1 else commit


def _filter(options: _Options) -> GroupFilter | None:
    if isinstance(options, UpdateReq.Options) or options.all.WhichOneof("filter_option") != "filter":
        return None
    chosen = options.all.filter
    match chosen.WhichOneof("filter"):
        case "stream_identifier":
            expression = chosen.stream_identifier
        case "event_type":
            expression = chosen.event_type
        case _:
            raise not_valid("None", "CreateReq+Types+AllOptions+Types+FilterOptions+FilterOneofCase")
    found = GroupFilter(chosen.HasField("event_type"), expression.regex, tuple(expression.prefix))
    found.compiled()
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
        message_timeout=_message_timeout(given),
        checkpoint_after=_checkpoint_after(given),
        strategy=_strategy(given),
    )


def _message_timeout(given: _Settings) -> int:
    match given.WhichOneof("message_timeout"):
        case "message_timeout_ms":
            return given.message_timeout_ms
        case "message_timeout_ticks":
            return _milliseconds(given.message_timeout_ticks)
        case _:
            return 0


def _checkpoint_after(given: _Settings) -> int:
    match given.WhichOneof("checkpoint_after"):
        case "checkpoint_after_ms":
            return given.checkpoint_after_ms
        case "checkpoint_after_ticks":
            return _milliseconds(given.checkpoint_after_ticks)
        case _:
            return UNSET_CHECKPOINT_AFTER


def _milliseconds(ticks: int) -> int:
    return max(-_LONGEST, min(ticks // _TICKS_IN_A_MILLISECOND, _LONGEST))


def _strategy(given: _Settings) -> str:
    if isinstance(given, CreateReq.Settings) and given.consumer_strategy:
        return given.consumer_strategy
    number = given.named_consumer_strategy
    return STRATEGIES[number] if 0 <= number <= 2 else str(number)


def source_to_list(options: persistent_pb2.ListReq.StreamOption) -> str:
    """The source whose groups are to be listed. Raises HandlerThrew."""
    if options.WhichOneof("stream_option") == "stream":
        return stream_name(options.stream)
    return ALL
