"""The adapter when things go wrong between it and a real node: lost answers, cut wires, killed servers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.store import NO_STREAM, Filter, NewEvent, Receipt, Recorded
from desk.store import feeds, link, reading
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from tests.node.processes import wait_until
from tests.store.contract import fresh, put, revisions
from tests.store.listening import PATIENCE, Listener, listening, new_events
from tests.store.proxy import Proxy


def stored(store: EventStoreDB, stream: str) -> list[Recorded]:
    try:
        return list(store.read_stream(stream))
    except StoreError:
        return []


def until_stored(store: EventStoreDB, stream: str) -> None:
    feed = store.follow_stream(stream)
    with listening(feed) as listener:
        listener.until(lambda: bool(listener.events))


def port_of(node: LocalNode) -> int:
    return int(node.ensure().split(":")[-1].split("?")[0])


@pytest.fixture
def proxy(shared_node: LocalNode) -> Iterator[Proxy]:
    opened = Proxy(port_of(shared_node))
    yield opened
    opened.close()


@pytest.fixture
def far(proxy: Proxy) -> Iterator[EventStoreDB]:
    """A store whose wires can be cut."""
    opened = EventStoreDB(proxy.uri)
    opened.head()
    yield opened
    opened.close()


@pytest.mark.parametrize("count", [1, 3])
def test_t06_a_lost_answer_is_settled_by_asking_again_and_stores_once(
    store: EventStoreDB, far: EventStoreDB, proxy: Proxy, count: int
) -> None:
    stream, receipts = fresh(), list[Receipt]()
    proxy.swallow_answers()
    writer = threading.Thread(target=lambda: receipts.append(put(far, stream, NO_STREAM, new_events(count))))
    writer.start()
    until_stored(store, stream)
    proxy.cut()
    writer.join()
    assert [receipt.revision for receipt in receipts] == [count - 1]
    assert revisions(stored(store, stream)) == list(range(count))


def test_a_lost_answer_is_settled_even_where_the_old_connection_stays_deaf(
    store: EventStoreDB, far: EventStoreDB, proxy: Proxy
) -> None:
    stream, receipts = fresh(), list[Receipt]()
    listener = Listener(far.follow_all(after=far.head()))
    listener.until(lambda: listener.caught_up)
    proxy.swallow_answers()
    writer = threading.Thread(target=lambda: receipts.append(far.append(stream, NO_STREAM, new_events(), timeout=1.5)))
    writer.start()
    until_stored(store, stream)
    proxy.hear_newcomers()
    writer.join()
    assert [receipt.revision for receipt in receipts] == [0]
    assert not listener.ended
    far.close()
    listener.end()


def test_t01_an_answer_that_stays_lost_is_an_unknown_outcome_within_the_time_limit(
    store: EventStoreDB, far: EventStoreDB, proxy: Proxy
) -> None:
    proxy.swallow_answers()
    began, stream, events = time.monotonic(), fresh(), new_events(2)
    with pytest.raises(OutcomeUnknown):
        far.append(stream, NO_STREAM, events, timeout=2.0)
    assert 1.0 < time.monotonic() - began < PATIENCE
    assert revisions(stored(store, stream)) == [0, 1]
    assert put(store, stream, NO_STREAM, events).revision == 1


def test_a_conflict_settles_a_lost_answer_too(store: EventStoreDB, far: EventStoreDB, proxy: Proxy) -> None:
    stream, ends = fresh(), list[Conflict]()
    put(store, stream, NO_STREAM, new_events())

    def write() -> None:
        with pytest.raises(Conflict) as caught:
            put(far, stream, NO_STREAM, new_events())
        ends.append(caught.value)

    proxy.cut_after(20)
    writer = threading.Thread(target=write)
    writer.start()
    assert proxy.was_cut.wait(PATIENCE)
    proxy.cut()
    writer.join()
    assert [conflict.actual for conflict in ends] == [0]


@pytest.mark.parametrize("size", [1, 60, 200, 330, 400, 470, 600])
def test_t04_an_append_cut_on_its_way_is_stored_whole_or_not_at_all(
    store: EventStoreDB, far: EventStoreDB, proxy: Proxy, size: int
) -> None:
    stream, events = fresh(), tuple(replace(event, data=b'"' + b"x" * 300 + b'"') for event in new_events(3))
    proxy.cut_after(size)
    with pytest.raises(OutcomeUnknown):
        far.append(stream, NO_STREAM, events, timeout=0.3)
    assert revisions(stored(store, stream)) in ([], [0, 1, 2])
    assert put(store, stream, NO_STREAM, events).revision == 2
    assert revisions(stored(store, stream)) == [0, 1, 2]


def test_a_server_that_is_not_there_is_said_to_be_away_at_once() -> None:
    absent = EventStoreDB("esdb://127.0.0.1:9?tls=false")
    began = time.monotonic()
    for count in (1, 2):
        with pytest.raises(StoreUnavailable, match=r"No event store answers at 127\.0\.0\.1:9\."):
            absent.append(fresh(), NO_STREAM, new_events(count), timeout=10 * PATIENCE)
    with pytest.raises(StoreUnavailable):
        absent.head()
    with pytest.raises(StoreUnavailable):
        next(iter(absent.follow_all()))
    assert time.monotonic() - began < PATIENCE
    absent.close()


def test_a_store_without_an_address_is_away_until_it_gets_one(shared_node: LocalNode) -> None:
    store = EventStoreDB(None)
    with pytest.raises(StoreUnavailable, match="not started yet"):
        store.head()
    store.reconnect(shared_node.ensure())
    assert put(store, fresh(), NO_STREAM, new_events()).revision == 0
    store.close()


def test_what_is_no_connection_string_is_refused_at_once() -> None:
    for wrong in ("localhost:2113", "esdb://?tls=false", "esdb://localhost:2113?colour=red"):
        with pytest.raises(ValueError, match=r"."):
            EventStoreDB(wrong)


def test_a_missing_certificate_file_is_a_sentence() -> None:
    store = EventStoreDB("esdb://admin:secret@localhost:2113?tlsCaFile=/nowhere/ca.crt")
    with pytest.raises(StoreUnavailable, match="No such file") as caught:
        store.head()
    assert "secret" not in str(caught.value)
    store.close()


def test_reconnecting_drops_feeds_and_never_passes_a_cut_reading_for_a_whole_one(
    store: EventStoreDB, shared_node: LocalNode
) -> None:
    put(store, stream := fresh(), NO_STREAM, new_events(20, data=b"x" * 20_000))
    listener = Listener(store.follow_all(after=store.head()))
    listener.until(lambda: listener.caught_up)
    cut = store.read_stream(stream)
    next(cut)
    store.reconnect(shared_node.ensure())
    listener.end()
    assert isinstance(listener.error, StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        list(cut)
    assert len(stored(store, stream)) == 20


def test_a_stopped_feed_is_heard_out_as_else_its_connection_would_outlive_it(store: EventStoreDB) -> None:
    feed = store.follow_all(after=store.head())
    with listening(feed) as listener:
        listener.until(lambda: listener.caught_up)
    call: Any = feed._call  # type: ignore[attr-defined]
    assert type(call).__name__ == "_SingleThreadedRendezvous"
    assert not call._state.due


@pytest.mark.parametrize("stream", [None, "a-stream"])
def test_a_feed_that_the_server_has_not_answered_yet_can_be_stopped(
    far: EventStoreDB, proxy: Proxy, stream: str | None
) -> None:
    with listening(far.follow_all()) as earlier:
        earlier.until(lambda: bool(earlier.items))
        proxy.swallow_answers()
        feed: Any = far.follow_all() if stream is None else far.follow_stream(stream)
        listener = Listener(feed)
        wait_until(lambda: feed._call is not None)
        feed.stop()
        listener.end()


@pytest.mark.parametrize("wire", [True, False], ids=["read from the wire", "by way of the client's objects"])
def test_a_feed_delivers_what_a_reading_does_links_and_bytes_of_any_kind_included(
    store: EventStoreDB, monkeypatch: pytest.MonkeyPatch, wire: bool
) -> None:
    if not wire:
        monkeypatch.setattr(feeds, "_read_the_wire", lambda _subscription: None)
    put(store, target := fresh("bücher"), NO_STREAM, (*new_events(2), *new_events(data=b"\xff\x00 no JSON")))
    links = tuple(NewEvent(uuid4(), "$>", f"{at}@{target}".encode(), b"{}") for at in (1, 7, 2))
    put(store, stream := fresh("links"), NO_STREAM, links)
    for name in (target, stream):
        for resolve in (False, True):
            wanted = list(store.read_stream(name, resolve_links=resolve))
            with listening(store.follow_stream(name, resolve_links=resolve)) as listener:
                listener.until(lambda: listener.caught_up)
            assert listener.events == wanted
    with listening(store.follow_all(only=Filter(f"^{target}$"))) as listener:
        listener.until(lambda: listener.caught_up)
    assert listener.events == list(store.read_stream(target))


def test_a_closed_connection_opens_no_channel_for_feeds(shared_node: LocalNode) -> None:
    closed = link.Link(shared_node.ensure(), "late", None)
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        closed.feeds()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_slow_reader_is_continued_where_one_call_ended(
    store: EventStoreDB, monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    put(store, stream := fresh(), NO_STREAM, new_events(40, data=b"x" * 10_000))
    whole = list(store.read_stream(stream, backwards=backwards))
    start = None if backwards else min(event.position for event in whole)

    def slowly(seconds: float, events: Iterable[Recorded]) -> Iterator[Recorded]:
        for number, event in enumerate(events):
            yield event
            if number % 12 == 0:
                time.sleep(1.2 * seconds)

    for seconds in (0.1, 0.5, 2.5):
        monkeypatch.setattr(reading, "READ_SECONDS", seconds)
        with suppress(StoreUnavailable):  # a busy machine has not even the first event in time
            of_stream = slowly(seconds, store.read_stream(stream, backwards=backwards, limit=30))
            of_all = slowly(seconds, store.read_all(start=start, backwards=backwards, limit=30))
            assert [*of_stream] == [*of_all] == whole[:30]
            return
    raise AssertionError("no call came to an end in time")


def test_a_killed_node_drops_feeds_and_serves_again_at_the_same_address(node: LocalNode) -> None:
    store = EventStoreDB(uri := node.ensure())
    put(store, stream := fresh(), NO_STREAM, new_events(2))
    listener = Listener(store.follow_all())
    listener.until(lambda: listener.caught_up)
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    listener.end()
    assert isinstance(listener.error, StoreUnavailable)
    with pytest.raises((StoreUnavailable, OutcomeUnknown)):
        store.append(stream, 1, new_events(), timeout=0.3)
    assert node.ensure() == uri
    store.reconnect()
    assert revisions(stored(store, stream))[:2] == [0, 1]
    store.close()


def test_an_append_outlives_a_restart_of_the_node(node: LocalNode) -> None:
    near = EventStoreDB(node.ensure())
    with closing(near), closing(Proxy(port_of(node))) as proxy, closing(EventStoreDB(proxy.uri)) as far:
        far.head()
        stream, receipts = fresh(), list[Receipt]()
        proxy.swallow_answers()
        writer = threading.Thread(target=lambda: receipts.append(put(far, stream, NO_STREAM, new_events(2))))
        writer.start()
        until_stored(near, stream)
        ended = threading.Event()
        node.on_exit(ended.set)
        assert node.pid is not None
        os.kill(node.pid, signal.SIGKILL)
        assert ended.wait(PATIENCE)
        node.ensure()
        proxy.cut()
        writer.join()
        near.reconnect()
        assert [receipt.revision for receipt in receipts] == [1]
        assert revisions(stored(near, stream)) == [0, 1]


def test_a_connection_that_died_without_a_word_is_found_out(node: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_SIGN_OF_LIFE", 200)
    with closing(EventStoreDB(node.ensure(), keepalive=0.1)) as store:
        listener = Listener(store.follow_all(after=store.head()))
        listener.until(lambda: listener.caught_up)
        assert node.pid is not None
        os.kill(node.pid, signal.SIGSTOP)
        try:
            listener.end()
        finally:
            os.kill(node.pid, signal.SIGCONT)
    assert isinstance(listener.error, StoreUnavailable)


def test_a_clusters_address_leads_to_its_leader(shared_node: LocalNode) -> None:
    with closing(EventStoreDB(f"esdb+discover://127.0.0.1:{port_of(shared_node)}?tls=false")) as store:
        assert put(store, fresh(), NO_STREAM, new_events(2)).revision == 1


def test_a_cluster_that_is_not_there_is_away() -> None:
    absent = "esdb+discover://127.0.0.1:9?tls=false&maxDiscoverAttempts=1"
    with closing(EventStoreDB(absent)) as store, pytest.raises(StoreUnavailable):
        store.append(fresh(), NO_STREAM, new_events(), timeout=5.0)


def test_a_full_disk_is_told_in_the_nodes_words_and_reading_goes_on(tmp_path: Path) -> None:
    small_files = ("sh", "-c", 'ulimit -f 600; exec "$0" -m desk.node "$@"', sys.executable)
    node = LocalNode(tmp_path, command=small_files)
    with closing(node), closing(EventStoreDB(node.ensure())) as store:
        put(store, stream := fresh(), NO_STREAM, new_events(2))
        for count in (1, 3):
            began, data = time.monotonic(), b"x" * (480_000 // count)
            with pytest.raises(StoreUnavailable, match="Nothing was written"):
                store.append(fresh(), NO_STREAM, new_events(count, data=data), timeout=10 * PATIENCE)
            assert time.monotonic() - began < PATIENCE
        assert revisions(list(store.read_stream(stream))) == [0, 1]


def test_light_modules_of_the_store_do_not_load_grpc() -> None:
    program = "import sys, desk.store.connection; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_program_ends_though_grpc_is_slow_with_its_last_words(shared_node: LocalNode) -> None:
    """A thread that Python cut off in the middle of them kept a lock, for which the program waited for ever.

    Here it is in the middle of them when the program begins to end, and late; it has to be done when Python cuts off.
    """
    program = """
