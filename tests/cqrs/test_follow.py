"""The one loop around a feed: drops, refusals, stopping and waking, over feeds that do as they are told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from desk.cqrs import follow
from desk.cqrs.errors import AccessDenied, OutcomeUnknown, StoreError, StoreUnavailable, StreamIsGone
from desk.cqrs.follow import Follower, GrowingPause
from desk.cqrs.store import CaughtUp, Checkpoint, Feed, Recorded
from tests.waiting import until

Item = Recorded | Checkpoint | CaughtUp


def event(position: int) -> Recorded:
    return Recorded(uuid4(), "thing-1", position, position, "Happened", b"{}", b"", datetime.now(UTC))


class ScriptedFeed:
    """Gives these items, then raises ``end``; without one it waits to be stopped."""

    def __init__(self, *items: Item, end: Exception | None = None, silently: bool = False) -> None:
        self._items, self._end, self._silently = items, end, silently
        self.stopped = threading.Event()

    def __iter__(self) -> Iterator[Item]:
        yield from self._items
        if self._end is not None:
            raise self._end
        if not self._silently:
            assert self.stopped.wait(60)

    def stop(self) -> None:
        self.stopped.set()


class Recording(GrowingPause):
    """Notes how long it was asked to pause, and does not, unless ``really``."""

    def __init__(self, *, really: bool = False) -> None:
        super().__init__(first=1.0, longest=8.0)
        self.seconds: list[float] = []
        self._really = really

    def wait(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._really:
            super().wait(seconds)


class Script:
    """Hands out feeds (or raises) in order; the last for ever. ``read`` notes what comes, until it has had enough."""

    def __init__(self, *parts: ScriptedFeed | StoreError, enough: int = 10**9) -> None:
        self.parts, self.enough = list(parts), enough
        self.subscribed = 0
        self.seen: list[int] = []
        self.drops: list[StoreError] = []

    def subscribe(self) -> Feed:
        part = self.parts[min(self.subscribed, len(self.parts) - 1)]
        self.subscribed += 1
        if isinstance(part, StoreError):
            raise part
        return part

    def read(self, feed: Feed) -> None:
        for item in feed:
            if isinstance(item, Recorded):
                self.seen.append(item.position)
            if len(self.seen) >= self.enough:
                return

    def follower(self, pause: GrowingPause) -> Follower:
        return Follower(self.subscribe, self.read, self.drops.append, pause=pause)


@contextmanager
def following(follower: Follower) -> Iterator[None]:
    thread = threading.Thread(target=follower.follow)
    thread.start()
    try:
        yield
    finally:
        follower.stop()
        thread.join(60)
        assert not thread.is_alive()


def away() -> StoreUnavailable:
    return StoreUnavailable("away")


def test_a_feed_that_drops_is_taken_up_again_and_each_drop_is_told() -> None:
    script = Script(ScriptedFeed(event(1), end=away()), ScriptedFeed(event(2), end=away()), ScriptedFeed(event(3)))
    with following(script.follower(Recording())):
        until(lambda: script.seen == [1, 2, 3])
    assert [str(error) for error in script.drops] == ["away", "away"]


def test_the_pause_doubles_up_to_its_longest_and_begins_again_once_something_came() -> None:
    pause = Recording()
    script = Script(*(away() for _ in range(5)), ScriptedFeed(event(1), end=away()), ScriptedFeed(event(2)))
    with following(script.follower(pause)):
        until(lambda: script.seen == [1, 2])
    assert pause.seconds == [1.0, 2.0, 4.0, 8.0, 8.0, 1.0]


def test_being_told_that_nothing_is_new_counts_as_something() -> None:
    pause = Recording()
    script = Script(away(), away(), ScriptedFeed(CaughtUp(), end=away()), ScriptedFeed(event(1)))
    with following(script.follower(pause)):
        until(lambda: script.seen == [1])
    assert pause.seconds == [1.0, 2.0, 1.0]


def test_a_feed_that_ends_without_a_word_has_dropped_and_is_paused_for() -> None:
    """A store that ends feeds politely, again and again, must not be asked in a busy loop."""
    pause = Recording()
    script = Script(*(ScriptedFeed(silently=True) for _ in range(4)), ScriptedFeed(event(1)))
    with following(script.follower(pause)):
        until(lambda: script.seen == [1])
    assert pause.seconds == [1.0, 2.0, 4.0, 8.0]
    assert all("ended the feed" in str(error) for error in script.drops)


def test_no_store_however_it_fails_is_asked_in_a_busy_loop() -> None:
    """Real pauses: a store that fails at once is asked a handful of times in half a second at most."""
    script, began = Script(away()), time.monotonic()
    with following(script.follower(GrowingPause(first=0.05, longest=0.2))):
        until(lambda: script.subscribed >= 4)
        assert time.monotonic() - began >= 0.05 + 0.1 + 0.2


@pytest.mark.parametrize("refusal", [AccessDenied("no"), StreamIsGone("gone"), StoreError("not with this filter")])
def test_a_refusal_that_a_person_must_mend_is_asked_again_seldom_and_at_once_when_woken(refusal: StoreError) -> None:
    pause = Recording(really=True)
    script = Script(refusal, refusal, ScriptedFeed(event(1)))
    follower = script.follower(pause)
    with following(follower):
        until(lambda: len(pause.seconds) == 1)
        assert script.subscribed == 1
        follower.wake()
        until(lambda: len(pause.seconds) == 2)
        follower.wake()
        until(lambda: script.seen == [1])
    assert pause.seconds == [follow.REFUSED_PAUSE, follow.REFUSED_PAUSE]


def test_a_refusal_does_not_lengthen_the_pauses_of_an_outage() -> None:
    pause = Recording()
    script = Script(away(), AccessDenied("no"), OutcomeUnknown("lost"), ScriptedFeed(event(1)))
    with following(script.follower(pause)):
        until(lambda: script.seen == [1])
    assert pause.seconds == [1.0, follow.REFUSED_PAUSE, 2.0]


def test_a_store_that_is_back_is_asked_at_once_however_long_the_pause() -> None:
    script = Script(away(), ScriptedFeed(event(1)))
    pause = GrowingPause(first=3600.0)
    follower = script.follower(pause)
    with following(follower):
        until(lambda: bool(script.drops))
        follower.wake()
        until(lambda: script.seen == [1])


def test_a_wake_while_an_attempt_fails_is_not_lost() -> None:
    """The store came back between the attempt's failure and the pause."""
    script = Script(away(), ScriptedFeed(event(1)))
    follower = Follower(script.subscribe, script.read, lambda _error: follower.wake(), pause=GrowingPause(first=3600.0))
    with following(follower):
        until(lambda: script.seen == [1])


