"""``desk streams`` and ``desk find`` as processes of their own: on a store that is there, away, slow and wrong."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import cycle, product
from pathlib import Path
from threading import Event, current_thread
from typing import Any
from uuid import uuid4

import pytest

from desk.__main__ import main
from desk.application.scanning import BackwardScan
from desk.application.session import Connection, Light
from desk.cli import looking
from desk.cli.caring import Patience
from desk.cli.looking import StoreScan
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
from desk.store.eventstoredb import EventStoreDB
from tests.cli import test_processes
from tests.cli.test_processes import SECONDS, WAIT_OF, World, desk, leaks
from tests.forked import Forked
from tests.node.processes import NodeProcess, start_node, wait_until
from tests.rounds import few_or_all
from tests.store.proxy import Proxy

world = test_processes.world

LOOKS = (("streams",), ("find", "sum"))
COMMANDS = (*LOOKS, ("show", "invoice-1"))
EVENTS, IN_A_STREAM = 2_000, 100
"""Two pages of a look."""
EVERY = EVENTS + 3
"""With two odd ones, and one of the node's own."""
CITIES = ("Berlin", "Reykjavík", "Oslo")


def lines(out: str) -> list[dict[str, object]]:
    """The documents, one of each line."""
    return [json.loads(line) for line in out.splitlines()]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A store that Desk did not write."""

    node: NodeProcess

    @property
    def uri(self) -> str:
        return f"esdb://127.0.0.1:{self.node.port}?tls=false"


def placed(number: int) -> NewEvent:
    order = {"customer": {"city": CITIES[number % 3]}, "total": number}
    return NewEvent(uuid4(), "OrderPlaced" if number % 2 else "OrderPaid", json.dumps(order).encode(), b"{}")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    node = start_node(tmp_path_factory.mktemp("foreign"))
    try:
        with closing(EventStoreDB(f"esdb://127.0.0.1:{node.port}?tls=false", "plain")) as store:
            for stream in range(EVENTS // IN_A_STREAM):
                events = tuple(placed(stream * IN_A_STREAM + n) for n in range(IN_A_STREAM))
                store.append(f"order-{stream}", NO_STREAM, events, timeout=30)
            odd = (
                NewEvent(uuid4(), "Odd\x1b[31m", b"\xff\x00 word", b""),
                NewEvent(uuid4(), "Odd", b'{"n": NaN}', b""),
            )
            store.append("odd-\x1b[31mé", NO_STREAM, odd, timeout=30)
        yield Foreign(node)
    finally:
        node.stop()


def test_the_streams_of_a_foreign_store_are_listed_those_written_last_first(foreign: Foreign, tmp_path: Path) -> None:
    ended = desk(tmp_path / "none", "--store", foreign.uri, "streams", "--json")
    listed = lines(ended.out)
    assert ended.status == 0
    assert [line["stream"] for line in listed] == [
        "odd-\x1b[31mé",
        *(f"order-{n}" for n in reversed(range(EVENTS // IN_A_STREAM))),
    ]
    assert listed[1]["lastRevision"] == IN_A_STREAM - 1
    assert f"{EVENTS // IN_A_STREAM + 1} streams. Looked at {EVERY:,} events: all of them." in ended.err
    assert not (tmp_path / "none").exists()


def test_names_are_chosen_by_their_parts(foreign: Foreign, tmp_path: Path) -> None:
    ended = desk(tmp_path, "--store", foreign.uri, "streams", "order-1*")
    assert ended.status == 0
    assert len(ended.out.splitlines()) == 11
    system = desk(tmp_path, "--store", foreign.uri, "streams", "--system", "--json").out
    assert any(str(line["stream"]).startswith("$") for line in lines(system))


def test_events_are_found_by_text_type_and_value(foreign: Foreign, tmp_path: Path) -> None:
    asked = ["reykjavik", "--type", "OrderPlaced", "--where", f"$.total > {EVENTS - 100}", "--json"]
    ended = desk(tmp_path, "--store", foreign.uri, "find", *asked)
    found = lines(ended.out)
    totals = [n for n in range(EVENTS - 1, EVENTS - 100, -1) if n % 3 == 1 and n % 2]
    assert ended.status == 0
    assert [line["data"] for line in found] == [{"customer": {"city": "Reykjavík"}, "total": n} for n in totals]
    assert f"{len(totals)} found. Looked at {EVERY:,} events: all of them." in ended.err


def test_what_is_no_text_is_shown_without_harm(foreign: Foreign, tmp_path: Path) -> None:
    ended = desk(tmp_path, "--store", foreign.uri, "find", "--stream", "odd")
    assert ended.status == 0
    assert len(ended.out.splitlines()) == 2
    assert "\x1b" not in ended.out
    first = lines(desk(tmp_path, "--store", foreign.uri, "find", "--stream", "odd", "--json").out)[0]
    assert first["dataHex"] == b'{"n": NaN}'.hex()


def at_terminal(*arguments: str) -> list[str]:
    """What a command writes to a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "desk", *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL
    ) as process:
        os.close(slave)
        written = b""
        with suppress(OSError):  # which is how a terminal ends
            while part := os.read(master, 65_536):
                written += part
        os.close(master)
        assert process.wait(SECONDS) == 0
    return written.decode().splitlines()


