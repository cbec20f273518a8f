"""How fast the node is, beside the bare server, in one run: ``python -m tests.benchmarks.node_speed``.

Events of 200 bytes, through esdbclient over TCP. The servers take turns in each measurement, so that whatever else the
machine does falls on all: the bare one, a node with its system projections, which is measured where they write much,
and a node without. ``--only append,read`` measures some of it.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc
import grpc.aio
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import shared_pb2, streams_pb2, streams_pb2_grpc
from google.protobuf import duration_pb2, empty_pb2

from tests.benchmarks.figures import memory_mb

PAYLOAD = b'{"n":"' + b"x" * 190 + b'"}'
ROUNDS = 9
APPEND_ROUNDS = 5
APPENDS = 400
QUIET = 0.5
"""Seconds until a server has done what it does behind its answers, as writing links."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and a client that is connected to it."""

    name: str
    target: str
    pid: int
    client: EventStoreDBClient


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``bound`` is what the node promises of the ratio or of its own figure.

    ``ratios`` are those to the bare server where they were measured by themselves, round by round.
    """

    name: str
    unit: str
    values: dict[str, float]
    bound: str = ""
    ratios: Mapping[str, float] = field(default_factory=dict)

    def ratio(self, name: str) -> float | None:
        """A server's figure by the bare one's."""
        own, bare = self.values.get(name), self.values.get("bare")
        return self.ratios.get(name, own / bare if own and bare and bare > 0 < own else None)


def events(count: int) -> list[NewEvent]:
    return [NewEvent(type="Measured", data=PAYLOAD) for _ in range(count)]


def stream_name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex}"


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def seconds_of(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def append_once(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events(1))


def single_appends(servers: Sequence[Server]) -> list[Figure]:
    """Rounds in which the servers take turns, each time in another order; the figure is the median of the rounds."""
    rounds = [appends_in_turn([*servers[first:], *servers[:first]]) for first in _turns(len(servers))]
    return [
        _median_of(rounds, "append p50", 0.5, "at most 1.3x"),
        _median_of(rounds, "append p99", 0.99, ""),
    ]


def _turns(servers: int) -> list[int]:
    return [number % servers for number in range(APPEND_ROUNDS)]


def appends_in_turn(servers: Sequence[Server]) -> dict[str, list[float]]:
    """How long each of some appends took, in seconds, by the server's name."""
    times = {}
    for server in servers:
        stream = stream_name("single")
        times[server.name] = [seconds_of(lambda: append_once(server.client, stream)) for _ in range(APPENDS)]  # noqa: B023
        time.sleep(QUIET)
    return times


def _median_of(rounds: Sequence[dict[str, list[float]]], name: str, share: float, bound: str) -> Figure:
    found = [{server: percentile(times, share) * 1e3 for server, times in each.items()} for each in rounds]
    values = {server: statistics.median(each[server] for each in found) for server in found[0]}
    ratios = {server: statistics.median(each[server] / each["bare"] for each in found) for server in found[0]}
    return Figure(name, "ms", values, bound, ratios)


def eight_writers(servers: Sequence[Server]) -> list[Figure]:
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            clients = [connect(server.target) for _ in range(8)]

            def write(client: EventStoreDBClient) -> None:
                stream = stream_name("writer")
                for _ in range(100):
                    append_once(client, stream)

            threads = [threading.Thread(target=write, args=(client,)) for client in clients]

            def run(threads: list[threading.Thread] = threads) -> None:
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

            rates[server.name].append(800 / seconds_of(run))
            for client in clients:
                client.close()
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return [Figure("eight writers", "events/s", medians, "at least 1x")]


def batches(servers: Sequence[Server]) -> list[Figure]:
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    streams = {server.name: stream_name("batch") for server in servers}
    for _ in range(10):
        for server in servers:
            batch = events(2000)
            stream = streams[server.name]
            took = seconds_of(
                lambda: server.client.append_to_stream(stream, current_version=StreamState.ANY, events=batch)  # noqa: B023
            )
            rates[server.name].append(2000 / took)
    best = {name: max(values) for name, values in rates.items()}
    return [Figure("batch of 2,000", "events/s", best, "at least 0.8x"), *reading(servers, streams)]


