"""Processes of their own that begin with Desk loaded: each is forked from one that has done nothing else.

To load it takes longer than most commands and nodes then live in a test. Arguments, environment, signals, output, exit
status and what is done at the end are those of ``python -m``, but for the last: Python does not take itself apart, for
which it would copy all that was loaded. The nodes that such programs start are forked too. That a program loads all
that it needs, and that Python comes to its end with the threads that are left, is shown by those that the tests start
anew.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, NoReturn, Self

LOADED: Final = (
    *("desk.node.main", "desk.node.access.certificates", "desk.runtime.runtime", "desk.runtime.store_alone"),
    *(f"desk.cli.{name}" for name in ("doctor", "find", "import_", "rebuild", "show", "streams")),
)
_LARGEST: Final = 1 << 17
"""Bytes of what is asked for: arguments and environment."""


class Forked:
    """Such a process, with what the tests need of ``subprocess.Popen``."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        errors: int | None = None,
        origin: socket.socket | None = None,
    ) -> None:
        """``errors`` is the file that takes what would else be read from ``stderr``; ``origin`` is who is asked."""
        self.args = [sys.executable, "-m", module, *arguments]
        self.returncode: int | None = None
        (stdin, write), (read, stdout), (read_errors, stderr) = os.pipe(), os.pipe(), os.pipe()
        self._heard = threading.Lock()
        self._end, its_end = socket.socketpair(type=socket.SOCK_SEQPACKET)
        asked = json.dumps([module, list(arguments), str(Path.cwd()), dict(os.environ)]).encode()
        with its_end, _LOCK:
            origin = origin or _origin()
            files = [stdin, stdout, stderr if errors is None else errors, its_end.fileno(), origin.fileno()]
            socket.send_fds(origin, [asked], files)
        for given in (stdin, stdout, stderr):
            os.close(given)
        self.stdin = os.fdopen(write, "w", encoding="utf-8")
        self.stdout, self.stderr = (os.fdopen(end, encoding="utf-8", errors="replace") for end in (read, read_errors))
        if errors is not None:
            self.stderr.close()
        self.pid = int(self._end.recv(_LARGEST))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """It does not outlive what it was started for."""
        self.kill()
        self.wait()
        for pipe in (self.stdin, self.stdout, self.stderr):
            pipe.close()

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._heard.acquire(timeout=-1 if timeout is None else timeout):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        try:
            if self.returncode is None:
                self.returncode = self._hear(timeout)
            return self.returncode
        except (BlockingIOError, TimeoutError):
            raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
        finally:
            self._heard.release()

    def _hear(self, timeout: float | None) -> int:
        self._end.settimeout(timeout)
        status = int(self._end.recv(_LARGEST))
        with self._end as end:
            end.settimeout(None)
            end.shutdown(socket.SHUT_WR)
            end.recv(1)  # its number may be another's from then on
        return status

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            if self.poll() is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, given: str = "", timeout: float | None = None) -> tuple[str, str]:
        """All that it says until its end; it is killed where that does not come in time."""
        said = ["", ""]

        def read(number: int, pipe: IO[str]) -> None:
            with pipe:
                said[number] = pipe.read()

        # Daemons: the tests look for other threads that are left, also while a command runs beside them.
        reading = [
            threading.Thread(target=read, args=each, daemon=True) for each in enumerate((self.stdout, self.stderr))
        ]
        for thread in reading:
            thread.start()
        with suppress(BrokenPipeError), self.stdin:
            self.stdin.write(given) if given else None
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            for thread in reading:
                thread.join()
        return said[0], said[1]


def run_forked(module: str, *arguments: str, given: str = "", timeout: float) -> subprocess.CompletedProcess[str]:
    """As ``subprocess.run`` with what is said as text."""
    with Forked(module, arguments) as process:
        said, complained = process.communicate(given, timeout)
        return subprocess.CompletedProcess(process.args, process.wait(), said, complained)


def start_forked(anew: Callable[..., Any], origin: socket.socket | None = None) -> Callable[..., Any]:
    """In place of how the store's adapter starts its node ``anew``, as other programs still are."""

    def start(command: tuple[str, ...], errors: IO[bytes]) -> Any:
        interpreter, *words = command
        if interpreter == sys.executable and words[0] == "-m" and words[1] in ("desk", "desk.node"):
            return Forked(words[1], words[2:], errors=errors.fileno(), origin=origin)
        return anew(command, errors)

    return start


_LOCK: Final = threading.Lock()


@cache
def _origin() -> socket.socket:
    """Where it is asked for processes: one that is started when it is needed first, and ends with this one."""
    ours, its = socket.socketpair(type=socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.forked", str(its.fileno())]
    with its:
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        ours.send(b"")  # whoever else may still ask
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(asking: socket.socket) -> tuple[str, list[str], socket.socket] | None:
    """Fork what is asked for: in each such process this returns which program it is, and whom that asks for others; in
    this one at the end.
    """
    while True:
        asked, files, _, _ = socket.recv_fds(asking, _LARGEST, 5)
        if not asked:
            return None
        if os.fork() == 0:
            asking.close()
            return _begin(asked, files)
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _begin(asked: bytes, files: list[int]) -> tuple[str, list[str], socket.socket]:
    """In a process that stays to watch, fork the other, in which this returns."""
    *files, end, origin = files
    number = os.fork()
    if number:
        for file in (*files, origin):
            os.close(file)
        _watch(number, end)
    os.close(end)
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    module, arguments, directory, environment = json.loads(asked)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(directory)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.set_inheritable(origin, False)
    return module, arguments, socket.socket(fileno=origin)


def _watch(number: int, end: int) -> NoReturn:
    """Tell a process's number, then its status as Popen has it; it is let go when that has been heard."""
    os.write(end, b"%d" % number)
    ended = os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    os.write(end, b"%d" % (ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status))
    os.read(end, 1)
    os.waitpid(number, 0)
    os._exit(0)


def _main() -> None:
    asking = socket.socket(fileno=int(sys.argv[1]))
    os.environ["GRPC_VERBOSITY"] = "NONE"  # as it has to be before it is loaded
    gc.disable()
    for name in LOADED:
        import_module(name)
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wanted = _serve(asking)
    if wanted is not None:
        module, sys.argv[1:], origin = wanted
        node_process: Any = import_module("desk.store.node_process")
        node_process._start = start_forked(node_process._start, origin)
        gc.enable()
        _run(module)


def _run(module: str) -> None:
    statuses: list[int] = []
    atexit.register(_leave, statuses)  # the first of this process: it is called when all else has been done
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        if isinstance(ending.code, int):
            statuses.append(ending.code)
        raise


def _leave(statuses: list[int]) -> None:
    with suppress(OSError):  # Python says in its own way where it cannot be written
        for pipe in (sys.stdout, sys.stderr):
            pipe.flush()
        if statuses:
            os._exit(statuses[0])


if __name__ == "__main__":
    _main()
