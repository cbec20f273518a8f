"""Throw-away catalogues for scenarios: a clock that is set, ids that follow from a seed, a client from outside."""

import json
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from desk.application.scenarios.ground import StageCatalogue
from desk.application.scenarios.scenario import ForeignAppend, Scenario
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.moments import Moments
from desk.cqrs.store import NO_STREAM, Filter, NewEvent
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import Runtime, build
from desk.store.eventstoredb import EventStoreDB

USER: Final = "librarian"
"""Who does what a scenario does: the name of whoever is logged in belongs on no stage."""

OTHER_CLIENT: Final = "another client"
START_SECONDS: Final = 60.0
_FOLLOWED: Final = Filter("^(book|isbn)-")


def open_stage(directory: Path, scenario: Scenario) -> StageCatalogue:
    """A throw-away catalogue within this directory, for one run of the scenario; waits until its store answers.

    Raises CannotOpen, and StoreUnavailable where a person has to do something; with nothing left open.
    """
    clock = _SetClock(scenario.clock, scenario.seed)
    runtime = build(Options(directory, user=USER, throw_away=True), clock.moments)
    other = _OtherClient(runtime)
    try:
        runtime.start()
        if not runtime.ready(START_SECONDS):
            raise CannotOpen(f"The store of a throw-away catalogue did not answer within {START_SECONDS:g} s.")
    except BaseException:
        runtime.close()
        raise

    def close() -> None:
        other.close()
        runtime.close()

    return StageCatalogue(
        session=replace(runtime.session, close=close),
        is_at_rest=runtime.is_at_rest,
        set_moment=clock.set,
        append=other.append,
        last_position=lambda: _last_position(runtime),
    )


class _SetClock:
    """Stands still between two settings, so that whatever is done at a moment has that moment."""

    def __init__(self, begin: datetime, seed: int) -> None:
        self._now, self._dice, self._guard = begin, Random(seed), threading.Lock()
        self.moments = Moments(lambda: self._now, self._new_id)

    def set(self, moment: datetime) -> None:
        self._now = moment

    def _new_id(self) -> UUID:
        with self._guard:
            return UUID(int=self._dice.getrandbits(128), version=4)


class _OtherClient:
    """A program of its own, as far as the node can tell: another connection, opened when it is first needed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._store: EventStoreDB | None = None

    def append(self, event: ForeignAppend, event_id: UUID) -> None:
        if self._store is None:
            port = json.loads((self._runtime.session.about.directory / "node.port").read_text())["port"]
            self._store = EventStoreDB(f"esdb://127.0.0.1:{port}?tls=false", OTHER_CLIENT)
        try:
            revision = next(iter(self._store.read_stream(event.stream, backwards=True, limit=1))).revision
        except StreamNotFound:
            revision = NO_STREAM
        metadata = json.dumps({"user": OTHER_CLIENT}).encode()
        self._store.append(event.stream, revision, (NewEvent(event_id, event.type, event.data, metadata),), timeout=10)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def _last_position(runtime: Runtime) -> int | None:
    last = next(iter(runtime.store.read_all(backwards=True, limit=1, only=_FOLLOWED)), None)
    return None if last is None else last.position
