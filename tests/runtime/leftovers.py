"""What a runtime could leave behind: threads, open files, child processes and gRPC channels."""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc._channel


def open_files(directory: Path) -> list[str]:
    """The files below a directory that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(link.readlink()))
    return [name for name in found if name.startswith(str(directory))]


def children() -> set[int]:
    """The processes that this one has started, or had forked by another, and that have not been waited for."""
    started = children_of("self")
    origins = {pid for pid in started if b"tests.forked" in Path(f"/proc/{pid}/cmdline").read_bytes()}
    watching = {pid for origin in origins for pid in children_of(origin)}
    return started - origins | {pid for watcher in watching for pid in children_of(watcher)}


def children_of(pid: int | str) -> set[int]:
    found: set[int] = set()
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.update(int(child) for child in (task / "children").read_text().split())
    return found


def channels() -> int:
    """How many gRPC channels there are."""
    gc.collect()
    # Each refers to its class. isinstance would ask proxies of other packages for theirs.
    return sum(type(one) is grpc._channel.Channel for one in gc.get_referrers(grpc._channel.Channel))


@contextmanager
def nothing_left(directory: Path) -> Iterator[None]:
    """Whatever is opened within is closed at the end."""
    threads, processes = set(threading.enumerate()), children()
    gc.collect()
    gc.freeze()  # what is there already is neither gone over again at the end, nor counted
    yield
    deadline = time.monotonic() + 60
    while (late := set(threading.enumerate()) - threads) and time.monotonic() < deadline:
        time.sleep(0.01)  # a thread that gRPC ends by itself
    assert not late
    assert children() <= processes
    assert open_files(directory) == []
    assert channels() == 0