def test_wakes_of_long_ago_do_not_shorten_the_pause_after_the_next_failure() -> None:
    script, pause = Script(away(), ScriptedFeed(event(1))), GrowingPause(first=0.2)
    follower = script.follower(pause)
    for _ in range(3):
        follower.wake()
    began = time.monotonic()
    with following(follower):
        until(lambda: script.seen == [1])
        assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("error", [away(), AccessDenied("no")], ids=["away", "refused"])
def test_stopping_ends_a_pause_at_once(error: StoreError) -> None:
    script = Script(error)
    follower = script.follower(GrowingPause(first=3600.0))
    with following(follower):
        until(lambda: bool(script.drops))
    assert follower.stopped


def test_stopping_ends_the_feed_and_is_no_drop() -> None:
    feed = ScriptedFeed(event(1))
    script = Script(feed)
    with following(script.follower(Recording())):
        until(lambda: script.seen == [1])
    assert feed.stopped.is_set()
    assert script.drops == []


def test_one_that_was_stopped_before_it_began_asks_nobody() -> None:
    script = Script(ScriptedFeed(event(1)))
    follower = script.follower(Recording())
    follower.stop()
    follower.follow()
    assert script.subscribed == 0


def test_stopping_while_subscribing_ends_the_feed_that_comes_of_it() -> None:
    feed, entered, go_on = ScriptedFeed(), threading.Event(), threading.Event()

    def subscribe() -> Feed:
        entered.set()
        assert go_on.wait(60)
        return feed

    script = Script(feed)
    follower = Follower(subscribe, script.read)
    with following(follower):
        assert entered.wait(60)
        follower.stop()
        go_on.set()
    assert feed.stopped.is_set()


def test_a_reader_that_has_had_enough_ends_it_and_its_feed() -> None:
    feed = ScriptedFeed(event(1), event(2), event(3))
    script = Script(feed, enough=2)
    script.follower(Recording()).follow()
    assert script.seen == [1, 2]
    assert feed.stopped.is_set()


def test_nothing_to_follow_ends_it() -> None:
    Follower(lambda: None, Script(ScriptedFeed()).read).follow()


def test_a_bug_is_not_paused_for_and_leaves_no_feed_behind() -> None:
    feed = ScriptedFeed(event(1))

    def broken(given: Feed) -> None:
        for _ in given:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Follower(lambda: feed, broken).follow()
    assert feed.stopped.is_set()


def test_what_is_raised_after_it_was_stopped_is_not_told() -> None:
    told: list[StoreError] = []
    feed = ScriptedFeed(event(1))

    def read(given: Feed) -> None:
        for _ in given:
            follower.stop()
            raise away()

    follower: Follower = Follower(lambda: feed, read, told.append)
    follower.follow()
    assert told == []


def test_callers_are_told_in_the_followers_thread() -> None:
    threads: list[str] = []

    def noted(answer: Callable[[], None]) -> None:
        threads.append(threading.current_thread().name)
        answer()

    script = Script(away(), ScriptedFeed(event(1), silently=True), enough=1)
    follower = Follower(
        script.subscribe,
        lambda feed: noted(lambda: script.read(feed)),
        lambda error: noted(lambda: script.drops.append(error)),
        pause=Recording(),
    )
    thread = threading.Thread(target=follower.follow, name="follower")
    thread.start()
    thread.join(60)
    assert threads == ["follower", "follower"]