def test_a_terminal_has_headings_a_pipe_has_none_and_an_events_own_time_is_told(tmp_path: Path) -> None:
    node = start_node(tmp_path / "node")
    store_at = ("--data", str(tmp_path / "desk"), "--store", f"esdb://127.0.0.1:{node.port}?tls=false")
    try:
        with closing(EventStoreDB(store_at[3], "plain")) as store:
            own = NewEvent(uuid4(), "Told", b'{"word": "narrative"}', b'{"issuedAt": "2020-05-04T12:00:00Z"}')
            store.append("tale-1", NO_STREAM, (own,), timeout=30)
            store.append("tale-2", NO_STREAM, (NewEvent(uuid4(), "Told", b'"narrative"', b""),), timeout=30)
        told = f"(own {datetime(2020, 5, 4, 12, tzinfo=UTC).astimezone():%Y-%m-%d %H:%M:%S})"
        for look, heading in ((("streams", "tale"), "Last stored"), (("find", "narrative"), "Stored")):
            shown = at_terminal(*store_at, *look)
            assert shown[0].startswith(heading)
            piped = desk(tmp_path, *store_at[2:], *look).out.splitlines()
            assert piped == shown[1:]
            assert [told in line for line in piped] == [False, True]
        document = lines(desk(tmp_path, *store_at[2:], "streams", "tale", "--json").out)[1]
        assert document["lastIssued"] == "2020-05-04T12:00:00Z"
    finally:
        node.stop()


def test_a_look_says_since_when_and_ends_after_so_many(foreign: Foreign, tmp_path: Path) -> None:
    ended = desk(tmp_path, "--store", foreign.uri, "find", "berlin", "--limit", "3", "--json")
    assert (ended.status, len(lines(ended.out))) == (0, 3)
    assert re.search(r"3 found\. Looked at 1,000 events: back to 20\d\d-.* position \d+\.", ended.err)
    ended = desk(tmp_path, "--store", foreign.uri, "find", "berlin", "--since", "2999-01-01")
    assert (ended.status, ended.out) == (0, "")
    assert "0 found. Looked at 0 events: all since 2999-01-01 00:00:00." in ended.err


def test_ctrl_c_ends_a_look_which_says_how_far_it_was(foreign: Foreign, tmp_path: Path) -> None:
    with closing(Proxy(foreign.node.port)) as proxy:
        proxy.slow_down()
        uri = f"esdb://127.0.0.1:{proxy.port}?tls=false"
        arguments = ["--data", str(tmp_path), "--store", uri, "find", "berlin", "--json"]
        with Forked("desk", arguments) as process:
            assert process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    looked = re.search(r"Stopped\. [\d,]+ found\. Looked at ([\d,]+) events: back to ", err)
    assert looked
    assert int(looked[1].replace(",", "")) < EVENTS
    assert "Traceback" not in err


def test_ctrl_c_ends_a_look_though_the_store_has_fallen_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        """Falls silent in the middle of an answer, just when somebody presses Ctrl+C."""

        def __init__(self) -> None:
            self.store, self.closed = self, Event()

        def read_all(self, **_asked: object) -> Iterator[Recorded]:
            look.stop()
            assert self.closed.wait(SECONDS)
            raise StoreUnavailable("The connection was closed while reading.")

        def close(self) -> None:
            assert current_thread().daemon, "a look that has ended by then need not wait for it"
            self.closed.set()

    monkeypatch.setattr(looking, "_LAST_WAIT", 0.0)
    silent: Any = Silent()
    look = StoreScan(silent, Patience(lambda: Connection(Light.GREEN, ""), 1.0, embedded=False))
    assert list(look.scanned(BackwardScan(silent))) == []
    assert look.stopped


