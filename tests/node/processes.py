"""Nodes in processes of their own, as a user starts them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.forked import Forked, run_forked

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class NodeProcess:
    """A running node."""

    process: subprocess.Popen[str] | Forked
    directory: Path
    port: int

    @property
    def uri(self) -> str:
        return f"esdb://127.0.0.1:{self.port}?Tls=false"

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def input(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin

    def kill(self) -> None:
        """As a power cut would: it has no chance to do anything."""
        self.process.kill()
        self.finish()

    def stop(self) -> int:
        """Asks it to end; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.finish()

    def finish(self) -> int:
        """Waits for its end."""
        try:
            self.process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            with suppress(OSError, AssertionError):  # the node itself, where another program runs it
                os.kill(int(str(port_file(self.directory)["pid"])), signal.SIGKILL)
            self.process.communicate(timeout=SECONDS)
            raise
        return self.process.wait()


def anew(directory: Path, *options: str) -> list[str]:
    """How a user starts one: a program that first loads all that it needs."""
    return [sys.executable, "-m", "desk.node", "--data", str(directory), "--port", "0", *options]


def start_node(
    directory: Path,
    *options: str,
    program: list[str] | None = None,
    preexec: Callable[[], None] | None = None,
) -> NodeProcess:
    """A node on a free port, after its ready line and its port file; ``program`` is what starts it anew."""
    if program is None and preexec is None:
        process: subprocess.Popen[str] | Forked = Forked("desk.node", anew(directory, *options)[3:])
    else:
        process = subprocess.Popen(
            program or anew(directory, *options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("desk node ready on "):
        _, said = process.communicate(timeout=SECONDS)
        raise AssertionError(f"not ready: {line!r}, {said!r}")
    port = int(line.rpartition(":")[2])
    wait_until((directory / "node.port").exists)
    return NodeProcess(process, directory, port)


def run_node(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A node that is expected to end by itself at once."""
    return run_forked("desk.node", *arguments, timeout=SECONDS)


def port_file(directory: Path) -> dict[str, object]:
    content = json.loads((directory / "node.port").read_text())
    assert isinstance(content, dict)
    return content


def wait_until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Returns as soon as the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.01)
