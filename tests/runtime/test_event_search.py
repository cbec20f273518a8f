"""Finding events of a store that Desk did not write: asked over the session, by an index that survives being killed."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from esdbclient import EventStoreDBClient, StreamState
from esdbclient import NewEvent as Appended

from desk.__main__ import main
from desk.application.event_index import IndexPart, PartPhase, phase_of
from desk.application.event_question import EventQuestion, JsonPath, PathCondition
from desk.application.event_search import ChosenBy, CountEvents, FindEvents
from desk.application.session import Session
from desk.application.stream_names import Extent, GetKnownStreams, StreamFinder
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.runtime.options import Options, folder_of
from desk.runtime.runtime import open_runtime, open_session
from tests.cli.test_looking import catalogue_of
from tests.cli.test_processes import desk
from tests.forked import Forked
from tests.node.processes import NodeProcess, start_node, wait_until
from tests.order_system import CATEGORIES, CITY, FOLLOWED, ORDERS, correlation_of, order_name
from tests.projection.index.test_events import contents
from tests.rounds import few_or_all
from tests.runtime.indexing_events import SECONDS, build
from tests.sessions import foreign_client

KILLS: Final = few_or_all(1, 20)
FROM_CITY: Final = PathCondition.parse(f'$.customer.city = "{CITY}"')


@pytest.fixture(scope="module")
def node(order_system: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    copied = shutil.copytree(order_system, tmp_path_factory.mktemp("orders") / "data")
    node = start_node(copied)
    try:
        yield node
    finally:
        node.stop()


def index_of(directory: Path, uri: str) -> Path:
    """The file of the index."""
    return directory / folder_of(uri) / "event-index.sqlite"


def begin_indexing(directory: Path, uri: str) -> Forked:
    return Forked("tests.runtime.indexing_events", [str(directory), uri])


def test_an_index_that_is_killed_while_it_is_built_goes_on_and_is_the_same(
    node: NodeProcess, indexed: Path, tmp_path: Path
) -> None:
    """By a signal that nothing can catch, at any moment after its first part; begun anew where it was done before."""
    moments, killed, counts = random.Random(13), 0, list[int]()
    while killed < KILLS:
        with begin_indexing(tmp_path / "killed", node.uri) as process:
            said = [next(word for word in process.stdout if word != "0\n")]
            time.sleep(moments.random() * 0.3)
            process.kill()
            said += process.stdout
        if "ready\n" in said:
            for file in index_of(tmp_path / "killed", node.uri).parent.glob("event-index.sqlite*"):
                file.unlink()
            counts.clear()
            continue
        killed += 1
        counts += map(int, said)
    build(tmp_path / "killed", node.uri, counts.append)
    assert counts == sorted(counts), "it went on from where it was"
    after_kills, at_once = (contents(index_of(directory, node.uri)) for directory in (tmp_path / "killed", indexed))
    for table, rows in at_once.items():
        assert len(after_kills[table]) == len(rows), table
        assert after_kills[table] == rows, table
    assert len(at_once["log_events"]) > 49 * ORDERS


@pytest.fixture(scope="module")
def indexed(node: NodeProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which the store's events were indexed by a runtime that is closed."""
    directory = tmp_path_factory.mktemp("desk")
    build(directory, node.uri, lambda _: None)
    return directory


@pytest.fixture
def session(node: NodeProcess, indexed: Path) -> Iterator[Session]:
    """Over the store, with its events indexed."""
    session = open_session(Options(indexed, node.uri))
    yield session
    session.close()


def test_an_order_is_found_by_its_customers_city(session: Session) -> None:
    for question in (EventQuestion(paths=(FROM_CITY,)), EventQuestion(text="reykjavik", types=("OrderPlaced",))):
        found = session.queries.ask(FindEvents(question)).result(SECONDS)
        assert [event.stream for event in found.events] == [order_name(FOLLOWED)]
        assert found.by is ChosenBy.INDEX
        assert session.queries.ask(CountEvents(question)).result(SECONDS) == 1


def test_a_story_is_found_by_its_correlation_over_four_streams(session: Session) -> None:
    question = EventQuestion(correlation=str(correlation_of(FOLLOWED)))
    found = session.queries.ask(FindEvents(question, limit=100)).result(SECONDS)
    assert len({event.stream for event in found.events}) == 4
    assert session.queries.ask(CountEvents(question)).result(SECONDS) == len(found.events)


def test_all_streams_are_known(session: Session) -> None:
    known = session.queries.ask(GetKnownStreams()).result(SECONDS)
    assert known.extent is Extent.EVERYTHING
    assert len(known.streams) > 5 * ORDERS
    counts = StreamFinder(known.streams).categories
    assert set(CATEGORIES) <= counts.keys()
    assert (counts["order"], counts["payment"]) == (ORDERS, ORDERS)


