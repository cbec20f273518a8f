"""The client library as a consumer: it gathers its answers, verifies what it is told, and skips what it cannot show."""

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import AlreadyExists, MaximumSubscriptionsReached, NotFound

from tests.node.processes import wait_until


def write(client: EventStoreDBClient, stream: str, count: int) -> None:
    events = [NewEvent(type="T", data=b"%d" % number) for number in range(count)]
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def test_it_consumes_a_stream_and_its_answers_are_heard(client: EventStoreDBClient, stream: str) -> None:
    write(client, stream, 120)
    client.create_subscription_to_stream("g", stream, min_checkpoint_count=1, max_checkpoint_count=1)
    seen = []
    with client.read_subscription_to_stream("g", stream) as subscription:
        for event in subscription:
            seen.append(int(event.data))
            subscription.ack(event)
            if len(seen) == 120:
                break
    assert seen == list(range(120))
    wait_until(lambda: client.get_subscription_info("g", stream).last_checkpointed_event_position == "119")


def test_answers_that_are_gathered_come_before_their_time_is_up(client: EventStoreDBClient, stream: str) -> None:
    """The client gathers them for a fifth of a second, twice as long as the time that is allowed.

    On a machine that lets the client wait for more than a second an answer does come too late: hence several groups, of
    which one must see no message twice. A node that keeps to the time by the clock sends each again in all of them.
    """
    write(client, stream, 5)
    assert any(_each_came_once(client, stream, f"g{number}") for number in range(10))


def _each_came_once(client: EventStoreDBClient, stream: str, group: str) -> bool:
    client.create_subscription_to_stream(group, stream, message_timeout=0.1, max_retry_count=5)
    with client.read_subscription_to_stream(group, stream) as subscription:
        retries = []
        for event in subscription:
            retries.append(event.retry_count)
            subscription.ack(event)
            if event.stream_position == 4:
                break
        wait_until(lambda: client.get_subscription_info(group, stream).outstanding_messages_count == 0)
    return retries == [0] * 5 and client.get_subscription_info(group, stream).total_items == 5


def test_it_parks_and_replays(client: EventStoreDBClient, stream: str) -> None:
    write(client, stream, 3)
    client.create_subscription_to_stream("g", stream)
    with client.read_subscription_to_stream("g", stream) as subscription:
        for event in subscription:
            subscription.nack(event, "park")
            if event.stream_position == 2:
                break
    wait_until(lambda: client.get_subscription_info("g", stream).parked_message_count == 3)
    client.replay_parked_events("g", stream)
    again = []
    with client.read_subscription_to_stream("g", stream) as subscription:
        for event in subscription:
            again.append((event.stream_position, event.link is not None))
            subscription.ack(event)
            if len(again) == 3:
                break
    assert again == [(0, True), (1, True), (2, True)]
    wait_until(lambda: client.get_subscription_info("g", stream).parked_message_count == 0)


def test_it_consumes_the_log_with_a_filter(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_all(stream, from_end=True, filter_include=[stream], filter_by_stream_name=True)
    write(client, f"other-than-that-{stream[:8]}", 1)
    write(client, stream, 2)
    with client.read_subscription_to_all(stream) as subscription:
        assert [next(subscription).stream_name for _ in range(2)] == [stream, stream]
    client.delete_subscription(stream)


def test_it_changes_some_settings_and_keeps_the_others(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_stream("g", stream, stream_position=5, max_retry_count=3, consumer_strategy="Pinned")
    client.update_subscription_to_stream("g", stream, max_retry_count=4)
    told = client.get_subscription_info("g", stream)
    assert (told.max_retry_count, told.start_from, told.consumer_strategy) == (4, "5", "Pinned")
    assert told.min_checkpoint_count == 10


def test_its_exceptions_are_those_of_the_library(client: EventStoreDBClient, stream: str) -> None:
    with pytest.raises(NotFound):
        client.get_subscription_info("g", stream)
    assert client.list_subscriptions_to_stream(stream) == []
    client.create_subscription_to_stream("g", stream, max_subscriber_count=1)
    with pytest.raises(AlreadyExists):
        client.create_subscription_to_stream("g", stream)
    with client.read_subscription_to_stream("g", stream), pytest.raises(MaximumSubscriptionsReached):
        client.read_subscription_to_stream("g", stream)
    assert [each.group_name for each in client.list_subscriptions_to_stream(stream)] == ["g"]
    client.delete_subscription("g", stream)
