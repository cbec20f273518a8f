"""The state machine of the connection: over stores and nodes that fail on command, and over a real node."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from desk.cqrs.errors import AccessDenied, StoreError, StoreUnavailable
from desk.store import connection
from desk.store.connection import ConnectionState, Phase, Supervisor
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from desk.store.node_process import StartFailed
from tests.memory_store import MemoryStore
from tests.store.listening import PATIENCE


class Watched:
    """Collects states, and waits for one."""

    def __init__(self) -> None:
        self.states: list[ConnectionState] = []
        self._changed = threading.Condition()

    def __call__(self, state: ConnectionState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    @property
    def phases(self) -> list[Phase]:
        return [state.phase for state in self.states]

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.states

    def until_phase(self, phase: Phase, times: int = 1) -> ConnectionState:
        self.until(lambda: self.phases.count(phase) >= times)
        return [state for state in self.states if state.phase is phase][times - 1]


class Doorbell:
    """A store whose probes fail as planned, and that counts what it is asked."""

    def __init__(self, *errors: StoreError) -> None:
        self.errors = list(errors)
        self.probes = 0
        self.uris: list[str | None] = []
        self._changed = threading.Condition()

    def until_probed(self, times: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.probes >= times, PATIENCE)

    def head(self) -> int | None:
        with self._changed:
            self.probes += 1
            self._changed.notify_all()
        if self.errors:
            raise self.errors.pop(0)
        return None

    def reconnect(self, uri: str | None = None) -> None:
        self.uris.append(uri)


class FakeNode:
    """A node that starts, or fails to, as planned."""

    def __init__(self, *errors: StoreError) -> None:
        self.errors = list(errors)
        self.alive = False
        self.given_up = False
        self.listener: Callable[[], None] | None = None

    def ensure(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.alive = True
        return "esdb://here"

    def end(self) -> None:
        self.alive = False
        assert self.listener is not None
        self.listener()

    def give_up(self) -> None:
        self.given_up = True

    def on_exit(self, listener: Callable[[], None]) -> None:
        self.listener = listener


@contextmanager
def running(supervisor: Supervisor) -> Iterator[Supervisor]:
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 0.01)


def away(count: int) -> list[StoreError]:
    return [StoreUnavailable("No event store answers.") for _ in range(count)]


def test_a_store_that_answers_is_live_and_not_asked_again() -> None:
    watched, store = Watched(), Doorbell()
    with running(Supervisor(store, watched)) as supervisor:
        assert supervisor.wait_until_live(PATIENCE)
        watched.until_phase(Phase.LIVE)
    assert watched.phases == [Phase.CONNECTING, Phase.LIVE]
    assert (store.probes, store.uris) == (1, [])


def test_pauses_grow_and_say_why_until_the_store_answers() -> None:
    watched, store = Watched(), Doorbell(*away(7))
    with running(Supervisor(store, watched)):
        watched.until_phase(Phase.LIVE)
    retries = [state for state in watched.states if state.phase is Phase.RETRYING]
    assert {state.reason for state in retries} == {"No event store answers."}
    pauses = [state.retry_in or 0.0 for state in retries]
    assert len(pauses) == 3
    assert pauses == sorted(pauses)
    assert 0.008 <= pauses[0] <= 0.012
    assert store.uris == [None] * 4


def test_a_further_attempt_that_is_refused_alike_is_told_since_its_pause_begins_anew() -> None:
    refused = [AccessDenied("No.") for _ in range(2)]
    watched, store = Watched(), Doorbell(*refused)
    with running(Supervisor(store, watched)) as supervisor:
        first = watched.until_phase(Phase.REFUSED)
        supervisor.retry()
        assert watched.until_phase(Phase.REFUSED, times=2) == first


def test_pauses_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LONGEST_PAUSE", 0.02)
    watched = Watched()
    with running(Supervisor(Doorbell(*away(13)), watched)):
        watched.until_phase(Phase.LIVE)
    assert max(state.retry_in or 0.0 for state in watched.states) <= 0.024


def test_a_reported_failure_is_looked_into_at_once_and_a_healthy_store_stays_live() -> None:
    watched, store = Watched(), Doorbell()
    with running(Supervisor(store, watched)) as supervisor:
        watched.until_phase(Phase.LIVE)
        supervisor.report_failure()
        store.errors += away(2)
        supervisor.report_failure()
        watched.until_phase(Phase.LIVE, times=2)
    assert watched.phases == [Phase.CONNECTING, Phase.LIVE, Phase.RETRYING, Phase.LIVE]


def test_a_single_failed_call_does_not_change_the_state() -> None:
    watched, store = Watched(), Doorbell()
    with running(Supervisor(store, watched)) as supervisor:
        watched.until_phase(Phase.LIVE)
        supervisor.report_failure()
        store.until_probed(2)
    assert watched.phases == [Phase.CONNECTING, Phase.LIVE]


def test_a_refused_caller_is_not_tried_again_before_somebody_asks() -> None:
    watched, store = Watched(), Doorbell(AccessDenied("Access denied. Check user name and password."))
    with running(Supervisor(store, watched)) as supervisor:
        refused = watched.until_phase(Phase.REFUSED)
        supervisor.report_failure()
        assert not supervisor.wait_until_live(0.05)
        assert store.probes == 1
        supervisor.retry()
        watched.until_phase(Phase.LIVE)
    assert refused.reason == "Access denied. Check user name and password."


def test_a_person_need_not_wait_for_the_pause_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 3600.0)
    watched = Watched()
    with running(Supervisor(Doorbell(*away(2)), watched)) as supervisor:
        watched.until_phase(Phase.RETRYING)
        supervisor.retry()
        watched.until_phase(Phase.LIVE)


def test_stopping_ends_a_long_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 3600.0)
    watched = Watched()
    with running(Supervisor(Doorbell(*away(2)), watched)) as supervisor:
        watched.until_phase(Phase.RETRYING)
    assert not supervisor.wait_until_live(0.0)


def test_the_embedded_node_is_started_and_its_address_taken() -> None:
    watched, store, node = Watched(), Doorbell(*away(1)), FakeNode()
    with running(Supervisor(store, watched, node=node)):
        watched.until_phase(Phase.LIVE)
    assert watched.phases == [Phase.CONNECTING, Phase.LIVE]
    assert store.uris == ["esdb://here"]
    assert node.given_up


def test_a_node_that_says_why_it_cannot_start_is_refused() -> None:
    watched, node = Watched(), FakeNode(StartFailed("The log is damaged."))
    with running(Supervisor(Doorbell(*away(1)), watched, node=node)) as supervisor:
        assert watched.until_phase(Phase.REFUSED).reason == "The log is damaged."
        supervisor.retry()
        watched.until_phase(Phase.LIVE)


def test_a_node_that_ends_again_and_again_is_given_pauses() -> None:
    watched, store, node = Watched(), Doorbell(*away(1)), FakeNode()
    with running(Supervisor(store, watched, node=node)):
        for times in range(1, 6):
            watched.until_phase(Phase.LIVE, times=times)
            store.errors += away(1)
            node.end()
        watched.until_phase(Phase.LIVE, times=6)
        store.errors += away(2)
        node.end()
        assert "5 times within a minute" in watched.until_phase(Phase.RETRYING).reason
    assert watched.phases.count(Phase.RESTARTING_NODE) == 5


def test_a_twin_that_goes_away_is_found_again() -> None:
    watched, store = Watched(), MemoryStore()
    with running(Supervisor(store, watched)) as supervisor:
        watched.until_phase(Phase.LIVE)
        store.go_away("Nobody is at home.")
        supervisor.report_failure()
        assert watched.until_phase(Phase.RETRYING).reason == "Nobody is at home."
        store.come_back()
        watched.until_phase(Phase.LIVE, times=2)


def test_a_killed_node_is_back_within_a_second_or_two(node: LocalNode) -> None:
    watched = Watched()
    with closing(EventStoreDB(None)) as store, running(Supervisor(store, watched, node=node)):
        watched.until_phase(Phase.LIVE)
        first = node.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        watched.until_phase(Phase.LIVE, times=2)
        assert node.pid not in (None, first)
        assert store.head() is not None
    assert watched.phases[:4] == [Phase.CONNECTING, Phase.LIVE, Phase.RESTARTING_NODE, Phase.LIVE]


def test_a_stop_is_heard_at_whatever_moment_it_comes() -> None:
    class Late(threading.Event):
        """Another thread stops, in this one's stead, just before an earlier call is forgotten."""

        def clear(self) -> None:
            supervisor.stop()
            super().clear()

    supervisor = Supervisor(Doorbell(), Watched())
    supervisor._wake = Late()
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    thread.join(PATIENCE)
    ended = not thread.is_alive()
    supervisor.stop()
    thread.join()
    assert ended
