"""A feed read ahead: what arrived together comes together, and no more than a bounded number waits."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import CaughtUp, Checkpoint, Recorded
from desk.projection.inbox import BATCH, Arrival, Inbox
from tests.projection.library import wait_until


class FeedOfList:
    """Delivers these items, then waits for more until it is stopped; an error among them is raised."""

    def __init__(self, *items: Recorded | CaughtUp | Checkpoint | Exception) -> None:
        self._items = list(items)
        self._changed = threading.Condition()
        self._stopped = False
        self.delivered = 0

    def add(self, item: Recorded | CaughtUp) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def stop(self) -> None:
        self.end()

    def __iter__(self) -> Iterator[Recorded | CaughtUp | Checkpoint]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self.delivered < len(self._items))
                if self.delivered == len(self._items):
                    return
                item = self._items[self.delivered]
                self.delivered += 1
            if isinstance(item, Exception):
                raise item
            yield item


def taken_from(inbox: Inbox, linger: float = 0.0) -> Arrival:
    """As the projector takes."""
    inbox.await_first(None)
    return inbox.take(linger=linger)


def event(position: int) -> Recorded:
    return Recorded(uuid4(), "book-1", position, position, "Type", b"{}", b"{}", datetime.now(UTC))


def events(count: int) -> list[Recorded]:
    return [event(position) for position in range(count)]


def test_while_catching_up_a_batch_waits_to_be_full_and_live_it_does_not() -> None:
    feed = FeedOfList(*events(3))
    inbox = Inbox(feed)
    wait_until(lambda: feed.delivered == 3)
    assert len(taken_from(inbox).events) == 3
    taken = []
    thread = threading.Thread(target=lambda: taken.append(taken_from(inbox, linger=30)))
    thread.start()
    for one in events(BATCH):
        feed.add(one)
    thread.join(60)
    assert [len(delivery.events) for delivery in taken] == [BATCH]
    inbox.close()


def test_being_caught_up_ends_a_batch_at_once() -> None:
    inbox = Inbox(FeedOfList(*events(2), CaughtUp(), *events(1)))
    first = taken_from(inbox, linger=30)
    assert (len(first.events), first.caught_up) == (2, True)
    second = taken_from(inbox)
    assert (len(second.events), second.caught_up) == (1, False)
    inbox.close()


def test_no_more_than_two_batches_are_read_ahead() -> None:
    feed = FeedOfList(*events(5 * BATCH))
    inbox = Inbox(feed)
    wait_until(lambda: feed.delivered == 2 * BATCH + 1)  # one is in the reader's hands
    sizes = [len(taken_from(inbox, linger=30).events) for _ in range(5)]
    assert sizes == [BATCH] * 5
    inbox.close()


def test_a_wait_without_events_ends_in_time_with_nothing() -> None:
    inbox = Inbox(FeedOfList())
    inbox.await_first(0.01)
    delivery = inbox.take()
    assert (delivery.events, delivery.ended) == ([], False)
    inbox.close()


def test_positions_of_checkpoints_are_not_delivered() -> None:
    inbox = Inbox(FeedOfList(Checkpoint(5), event(1), Checkpoint(9), CaughtUp()))
    delivery = taken_from(inbox, linger=30)
    assert [one.position for one in delivery.events] == [1]
    assert delivery.caught_up
    inbox.close()


def test_an_error_comes_after_what_was_read_before_it() -> None:
    inbox = Inbox(FeedOfList(event(1), StoreUnavailable("away")))
    delivery = taken_from(inbox, linger=30)
    assert len(delivery.events) == 1
    assert delivery.ended
    assert isinstance(inbox.error, StoreUnavailable)
    inbox.close()


@pytest.mark.parametrize("full", [False, True])
def test_closing_ends_the_thread_also_where_it_waits_for_room(full: bool) -> None:
    feed = FeedOfList(*events(5 * BATCH if full else 1))
    inbox = Inbox(feed)
    wait_until(lambda: feed.delivered > (2 * BATCH if full else 0))
    inbox.close()
    assert not any(thread.name == "projection-inbox" for thread in threading.enumerate())


def test_waking_lets_the_taker_go() -> None:
    inbox = Inbox(FeedOfList())
    taken = []
    thread = threading.Thread(target=lambda: taken.append(taken_from(inbox)))
    thread.start()
    inbox.wake()
    thread.join(60)
    assert taken[0].ended
    inbox.close()


def test_what_is_held_back_is_counted_and_taken_one_by_one_or_by_its_age() -> None:
    feed = FeedOfList(*events(3), CaughtUp())
    inbox = Inbox(feed)
    wait_until(lambda: feed.delivered == 4)
    queue = inbox.queue
    assert (queue.events, queue.full) == (3, False)
    assert queue.since is not None
    assert inbox.take(limit=0).events == inbox.take(arrived_by=queue.since - 1).events == []
    assert [one.position for one in inbox.take(arrived_by=queue.since, limit=1).events] == [0]
    assert [one.position for one in inbox.take(limit=1).events] == [1]
    last = inbox.take(limit=1)
    assert ([one.position for one in last.events], last.caught_up) == ([2], True)
    assert (inbox.queue.events, inbox.queue.since) == (0, None)
    inbox.close()


def test_a_full_inbox_says_that_more_may_wait() -> None:
    feed = FeedOfList(*events(5 * BATCH))
    inbox = Inbox(feed)
    wait_until(lambda: feed.delivered == 2 * BATCH + 1)
    assert (inbox.queue.events, inbox.queue.full) == (2 * BATCH, True)
    inbox.close()
