"""``desk doctor``, ``rebuild`` and ``import`` as processes of their own, on a catalogue that an earlier process filled.

A table has every command in every situation. No process has a terminal, and none leaks the password that it was given.
"""

import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Final
from urllib.parse import quote

import pytest

from desk.__main__ import main
from desk.application.event_index import IndexPart
from desk.projection.lock import try_lock
from desk.runtime.options import Options, folder_of
from desk.runtime.runtime import open_runtime
from tests.cli.filling import ROWS, STREAMS
from tests.forked import Forked, run_forked
from tests.node.processes import NodeProcess, start_node, wait_until
from tests.rounds import few_or_all
from tests.store.proxy import Proxy

SECRET: Final = "Garten@zwerg-71"
"""With a sign that has to be written otherwise in a connection string."""
WRONG: Final = "Gartenzaun-13"
QUOTED: Final = quote(SECRET, safe="")
COMMANDS: Final = ("doctor", "rebuild", "import", "doctor --index")
WAIT: Final = "2"
MORE: Final = (
    "ISBN,Title,Author,Year\n9780140449136,Crime and Punishment,F. Dostoevsky,2002\n0140328726,Matilda,R. Dahl,1988\n"
)
BOOKS: Final = Path(__file__).parents[1] / "data" / "books-300.csv"
SECONDS: Final = 90.0
"""For one process, on a machine that has much else to do."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended."""

    status: int
    out: str
    err: str
    data: Path

    @property
    def said(self) -> str:
        return self.out + self.err


def desk(data: Path, *arguments: str, pipe: str = "", anew: bool = False) -> Ended:
    """Run ``desk`` without a terminal; ``anew``: as a program that first loads all that it needs."""
    words = ("--data", str(data), *arguments)
    if anew:
        command = [sys.executable, "-m", "desk", *words]
        done = subprocess.run(command, input=pipe, capture_output=True, text=True, timeout=SECONDS, check=False)
    else:
        done = run_forked("desk", *words, given=pipe, timeout=SECONDS)
    return Ended(done.returncode, done.stdout, done.stderr, data)


@dataclass(frozen=True, slots=True)
class World:
    """What is there for all cells: catalogues that an earlier process filled, nodes over them, and ports of others."""

    top: Path
    filled: Path
    foreign: Path
    plain: NodeProcess
    secured: NodeProcess
    nobody: int
    silent: int

    @property
    def more(self) -> Path:
        """A file of two books."""
        return self.top / "more.csv"

    def uri(self, situation: str) -> str | None:
        """The connection string of a situation; None: the embedded node."""
        ca = self.secured.directory / "tls" / "ca.crt"
        secured = f"localhost:{self.secured.port}"
        return {
            "store elsewhere": f"esdb://localhost:{self.plain.port}?tls=false",
            "no directory, store elsewhere": f"esdb://localhost:{self.plain.port}?tls=false",
            "with TLS and the right password": f"esdb://admin:{QUOTED}@{secured}?tlsCaFile={ca}",
            "wrong password": f"esdb://admin:{WRONG}@{secured}?tlsCaFile={ca}",
            "nobody listening": f"esdb://127.0.0.1:{self.nobody}?tls=false",
            "listening and silent": f"esdb://127.0.0.1:{self.silent}?tls=false",
            "plain text against TLS": f"esdb://{secured}?tls=false",
            "TLS against plain text": f"esdb://admin:{QUOTED}@localhost:{self.plain.port}?tlsCaFile={ca}",
            "certificate not trusted": f"esdb://admin:{QUOTED}@{secured}",
            "no file of certificates": f"esdb://admin:{QUOTED}@{secured}?tlsCaFile=/nope/ca.crt",
            "unreadable connection string": f"esdb://admin:{SECRET}@{secured}",
        }.get(situation)

    def directory(self, situation: str, command: str) -> Path:
        """A directory of a cell's own, as an earlier process has left it."""
        data = self.top / re.sub(r"\W+", "-", f"{situation} {command}")
        if situation.startswith("no directory"):
            return data
        uri = self.uri(situation)
        if uri is None:
            shutil.copytree(self.foreign if situation == "no books" else self.filled, data)
        else:
            (data / folder_of(uri)).mkdir(parents=True)
        if situation == "no read model":
            (data / "read-model.sqlite").unlink()
        return data

    def run(self, situation: str, command: str) -> Ended:
        uri = self.uri(situation)
        data = self.directory(situation, command)
        arguments = [
            *([] if uri is None else ["--store", uri]),
            *command.split(),
            "--wait",
            WAIT_OF.get(situation, "60"),
        ]
        with ExitStack() as opened:
            if situation == "kept by another program":
                lock = try_lock(data / "read-model.lock")
                assert lock is not None
                opened.callback(lock.release)
            if command == "import":
                arguments.append(str(self.more))
            return desk(data, *arguments, anew=situation in BEGUN_ANEW)


