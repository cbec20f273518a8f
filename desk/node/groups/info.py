"""What can be told about a group: its settings, its consumers, how far it is."""

from esdbclient.protos.Grpc import persistent_pb2

from desk.node.groups.definition import ALL, Definition, parked_stream, place_text
from desk.node.groups.group import Group
from desk.node.groups.member import Member
from desk.node.pages import LogPages, StreamEnd
from desk.records import dataclass

SubscriptionInfo = persistent_pb2.SubscriptionInfo


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the parked events of a group end, and its source; None for the whole log."""

    parked: StreamEnd
    source: StreamEnd | None


def ends_of(pages: LogPages, definition: Definition) -> Ends:
    """Where they are now."""
    source = None if definition.source == ALL else pages.end_of(definition.source)
    return Ends(pages.end_of(parked_stream(definition.key)), source)


def info_of(group: Group, ends: Ends, now: float) -> SubscriptionInfo:
    """All of it; ``now`` in seconds of the event loop's clock."""
    definition = group.definition
    settings = definition.settings
    delivery = group.delivery
    rate = group.measured.rate(now)
    return SubscriptionInfo(
        event_source=definition.source,
        group_name=definition.group,
        status=_status(group, ends),
        connections=[_connection(member, now) for member in group.members.values()],
        average_per_second=rate.per_second,
        total_items=rate.total,
        count_since_last_measurement=rate.since_last,
        last_checkpointed_event_position=_place(definition, group.keeper.checkpoint),
        last_known_event_position=_place(definition, _known(group, ends)),
        resolve_link_tos=settings.resolve_links,
        start_from=place_text(definition.source, -1 if definition.start is None else definition.start),
        message_timeout_milliseconds=settings.message_timeout,
        extra_statistics=settings.extra_statistics,
        max_retry_count=settings.max_retry_count,
        live_buffer_size=settings.live_buffer_size,
        buffer_size=settings.history_buffer_size,
        read_batch_size=settings.read_batch_size,
        check_point_after_milliseconds=settings.checkpoint_after,
        min_check_point_count=settings.min_checkpoint_count,
        max_check_point_count=settings.max_checkpoint_count,
        read_buffer_count=0 if group.live else delivery.waiting,
        live_buffer_count=delivery.waiting if group.live else 0,
        retry_buffer_count=delivery.retrying,
        total_in_flight_messages=sum(consumer.in_flight for consumer in group.members),
        outstanding_messages_count=delivery.in_flight,
        named_consumer_strategy=settings.strategy,
        max_subscriber_count=settings.max_subscriber_count,
        parked_message_count=ends.parked.last + 1 - group.replay.first(ends.parked),
    )


def _connection(member: Member, now: float) -> SubscriptionInfo.ConnectionInfo:
    rate = member.measured.rate(now)
    measurement = SubscriptionInfo.Measurement
    return SubscriptionInfo.ConnectionInfo(
        username=member.identity.user,
        connection_name=member.identity.connection,
        average_items_per_second=rate.per_second,
        total_items=rate.total,
        count_since_last_measurement=rate.since_last,
        observed_measurements=[measurement(key=key, value=value) for key, value in member.measured.observed],
        available_slots=max(0, member.consumer.slots - member.consumer.in_flight),
        in_flight_messages=member.consumer.in_flight,
    )


def _place(definition: Definition, place: int | None) -> str:
    return "" if place is None else place_text(definition.source, place)


def _known(group: Group, ends: Ends) -> int | None:
    """A group that nobody consumes does not read its stream, but knows where it ends."""
    if group.definition.source == ALL:
        return group.delivery.progress.last or None
    if not group.members and _unread(group, ends) > 0 and ends.source is not None:
        return ends.source.last
    return group.known


def _unread(group: Group, ends: Ends) -> int:
    if ends.source is None or ends.source.missing or ends.source.tombstoned:
        return 0
    return ends.source.last - max(group.delivery.progress.last, ends.source.first - 1)


def _status(group: Group, ends: Ends) -> str:
    read_ahead = group.definition.settings.history_buffer_size
    live = group.live if group.members else _unread(group, ends) <= read_ahead
    flags = ["ReplayingParkedMessages"] if group.replay.running else []
    return ", ".join([*flags, "Live" if live else "Behind"])
