"""What readers ask for, parsed at the edge: a read or a subscription, of one stream or of the whole log."""

from typing import Any, Final

from esdbclient.protos.Grpc import streams_pb2

from desk.node.filters import DEFAULT_WINDOW, EventFilter, wanted_events
from desk.node.proposals import signed, stream_name
from desk.node.records import MAX
from desk.node.status import HandlerThrew, invalid_argument, not_valid
from desk.records import dataclass

Options = streams_pb2.ReadReq.Options

END: Final = -1

_NAMES: Final = {
    "stream": "Stream",
    "all": "All",
    "count": "Count",
    "subscription": "Subscription",
    "filter": "Filter",
    "no_filter": "NoFilter",
    0: "Forwards",
    1: "Backwards",
}
_ACCEPTED: Final = frozenset(
    {
        ("stream", "count", 0, "no_filter"),
        ("stream", "count", 1, "no_filter"),
        ("stream", "subscription", 0, "no_filter"),
        ("all", "count", 0, "no_filter"),
        ("all", "count", 1, "no_filter"),
        ("all", "count", 0, "filter"),
        ("all", "count", 1, "filter"),
        ("all", "subscription", 0, "no_filter"),
        ("all", "subscription", 0, "filter"),
    }
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a reader wants events: links followed or not, ids as text or as two numbers."""

    resolve_links: bool
    structured_ids: bool

    @property
    def plain(self) -> bool:
        """Whether events are sent just as they are stored."""
        return not (self.resolve_links or self.structured_ids)


@dataclass(frozen=True, slots=True)
class StreamRead:
    """Some events of a stream from a revision, or from its END."""

    stream: str
    revision: int
    backwards: bool
    count: int
    read_options: ReadOptions
    tell_positions: bool


@dataclass(frozen=True, slots=True)
class LogRead:
    """Some events of the log from a position, or from its END."""

    position: int
    backwards: bool
    count: int
    filter: EventFilter | None
    read_options: ReadOptions


@dataclass(frozen=True, slots=True)
class StreamSubscription:
    """A stream's events after a revision (-1 for all), or those to come where it is None."""

    stream: str
    after: int | None
    read_options: ReadOptions


@dataclass(frozen=True, slots=True)
class LogSubscription:
    """The log's events after a position (0 for all), or those to come where it is None.

    ``interval``: how many events are considered from one checkpoint to the next.
    """

    after: int | None
    filter: EventFilter | None
    interval: int
    read_options: ReadOptions


ReadRequest = StreamRead | LogRead | StreamSubscription | LogSubscription


def parse(request: streams_pb2.ReadReq) -> ReadRequest:
    """The request that a message stands for. Raises Failure."""
    if not request.HasField("options"):
        raise HandlerThrew("The request has no options.")
    options = request.options
    source, count, _, _ = _combination(options)
    if not options.HasField("uuid_option"):
        raise invalid_argument("The option uuid_option is not set.")
    read_options = ReadOptions(options.resolve_links, options.uuid_option.WhichOneof("content") != "string")
    if source == "stream":
        name = stream_name(options.stream.stream_identifier)
        revision = _revision(options.stream)
        if count == "count":
            return StreamRead(
                name,
                revision,
                options.read_direction == Options.Backwards,
                options.count,
                read_options,
                options.control_option.compatibility >= 1,
            )
        return StreamSubscription(name, _after_revision(options.stream, revision), read_options)
    position = log_place(options.all)
    chosen = _filter(options) if options.HasField("filter") else None
    if count == "count":
        backwards = options.read_direction == Options.Backwards
        return LogRead(position, backwards, options.count, chosen, read_options)
    return LogSubscription(None if position == END else position, chosen, _interval(options), read_options)


def _combination(options: Options) -> tuple[str, str | None, int, str | None]:
    source = options.WhichOneof("stream_option")
    if source is None:
        raise not_valid("None", "Streams.ReadReq+Types+Options+StreamOptionOneofCase")
    chosen = (
        source,
        options.WhichOneof("count_option"),
        int(options.read_direction),
        options.WhichOneof("filter_option"),
    )
    if chosen not in _ACCEPTED:
        names = (str(_NAMES.get(part, part)) for part in chosen)
        raise invalid_argument(f"The combination of ({', '.join(names)}) is invalid.")
    return chosen


def _revision(stream: Options.StreamOptions) -> int:
    which = stream.WhichOneof("revision_option")
    return signed(stream.revision) if which == "revision" else _start_or_end(which)


def _start_or_end(which: str | None) -> int:
    if which is None:
        raise HandlerThrew("No place, start or end.")
    return 0 if which == "start" else END


def _after_revision(stream: Options.StreamOptions, revision: int) -> int | None:
    if stream.WhichOneof("revision_option") == "start":
        return -1
    return None if revision == END else revision


def log_place(chosen: Any) -> int:
    """The position that options for the whole log name, 0 for the start, or END. Raises HandlerThrew."""
    which = chosen.WhichOneof("all_option")
    if which != "position":
        return _start_or_end(which)
    commit, prepare = signed(chosen.position.commit_position), signed(chosen.position.prepare_position)
    if commit < prepare:
        raise HandlerThrew("The commit position cannot be less than the prepare position.")
    return commit


def _filter(options: Options) -> EventFilter:
    wanted = wanted_events(options.filter)
    if wanted is None:
        from google.protobuf.json_format import MessageToDict  # seldom used, and slow to load

        raise not_valid(_as_json(MessageToDict(options.filter)), "Streams.ReadReq+Types+Options+Types+FilterOptions")
    _window(options.filter)
    return EventFilter(wanted)


def _as_json(value: object) -> str:
    """A message as the original writes it into its sentences."""
    if not isinstance(value, dict):
        return str(value)
    fields = ", ".join(f'"{name}": {_as_json(field)}' for name, field in value.items())
    return f"{{ {fields} }}" if fields else "{ }"


def _window(chosen: Options.FilterOptions) -> int:
    match chosen.WhichOneof("window"):
        case "max":
            if not 0 < chosen.max < 2**31:
                raise invalid_argument(f"A window of {chosen.max} events cannot be; it is from 1 to 2147483647.")
            return chosen.max
        case "count":
            return DEFAULT_WINDOW
        case _:
            raise not_valid("None", "Streams.ReadReq+Types+Options+Types+FilterOptions+WindowOneofCase")


def _interval(options: Options) -> int:
    if not options.HasField("filter"):
        return MAX
    if options.filter.checkpointIntervalMultiplier == 0:
        raise HandlerThrew("The checkpoint interval cannot be 0.")
    return _window(options.filter) * options.filter.checkpointIntervalMultiplier