def test_a_path_is_pinned_as_long_as_it_is_a_column(session: Session) -> None:
    search, city = session.search, JsonPath.parse("$.customer.city")
    assert search is not None
    search.pin(city).result(SECONDS)
    assert search.pinned() == (city,)
    found = session.queries.ask(FindEvents(EventQuestion(paths=(FROM_CITY,)))).result(SECONDS)
    assert [event.stream for event in found.events] == [order_name(FOLLOWED)]
    search.unpin(city).result(SECONDS)
    assert search.pinned() == ()


def test_what_is_written_meanwhile_is_found_at_once(session: Session, node: NodeProcess) -> None:
    before = session.queries.ask(CountEvents(EventQuestion(text="zanzibar"))).result(SECONDS)
    with closing(EventStoreDBClient(node.uri)) as client:
        written = Appended("Written", b'{"place": "Zanzibar"}')
        client.append_to_stream("late-1", current_version=StreamState.NO_STREAM, events=[written])
    found = session.queries.ask(FindEvents(EventQuestion(text="zanzibar"))).result(SECONDS)
    assert [event.type for event in found.events] == ["Written"]
    assert before == 0
    wait_until(lambda: session.queries.ask(CountEvents(EventQuestion(text="zanzibar"))).result(SECONDS) == 1, SECONDS)


def test_find_uses_the_index_beside_the_window_and_says_the_same_as_without(
    node: NodeProcess, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    data = session.about.directory
    asked = ["--store", node.uri, "find", "reykjavik", "--json"]
    by_index = desk(data, *asked, "--index")
    assert (by_index.status, main(["--data", str(data), *asked])) == (0, 0)
    by_scan = capsys.readouterr().out
    assert by_index.out == by_scan
    assert len(by_scan.splitlines()) == 2
    assert "the rest by the index." in by_index.err
    looked = int(by_index.err.partition("Looked at ")[2].partition(" ")[0].replace(",", ""))
    assert looked < 10


def test_streams_and_find_by_the_index_write_nothing_and_say_the_same_as_without(
    node: NodeProcess, indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No window runs; the index is as the last one left it."""
    shutil.copytree(indexed, tmp_path / "data")
    before = catalogue_of(tmp_path / "data")
    asked = ["--store", node.uri, "streams", "order", "--json"]
    by_index = desk(tmp_path / "data", *asked)
    assert (by_index.status, main(["--data", str(tmp_path / "none"), *asked])) == (0, 0)
    by_scan = capsys.readouterr()
    assert by_index.out == by_scan.out
    assert len(by_scan.out.splitlines()) > ORDERS
    assert "the rest by the index." in by_index.err
    assert "all of them." in by_scan.err
    assert desk(tmp_path / "data", "--store", node.uri, "find", "reykjavik", "--index").status == 0
    after = catalogue_of(tmp_path / "data")
    assert {name: after[name] for name in before} == before
    assert {name.rpartition("-")[2] for name in after.keys() - before.keys()} <= {"wal", "shm"}


def test_find_says_where_there_is_no_index(
    node: NodeProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--store", node.uri, "find", "reykjavik", "--index"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "There is no index of events here." in err


def test_an_estimate_says_what_an_index_would_take(session: Session) -> None:
    assert session.search is not None
    estimate = session.search.estimate().result(SECONDS)
    assert 0.5 * 50 * ORDERS < estimate.events < 2 * 50 * ORDERS
    assert estimate.size > 100 * estimate.events
    assert estimate.seconds > 0


def test_looking_at_streams_of_an_embedded_store_has_its_events_indexed(tmp_path: Path) -> None:
    """Also at the very beginning: as soon as the node answers."""
    with closing(open_runtime(Options(tmp_path))) as runtime:
        session = runtime.session
        assert session.index is not None
        assert session.search is not None
        assert phase_of(session.index.parts(), IndexPart.EVENTS) is PartPhase.ABSENT
        session.search.streams_opened()
        assert runtime.ready(SECONDS)
        with foreign_client(session) as store:
            store.append("order-1", NO_STREAM, (NewEvent(uuid4(), "Placed", b"{}", b""),), timeout=20)
        index = session.index
        wait_until(lambda: phase_of(index.parts(), IndexPart.EVENTS) is PartPhase.READY, SECONDS)
        found = session.queries.ask(FindEvents(EventQuestion(streams=("order-1",)))).result(SECONDS)
        assert (len(found.events), found.by is ChosenBy.INDEX) == (1, True)


def test_looking_at_streams_of_a_store_elsewhere_does_not(node: NodeProcess, tmp_path: Path) -> None:
    session = open_session(Options(tmp_path, node.uri))
    try:
        assert session.index is not None
        assert session.search is not None
        session.search.streams_opened()
        session.search.estimate().result(SECONDS)  # behind whatever that had begun
        assert phase_of(session.index.parts(), IndexPart.EVENTS) is PartPhase.ABSENT
    finally:
        session.close()
