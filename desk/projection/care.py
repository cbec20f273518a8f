"""Hop 7: the read model's care: what a person may do about parked events, a rebuild, and the doctor's findings."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from desk.application.care import (
    CareLists,
    CareRefused,
    Examination,
    ExaminationProgress,
    ReadModelState,
    Rebuild,
    RebuildProgress,
    RepairOutcome,
    RetryOutcome,
)
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import EventStore, Recorded
from desk.projection.doctor import ExaminationRun
from desk.projection.parking import read_parked, waiting_places
from desk.projection.projector import Projector
from desk.projection.rebuilding import RebuildRun, batches, remove_next
from desk.projection.repairing import repair
from desk.projection.writer_tasks import WriterContext


class ModelCare:
    """Satisfies :class:`~desk.application.care.ReadModelCare` for one living projector. ``close`` ends its threads."""

    def __init__(self, path: Path, store: EventStore, registry: EventRegistry, projector: Projector) -> None:
        self._path, self._store, self._registry, self._projector = path, store, registry, projector
        self._guard = threading.Lock()
        self._rebuild: RebuildRun | None = None
        self._runs: dict[threading.Thread, Callable[[], None]] = {}
        self._closed = False
        with suppress(OSError):  # a rebuild says so, when one is wanted
            remove_next(path)

    def lists(self) -> CareLists:
        return self._projector.care_lists

    def retry(self, stream: str, *, skip_because: str = "") -> "Future[RetryOutcome]":
        def work(context: WriterContext) -> RetryOutcome:
            if skip_because:
                self._skip(context, stream, skip_because)
            return self._retry(context, stream)

        return self._projector.ask(work)

    def rebuild(self, progress: Callable[[RebuildProgress], None]) -> Rebuild:
        run = RebuildRun(self._path, self._store, self._registry, self._projector, progress)
        with self._guard:
            if self._rebuild is not None or self._closed:
                run.future.set_exception(
                    CareRefused("The catalogue is being closed." if self._closed else "A rebuild is under way already.")
                )
                return run
            self._rebuild = run
        self._start(run.run, run.abort, "rebuild", self._rebuild_ended)
        return run

    def examine(self, progress: Callable[[ExaminationProgress], None]) -> Examination:
        run = ExaminationRun(self._path, self._store, self._registry, progress)
        self._start(run.run, run.abort, "doctor")
        return run

    def repair(self, book_ids: Sequence[UUID]) -> "Future[RepairOutcome]":
        return self._projector.ask(lambda context: repair(context, self._store, book_ids))

    def state(self) -> ReadModelState:
        return self._projector.state

    def set_delay(self, seconds: float) -> None:
        self._projector.delay.hold_for(seconds)

    def pause(self) -> None:
        self._projector.delay.pause()

    def step(self) -> "Future[bool]":
        return self._projector.step()

    def resume(self) -> None:
        self._projector.delay.resume()

    def wake(self) -> None:
        """The store is back."""
        with self._guard:
            if self._rebuild is not None:
                self._rebuild.wake()

    def close(self) -> None:
        """End what runs, and wait for it; the projector is to be stopped afterwards."""
        with self._guard:
            self._closed = True
            runs = list(self._runs.items())
        for _, abort in runs:
            abort()
        self._projector.wake()  # a rebuild may wait for its switch while the projector waits for the disk
        for thread, _ in runs:
            thread.join()

    def _start(
        self, work: Callable[[], None], abort: Callable[[], None], name: str, then: Callable[[], None] = lambda: None
    ) -> None:
        def run() -> None:
            try:
                work()
            finally:
                then()
                with self._guard:
                    self._runs.pop(thread, None)

        thread = threading.Thread(target=run, name=name)
        with self._guard:
            self._runs[thread] = abort
            if self._closed:
                abort()
            thread.start()

    def _rebuild_ended(self) -> None:
        with self._guard:
            self._rebuild = None

    def _is_rebuilding(self) -> bool:
        with self._guard:
            return self._rebuild is not None

    def _skip(self, context: WriterContext, stream: str, reason: str) -> None:
        if self._is_rebuilding():
            raise CareRefused("A rebuild is under way. Skip the event once it is done, if it is still needed.")
        if not context.writer.is_parked(stream):
            raise CareRefused(f"{stream} is not parked any more.")
        context.publish(context.writer.skip(stream, reason))

    def _retry(self, context: WriterContext, stream: str) -> RetryOutcome:
        applied = 0
        for batch in batches(self._waiting(context, stream)):
            written = context.writer.resume(batch)
            context.publish(written)
            applied += written.applied
            if written.faults:
                break
        still = next((one for one in read_parked(context.db.conn) if one.stream == stream), None)
        return RetryOutcome(stream, applied, still.waiting if still else 0, still.error if still else "")

    def _waiting(self, context: WriterContext, stream: str) -> Iterator[Recorded]:
        places = waiting_places(context.db.conn, stream)
        if not places:
            return
        for event in self._store.read_stream(stream, start=min(places)):
            if event.revision not in places:
                return
            yield replace(event, position=places[event.revision])