BEGUN_ANEW: Final = ("embedded node", "TLS against plain text")
"""Of each command one that does it, and one that gRPC has words of its own about."""


WAIT_OF: Final = {"nobody listening": WAIT, "listening and silent": WAIT, "plain text against TLS": WAIT}
"""Where it is the wait that ends the command. The others would say "Given up" only after a minute."""

EVERY_ROW: Final = "Every row is what its stream says: {rows} rows compared with {streams} streams."
IS_RIGHT: Final = (0, EVERY_ROW.format(rows=ROWS, streams=STREAMS))
SEEMS_RIGHT: Final = (0, EVERY_ROW.format(rows=r"[1-9]\d*", streams=r"[1-9]\d*"))
IS_REBUILT: Final = (0, r"[1-9]\d* events in ")
IS_IMPORTED: Final = (0, "2 created, 0 already there, 0 refused: 2 rows in ")
IS_THERE: Final = (0, r"[012] created, [012] already there, 0 refused: 2 rows in ")
GIVEN_UP: Final = "Given up after 2 s: start the store, or correct --store; --wait SECONDS waits longer"

WAS_RIGHT: Final = (0, r"The past is what the events say: [2-6] moments, [1-9]\d* rows, [1-9]\d* cards")
WAS_EMPTY: Final = (0, "The event index has no book that could be compared")
KEPT_ELSEWHERE: Final = (1, "Another program keeps this catalogue, and builds its event index")

TABLE: Final[dict[str, tuple[tuple[int, str] | None, ...]]] = {
    "embedded node": (IS_RIGHT, IS_REBUILT, IS_IMPORTED, WAS_RIGHT),
    "no read model": (IS_RIGHT, IS_REBUILT, IS_IMPORTED),
    "no books": ((0, "The store has no book whose rows"), (0, "0 events in "), IS_IMPORTED, WAS_EMPTY),
    "store elsewhere": (SEEMS_RIGHT, IS_REBUILT, IS_THERE, WAS_RIGHT),
    "with TLS and the right password": (SEEMS_RIGHT, IS_REBUILT, IS_IMPORTED),
    "no directory": (*[(1, r"There is no catalogue in .*/no-directory-\w+\. Name its directory")] * 2, IS_IMPORTED),
    "no directory, store elsewhere": (*[(1, r"Nothing of the store at localhost:\d+ is in ")] * 2, IS_THERE),
    # An import beside another program only sends commands: tests/programs has it.
    "kept by another program": (*[(1, "Another Desk has this catalogue open")] * 2, None, KEPT_ELSEWHERE),
    "nobody listening": ((1, rf"No event store answers at 127\.0\.0\.1:\d+\. {GIVEN_UP}"),) * 4,
    "listening and silent": ((1, rf"There is no answer yet\. {GIVEN_UP}"),) * 3,
    "wrong password": ((1, r"at localhost:\d+ refused access: .* Check user name and password"),) * 4,
    "plain text against TLS": ((1, rf"closes each connection at once, .* TLS only\. .* {GIVEN_UP}"),) * 3,
    "TLS against plain text": ((1, r"localhost:\d+ does not speak TLS\. .* add tls=false"),) * 3,
    "certificate not trusted": ((1, r"The certificate of localhost:\d+ is not trusted"),) * 3,
    "no file of certificates": ((1, "/nope/ca.crt, the TlsCaFile .*, cannot be read: No such file or directory"),) * 3,
    "unreadable connection string": ((2, "The connection string cannot be read. It has to look like esdb://HOST"),) * 3,
}
"""What comes of each command: the exit status, and what the sentence says; of the last one in some situations only."""

