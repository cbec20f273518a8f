"""Hop 5: the embedded node of one data directory: found where one runs, else started, watched and ended.

The node's side of the bargain: it holds a lock on the directory while it lives, and names port and process in
``node.port`` once it listens.
"""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desk.cqrs.errors import StoreUnavailable
from desk.records import dataclass
from desk.store.node_process import NodeProcess, StartFailed

OWNER_SECONDS: Final = 3.0
"""How long to wait for another owner of the directory to be found, or to die."""

PORT_TAKEN: Final = 3
"""The exit status of a node that cannot listen on the port it was given."""
DIRECTORY_TAKEN: Final = 4
"""The exit status of a node whose directory another one holds."""


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
        self._child: NodeProcess | None = None
        self._found: RunningNode | None = None
        self._port = 0
        self._given_up = threading.Event()
        self._on_exit: Callable[[], None] = lambda: None

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
        return self._own_port() is not None or self._living() is not None

    def ensure(self) -> str:
        """The connection string of a living node, which is started where there is none; on the former port, if free.

        Raises StartFailed with a sentence that says what to do, StoreUnavailable where another attempt may help.
        """
        with self._starting:
            own = self._own_port()
            if own is not None:
                return _uri(own)
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
                    self._another_way(error, deadline)
                else:
                    return _uri(self._port)

    def _another_way(self, error: StartFailed, deadline: float) -> None:
        """Return for another attempt: on any port, or in a moment, when a dying owner has left the directory."""
        if error.status == PORT_TAKEN and self._port != 0:
            self._port = 0
        elif error.status == DIRECTORY_TAKEN and time.monotonic() < deadline:
            self._given_up.wait(0.05)
        else:
            raise error

    def give_up(self) -> None:
        """Make a start that is under way fail at once, and any later one."""
        self._given_up.set()
        child = self._child
        if child is not None:
            child.said.set()

    def close(self) -> None:
        """End the node, if it was started here: first asked, killed after two seconds."""
        self.give_up()
        with self._starting:
            self._discard()

    def _own_port(self) -> int | None:
        """The port of the node started here. One that no longer listens is dying, though its process may be seen."""
        child = self._child
        if child is None or child.port is None or not child.alive or not _answers(child.port):
            return None
        return child.port

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
        child = self._child = NodeProcess((*self._command, *arguments), self._ended)
        try:
            return child.wait_until_ready(self._given_up)
        except StoreUnavailable:
            self._discard()
            raise

    def _ended(self, child: NodeProcess) -> None:
        """Pass on the end of a node that was ready; one that was ended from here is not in its place any more."""
        if self._child is child and child.port is not None:
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


def own_command() -> tuple[str, ...]:
    """This program's ``node`` sub-command; a frozen program has no interpreter to ask for a module."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "node")
    return (sys.executable, "-m", "desk", "node")


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
