"""An append that is answered is on the disk: what a kill cannot tell, as the system's memory outlives it."""

import itertools
import os
import re
import shutil
import signal
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from subprocess import TimeoutExpired

import grpc
import pytest
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from desk.node.care.check import problems
from desk.node.log import Log
from tests.forked import Forked
from tests.node.care.logs import events, written
from tests.node.processes import anew, port_file, start_node
from tests.node.wiring import append_requests, event

GROUPS = 30
TRACING = ("-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o")
"""The other calls of the node are not stopped at."""


def can_trace() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, *TRACING, "/dev/null", "true"], check=False).returncode == 0


@pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not trace")
def test_every_group_of_appends_is_synchronised_before_it_is_answered(tmp_path: Path) -> None:
    traced = tmp_path / "calls"
    data = tmp_path / "data"
    options = ("--port", "0", "--system-projections", "off")
    node = start_node(data, program=["strace", *TRACING, str(traced), *anew(data, *options)])
    try:
        with grpc.insecure_channel(node.target) as channel:
            stub = StreamsStub(channel)  # type: ignore[no-untyped-call]
            counts = [synchronised(traced)]
            for _ in range(GROUPS):
                stub.Append(iter(append_requests("s", [event()])))
                counts.append(synchronised(traced))
    finally:
        os.kill(int(str(port_file(data)["pid"])), signal.SIGTERM)  # the node itself: its tracer ends with it
        assert node.finish() == 0
    assert all(after > before for before, after in itertools.pairwise(counts))


def synchronised(traced: Path) -> int:
    """How often something was made durable so far."""
    return len(re.findall(r"\b(?:fsync|fdatasync)\(\d+\)\s+= 0", traced.read_text()))


def test_a_scavenge_that_is_killed_leaves_a_whole_log_and_can_be_started_again(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite"
    with closing(Log(path)) as log:
        for number in range(200):
            described = events(f"$$s{number}", 1, b'{"$maxCount":2}')
            written(log, events(f"s{number}", 60, b"x" * 300), described)
    for milliseconds in (30, 60, 120, 240):
        with Forked("desk.node", ["scavenge", "--data", str(tmp_path)]) as scavenge, suppress(TimeoutExpired):
            scavenge.wait(milliseconds / 1000)
        assert list(problems(path, lambda _what, _share: None)) == []