ALL_CELLS: Final = [
    (situation, command)
    for situation, expected in TABLE.items()
    for command, ending in zip(COMMANDS, expected, strict=False)
    if ending is not None
]


def covering() -> list[tuple[str, str]]:
    """Cells that have each situation, and each ending, at least once: with one command after the other, in turn."""
    kept, ended = list[tuple[str, str]](), set[tuple[int, str] | None]()
    for number, (situation, expected) in enumerate(TABLE.items()):
        several = sorted(range(len(expected)), key=lambda place: (place - number) % len(expected))
        for place in several:
            if expected[place] not in {None, *ended}:
                kept.append((situation, COMMANDS[place]))
                ended.add(expected[place])
        if situation not in dict(kept):
            kept.append((situation, COMMANDS[several[0]]))
    return kept


CELLS: Final = few_or_all(covering(), ALL_CELLS)


@pytest.fixture(scope="module")
def world(filled: Path, without_books: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    top = tmp_path_factory.mktemp("cells")
    (top / "more.csv").write_text(MORE, encoding="utf-8")
    with ExitStack() as opened:
        nodes = []
        for name, options in (("plain", ()), ("secured", ("--tls",))):
            shutil.copytree(filled, top / name)
            password = pytest.MonkeyPatch()
            password.setenv("DESK_NODE_ADMIN_PASSWORD", SECRET)
            node = start_node(top / name, *options)
            password.undo()
            opened.callback(node.stop)
            nodes.append(node)
        nobody = opened.enter_context(closing(socket.socket()))
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        silent = opened.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=64)))
        plain, secured = nodes
        yield World(top, filled, without_books, plain, secured, nobody.getsockname()[1], silent.getsockname()[1])


class Cells:
    """What came of the cells: each is run once, and while one is looked at, the next ones are on their way."""

    def __init__(self, world: World, pool: ThreadPoolExecutor) -> None:
        self._world, self._pool = world, pool
        self._running: dict[tuple[str, str], Future[Ended]] = {}

    def __getitem__(self, cell: tuple[str, str]) -> Ended:
        place = CELLS.index(cell)
        for one in CELLS[place : place + 3]:
            if one not in self._running:
                self._running[one] = self._pool.submit(self._world.run, *one)
        return self._running[cell].result()


@pytest.fixture(scope="module")
def cells(world: World) -> Iterator[Cells]:
    with ThreadPoolExecutor(3) as pool:
        # All its threads at once, so that none of them is taken for one that a test has left behind.
        everybody = Barrier(3)
        list(pool.map(lambda _: everybody.wait(), range(3)))
        yield Cells(world, pool)


@pytest.mark.parametrize(("situation", "command"), CELLS)
def test_each_command_tells_the_truth_in_each_situation(situation: str, command: str, cells: Cells) -> None:
    ending = TABLE[situation][COMMANDS.index(command)]
    assert ending is not None
    status, gist = ending
    ended = cells[situation, command]
    assert re.search(gist, ended.out if status == 0 else ended.err), ended
    assert ended.status == status, ended
    assert "Traceback" not in ended.said
    if status != 0:
        assert ended.out == ""
        assert ("Given up" in ended.err) == (situation in WAIT_OF), ended.err
    # gRPC's own log has its lines begin with a level and a date, as I0000.
    assert not re.search(r"^[IWEF]\d{4} |absl", ended.err, re.MULTILINE), ended.err
    assert ended.data.exists() == (status == 0 or not situation.startswith("no directory"))
    assert not leaks(ended), "a password has got out"