def reading(servers: Sequence[Server], streams: dict[str, str]) -> list[Figure]:
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            begun = time.perf_counter()
            count = sum(1 for _ in server.client.read_stream(streams[server.name]))
            rates[server.name].append(count / (time.perf_counter() - begun))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return [Figure("read 20,000", "events/s", medians, "at least 0.9x")]


def in_flight(servers: Sequence[Server]) -> list[Figure]:
    """10,000 appends of one event sent at once on one call, each with its own correlation id."""
    times = {}
    for server in servers:
        identifier = shared_pb2.StreamIdentifier(stream_name=stream_name("flight").encode())
        options = streams_pb2.BatchAppendReq.Options(
            stream_identifier=identifier, any=empty_pb2.Empty(), deadline=duration_pb2.Duration(seconds=60)
        )
        requests = [
            streams_pb2.BatchAppendReq(
                correlation_id=shared_pb2.UUID(string=str(uuid.uuid4())),
                options=options,
                proposed_messages=[
                    streams_pb2.BatchAppendReq.ProposedMessage(
                        id=shared_pb2.UUID(string=str(uuid.uuid4())),
                        metadata={"type": "Measured", "content-type": "application/json"},
                        data=PAYLOAD,
                    )
                ],
                is_final=True,
            )
            for _ in range(10_000)
        ]
        with grpc.insecure_channel(server.target) as channel:
            stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
            begun = time.perf_counter()
            answered = sum(answer.HasField("success") for answer in stub.BatchAppend(iter(requests)))
            times[server.name] = time.perf_counter() - begun
        if answered != len(requests):
            raise AssertionError(f"{server.name} answered {answered} of {len(requests)}")
    return [Figure("10,000 in flight", "s", times, "at most 5 s")]


def live(servers: Sequence[Server]) -> list[Figure]:
    """From an append's acknowledgement to a subscriber's receipt; below 0 where the subscriber is first."""
    lags = {}
    for server in servers:
        with ExitStack() as stack:
            if server.name != "bare":  # which has a thread for each call, and not so many
                wait_elsewhere(server, 99, stack)
            lags[server.name] = lags_of_one(server)
    return [
        Figure("live p50, 99 wait elsewhere", "ms", {n: percentile(lag, 0.5) * 1e3 for n, lag in lags.items()}),
        Figure(
            "live p99, 99 wait elsewhere",
            "ms",
            {n: percentile(lag, 0.99) * 1e3 for n, lag in lags.items()},
            "at most 5 ms",
        ),
    ]


def wait_elsewhere(server: Server, count: int, stack: ExitStack) -> None:
    """So many subscribers for streams that nobody writes."""
    client = connect(server.target)
    stack.callback(client.close)
    for number in range(count):
        stack.callback(client.subscribe_to_stream(f"idle-{number}", from_end=True).stop)


def lags_of_one(server: Server) -> list[float]:
    stream = stream_name("live")
    append_once(server.client, stream)
    subscription = server.client.subscribe_to_stream(stream)
    received: dict[int, float] = {}
    everything = threading.Event()

    def follow() -> None:
        for event in subscription:
            received[event.stream_position] = time.perf_counter()
            if event.stream_position == 200:
                everything.set()
                return

    thread = threading.Thread(target=follow)
    thread.start()
    acknowledged = {}
    for number in range(1, 201):
        append_once(server.client, stream)
        acknowledged[number] = time.perf_counter()
        time.sleep(0.005)
    everything.wait(10)
    subscription.stop()
    thread.join()
    return [received[number] - acknowledged[number] for number in acknowledged]


def idle(servers: Sequence[Server]) -> list[Figure]:
    """The share of a core that a server takes with a hundred subscribers and nothing to do."""
    shares = {}
    for server in servers[-1:]:
        with ExitStack() as stack:
            wait_elsewhere(server, 100, stack)
            time.sleep(1)
            before = cpu_seconds(server.pid)
            time.sleep(5)
            shares[server.name] = (cpu_seconds(server.pid) - before) / 5 * 100
    return [Figure("idle, 100 waiting", "% of a core", shares, "under 1 %")]


