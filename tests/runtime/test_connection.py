"""What a session says of its connection: what was answered, word for word, no password; and what is noted of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desk.application.session import Connection, ConnectionRecord, Light, SessionEvent
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from tests.node.processes import NodeProcess, start_node

PATIENCE = 60.0
SECRET = "wrong-one"


class Heard:
    """Collects what a session tells, and waits for something."""

    def __init__(self) -> None:
        self.events: list[SessionEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: SessionEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    @property
    def connections(self) -> list[Connection]:
        return [event for event in self.events if isinstance(event, Connection)]

    def until(self, condition: Callable[[Connection], bool]) -> Connection:
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(condition, self.connections)), PATIENCE), self.events
            return next(filter(condition, self.connections))


@contextmanager
def opened(directory: Path, store: str | None = None) -> Iterator[tuple[Runtime, Heard]]:
    runtime, heard = open_runtime(Options(directory, store=store, user="ada")), Heard()
    try:
        runtime.session.listen(heard)
        yield runtime, heard
    finally:
        runtime.close()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_NODE_ADMIN_PASSWORD", "right-one")
        node = start_node(tmp_path_factory.mktemp("secured"), "--tls")
    yield node
    node.stop()


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answered(directory: Path, store: str) -> Connection:
    """How the connection is at the first attempt that failed; nothing that is told has the password."""
    with opened(directory, store) as (_, heard):
        failed = heard.until(lambda connection: connection.retry_in is not None)
        assert SECRET not in repr(heard.events)
    return failed


def test_a_closed_port_is_said_with_what_the_network_answered(tmp_path: Path) -> None:
    port = closed_port()
    failed = answered(tmp_path, f"esdb://admin:{SECRET}@127.0.0.1:{port}?tls=false")
    assert failed.light is Light.AMBER
    assert failed.tried == f"esdb://127.0.0.1:{port}"
    assert "onnection refused" in failed.answered


def test_tls_against_plain_text_and_the_other_way_round_are_said_word_for_word(
    tmp_path: Path, secured: NodeProcess
) -> None:
    plain = start_node(tmp_path / "plain")
    try:
        assert "handshake" in answered(tmp_path / "a", f"esdb://admin:{SECRET}@127.0.0.1:{plain.port}").answered
    finally:
        plain.stop()
    assert str(secured.port) in answered(tmp_path / "b", f"esdb://127.0.0.1:{secured.port}?tls=false").answered


def test_a_wrong_password_is_refused_with_the_nodes_own_answer_and_is_not_repeated(
    tmp_path: Path, secured: NodeProcess
) -> None:
    ca = secured.directory / "tls" / "ca.crt"
    failed = answered(tmp_path / "here", f"esdb://admin:{SECRET}@localhost:{secured.port}?tlsCaFile={ca}")
    assert failed.light is Light.RED
    assert failed.answered
    assert failed.answered in failed.text


def test_what_is_noted_is_told_kept_and_named_by_the_light(tmp_path: Path) -> None:
    record = ConnectionRecord("The branch", "teal", production=True)
    with opened(tmp_path) as (runtime, heard):
        heard.until(lambda connection: connection.light is Light.GREEN)
        runtime.session.about.change_record(record)
        assert record in heard.events
        assert heard.connections[-1] == Connection(Light.GREEN, "Connected to The branch")
        assert runtime.session.about.name == "The branch"
        assert runtime.session.about.hosts == ""
    with opened(tmp_path) as (runtime, _):
        assert runtime.session.about.record == record


def test_a_store_elsewhere_is_not_written_to_by_hand_until_somebody_allows_it(tmp_path: Path) -> None:
    port = closed_port()
    with opened(tmp_path, f"esdb://admin:{SECRET}@127.0.0.1:{port}?tls=false") as (runtime, _):
        about = runtime.session.about
        assert about.record == ConnectionRecord("", may_write=False)
        assert about.hosts == f"127.0.0.1:{port}"
        about.change_record(ConnectionRecord("Elsewhere"))
        assert about.hosts == f"127.0.0.1:{port}", "however it is called"


def test_a_record_that_cannot_be_kept_is_not_taken_over_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with opened(tmp_path) as (runtime, heard):
        before = runtime.session.about.record
        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            runtime.session.about.change_record(ConnectionRecord("The branch"))
        monkeypatch.undo()
        assert runtime.session.about.record == before
        assert not any(isinstance(event, ConnectionRecord) for event in heard.events)
        assert not list(tmp_path.glob("connection*"))
