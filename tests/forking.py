"""Programs of Desk in processes of their own that start in milliseconds: forked off one that has imported all before.

``python -m desk import`` takes a second of the processor until it has read its modules, and the tests start hundreds.
With :class:`Forked` in the place of ``subprocess.Popen`` such a command is a process like any other, with arguments,
environment, directory, pipes, signals and an exit status, but another process has imported its modules.
``DESK_TEST_INTERPRETERS=own`` in its environment has it begin by itself, as users do; a user's window always does.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

PROGRAMS: Final = ("desk.node", "tests.cli.", "tests.node.", "tests.programs.", "tests.projection.", "tests.runtime.")
COMMANDS: Final = {"doctor", "find", "import", "node", "rebuild", "show", "stage", "streams"}
"""What is forked after ``python -m``, by its beginning, and after ``python -m desk``."""

IMPORTED: Final = (
    *("desk.runtime.runtime", "desk.runtime.store_alone", "desk.node.main", "desk.node.care.commands"),
    *(f"desk.cli.{name}" for name in ("doctor", "find", "import_", "rebuild", "show", "stage", "streams")),
    *(
        "desk.gui.frame.run",
        "desk.gui.desk_places",
        "desk.gui.stage.part",
        "desk.gui.stage.checking",
        "desk.gui.importing.part",
    ),
    *("sqlite_utils", "filelock", "cryptography.x509", "platformdirs", "rich.progress"),
)


class Forked(subprocess.Popen[Any]):
    """A process; forked where its command is one of the programs."""

    address: Callable[[], str]
    """Of the process that forks."""
    parent: int | None = None
    """That process, once there is one: it has all that are forked as children."""
    _told: socket.socket | None = None

    def _execute_child(self, args: Any, executable: Any, preexec_fn: Any, *rest: Any) -> None:
        _, pass_fds, cwd, env = rest[:4]
        ends, start_new_session = rest[7:13], rest[18]
        own = os.environ if env is None else env
        if preexec_fn or pass_fds or executable or not _is_program(args, own):
            super()._execute_child(args, executable, preexec_fn, *rest)  # type: ignore[misc]
            return
        given = [end if end != -1 else usual for end, usual in zip((ends[0], ends[3], ends[5]), range(3), strict=True)]
        wanted = {"arguments": args[2:], "environment": dict(own), "directory": os.fspath(cwd or Path.cwd())}
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._told.connect(Forked.address())
        socket.send_fds(self._told, [json.dumps({**wanted, "session": start_new_session}).encode()], given)
        self.pid = int(self._told.recv(64))
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _internal_poll(self, *given: Any, **named: Any) -> int | None:
        if self._told is None:
            return super()._internal_poll(*given, **named)  # type: ignore[misc, no-any-return]
        return self._look(0)

    def _wait(self, timeout: float | None) -> int | None:
        if self._told is None:
            return super()._wait(timeout)  # type: ignore[misc, no-any-return]
        end = None if timeout is None else time.monotonic() + timeout
        while self._look(0.05) is None:
            if timeout is not None and end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def _look(self, seconds: float) -> int | None:
        """The exit status, as soon as it is told, by whichever thread hears of it first."""
        told = self._told
        assert told is not None
        with suppress(ValueError):  # another thread has closed it
            select.select([told], [], [], seconds)
        with self._waitpid_lock:  # type: ignore[attr-defined]
            if self.returncode is None and select.select([told], [], [], 0)[0]:
                self.returncode = int(told.recv(64) or b"255")
                told.close()
        return self.returncode


def _is_program(args: Any, environment: Mapping[str, str]) -> bool:
    return (
        not isinstance(args, str | bytes)
        and [*args[:2]] == [sys.executable, "-m"]
        and (args[2].startswith(PROGRAMS) or (args[2] == "desk" and not COMMANDS.isdisjoint(args[3:])))
        and environment.get("DESK_TEST_INTERPRETERS") != "own"
    )


class Forker:
    """The process that forks; it is started with the first program, which any of Python's ways starts until the end."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="desk-forks-")
        self._path = str(Path(self._folder.name) / "socket")
        self._before = subprocess.Popen
        self._process: subprocess.Popen[bytes] | None = None
        Forked.address = self._address
        subprocess.Popen = Forked  # type: ignore[misc]

    def _address(self) -> str:
        with self._starting:
            if self._process is None:
                command = [sys.executable, "-m", "tests.forking", self._path]
                self._process = self._before(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                assert self._process.stdout is not None
                assert self._process.stdout.readline() == b"ready\n"
                Forked.parent = self._process.pid
        return self._path

    def close(self) -> None:
        subprocess.Popen = self._before  # type: ignore[misc]
        if self._process is not None:
            self._process.communicate()
        self._folder.cleanup()


class Forking:
    """Forks a process for each that connects, and tells it of its end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ends: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> dict[str, Any] | None:
        """None at the end of standard input; in a forked process what it has to be."""
        while True:
            listening = self._listener.fileno()
            readable = {*select.select([0, listening, *self._ends], [], [])[0]}
            for end in readable & self._ends.keys():
                self._tell(end)
            if listening in readable:
                wanted = self._fork()
                if wanted is not None:
                    return wanted
            if 0 in readable:
                return None

    def _tell(self, end: int) -> None:
        pid, whoever = self._ends.pop(end)
        os.close(end)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with whoever, suppress(OSError):  # who has ended before hears nothing
            whoever.send(str(status).encode())

    def _fork(self) -> dict[str, Any] | None:
        whoever, _ = self._listener.accept()
        said, ends, _, _ = socket.recv_fds(whoever, 1 << 20, 3)
        pid = os.fork()
        if pid == 0:
            for number, end in enumerate(ends):
                os.dup2(end, number)
            for end in (*ends, *self._ends):
                os.close(end)
            for one in (whoever, self._listener, *(one for _, one in self._ends.values())):
                one.close()
            return dict(json.loads(said))
        for end in ends:
            os.close(end)
        whoever.send(str(pid).encode())
        self._ends[os.pidfd_open(pid)] = (pid, whoever)
        return None


def become(wanted: dict[str, Any]) -> None:
    """Be the program, as if Python had just started with it."""
    if wanted["session"]:
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["directory"])
    time.tzset()
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, errors="backslashreplace", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    program, *arguments = wanted["arguments"]
    sys.argv = [program, *arguments]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


def main(address: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GRPC_VERBOSITY"] = "NONE"  # as the programs set it, before they import gRPC
    for name in IMPORTED:
        import_module(name)
    Forked.address = lambda: address
    subprocess.Popen = Forked  # type: ignore[misc]
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)  # noqa: T201
        wanted = Forking(listener).serve()
    if wanted is not None:
        become(wanted)


if __name__ == "__main__":
    main(sys.argv[1])
