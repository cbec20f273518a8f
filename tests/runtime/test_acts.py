"""Acts by hand, and what a store says of itself, on the real node: allowed or not, and what comes of them."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from desk import __version__
from desk.application.acts import (
    Act,
    ActRefused,
    ActsPort,
    AppendByHand,
    DeleteStream,
    ExpectedState,
    ReplayParked,
    SetStreamMetadata,
    SwitchProjection,
    TombstoneStream,
)
from desk.application.session import Session
from desk.application.store_admin import AdminPort, NotAllowed, NotOffered, Right
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable, StreamIsGone, StreamNotFound
from desk.cqrs.store import NewEvent as New
from desk.cqrs.store import Recorded
from desk.node.descriptors import message_classes
from desk.node.users import PACKAGE, USERS_MESSAGES, USERS_SERVICE
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from desk.store.admin import StoreAdmin
from desk.store.eventstoredb import EventStoreDB
from tests.node.processes import NodeProcess, start_node, wait_until

SECONDS = 60.0


@contextmanager
def over(node: NodeProcess, directory: Path, *, may_write: bool = True) -> Iterator[Runtime]:
    with closing(open_runtime(Options(directory, node.uri, user="ada"))) as runtime:
        assert runtime.ready(SECONDS)
        about = runtime.session.about
        about.change_record(replace(about.record, may_write=may_write))
        yield runtime


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = start_node(tmp_path_factory.mktemp("acts"), "--system-projections", "on")
    yield node
    node.stop()


@pytest.fixture
def runtime(node: NodeProcess, tmp_path: Path) -> Iterator[Runtime]:
    with over(node, tmp_path) as runtime:
        yield runtime


@pytest.fixture
def client(node: NodeProcess) -> Iterator[EventStoreDBClient]:
    client = EventStoreDBClient(node.uri)
    yield client
    client.close()


def acts_of(session: Session) -> ActsPort:
    assert session.acts is not None
    return session.acts


def admin_of(session: Session) -> AdminPort:
    assert session.admin is not None
    return session.admin


def do(runtime: Runtime, act: Act) -> int | None:
    return acts_of(runtime.session).do(act).result(SECONDS).position


def events_of(runtime: Runtime, stream: str) -> list[Recorded]:
    return list(runtime.store.read_stream(stream))


def order(stream: str, data: str = '{"total": 3}', **given: Any) -> AppendByHand:
    wanted: dict[str, Any] = {"type": "Placed", "metadata": "", "expected": ExpectedState.ANY}
    return AppendByHand(stream=stream, data=data, **(wanted | given))


# ── appending ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_by_hand_is_stored_as_typed_and_names_desk(runtime: Runtime) -> None:
    position = do(runtime, order("order-1", '{"total":  3.10,\n "a": 1}', metadata='{"why": "repair"}'))
    (event,) = events_of(runtime, "order-1")
    assert (event.type, event.data, event.is_json) == ("Placed", b'{"total":  3.10,\n "a": 1}', True)
    metadata = json.loads(event.metadata)
    assert metadata["why"] == "repair"
    by = metadata["appendedBy"]
    assert (by["program"], by["version"], by["user"]) == ("Desk", __version__, "ada")
    assert by == acts_of(runtime.session).appended_by()
    last = runtime.store.event_at(position or -1)
    assert last is not None
    assert last.id == event.id


def test_an_append_expects_what_it_says(runtime: Runtime) -> None:
    do(runtime, order("order-2", expected=ExpectedState.NO_STREAM))
    do(runtime, order("order-2", expected=0))
    do(runtime, order("order-2", expected=ExpectedState.EXISTS))
    with pytest.raises(Conflict) as conflict:
        do(runtime, order("order-2", expected=0))
    assert conflict.value.actual == 2
    with pytest.raises(ActRefused, match="There is a stream order-2 already"):
        do(runtime, order("order-2", expected=ExpectedState.NO_STREAM))
    with pytest.raises(ActRefused, match="There is no stream order-none yet"):
        do(runtime, order("order-none", expected=ExpectedState.EXISTS))
    assert len(events_of(runtime, "order-2")) == 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"data": '{"total": }'}, "The data is no JSON, line 1, column 11"),
        ({"data": '{"total": NaN}'}, "The data is no JSON: NaN is not allowed"),
        ({"data": ""}, "The data is no JSON"),
        ({"data": "[" * 100_000}, "The data has too many levels"),
        ({"metadata": "[]"}, "The metadata has to be a JSON object"),
        ({"stream": " "}, "The stream has no name yet"),
        ({"stream": "a\nb"}, "no control characters"),
        ({"stream": "$$order-1"}, "set by its own act"),
        ({"type": ""}, "The type has no name yet"),
    ],
)
def test_what_is_no_event_is_refused_before_it_is_one(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ActRefused, match=sentence):
        order(**({"stream": "order-1"} | given))


# ── streams ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_metadata_of_a_stream_is_set(runtime: Runtime, client: EventStoreDBClient) -> None:
    for _ in range(4):
        do(runtime, order("order-3"))
    do(runtime, SetStreamMetadata("order-3", '{"$maxCount": 2, "room": 7}'))
    assert [event.revision for event in events_of(runtime, "order-3")] == [2, 3]
    metadata, version = client.get_stream_metadata("order-3")
    assert (metadata, version) == ({"$maxCount": 2, "room": 7}, 0)
    with pytest.raises(Conflict):
        do(runtime, SetStreamMetadata("order-3", "{}", expected=5))
    for wrong in ('{"$maxCount": 0}', '{"$maxAge": "1 day"}', '{"$tb": true}', "[]"):
        with pytest.raises(ActRefused):
            SetStreamMetadata("order-3", wrong)


def test_a_stream_is_deleted_and_may_come_again_and_a_tombstone_is_for_good(runtime: Runtime) -> None:
    do(runtime, order("order-4"))
    with pytest.raises(ActRefused, match="Type the name of the stream, order-4"):
        DeleteStream("order-4", typed="order-5")
    do(runtime, DeleteStream("order-4", typed="order-4", expected=0))
    with pytest.raises(StreamNotFound):
        events_of(runtime, "order-4")
    do(runtime, order("order-4"))
    assert [event.revision for event in events_of(runtime, "order-4")] == [1]
    do(runtime, TombstoneStream("order-4", typed="order-4"))
    with pytest.raises(StreamIsGone):
        events_of(runtime, "order-4")
    with pytest.raises(StreamIsGone):
        do(runtime, order("order-4"))


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("may_write", "production", "sentence"),
    [(False, False, "does not say that it may be written to"), (True, True, "marked as production")],
)
def test_nothing_is_done_where_the_record_does_not_allow_it(
    node: NodeProcess, tmp_path: Path, may_write: bool, production: bool, sentence: str
) -> None:
    with over(node, tmp_path, may_write=may_write) as runtime:
        about, stream = runtime.session.about, f"order-{uuid4()}"
        about.change_record(replace(about.record, production=production))
        acts = acts_of(runtime.session)
        assert sentence in acts.refusal()
        every: tuple[Act, ...] = (
            order(stream),
            SetStreamMetadata(stream, "{}"),
            DeleteStream(stream, typed=stream),
            TombstoneStream(stream, typed=stream),
            ReplayParked(stream, "group"),
            SwitchProjection("$streams", run=False),
        )
        for act in every:
            with pytest.raises(ActRefused, match=sentence):
                acts.do(act).result(SECONDS)
        with pytest.raises(StreamNotFound):
            events_of(runtime, stream)
        assert acts.journal().result(SECONDS) == ()


def test_every_act_is_in_the_journal_with_who_when_what_and_how_it_ended(node: NodeProcess, tmp_path: Path) -> None:
    with over(node, tmp_path) as runtime:
        before = runtime.session.moments.now()
        do(runtime, order("order-6", expected=ExpectedState.NO_STREAM))
        with pytest.raises(Conflict):
            do(runtime, order("order-6", expected=7))
    with over(node, tmp_path) as runtime:
        failed, done = acts_of(runtime.session).journal().result(SECONDS)
        assert (done.user, done.act, done.ending) == ("ada", "append Placed to order-6", "")
        assert before <= done.at <= runtime.session.moments.now()
        assert json.loads(done.detail)["data"] == '{"total": 3}'
        assert failed.ending == "order-6 is not at revision 7"


def test_an_act_whose_end_is_not_known_stays_so_in_the_journal(node: NodeProcess, tmp_path: Path) -> None:
    """Desk was killed between the act and its end."""
    with over(node, tmp_path) as runtime:
        do(runtime, order("order-7"))
    (local,) = tmp_path.rglob("local.sqlite")
    with closing(sqlite3.connect(local)) as connection, connection:
        connection.execute("UPDATE acts SET ending = NULL")
    with over(node, tmp_path) as runtime:
        assert [entry.ending for entry in acts_of(runtime.session).journal().result(SECONDS)] == [None]


def test_acts_on_a_store_that_is_away_say_so(tmp_path: Path) -> None:
    node = start_node(tmp_path / "node")
    with over(node, tmp_path / "desk") as runtime:
        node.kill()
        # Whether the connection's end is noticed before the call or by it is a race that the sender cannot see.
        with pytest.raises((StoreUnavailable, OutcomeUnknown)):
            do(runtime, order("order-8"))
        with pytest.raises(StoreUnavailable):
            admin_of(runtime.session).groups().result(SECONDS)


# ── the store ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_says_its_version_and_what_it_offers(runtime: Runtime) -> None:
    version = admin_of(runtime.session).version().result(SECONDS)
    assert version.version.startswith("24.10")
    assert version.offers("persistentsubscriptions")
    assert version.offers("projections")
    assert version.offers("monitoring")
    assert not version.offers("nothing")


def park(client: EventStoreDBClient, stream: str, group: str, count: int) -> None:
    """Have a consumer park so many messages of a stream."""
    events = [NewEvent("Placed", b'{"n": %d}' % n) for n in range(count + 1)]
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events)
    client.create_subscription_to_stream(group, stream)
    with client.read_subscription_to_stream(group, stream) as subscription:
        for number, event in enumerate(subscription):
            if number == count:
                subscription.ack(event)
                break
            subscription.nack(event, "park")


def test_groups_are_listed_and_their_parked_messages_looked_at_and_replayed(
    runtime: Runtime, client: EventStoreDBClient
) -> None:
    admin = admin_of(runtime.session)
    park(client, "order-9", "billing", 3)

    def billing() -> Any:
        return next(one for one in admin.groups().result(SECONDS) if one.name == "billing")

    wait_until(lambda: billing().parked == 3, SECONDS)
    group = billing()
    assert (group.source, group.in_flight) == ("order-9", 0)
    assert dict(group.settings)["retries"] == "10"
    parked = admin.parked("order-9", "billing").result(SECONDS)
    assert [(one.revision, one.event.stream, one.event.revision, one.dangling) for one in parked] == [
        (2, "order-9", 2, False),
        (1, "order-9", 1, False),
        (0, "order-9", 0, False),
    ]
    assert [one.older for one in parked] == [2, 1, 0]
    assert parked[0].event.data == b'{"n": 2}'
    assert [one.older for one in admin.parked("order-9", "billing", 1).result(SECONDS)] == [2]
    do(runtime, ReplayParked("order-9", "billing", last=0))
    wait_until(lambda: billing().parked == 2, SECONDS)
    with client.read_subscription_to_stream("billing", "order-9") as subscription:
        event = next(subscription)
        assert json.loads(event.data)["n"] == 0
        subscription.ack(event)
        wait_until(lambda: [one.older for one in admin.parked("order-9", "billing").result(SECONDS)] == [1, 0], SECONDS)
    do(runtime, ReplayParked("order-9", "billing"))
    wait_until(lambda: billing().parked == 0, SECONDS)
    with client.read_subscription_to_stream("billing", "order-9") as subscription:
        again = sorted(json.loads(next(subscription).data)["n"] for _ in range(2))
    assert again == [1, 2]


def test_a_parked_message_whose_event_is_gone_is_a_link_that_leads_nowhere(
    runtime: Runtime, client: EventStoreDBClient
) -> None:
    park(client, "order-10", "billing", 1)
    admin = admin_of(runtime.session)
    wait_until(lambda: len(admin.parked("order-10", "billing").result(SECONDS)) == 1, SECONDS)
    do(runtime, DeleteStream("order-10", typed="order-10"))
    (parked,) = admin.parked("order-10", "billing").result(SECONDS)
    assert parked.dangling
    assert parked.event.data == b"0@order-10"
    assert admin.parked("order-10", "nobody").result(SECONDS) == ()


def create_user(store: EventStoreDB, name: str, password: str, *groups: str) -> None:
    messages, link = message_classes(PACKAGE, USERS_MESSAGES), store.link()
    options = messages["UserOptions"](login_name=name, password=password, full_name=name, groups=groups)
    call: Any = link.client._connection._grpc_channel.unary_unary(f"/{USERS_SERVICE}/Create")
    call(messages["UserReq"](options=options).SerializeToString(), timeout=SECONDS, credentials=link.credentials)


def test_the_server_says_who_its_user_is_and_what_the_groups_allow(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = admin_of(runtime.session).user().result(SECONDS)
    assert (everybody.everybody, everybody.may(Right.REPLAY)) == (True, True)
    monkeypatch.setenv("DESK_NODE_ADMIN_PASSWORD", "correct horse")
    secured = start_node(tmp_path / "secured", "--tls")
    try:
        uri = f"127.0.0.1:{secured.port}?tlsCaFile={secured.directory / 'tls' / 'ca.crt'}"
        with closing(EventStoreDB(f"esdb://admin:correct%20horse@{uri}")) as store:
            admin = StoreAdmin(store).user()
            create_user(store, "ada", "battery staple", "books")
        assert (admin.name, admin.groups, admin.may(Right.REPLAY)) == ("admin", ("$admins",), True)
        with closing(EventStoreDB(f"esdb://ada:battery%20staple@{uri}")) as store:
            ada = StoreAdmin(store).user()
            with pytest.raises(NotAllowed):
                StoreAdmin(store).do(ReplayParked("order-9", "billing"), uuid4(), b"")
        assert (ada.groups, ada.may(Right.REPLAY), ada.may(Right.SWITCH)) == (("books",), False, True)
    finally:
        secured.stop()


def test_the_lag_of_a_group_is_what_it_has_not_had_yet(runtime: Runtime, client: EventStoreDBClient) -> None:
    stream = "order-11"
    client.append_to_stream(
        stream, current_version=StreamState.NO_STREAM, events=[NewEvent("Placed", b"{}") for _ in range(5)]
    )
    client.create_subscription_to_stream("late", stream)
    client.create_subscription_to_all("everything")
    groups = {one.name: one for one in admin_of(runtime.session).groups().result(SECONDS)}
    assert groups["late"].lag == 5
    assert groups["everything"].source == "$all"
    assert groups["everything"].lag is None


def test_projections_are_listed_stopped_and_started(runtime: Runtime) -> None:
    admin = admin_of(runtime.session)

    def streams() -> Any:
        return next(one for one in admin.projections().result(SECONDS) if one.name == "$streams")

    found = admin.projections().result(SECONDS)
    assert [one.name for one in found if one.system] == [
        "$by_category",
        "$by_correlation_id",
        "$by_event_type",
        "$stream_by_category",
        "$streams",
    ]
    assert streams().running
    do(runtime, SwitchProjection("$streams", run=False))
    wait_until(lambda: not streams().running, SECONDS)
    do(runtime, SwitchProjection("$streams", run=True))
    wait_until(lambda: streams().running, SECONDS)


class Refusing(grpc.GenericRpcHandler):
    """A server that ends every call with the same status."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self._status = status

    def service(self, _details: Any) -> Any:
        return grpc.stream_stream_rpc_method_handler(lambda _request, context: context.abort(self._status, "No."))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (grpc.StatusCode.UNIMPLEMENTED, "This server does not offer it"),
        (grpc.StatusCode.PERMISSION_DENIED, "wants one with more rights"),
    ],
)
def test_what_a_server_does_not_offer_is_said_with_the_reason(status: grpc.StatusCode, sentence: str) -> None:
    server = grpc.server(ThreadPoolExecutor(2), handlers=[Refusing(status)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with closing(EventStoreDB(f"esdb://127.0.0.1:{port}?tls=false")) as store:
            admin = StoreAdmin(store)
            for ask in (admin.groups, admin.projections):
                with pytest.raises(NotOffered, match=sentence):
                    ask()
            assert admin.version().offers("projections") is None
    finally:
        server.stop(None).wait()


def test_the_embedded_node_may_be_written_to_by_hand_from_the_start(tmp_path: Path) -> None:
    with closing(open_runtime(Options(tmp_path))) as runtime:
        assert runtime.ready(SECONDS)
        assert acts_of(runtime.session).refusal() == ""
        do(runtime, order("order-1"))
        runtime.store.append("order-1", 0, (New(uuid4(), "Paid", b"{}", b""),), timeout=10)
        assert len(events_of(runtime, "order-1")) == 2
