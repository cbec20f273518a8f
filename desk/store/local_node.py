"""Hop 5: the embedded node of one data directory: found where one runs, else started, watched and ended.

The node's side of the bargain: it holds a lock on the directory while it lives, prints its ready line, writes
``node.port``, and ends by itself when its standard input closes.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desk.cqrs.errors import StoreUnavailable

READY: Final = re.compile(r"desk node ready on .*:(\d+)\s*$")
START_SECONDS: Final = 20.0
"""How long a starting node may take to its ready line."""
OWNER_SECONDS: Final = 3.0
"""How long to wait for another owner of the directory to be found, or to die."""
END_SECONDS: Final = 2.0
"""How long a node may take to end before it is killed."""

_TAKEN: Final = re.compile("in use|another|locked", re.IGNORECASE)


class StartFailed(StoreUnavailable):
    """The embedded node cannot run, and said why: trying again without a change will not help."""


@dataclass(frozen=True, slots=True)
class RunningNode:
    """What ``node.port`` says."""

    port: int
    pid: int
    tls: bool


class LocalNode:
    """The embedded node over ``data_dir``. Thread-safe.

    ``command`` is the program to start, without its arguments (for tests; else this program's own ``node``).
    """

    def __init__(self, data_dir: Path, *, command: tuple[str, ...] | None = None) -> None:
        self._directory = data_dir
        self._command = command or own_command()
        self._starting = threading.Lock()
        self._child: _Child | None = None
        self._found: RunningNode | None = None
        self._port = 0
        self._given_up = threading.Event()
        self._on_exit: Callable[[], None] = _nobody_waits

    def on_exit(self, listener: Callable[[], None]) -> None:
        """Call this, on a thread of the node's, as soon as a node that was started here has ended."""
        self._on_exit = listener

    @property
    def pid(self) -> int | None:
        """The node's process, whoever started it."""
        child = self._child
        if child is not None and child.alive:
            return child.process.pid
        return self._found.pid if self._found is not None else None

    @property
    def owned(self) -> bool:
        """Whether the node was started here, and so ends with :meth:`close`."""
        return self._child is not None and self._child.alive

    @property
    def alive(self) -> bool:
        """Whether there is a node that answers on its port."""
        return self.owned or self._living() is not None

    def ensure(self) -> str:
        """The connection string of a living node, which is started where there is none; on the former port, if free.

        Raises StartFailed with a sentence that says what to do, StoreUnavailable where another attempt may help.
        """
        with self._starting:
            if self._child is not None and self._child.alive and self._child.port is not None:
                return _uri(self._child.port)
            self._discard()
            deadline = time.monotonic() + OWNER_SECONDS
            while True:
                self._found = self._living()
                if self._found is not None:
                    self._port = self._found.port
                    return self._uri_of(self._found)
                try:
                    self._port = self._start()
                except StartFailed as error:
                    if self._port == 0 and not (_TAKEN.search(str(error)) and time.monotonic() < deadline):
                        raise
                    self._port = 0
                    self._given_up.wait(0.1)
                else:
                    return _uri(self._port)

    def give_up(self) -> None:
        """Make a start that is under way fail at once, and any later one."""
        self._given_up.set()
        child = self._child
        if child is not None:
            child.said.set()

    def close(self) -> None:
        """End the node, if it was started here: first asked, killed after :data:`END_SECONDS`."""
        self.give_up()
        with self._starting:
            self._discard()

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _living(self) -> RunningNode | None:
        running = _read_port_file(self._directory / "node.port")
        if running is None:
            return None
        if self._port == 0:
            self._port = running.port
        return running if _is_process(running.pid) and _answers(running.port) else None

    def _uri_of(self, running: RunningNode) -> str:
        if running.tls:
            raise StartFailed(
                f"A node with certificates runs on {self._directory}; open it with --store esdb://…:{running.port}."
            )
        return _uri(running.port)

    def _start(self) -> int:
        if self._given_up.is_set():
            raise StoreUnavailable("The event store is closing.")
        self._prepare()
        arguments = ("--data", str(self._directory), "--port", str(self._port), "--parent-pipe")
        child = self._child = _Child((*self._command, *arguments), self._ended)
        try:
            return child.wait_until_ready(self._given_up)
        except StoreUnavailable:
            self._discard()
            raise

    def _ended(self, child: "_Child") -> None:
        """A child has ended; one that was ended from here is not in its place any more."""
        if self._child is child:
            self._on_exit()

    def _prepare(self) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise StartFailed(f"{self._directory} is a file; choose a directory with --data.") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise StartFailed(f"{self._directory} cannot be made ({reason}); choose another with --data.") from None
        if not os.access(self._directory, os.W_OK):
            raise StartFailed(f"{self._directory} cannot be written; choose another with --data.")


class _Child:
    """A node's process, and the thread that reads what it prints and waits for its end."""

    def __init__(self, command: tuple[str, ...], on_exit: Callable[["_Child"], None]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        self._on_exit = on_exit
        self.port: int | None = None
        self.said = threading.Event()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Ctrl+C is for the window, which ends the node in its turn.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._errors.close()
            raise StartFailed(f"{command[0]} cannot be started: {error.strerror or error}.") from None
        # A daemon: the process ends when this one does, so waiting for it must not keep this one alive.
        self._thread = threading.Thread(target=self._listen, name="desk-node-output", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_until_ready(self, given_up: threading.Event) -> int:
        """The port, once the ready line was printed. Raises StartFailed with the last thing the node said."""
        self.said.wait(START_SECONDS)
        if given_up.is_set():
            raise StoreUnavailable("The event store is closing.")
        if self.port is not None:
            return self.port
        if self.alive:
            raise StoreUnavailable(f"The node was not ready within {START_SECONDS:.0f} seconds.")
        raise StartFailed(self._last_sentence())

    def end(self) -> None:
        """Close its pipe, ask it to end, and kill it if it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._thread.join()
        self._errors.close()

    def _listen(self) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as lines:
                for line in lines:
                    self._hear(line)
        self.process.wait()
        self.said.set()
        self._on_exit(self)

    def _hear(self, line: str) -> None:
        ready = READY.search(line)
        if ready:
            self.port = int(ready[1])
            self.said.set()

    def _last_sentence(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        if lines:
            return lines[-1].strip()
        return f"The node ended with code {self.process.returncode} and without a word."


def own_command() -> tuple[str, ...]:
    """This program's ``node`` sub-command; a frozen program has no interpreter to ask for a module."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "node")
    return (sys.executable, "-m", "desk", "node")


def _nobody_waits() -> None:
    return None


def _uri(port: int) -> str:
    return f"esdb://127.0.0.1:{port}?tls=false"


def _read_port_file(path: Path) -> RunningNode | None:
    try:
        content = json.loads(path.read_text("utf-8"))
        return RunningNode(int(content["port"]), int(content["pid"]), bool(content.get("tls", False)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_process(pid: int) -> bool:
    """Whether such a process lives; signal 0 asks, but not on Windows, where it would end it."""
    if os.name != "posix" or pid <= 0:
        return pid > 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False
