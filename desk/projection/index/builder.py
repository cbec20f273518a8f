"""Hop 7, for what was: builds one part of the event index when it is wished for, and keeps it from then on.

What is killed on the way goes on from its checkpoint.
"""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from enum import Enum

from desk.application.event_index import IndexRefused, PartPhase, PartState
from desk.projection.index.file import (
    connect,
    create_part,
    drop_part,
    ensure_file,
    mark,
    read_part,
    read_parts,
    transaction,
)
from desk.projection.index.part import IndexPartSpec, IndexSurroundings
from desk.projection.index.run import PartRun, state_of, trouble_of
from desk.projection.opening import is_damage


class _Wish(Enum):
    """What somebody has asked for last."""

    NOTHING = "nothing"
    RUN = "run"
    PAUSE = "pause"
    DROP = "drop"


class PartBuilder:
    """One part. The caller holds the lock of the index, and owns the thread of :meth:`run`; all else is for any thread.

    Once a damaged file was put aside, :meth:`reopen` is to be called. ``newest`` is the position of the last event that
    it wants, where known.
    """

    def __init__(
        self, around: IndexSurroundings, spec: IndexPartSpec, newest: Callable[[], int | None] = lambda: None
    ) -> None:
        self._around, self._path, self.spec, self._newest = around, around.path, spec, newest
        self._changed = threading.Condition()
        self._stopped = self._reopening = self._again = False
        self._limits = ""
        self._waiting: list[Future[None]] = []
        self._run: PartRun | None = None
        row = read_parts(self._path).get(spec.name)
        self._wish = _Wish.RUN if row is not None and not row.paused else _Wish.NOTHING
        phase = PartPhase.ABSENT
        if row is not None:
            at_work = PartPhase.READY if row.complete and row.version == spec.version else PartPhase.BUILDING
            phase = PartPhase.PAUSED if row.paused else at_work
        self.state = state_of(spec.part, row, phase)

    def build(self, limits: str = "") -> "Future[None]":
        """Have it built, or go on, or follow; the future comes when it is READY."""
        future: Future[None] = Future()
        with self._changed:
            if self.state.phase is PartPhase.READY and self._wish is _Wish.RUN:
                future.set_result(None)
                return future
            self._limits = limits
            self._waiting.append(future)
        self._ask(_Wish.RUN)
        return future

    def pause(self) -> None:
        """Neither build nor follow until it is asked for again."""
        self._ask(_Wish.PAUSE)

    def drop(self) -> None:
        """Remove what there is of it."""
        self._ask(_Wish.DROP)

    def reopen(self) -> None:
        """The file is another one: begin anew with it where the part is wished for."""
        with self._changed:
            self._reopening = True
        self._interrupt()

    def wake(self) -> None:
        """The store is back."""
        with self._changed:
            if self._run is not None:
                self._run.wake()

    def run(self) -> None:
        """Do what is wished for, until stopped."""
        while (wish := self._next_wish()) is not None:
            try:
                {_Wish.RUN: self._keep, _Wish.PAUSE: self._rest, _Wish.DROP: self._remove}[wish]()
            except sqlite3.DatabaseError as error:
                if is_damage(error):
                    self._around.on_fault(trouble_of(error, self._path))
                    self._around.on_damage()
                elif self._is_wished(wish):
                    self._fail(wish, trouble_of(error, self._path))
            except OSError as error:
                self._fail(wish, f"The event index {self._path} cannot be used: {error.strerror or error}.")
            except Exception as error:  # noqa: BLE001 - a bug of one part: the others go on, and people are told
                self._fail(wish, f"The event index's part {self.spec.name} failed: {error!r}")
        self._refuse_waiting("The catalogue is being closed.")

    def stop(self) -> None:
        """End soon. What is being written is taken back, and comes again the next time."""
        with self._changed:
            self._stopped = True
        self._interrupt()

    # ── what others wish ──────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, wish: _Wish) -> None:
        with self._changed:
            self._again = wish is _Wish.RUN and self._wish is _Wish.DROP  # what was dropped is really gone first
            if not self._again:
                self._wish = wish
        self._interrupt()

    def _interrupt(self) -> None:
        """Let the thread look up, whatever it waits for."""
        with self._changed:
            self._changed.notify_all()
            if self._run is not None:
                self._run.interrupt()

    def _next_wish(self) -> _Wish | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._wish is not _Wish.NOTHING)
            self._reopening = False
            return None if self._stopped else self._wish

    def _is_wished(self, wish: _Wish) -> bool:
        with self._changed:
            return not self._stopped and not self._reopening and self._wish is wish

    def _done(self, wish: _Wish, state: PartState, refusal: str) -> None:
        with self._changed:
            if self._wish is wish:
                self._wish = _Wish.RUN if self._again else _Wish.NOTHING
            goes_on, self._again = self._again, False
        self._say(state)
        if not goes_on:
            self._refuse_waiting(refusal)

    def _refuse_waiting(self, sentence: str) -> None:
        for future in self._take_waiting():
            future.set_exception(IndexRefused(sentence))

    def _ready(self) -> None:
        for future in self._take_waiting():
            future.set_result(None)

    def _take_waiting(self) -> "list[Future[None]]":
        with self._changed:
            waiting, self._waiting = self._waiting, []
        return [future for future in waiting if future.set_running_or_notify_cancel()]

    def _fail(self, wish: _Wish, sentence: str) -> None:
        self._around.on_fault(sentence)
        self._done(wish, state_of(self.spec.part, None, PartPhase.FAILED, sentence), sentence)

    # ── doing it ──────────────────────────────────────────────────────────────────────────────────────────────

    def _rest(self) -> None:
        row = None
        if self._path.exists():
            with self._around.turn, closing(connect(self._path)) as connection:
                mark(connection, self.spec, paused=True)
                row = read_part(connection, self.spec)
        phase = PartPhase.ABSENT if row is None else PartPhase.PAUSED
        self._done(_Wish.PAUSE, state_of(self.spec.part, row, phase), "Building it was paused.")

    def _remove(self) -> None:
        if self._path.exists():
            with self._around.turn, closing(connect(self._path)) as connection, transaction(connection):
                drop_part(connection, self.spec)
        self._done(_Wish.DROP, state_of(self.spec.part, None, PartPhase.ABSENT), "Building it was given up.")

    def _keep(self) -> None:
        with self._around.turn:
            ensure_file(self._path)
        with closing(connect(self._path)) as connection:
            self._open(connection)
            run = PartRun(
                self._around,
                self.spec,
                connection,
                wanted=lambda: self._is_wished(_Wish.RUN),
                newest=self._newest,
                say=self._say,
                ready=self._ready,
            )
            with self._changed:
                self._run = run
            try:
                run.follow()
            finally:
                with self._changed:
                    self._run = None

    def _open(self, connection: sqlite3.Connection) -> None:
        with self._around.turn, transaction(connection):
            row = read_part(connection, self.spec)
            if row is None or row.version != self.spec.version:
                create_part(connection, self.spec, self._limits if row is None else row.limits)
            elif row.paused:
                mark(connection, self.spec)

    def _say(self, state: PartState) -> None:
        if state != self.state:
            self.state = state
            self._around.tell(state)
