"""Sessions for tests: records made of a few ports, and a client from outside beside a real one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from desk.application.session import Hear, Session
from desk.store.eventstoredb import EventStoreDB
from tests.moments import REAL


class Absent:
    """A port that a test has no use for: whoever uses it is wrong."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{self._name}.{name} is not there in this test")


def session_of(**ports: Any) -> Session:
    """A session of these ports in which nothing happens.

    Others are :class:`Absent`, or None where a session may be without them.
    """
    given: dict[str, Any] = {name: Absent(name) for name in Session.__dataclass_fields__}
    given |= {"bookmarks": None, "care": None, "faults": None, "folds": None, "index": None, "moments": REAL}
    given |= {"listen": _nothing_happens, "close": _nothing_to_close}
    return Session(**(given | ports))


@dataclass(frozen=True, slots=True)
class RunningFake:
    """A runtime whose store answers, as the sub-commands open one."""

    session: Session

    def ready(self, _timeout: float) -> bool:
        return True

    def close(self) -> None:
        self.session.close()


def _nothing_happens(_hear: Hear) -> Callable[[], None]:
    return _nothing_to_close


def _nothing_to_close() -> None:
    return None


@contextmanager
def foreign_client(session: Session) -> Iterator[EventStoreDB]:
    """Another program's way to the embedded node of this session."""
    port = json.loads((session.about.directory / "node.port").read_text())["port"]
    store = EventStoreDB(f"esdb://localhost:{port}?tls=false", "foreign")
    try:
        yield store
    finally:
        store.close()
