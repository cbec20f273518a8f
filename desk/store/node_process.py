"""Hop 5: one process of the embedded node: started, listened to, and ended.

The node's side of the bargain: it prints its ready line once it listens, says on standard error and by its exit status
why it cannot, and ends by itself when its standard input closes.
"""

import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Final

from desk.cqrs.errors import StoreUnavailable

START_SECONDS: Final = 20.0
"""How long a starting node may take to its ready line."""
END_SECONDS: Final = 2.0
"""How long a node may take to end before it is killed."""

_READY: Final = re.compile(r"desk node ready on .*:(\d+)\s*$")
_SPEAKER: Final = "desk node: "


class StartFailed(StoreUnavailable):
    """The embedded node cannot run, and said why: trying again without a change will not help.

    ``status`` is the exit status of its process, None where there was none.
    """

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class NodeProcess:
    """A node's process, and the thread that reads what it prints and waits for its end.

    ``said`` is set at the ready line or at the end, whichever comes first; ``on_exit`` is called at the end, on that
    thread. Raises StartFailed where there is no such program.
    """

    def __init__(self, command: tuple[str, ...], on_exit: Callable[["NodeProcess"], None]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        self._on_exit = on_exit
        self.port: int | None = None
        self.said = threading.Event()
        try:
            self.process = _start(command, self._errors)
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
        raise StartFailed(self._last_sentence(), self.process.returncode)

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
        ready = _READY.search(line)
        if ready:
            self.port = int(ready[1])
            self.said.set()

    def _last_sentence(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        if lines:
            return lines[-1].strip().removeprefix(_SPEAKER)
        return f"The node ended with code {self.process.returncode} and without a word."


def _start(command: tuple[str, ...], errors: IO[bytes]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        errors="replace",
        # Ctrl+C is for the window, which ends the node in its turn.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