def leaks(ended: Ended) -> list[str]:
    """Where a password can be read: in what was said, in a file, or in its name."""
    words = (SECRET, SECRET.partition("@")[2], QUOTED, WRONG)
    found = [word for word in words if word in ended.said]
    for path in ended.data.rglob("*") if ended.data.exists() else ():
        for word in words:
            if word in path.name or (path.is_file() and word.encode() in path.read_bytes()):
                found.append(str(path))
    return found


@pytest.mark.parametrize("situation", ["with TLS and the right password", "wrong password"])
def test_a_window_with_a_password_writes_it_nowhere(world: World, situation: str) -> None:
    """Neither while it is refused, nor once it is in; its log is written from the first moment."""
    data, uri = world.directory(situation, "window"), world.uri(situation)
    assert uri is not None
    with Forked("desk", ["--data", str(data), "--store", uri]) as window:
        wait_until((data / folder_of(uri) / "read-model.sqlite").exists, SECONDS)
        with suppress(subprocess.TimeoutExpired):
            window.wait(4)  # until the store has answered, in whatever way
        window.send_signal(signal.SIGTERM)
        out, err = window.communicate(timeout=SECONDS)
    assert window.returncode == 0
    assert (data / "desk.log").exists()
    assert not leaks(Ended(0, out, err, data))


@pytest.mark.parametrize("command", [command for situation, command in CELLS if situation == "nobody listening"])
def test_a_store_that_does_not_answer_is_waited_for_aloud(command: str, cells: Cells, world: World) -> None:
    """Once a second, with what is being tried."""
    err = cells["nobody listening", command].err
    assert f"Trying esdb://127.0.0.1:{world.nobody} for another 1 s." in err
    assert err.count("Trying") <= 3


def test_an_import_reads_a_pipe_and_answers_a_program(world: World) -> None:
    data = world.directory("embedded node", "import of a pipe")
    ended = desk(data, "import", "-", "--json", pipe=MORE)
    answer = json.loads(ended.out)
    assert (ended.status, answer["created"], answer["refused"], answer["problem"]) == (0, 2, 0, "")
    ended = desk(data, "doctor", "--json")
    answer = json.loads(ended.out)
    assert (answer["rows"], answer["streams"], answer["differences"]) == (ROWS + 2, STREAMS + 2, [])


def test_an_index_that_somebody_changed_is_found_out_and_another_program_may_look(world: World) -> None:
    """Built by one process, kept by another that runs, looked at by a third; then somebody writes into the file."""
    data = world.directory("embedded node", "index")
    with closing(open_runtime(Options(data, user="ada"))) as keeping:
        index = keeping.session.index
        assert index is not None
        index.build(IndexPart.BOOKS).result(SECONDS)
        beside = desk(data, "doctor", "--index", "--json")
        answer = json.loads(beside.out)
        assert (beside.status, answer["differences"]) == (0, [])
        assert answer["rows"] >= STREAMS  # every book at the newest of the moments; chance has chosen the others
    with closing(sqlite3.connect(data / "event-index.sqlite")) as connection, connection:
        connection.execute("UPDATE holdings SET copies_total = copies_total + 7")
    ended = desk(data, "doctor", "--index", "--json")
    answer = json.loads(ended.out)
    assert ended.status == 1
    assert {"copies_total"} <= {each["what"] for each in answer["differences"]}
    assert "differs from the events" in desk(data, "doctor", "--index").out


ROWS_OF_FILE: Final = few_or_all(120, 300)
"""Of which two are of one book."""


@dataclass(frozen=True, slots=True)
class Great:
    """A node that somebody started by hand, with a catalogue of many books."""

    node: NodeProcess
    importing: Ended


