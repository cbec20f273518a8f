"""Runs folds in a child process: at most 250 ms an event, 5 s a stream and 512 MiB; it is killed beyond that."""

import base64
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from desk.records import dataclass
from desk.scripting import fold_child

EVENT_SECONDS: Final = 0.25
STREAM_SECONDS: Final = 5.0
LARGEST: Final = 512 * 1024 * 1024
"""Bytes of memory that the child may have."""
LARGEST_ANSWER: Final = 64 * 1024 * 1024
"""Characters that the states of one stream may have together."""
_START_SECONDS: Final = 5.0
"""For the interpreter to come up and the file to be loaded."""
_LOOK: Final = 0.05
"""Seconds between two looks at the child's memory."""
_ENDED: Final = "The process of the fold has ended. It is started again for the next one."
_TOO_LARGE: Final = "The states of this stream are larger than 64 MiB together."


@dataclass(frozen=True, slots=True)
class FoldFailure:
    """Why a fold was given up: a sentence; ``line`` is of the user's file, ``revision`` the event's."""

    sentence: str
    line: int | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The state after each event, as JSON, up to where it failed, if it did."""

    states: tuple[str, ...]
    failure: FoldFailure | None = None


class _Failed(Exception):
    def __init__(self, sentence: str, line: int | None = None, revision: int | None = None) -> None:
        self.failure = FoldFailure(sentence, line, revision)


@dataclass(frozen=True, slots=True)
class FoldedEvent:
    """An event as a fold is given it; there ``data`` and ``metadata`` are documents, or bytes where they are none."""

    type: str
    data: bytes
    metadata: bytes
    stream: str
    revision: int
    position: int
    id: str
    created: str | None

    def document(self) -> dict[str, Any]:
        """What is sent to the child."""
        stored = {name: base64.b64encode(getattr(self, name)).decode() for name in ("data", "metadata")}
        rest = ("type", "stream", "revision", "position", "id", "created")
        return stored | {name: getattr(self, name) for name in rest}


class FoldProcess:
    """One child, started when it is first needed, and again after it was killed. For one thread; ``close`` for any."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._guard = threading.Lock()
        self._closed = False

    def fold(self, source: str, path: Path, events: Sequence[FoldedEvent]) -> FoldResult:
        """Fold events from the beginning. A child that took too much has been killed when this returns."""
        states = list[str]()
        try:
            child = self._living()
            try:
                _run(child, source, path, events, states)
            finally:
                if not child.finished:
                    self._discard(child)
        except _Failed as failed:
            return FoldResult(tuple(states), failed.failure)
        return FoldResult(tuple(states))

    @property
    def pid(self) -> int | None:
        """The child's process, while there is one."""
        child = self._child
        return child.process.pid if child is not None else None

    def close(self) -> None:
        """Kill the child; a fold that is under way fails."""
        with self._guard:
            self._closed, child = True, self._child
        if child is not None:
            child.kill()

    def _living(self) -> "_Child":
        with self._guard:
            if self._closed:
                raise _Failed("Desk is being closed.")
            if self._child is None or self._child.process.poll() is not None:
                if self._child is not None:
                    self._child.kill()
                self._child = _Child()
            return self._child

    def _discard(self, child: "_Child") -> None:
        child.kill()
        with self._guard:
            if self._child is child:
                self._child = None


class _Child:
    """The process, and the thread that reads its answers: pipes cannot be waited for in time on every system."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(Path(fold_child.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # what it starts itself ends with it
        )
        self.answers: queue.Queue[bytes] = queue.Queue(1000)
        self.finished = True
        self._looked = 0.0
        self._ending = threading.Event()
        self._reader = threading.Thread(target=self._read, name="fold-answers", daemon=True)
        self._reader.start()

    def ask(self, request: bytes) -> None:
        """Send a request. Raises _Failed."""
        assert self.process.stdin is not None
        self.finished = False
        killer = threading.Timer(_START_SECONDS, self._kill_group)  # the child may not read
        killer.start()
        try:
            self.process.stdin.write(request)
            self.process.stdin.flush()
        except (OSError, ValueError):
            raise _Failed(_ENDED) from None
        finally:
            killer.cancel()

    def kill(self) -> None:
        """End it, and its reader; again: does nothing."""
        self._kill_group()
        self._ending.set()
        self._reader.join()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still to be written cannot be any more
                    pipe.close()

    def takes_too_much(self) -> bool:
        """Whether it has more memory than it may; looked at now and then."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return False
        self._looked = now
        return memory_of(self.process.pid) > LARGEST

    def _kill_group(self) -> None:
        if os.name != "posix":
            self.process.kill()
            return
        with suppress(OSError):  # all of it has ended
            os.killpg(self.process.pid, signal.SIGKILL)

    def _read(self) -> None:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline(LARGEST_ANSWER):
            self._put(line)
        self._put(b"")

    def _put(self, line: bytes) -> None:
        while not self._ending.is_set():
            try:
                self.answers.put(line, timeout=_LOOK)
            except queue.Full:
                continue
            return


def _run(child: _Child, source: str, path: Path, events: Sequence[FoldedEvent], folded: list[str]) -> None:
    request = {"path": str(path), "source": source, "events": [event.document() for event in events]}
    child.ask(json.dumps(request).encode() + b"\n")
    _answer(child, time.monotonic() + _START_SECONDS, "The file took longer than 5 s to be loaded.", None)
    end, size = time.monotonic() + STREAM_SECONDS, 0
    for event in events:
        late = f"Event {event.revision} ({event.type}) took longer than 250 ms, and the fold was stopped."
        due = time.monotonic() + EVENT_SECONDS
        if end < due:
            late = f"The stream took longer than 5 s, and the fold was stopped at event {event.revision}."
        said = _answer(child, min(end, due), late, event.revision)
        size += len(said["state"])
        if size > LARGEST_ANSWER:
            raise _Failed(_TOO_LARGE, None, event.revision)
        folded.append(said["state"])
    _answer(child, time.monotonic() + EVENT_SECONDS, "The fold did not end, and was stopped.", None)
    child.finished = True


def _answer(child: _Child, end: float, late: str, revision: int | None) -> dict[str, Any]:
    """The next answer, in time. Raises _Failed."""
    line = None
    while line is None:
        if child.takes_too_much():
            raise _Failed("The fold took more than 512 MiB of memory, and was stopped.", None, revision)
        try:
            line = child.answers.get(timeout=max(0.0, min(_LOOK, end - time.monotonic())))
        except queue.Empty:
            if time.monotonic() >= end:
                raise _Failed(late, None, revision) from None
    if not line.endswith(b"\n"):
        raise _Failed(_TOO_LARGE if line else _ENDED, None, revision)
    said: dict[str, Any] = json.loads(line)
    if "error" in said:
        child.finished = True
        where = "" if said["line"] is None else f"Line {said['line']}: "
        raise _Failed(f"{where}{said['error']}", said["line"], said["revision"])
    return said


def memory_of(pid: int) -> int:
    """Bytes that a process has in memory; 0 where that cannot be known here."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return _memory_by_ps(pid)


def _memory_by_ps(pid: int) -> int:
    try:
        found = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False, timeout=2)
        return int(found.stdout) * 1024
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0