def memory(servers: Sequence[Server]) -> list[Figure]:
    """The most that a server ever had in memory, in all that was measured before."""
    return [Figure("memory", "MB", {s.name: memory_mb(s.pid, peak=True) for s in servers}, "under 150 MB")]


def crowd(servers: Sequence[Server]) -> list[Figure]:
    """From an append's acknowledgement until the last of a hundred subscribers to its stream has the event."""
    lags = {server.name: asyncio.run(crowd_lags(server)) for server in servers[-1:]}
    return [
        Figure("live p99, 100 wait", "ms", {n: percentile(lag, 0.99) * 1e3 for n, lag in lags.items()}, "at most 30 ms")
    ]


async def crowd_lags(server: Server) -> list[float]:
    stream = stream_name("crowd")
    options = streams_pb2.ReadReq.Options(
        stream=streams_pb2.ReadReq.Options.StreamOptions(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()), end=shared_pb2.Empty()
        ),
        subscription=streams_pb2.ReadReq.Options.SubscriptionOptions(),
        no_filter=shared_pb2.Empty(),
        uuid_option=streams_pb2.ReadReq.Options.UUIDOption(string=shared_pb2.Empty()),
    )
    async with grpc.aio.insecure_channel(server.target) as channel:
        stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        calls = [stub.Read(streams_pb2.ReadReq(options=options)) for _ in range(100)]
        for call in calls:
            while not (await call.read()).HasField("caught_up"):
                pass
        lags = []
        for _ in range(100):
            receipts = [asyncio.ensure_future(call.read()) for call in calls]
            await asyncio.to_thread(append_once, server.client, stream)
            acknowledged = time.perf_counter()
            await asyncio.gather(*receipts)
            lags.append(time.perf_counter() - acknowledged)
        for call in calls:
            call.cancel()
    return lags


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connect(target: str) -> EventStoreDBClient:
    return EventStoreDBClient(f"esdb://{target}?Tls=false")


@contextmanager
def running(name: str, *command: str) -> Iterator[Server]:
    """A server in a process of its own, and a client of it."""
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        target = process.stdout.readline().rpartition(" ")[2].strip()
        client = connect(target)
        for _ in range(20):
            append_once(client, stream_name("warm"))
        yield Server(name, target, process.pid, client)
        client.close()
    finally:
        process.terminate()
        process.wait()


def show(figures: Sequence[Figure], servers: Sequence[Server]) -> None:
    names = [server.name for server in servers]
    print(f"{'':28}" + "".join(f"{name:>12}" for name in names) + f"{'ratio':>8}  promised")
    for figure in figures:
        values = [figure.values.get(name) for name in names]
        cells = "".join(f"{'' if value is None else f'{value:,.2f}':>12}" for value in values)
        measured = figure.ratio(names[-1])
        ratio = "" if measured is None else f"{measured:.2f}x"
        print(f"{figure.name:28}{cells}{ratio:>8}  {figure.bound} ({figure.unit})")


MEASUREMENTS: Final[dict[str, Callable[[Sequence[Server]], list[Figure]]]] = {
    "append": single_appends,
    "writers": eight_writers,
    "batch": batches,
    "flight": in_flight,
    "live": live,
    "crowd": crowd,
    "idle": idle,
    "memory": memory,
}


def run(
    chosen: Sequence[str], shown: Callable[[Sequence[Figure], Sequence[Server]], None] | None = None
) -> list[Figure]:
    """Measure; the values are those of ``bare``, ``projecting`` and ``node``."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        bare, projecting, data = (Path(directory, name) for name in ("bare", "projecting", "node"))
        bare.mkdir()
        servers = [
            stack.enter_context(running("bare", "tests.benchmarks.bare_server", str(bare))),
            stack.enter_context(running("projecting", "desk.node", "--data", str(projecting), "--port", "0")),
            stack.enter_context(
                running("node", "desk.node", "--data", str(data), "--port", "0", "--system-projections", "off")
            ),
        ]
        figures = [figure for name in chosen for figure in MEASUREMENTS[name](servers)]
        if shown is not None:
            shown(figures, servers)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(MEASUREMENTS), help="some of: %(default)s")
    run(parser.parse_args().only.split(","), show)


if __name__ == "__main__":
    main()