@pytest.fixture(scope="module")
def great(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Great]:
    """Filled by an import in the middle of which the store was away."""
    log, data, books = tmp_path_factory.mktemp("great"), tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("csv")
    some = books / BOOKS.name
    some.write_text("".join(BOOKS.read_text(encoding="utf-8").splitlines(keepends=True)[: ROWS_OF_FILE + 1]))
    node = start_node(log)
    arguments = ["--data", str(data), "--store", f"esdb://localhost:{node.port}?tls=false", "import", str(some)]
    try:
        with Forked("desk", arguments) as importing:
            wait_until(lambda: size_of(log) > 250_000, SECONDS)
            node.kill()
            errors = importing.stderr.readline()
            while "Waiting" not in errors:
                line = importing.stderr.readline()
                assert line, errors
                errors += line
            node = start_node(log, "--port", str(node.port))
            out, err = importing.communicate(timeout=SECONDS)
            yield Great(node, Ended(importing.wait(), out, errors + err, data))
    finally:
        node.stop()


def size_of(log: Path) -> int:
    """Bytes that the node has written."""
    return sum(file.stat().st_size for file in log.glob("node.sqlite*"))


def test_an_import_waits_on_where_the_store_goes_away_in_the_middle_and_says_so(great: Great) -> None:
    ended = great.importing
    assert ended.status == 0
    assert re.search(r"^[\d,]+ of about [\d,]+\. Waiting: .*localhost:\d+", ended.err, re.MULTILINE), ended
    created, there, refused = map(int, re.findall(r"(\d+) (?:created|already there|refused)", ended.out)[:3])
    assert (created + there, refused) == (ROWS_OF_FILE - 1, 1)


def lose_the_store(great: Great, data: Path, command: str, lose: Callable[[Proxy, Path], None]) -> Ended:
    """Run the command over a way to the store that is lost in the middle."""
    proxy = Proxy(great.node.port)
    with closing(proxy):
        uri = f"esdb://127.0.0.1:{proxy.port}?tls=false"
        folder = data / folder_of(uri)
        folder.mkdir(parents=True)
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(desk, data, "--store", uri, command, "--wait", WAIT)
            lose(proxy, folder)
            return ending.result()


def test_a_look_is_given_up_where_the_store_goes_away_in_the_middle(great: Great, tmp_path: Path) -> None:
    def lose(proxy: Proxy, _folder: Path) -> None:
        proxy.cut_after(15_000)  # some questions of many

    ended = lose_the_store(great, tmp_path, "doctor", lose)
    assert (ended.status, ended.out) == (1, "")
    assert "Given up after 2 s" in ended.err


def test_a_rebuild_is_given_up_where_the_store_goes_away_in_the_middle(great: Great, tmp_path: Path) -> None:
    def lose(proxy: Proxy, folder: Path) -> None:
        proxy.slow_down()
        wait_until((folder / "read-model.next.sqlite").exists, SECONDS)
        proxy.cut_for_good()

    ended = lose_the_store(great, tmp_path, "rebuild", lose)
    assert (ended.status, ended.out) == (1, "")
    assert "Given up after 2 s" in ended.err
    assert not list(ended.data.rglob("*.next*"))


def test_ctrl_c_ends_the_wait_for_a_store(world: World) -> None:
    data = world.directory("nobody listening", "interrupted")
    uri = world.uri("nobody listening")
    assert uri is not None
    with Forked("desk", ["--data", str(data), "--store", uri, "doctor", "--wait", "600"]) as process:
        assert "Trying" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["../x", "..", "a/b", "", " ", ".hidden", "x" * 65, "a\nb"])
@pytest.mark.parametrize("command", [(), ("doctor",)])
def test_a_profiles_name_cannot_leave_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "data"))
    with pytest.raises(SystemExit) as ended:
        main(["--profile", name, *command])
    assert ended.value.code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--stroe", "esdb://admin:Garten@zwerg-71@h:2113", "doctor"),
        ("doctor", "--sto=esdb://admin:Garten@zwerg-71@h:2113"),
        ("esdb://admin:Garten@zwerg-71@h:2113",),
        ("node", "--data", "there", "--store", "esdb://admin:Garten@zwerg-71@h:2113"),
    ],
)
def test_a_slip_at_the_keyboard_does_not_repeat_a_password(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = int(str(ended.code))
    assert status == 2
    out, err = capsys.readouterr()
    assert err
    assert "zwerg" not in out + err
