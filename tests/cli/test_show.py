"""``desk show`` as a process of its own: on a catalogue that an earlier process filled, on stores of other systems."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from desk.__main__ import main
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.store.eventstoredb import EventStoreDB
from tests.cli.test_processes import SECONDS, desk
from tests.forked import Forked
from tests.node.processes import NodeProcess, start_node
from tests.store.proxy import Proxy

HOSTILE = b'{"<script>alert(1)</script>": "\\u202etxet", "n": "\\u0000\\u001b[31m"}'


@pytest.fixture(scope="module")
def node(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A store of three books, in which another system has written too."""
    node = start_node(shutil.copytree(filled, tmp_path_factory.mktemp("orders") / "data"))
    try:
        with closing(EventStoreDB(uri(node), "plain")) as store:
            events = tuple(NewEvent(uuid4(), "OrderPlaced", b'{"total": %d}' % n, b"{}") for n in range(900))
            store.append("order-1", NO_STREAM, events, timeout=30)
            odd = NewEvent(uuid4(), "<b>Odd</b>", HOSTILE, b""), NewEvent(uuid4(), "Bytes", b"\xff\x00", b"")
            store.append("odd@7x", NO_STREAM, odd, timeout=30)
        yield node
    finally:
        node.stop()


def uri(node: NodeProcess) -> str:
    return f"esdb://127.0.0.1:{node.port}?tls=false"


@pytest.fixture(scope="module")
def book(node: NodeProcess) -> str:
    """The stream of the book that was lent."""
    with closing(EventStoreDB(uri(node), "plain")) as store:
        (lent,) = [event.stream for event in store.read_all() if event.type == "CopyLent"]
    return lent


def test_a_book_is_told_as_text_json_picture_and_page(
    filled: Path, node: NodeProcess, book: str, tmp_path: Path
) -> None:
    """Of a catalogue on the embedded node, and the rest of a node that runs, which is no other sight."""
    text = desk(shutil.copytree(filled, tmp_path / "catalogue"), "show", book, anew=True)
    assert text.status == 0, text.err
    assert "CopyLent  ada  Lent copy 1 to P-1" in text.out
    assert "copy 1: state: available → on loan" in text.out
    at = ("--store", uri(node), "show", book)
    document = json.loads(desk(tmp_path, *at, "--json").out)
    assert [event["revision"] for event in document["events"]] == [0, 1, 2, 3, 4]
    assert document["events"][3]["sentence"] == "Lent copy 1 to P-1"
    assert {"field": "state", "before": "pending", "after": "listed"} in document["events"][1]["changes"]
    assert document["state"]["copies/1/state"] == "onLoan"
    page, picture = tmp_path / "page.html", tmp_path / "axis.svg"
    assert desk(tmp_path, *at, "--html", str(page)).status == 0
    assert page.read_text().count("<article ") == 5
    wish = ("--dark", "--width", "700", "--lanes", "field", "--scale", "revision")  # however slowly the events came
    drawn = desk(tmp_path, *at, "--svg", str(picture), *wish)
    assert (drawn.status, drawn.out) == (0, "")
    root = ElementTree.parse(picture).getroot()
    assert root.get("width") == "700"
    said = " ".join(text for text in root.itertext())
    assert "Lent copy 1 to P-1" in said
    assert "is due on" in said
    assert "5 events written to" in drawn.err


def test_one_event_is_shown_with_the_state_as_of_it(node: NodeProcess, book: str, tmp_path: Path) -> None:
    at = ("--store", uri(node), "show")
    shown = desk(tmp_path, *at, f"{book}@1")
    assert shown.status == 0, shown.err
    assert "State as of revision 1\n  state: listed" in shown.out
    assert "copy 1" not in shown.out
    one = json.loads(desk(tmp_path, *at, f"{book}@1", "--json").out)
    assert one["state"]["state"] == "listed"
    assert one["metadata"]["commandType"] == "ListBook"
    beyond = desk(tmp_path, *at, f"{book}@99")
    assert (beyond.status, beyond.out) == (1, "")
    assert "has no event of revision 99; its last one is 4." in beyond.err


