"""The call that all appends share: however it ends, whoever waits learns of it, and the next append gets a new one."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from esdbclient import exceptions as client
from google.protobuf.message import DecodeError

from desk.store.multiplex import AppendCall
from desk.store.translate import NOTHING_WRITTEN, Verdict, verdict_of
from tests.store.test_translate import Failed


class FakeCall:
    """A BatchAppend call whose answers a test puts in; an exception ends it."""

    def __init__(self) -> None:
        self.answers: SimpleQueue[Any] = SimpleQueue()

    def __iter__(self) -> Iterator[Any]:
        while True:
            answer = self.answers.get()
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                return
            yield answer

    def cancel(self) -> None:
        self.answers.put(None)


class FakeStreams:
    """The few things of the client's service that the call uses; a request is its correlation id."""

    def __init__(self) -> None:
        self.call = FakeCall()
        self.asked: SimpleQueue[Any] = SimpleQueue()
        self._stub = SimpleNamespace(BatchAppend=self._begin)

    def _begin(self, requests: Iterator[Any], **_options: Any) -> FakeCall:
        threading.Thread(target=self._take, args=(requests,), daemon=True).start()
        return self.call

    def _take(self, requests: Iterator[Any]) -> None:
        for request in requests:
            self.asked.put(request)

    def _metadata(self, metadata: Any, **_options: Any) -> Any:
        return metadata

    def _construct_batch_append_req(self, *arguments: Any) -> Any:
        return arguments[3]


@pytest.mark.parametrize(
    "error",
    [ValueError("closed channel"), DecodeError("no message"), AttributeError("a bug"), None],
    ids=["closed", "unreadable answer", "bug", "ended without a word"],
)
def test_a_call_that_ends_in_whatever_way_is_known_to_be_broken(error: Exception | None) -> None:
    """Else every later append would be sent on it, and wait for its whole time limit."""
    streams = FakeStreams()
    call = AppendCall(streams, (), None)  # type: ignore[arg-type]
    raised: list[Exception] = []

    def append() -> None:
        try:
            call.append("thing-1", 0, (), 20.0)
        except (client.EventStoreDBClientException, ValueError) as lost:
            raised.append(lost)

    waiting = threading.Thread(target=append)
    waiting.start()
    streams.asked.get(timeout=60)
    streams.call.answers.put(error)
    waiting.join(60)
    assert len(raised) == 1
    assert call.broken
    with pytest.raises((client.EventStoreDBClientException, ValueError)):
        call.append("thing-1", 0, (), 20.0)
    call.close()


def test_of_several_appends_whose_call_ended_none_is_said_to_be_unwritten() -> None:
    """The error is about one of them, and does not say which: another one may be stored."""
    streams = FakeStreams()
    call = AppendCall(streams, (), None)  # type: ignore[arg-type]
    verdicts: list[Verdict] = []

    def append(stream: str) -> None:
        try:
            call.append(stream, 0, (), 20.0)
        except client.EventStoreDBClientException as error:
            verdicts.append(verdict_of(error))

    appending = [threading.Thread(target=append, args=(f"thing-{n}",)) for n in range(2)]
    for thread in appending:
        thread.start()
        streams.asked.get(timeout=60)
    streams.call.answers.put(Failed(grpc.StatusCode.UNAVAILABLE, "The disk is full.", ((NOTHING_WRITTEN, "full"),)))
    for thread in appending:
        thread.join(60)
    assert verdicts == [Verdict.LOST, Verdict.LOST]
    call.close()


def test_an_append_that_nobody_waits_for_any_longer_may_be_whom_the_error_is_about() -> None:
    streams = FakeStreams()
    call = AppendCall(streams, (), None)  # type: ignore[arg-type]
    with pytest.raises(client.AppendDeadlineExceeded):
        call.append("thing-1", 0, (), 0.01)

    def fail_once_both_came() -> None:
        for _ in range(2):
            streams.asked.get(timeout=60)
        streams.call.answers.put(Failed(grpc.StatusCode.UNAVAILABLE, "Full.", ((NOTHING_WRITTEN, "full"),)))

    threading.Thread(target=fail_once_both_came).start()
    with pytest.raises(client.EventStoreDBClientException) as caught:
        call.append("thing-2", 0, (), 20.0)
    assert verdict_of(caught.value) is Verdict.LOST
    call.close()


def test_a_single_append_whose_call_ended_by_a_full_disk_is_known_to_be_unwritten() -> None:
    streams = FakeStreams()
    call = AppendCall(streams, (), None)  # type: ignore[arg-type]
    streams.call.answers.put(Failed(grpc.StatusCode.UNAVAILABLE, "The disk is full.", ((NOTHING_WRITTEN, "full"),)))
    with pytest.raises(client.EventStoreDBClientException) as caught:
        call.append("thing-1", 0, (), 20.0)
    assert verdict_of(caught.value) is Verdict.NOT_STORED
    call.close()