def test_whoever_has_read_enough_ends_it_quietly(foreign: Foreign, tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path), "--store", foreign.uri, "find", "berlin"]
    with Forked("desk", arguments) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(SECONDS) == 0
    assert "Traceback" not in err
    assert "Broken" not in err


def test_a_look_goes_on_where_it_was_once_the_store_is_back(foreign: Foreign, tmp_path: Path) -> None:
    with closing(Proxy(foreign.node.port)) as proxy:
        proxy.cut_after(200_000)
        uri = f"esdb://127.0.0.1:{proxy.port}?tls=false"
        ended = desk(tmp_path, "--store", uri, "find", "oslo", "--json")
    assert ended.status == 0, ended.err
    found = [line["revision"] for line in lines(ended.out)]
    assert len(found) == EVENTS // 3
    assert f"Looked at {EVERY:,} events: all of them." in ended.err


AWAY = [
    ("nobody listening", r"No event store answers at .*Given up after 2 s: start the store"),
    ("listening and silent", r"There is no answer yet\. Given up after 2 s"),
    ("wrong password", r"refused access: .* Check user name and password"),
    ("TLS against plain text", "does not speak TLS"),
    ("no directory", "There is no catalogue in "),
]


@pytest.mark.parametrize(
    ("look", "away"), few_or_all([*zip(cycle(COMMANDS), AWAY, strict=False)], [*product(COMMANDS, AWAY)])
)
def test_a_store_that_is_away_or_wrong_is_named(world: World, away: tuple[str, str], look: tuple[str, ...]) -> None:
    situation, gist = away
    data, uri = world.directory(situation, look[0]), world.uri(situation)
    ended = desk(data, *([] if uri is None else ["--store", uri]), *look, "--wait", WAIT_OF.get(situation, "60"))
    assert (ended.status, ended.out) == (1, "")
    assert re.search(gist, ended.err), ended.err
    assert "Traceback" not in ended.err
    assert not leaks(ended)


def test_without_a_question_find_asks_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["find"], ["find", "x", "--where", "total > 3"], ["find", "x", "--since", "soon"]):
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(tmp_path), *arguments])
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert "usage: " in err


def catalogue_of(data: Path) -> dict[str, str]:
    """What is in the files of a catalogue, without the node's own."""
    files = (path for path in data.rglob("*") if path.is_file() and not path.name.startswith("node."))
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look[0])
def test_a_look_writes_nothing_into_a_catalogue(world: World, tmp_path: Path, look: tuple[str, ...]) -> None:
    shutil.copytree(world.filled, tmp_path / "data")
    before = catalogue_of(tmp_path / "data")
    ended = desk(tmp_path / "data", *look, "--json")
    assert ended.status == 0
    assert "invoice-1" in ended.out
    assert catalogue_of(tmp_path / "data") == before


def test_beside_a_window_its_node_is_asked_and_goes_on(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.filled, tmp_path / "data")
    with closing(open_runtime(Options(tmp_path / "data"))) as runtime:
        assert runtime.ready(SECONDS)
        care = runtime.session.care
        assert care is not None
        wait_until(lambda: care.state().live, SECONDS)
        node = runtime.session.about.node_pid
        for look in LOOKS:
            ended = desk(tmp_path / "data", *look, "--json")
            assert (ended.status, "invoice-1" in ended.out) == (0, True)
        assert runtime.session.about.node_pid == node
        assert runtime.store.head() is not None


def test_a_look_loads_nothing_of_what_a_catalogue_needs(foreign: Foreign, tmp_path: Path) -> None:
    program = "import sys; from desk.__main__ import main; main(); print(*sys.modules, file=sys.stderr)"
    arguments = ("--data", str(tmp_path), "--store", foreign.uri, "streams")
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "desk.cli.streams" in loaded
    needless = {"sqlite_utils", "rich", "tomlkit", "platformdirs", "desk.node", "desk.scripting", "desk.cqrs.bus"}
    needless |= {"desk.runtime.runtime", "desk.application.handlers", "desk.application.queries"}
    assert not loaded & (needless | {"desk.projection.projector"})