import atexit, os, sys, threading, time, uuid, grpc._channel as channel
closed, ending, done = threading.Event(), threading.Event(), threading.Event()
atexit.register(lambda: done.is_set() or os._exit(3))  # the first is the last to be called
def is_last(event, state):
    types = [operation.type() for operation in event.batch_operations]
    return state.cancelled and channel.cygrpc.OperationType.receive_status_on_client in types
heard = channel._handle_event
def slow(event, state, deserializer):  # the lock of the call is held meanwhile
    callbacks = heard(event, state, deserializer)
    if is_last(event, state):
        ending.wait(60.0)
        time.sleep(0.2)
        done.set()
    return callbacks
make = channel._event_handler
def late(state, deserializer):
    handle = make(state, deserializer)
    def handle_event(event):
        if is_last(event, state):
            closed.wait(60.0)
        return handle(event)
    return handle_event
channel._handle_event, channel._event_handler = slow, late
from desk.store.eventstoredb import EventStoreDB
from tests.store.listening import new_events
store = EventStoreDB(sys.argv[1])
store.append(f"thing-{uuid.uuid4()}", -1, new_events(1), timeout=60.0)
store.close()
closed.set()
atexit.register(ending.set)
"""
    subprocess.run([sys.executable, "-c", program, shared_node.ensure()], timeout=60, check=True)