def test_streams_of_other_systems_are_shown_too(node: NodeProcess, tmp_path: Path) -> None:
    shown = desk(tmp_path / "none", "--store", uri(node), "show", "order-1")
    assert shown.status == 0, shown.err
    assert len(shown.out.splitlines()) == 900
    assert "OrderPlaced: total 899" in shown.out.splitlines()[-1]
    assert not (tmp_path / "none").exists()
    odd = desk(tmp_path, "--store", uri(node), "show", "odd@7x")
    assert odd.status == 0, odd.err
    assert not set(odd.out) & {"\x1b", "\x00"}
    page = desk(tmp_path, "--store", uri(node), "show", "odd@7x", "--html", "-").out
    assert "<script" not in page
    assert not set(page) & {"\x1b", "\x00"}
    assert "ff 00" in page
    picture = desk(tmp_path, "--store", uri(node), "show", "odd@7x", "--svg", "-").out
    assert ElementTree.fromstring(picture) is not None


@pytest.mark.parametrize("way", [(), ("--json",), ("--html", "x.html"), ("--svg", "x.svg")], ids=str)
def test_a_stream_that_is_not_there_is_named_and_leaves_no_file(
    node: NodeProcess, tmp_path: Path, way: tuple[str, ...]
) -> None:
    places = [str(tmp_path / word) if "." in word else word for word in way]
    shown = desk(tmp_path / "none", "--store", uri(node), "show", "nobody-1", *places)
    assert (shown.status, shown.out) == (1, "")
    assert "There is no stream named nobody-1, or it was deleted. desk streams PART lists those" in shown.err
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written_are_refused_in_a_sentence(
    node: NodeProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.html"
    there.write_text("mine")

    def refused(*arguments: str) -> str:
        assert main(["--data", str(tmp_path / "none"), "--store", uri(node), "show", "order-1", *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        return err

    assert "is there already; name another file" in refused("--html", str(there))
    assert "make it first, or name another" in refused("--svg", str(tmp_path / "nowhere" / "x.svg"))
    assert "is a folder" in refused("--svg", str(tmp_path))
    assert there.read_text() == "mine"
    over = desk(tmp_path / "none", "--store", uri(node), "show", "order-1", "--html", str(there), "--overwrite")
    assert over.status == 0
    assert there.read_text().startswith("<!DOCTYPE html>")


def test_where_there_is_no_room_it_is_said_and_nothing_is_left(node: NodeProcess, tmp_path: Path) -> None:
    file = tmp_path / "big.html"
    arguments = ["--data", str(tmp_path / "none"), "--store", uri(node), "show", "order-1", "--html", str(file)]
    done = subprocess.run(
        [sys.executable, "-m", "desk", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )
    assert done.returncode == 1
    assert "big.html cannot be written: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("through", ["directly", "with an outage"])
def test_what_is_new_is_shown_as_it_comes_until_ctrl_c(node: NodeProcess, tmp_path: Path, through: str) -> None:
    stream = f"live-{uuid4()}"
    with closing(EventStoreDB(uri(node), "plain")) as store, closing(Proxy(node.port)) as proxy:
        store.append(stream, NO_STREAM, (NewEvent(uuid4(), "First", b"{}", b"{}"),), timeout=30)
        at = uri(node) if through == "directly" else f"esdb://127.0.0.1:{proxy.port}?tls=false"
        arguments = ["--data", str(tmp_path), "--store", at, "show", stream, "--json", "--follow"]
        with Forked("desk", arguments) as process:
            assert json.loads(process.stdout.readline())["type"] == "First"
            if through != "directly":
                proxy.cut()
            store.append(stream, 0, (NewEvent(uuid4(), "Second", b"{}", b"{}"),), timeout=30)
            second = json.loads(process.stdout.readline())
            assert (second["type"], second["revision"]) == ("Second", 1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_slow_store_is_waited_for(node: NodeProcess, tmp_path: Path) -> None:
    with closing(Proxy(node.port)) as proxy:
        proxy.slow_down()
        shown = desk(tmp_path, "--store", f"esdb://127.0.0.1:{proxy.port}?tls=false", "show", "order-1")
    assert shown.status == 0, shown.err
    assert len(shown.out.splitlines()) == 900


def test_what_does_not_go_together_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["show"],
        ["show", ""],
        ["show", "a", "--follow", "--html", "x"],
        ["show", "a@3", "--follow"],
        ["show", "a", "--json", "--svg", "x"],
        ["show", "a", "--svg", "x", "--width", "3"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(tmp_path), *words])
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert "usage: " in err
