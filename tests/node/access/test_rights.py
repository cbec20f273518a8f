"""Who may do what, asked of a node with TLS by the protocol."""

import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import grpc
import pytest
from esdbclient.protos.Grpc import persistent_pb2, shared_pb2, streams_pb2

from desk.node.access.certificate import Certificate
from desk.node.access.policy import BATCH_APPEND, POLICY
from desk.node.descriptors import SERVER_FEATURES, SERVER_FEATURES_MESSAGES, message_classes
from tests.node.access.secured import As, Status, code_of, monitoring_classes, refused, with_secured_node
from tests.node.wiring import (
    batch_chunk,
    batch_request,
    event,
    identifier,
    read_all,
    read_stream,
    subscribe_stream,
)

EMPTY = shared_pb2.Empty()
DENIED = Status.PERMISSION_DENIED
PERSISTENT = "persistent_subscriptions.PersistentSubscriptions"


def delete_of(stream: str) -> streams_pb2.DeleteReq:
    return streams_pb2.DeleteReq(options=streams_pb2.DeleteReq.Options(stream_identifier=identifier(stream), any=EMPTY))


def tombstone_of(stream: str) -> streams_pb2.TombstoneReq:
    options = streams_pb2.TombstoneReq.Options(stream_identifier=identifier(stream), any=EMPTY)
    return streams_pb2.TombstoneReq(options=options)


def create_of(stream: str, group: str) -> persistent_pb2.CreateReq:
    request = persistent_pb2.CreateReq
    source = request.StreamOptions(stream_identifier=identifier(stream), start=EMPTY)
    settings = request.Settings(
        live_buffer_size=10, read_batch_size=5, history_buffer_size=10, consumer_strategy="RoundRobin"
    )
    return request(options=request.Options(stream=source, group_name=group, settings=settings))


async def may_everything_but_manage(caller: As, stream: str) -> None:
    """The ordinary calls on a stream that has an event."""
    await caller.append(stream)
    (answer,) = await caller.batch(batch_request("d4c2a2a0-0000-4000-8000-000000000001", stream, [event()]))
    assert answer.HasField("success")
    assert len(await caller.read(read_stream(stream))) == 3
    assert (await caller.read(subscribe_stream(stream), take=1))[0].HasField("confirmation")
    await caller.set_metadata(stream, b"{}")
    assert len(await caller.read(read_stream(f"$${stream}"))) == 1
    await caller.unary("streams.Streams/Delete", delete_of(stream), streams_pb2.DeleteResp)
    await caller.append(stream)
    await caller.unary("streams.Streams/Tombstone", tombstone_of(stream), streams_pb2.TombstoneResp)


async def may_nothing(caller: As, stream: str) -> None:
    """Each of the ordinary calls is denied."""
    (answer,) = await caller.batch(batch_request("d4c2a2a0-0000-4000-8000-000000000001", stream, [event()]))
    assert answer.error.message == "AccessDenied"
    for call in (
        caller.append(stream),
        caller.read(read_stream(stream)),
        caller.read(read_stream(stream, "end", backwards=True)),
        caller.read(subscribe_stream(stream)),
        caller.set_metadata(stream, b"{}"),
        caller.read(read_stream(f"$${stream}")),
        caller.unary("streams.Streams/Delete", delete_of(stream), streams_pb2.DeleteResp),
        caller.unary("streams.Streams/Tombstone", tombstone_of(stream), streams_pb2.TombstoneResp),
        caller.consume(stream, "g"),
    ):
        assert await refused(call) == DENIED


def test_a_user_may_use_ordinary_streams_and_not_those_of_the_system(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        ann = admin.user("ann")
        await admin.append("ordinary")
        await may_everything_but_manage(ann, "ordinary")
        await admin.append("$system")
        await may_nothing(ann, "$system")
        assert await refused(ann.read(read_all("end"))) == DENIED
        assert await refused(ann.read(read_all("end", count=None))) == DENIED

    with_secured_node(tmp_path, certificate, test)


def test_nobody_may_use_any_stream_and_only_look_around(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        nobody = admin.nobody()
        await admin.append("s")
        await admin.set_metadata("s", b'{"$acl":{"$r":"$all","$w":"$all","$d":"$all","$mr":"$all","$mw":"$all"}}')
        await may_nothing(nobody, "s")
        assert await refused(nobody.details("admin")) == DENIED
        await nobody.unary("gossip.Gossip/Read", EMPTY)
        await nobody.unary("server_features.ServerFeatures/GetSupportedMethods", EMPTY)
        classes = monitoring_classes()
        (stats,) = await nobody.many("monitoring.Monitoring/Stats", classes["StatsReq"](), classes["StatsResp"], take=1)
        assert stats.stats

    with_secured_node(tmp_path, certificate, test)


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "wrong"), ("admin", ""), ("nobody-so-called", "x"), ("ops", "changeit")]
)
def test_a_login_that_is_none_is_refused_by_every_method(
    tmp_path: Path, certificate: Certificate, name: str, password: str
) -> None:
    async def test(admin: As) -> None:
        stranger = admin.user(name, password)
        for call in (
            stranger.append("s"),
            stranger.batch(batch_request("d4c2a2a0-0000-4000-8000-000000000001", "s", [event()])),
            stranger.read(read_stream("s")),
            stranger.unary("gossip.Gossip/Read", EMPTY),
            stranger.unary("no_such.Service/NoSuchMethod", EMPTY),
        ):
            assert await refused(call) == Status.UNAUTHENTICATED

    with_secured_node(tmp_path, certificate, test)


@pytest.mark.parametrize("group", ["$admins", None])
def test_an_administrator_may_everything_but_write_the_log_itself_and_delete_metadata(
    tmp_path: Path, certificate: Certificate, group: str | None
) -> None:
    async def test(admin: As) -> None:
        if group is not None:
            await admin.create("member", group)
            admin = admin.user("member")
        await admin.append("$system")
        await admin.set_metadata("$system", b'{"$acl":{"$r":[],"$w":"eve"}}')
        assert len(await admin.read(read_stream("$system"))) == 1
        await admin.append("$system")
        await admin.read(read_all("end"))
        for call in (
            admin.append("$all"),
            admin.unary("streams.Streams/Delete", delete_of("$all"), streams_pb2.DeleteResp),
            admin.unary("streams.Streams/Delete", delete_of("$$$system"), streams_pb2.DeleteResp),
            admin.unary("streams.Streams/Tombstone", tombstone_of("$$$system"), streams_pb2.TombstoneResp),
        ):
            assert await refused(call) == DENIED

    with_secured_node(tmp_path, certificate, test)


RIGHTS = ("$r", "$w", "$d", "$mr", "$mw")


async def has(caller: As, right: str, stream: str) -> bool:
    """Whether a caller has one right of a stream, found out without changing anything but the stream's events."""
    call: Awaitable[Any]
    match right:
        case "$r":
            call = caller.read(read_stream(stream))
        case "$w":
            call = caller.append(stream)
        case "$d":
            expected = streams_pb2.DeleteReq.Options(stream_identifier=identifier(stream), revision=10**6)
            call = caller.unary("streams.Streams/Delete", streams_pb2.DeleteReq(options=expected))
        case "$mr":
            call = caller.read(read_stream(f"$${stream}"))
        case _:
            call = caller.batch(
                batch_request("d4c2a2a0-0000-4000-8000-000000000001", f"$${stream}", [event()], expected=10**6)
            )
    try:
        answer: Any = await call
    except grpc.RpcError as error:
        if code_of(error) not in (DENIED, Status.FAILED_PRECONDITION):
            raise
        return code_of(error) != DENIED
    return not (right == "$mw" and answer[0].error.message == "AccessDenied")


@pytest.mark.parametrize("right", RIGHTS)
def test_a_list_gives_one_right_to_users_and_groups_and_leaves_the_others(
    tmp_path: Path, certificate: Certificate, right: str
) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann", "readers")
        await admin.create("bob", "writers")
        ann, bob = admin.user("ann"), admin.user("bob")
        for number, (roles, expected) in enumerate(
            [
                ("ann", (True, False)),
                (["writers"], (False, True)),
                ([], (False, False)),
                (["$admins", "ann"], (True, False)),
                ("$all", (True, True)),
            ]
        ):
            stream = f"s{number}"
            await admin.append(stream)
            await admin.set_metadata(stream, json.dumps({"$acl": {right: roles}}).encode())
            assert (await has(ann, right, stream), await has(bob, right, stream)) == expected
            assert await has(admin, right, stream)
            for other in set(RIGHTS) - {right}:
                assert await has(bob, other, stream)

    with_secured_node(tmp_path, certificate, test)


def test_a_list_is_in_effect_from_the_moment_that_it_is_written(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        ann = admin.user("ann")
        for closed in (True, False) * 3:
            await admin.set_metadata("s", b'{"$acl":{"$w":"$admins"}}' if closed else b"{}")
            assert await has(ann, "$w", "s") is not closed
        await admin.set_metadata("s", b'{"$acl":{"$w":"$admins"}}')
        await admin.unary("streams.Streams/Delete", delete_of("s"), streams_pb2.DeleteResp)
        assert await has(ann, "$w", "s"), "a deleted stream has lost its list"

    with_secured_node(tmp_path, certificate, test)


def test_metadata_that_are_void_say_nothing_about_rights(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        for number, text in enumerate(
            (b'{"$acl":{"$w":"$admins"},"$maxCount":"x"}', b'{"$acl":{"$w":1}}', b"nonsense")
        ):
            await admin.set_metadata(f"s{number}", text)
            assert await has(admin.user("ann"), "$w", f"s{number}")

    with_secured_node(tmp_path, certificate, test)


def test_settings_give_the_rights_of_streams_that_have_no_list(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann", "readers")
        await admin.create("bob")
        ann, bob = admin.user("ann"), admin.user("bob")
        await admin.set_metadata("listed", b'{"$acl":{"$r":"bob"}}')
        for stream in ("unlisted", "listed", "$system"):
            await admin.append(stream)
        settings = {"$userStreamAcl": {"$r": "readers"}, "$systemStreamAcl": {"$r": ["$admins", "bob"]}}
        await admin.append("$settings", event(json.dumps(settings).encode()))
        streams = ("unlisted", "listed", "$system")
        assert [await has(ann, "$r", stream) for stream in streams] == [True, False, False]
        assert [await has(bob, "$r", stream) for stream in streams] == [False, True, True]
        assert await has(bob, "$w", "unlisted"), "what settings do not say is as it was"
        await admin.append("$settings", event(b"{}"))
        assert await has(bob, "$r", "unlisted")

    with_secured_node(tmp_path, certificate, test)


def test_each_append_of_a_batch_call_is_allowed_or_denied_by_itself(tmp_path: Path, certificate: Certificate) -> None:
    first, second, third = (f"d4c2a2a0-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))

    async def test(admin: As) -> None:
        await admin.create("ann")
        answers = await admin.user("ann").batch(
            batch_request(first, "one", [event()]),
            batch_request(second, "$system", [event()], final=False),
            batch_chunk(second, [event()], final=True),
            batch_request(third, "three", [event()]),
        )
        told = {answer.correlation_id.string: answer for answer in answers}
        assert len(answers) == 3
        assert told[first].HasField("success")
        assert told[third].HasField("success")
        assert (told[second].error.code, told[second].error.message) == (7, "AccessDenied")
        assert told[second].error.details.type_url == "type.googleapis.com/event_store.client.AccessDenied"
        (missing,) = await admin.read(read_stream("$system"))
        assert missing.HasField("stream_not_found")

    with_secured_node(tmp_path, certificate, test)


def test_links_are_followed_for_a_reader_who_may_not_read_their_targets(
    tmp_path: Path, certificate: Certificate
) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        await admin.append("secret", event(b'"hidden"'))
        await admin.set_metadata("secret", b'{"$acl":{"$r":"$admins"}}')
        await admin.append("open", event(b"0@secret", "$>"))
        (shown,) = await admin.user("ann").read(read_stream("open", resolve_links=True))
        assert shown.event.event.data == b'"hidden"'

    with_secured_node(tmp_path, certificate, test)


def test_operators_manage_groups_and_users_consume_what_they_may_read(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        await admin.create("olga", "$ops")
        ann, olga = admin.user("ann"), admin.user("olga")
        for stream in ("open", "closed"):
            await admin.append(stream)
            await olga.unary(f"{PERSISTENT}/Create", create_of(stream, "g"), persistent_pb2.CreateResp)
            assert await refused(ann.unary(f"{PERSISTENT}/Create", create_of(stream, "h"))) == DENIED
        await admin.set_metadata("closed", b'{"$acl":{"$r":"olga"}}')
        assert (await ann.consume("open", "g"))[0].HasField("subscription_confirmation")
        assert await refused(ann.consume("closed", "g")) == DENIED
        assert (await olga.consume("closed", "g"))[0].HasField("subscription_confirmation")
        restart = f"{PERSISTENT}/RestartSubsystem"
        assert await refused(ann.unary(restart, EMPTY)) == DENIED
        listed = persistent_pb2.ListReq(options=persistent_pb2.ListReq.Options(list_all_subscriptions=EMPTY))
        assert len((await ann.unary(f"{PERSISTENT}/List", listed, persistent_pb2.ListResp)).subscriptions) == 2
        assert await refused(admin.nobody().unary(f"{PERSISTENT}/List", listed)) == DENIED

    with_secured_node(tmp_path, certificate, test)


@pytest.mark.parametrize("method", ["operations.Operations/MergeIndexes", "projections.Projections/RestartSubsystem"])
def test_the_running_of_the_node_is_the_business_of_operators(
    tmp_path: Path, certificate: Certificate, method: str
) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann", "readers")
        await admin.create("olga", "$ops")
        assert await refused(admin.user("ann").unary(method, EMPTY)) == DENIED
        assert await refused(admin.nobody().unary(method, EMPTY)) == DENIED
        await admin.user("olga").unary(method, EMPTY)

    with_secured_node(tmp_path, certificate, test)


def test_users_are_managed_by_administrators_and_seen_by_users(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        await admin.create("ann")
        await admin.create("olga", "$ops")
        ann = admin.user("ann")
        for caller in (ann, admin.user("olga")):
            for method in ("Create", "Update", "Delete", "Enable", "Disable"):
                assert await refused(caller.users(method, login_name="ann")) == DENIED
            reset = caller.users("ResetPassword", "ResetPasswordReq", login_name="ann", new_password="x")
            assert await refused(reset) == DENIED
        assert [user.login_name for user in await ann.details()] == ["admin", "ann", "olga", "ops"]
        change = {"login_name": "ann", "current_password": "of-the-test", "new_password": "new"}
        of_another = admin.user("olga").users("ChangePassword", "ChangePasswordReq", **change)
        assert await refused(of_another) == DENIED
        await ann.users("ChangePassword", "ChangePasswordReq", **change)
        assert await refused(ann.details()) == Status.UNAUTHENTICATED
        assert len(await admin.user("ann", "new").details("ops")) == 1

    with_secured_node(tmp_path, certificate, test)


def test_every_method_that_is_listed_has_its_right(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        answer = message_classes(SERVER_FEATURES, SERVER_FEATURES_MESSAGES)["SupportedMethods"]
        supported = await admin.unary("server_features.ServerFeatures/GetSupportedMethods", EMPTY, answer)
        listed = {f"/{method.service_name}/{method.method_name}" for method in supported.methods}
        assert listed == {method.lower() for method in (*POLICY, BATCH_APPEND)}

    with_secured_node(tmp_path, certificate, test)


def test_a_method_that_is_not_there_is_so_for_everybody(tmp_path: Path, certificate: Certificate) -> None:
    async def test(admin: As) -> None:
        for caller in (admin, admin.nobody()):
            assert await refused(caller.unary("streams.Streams/NoSuchMethod", EMPTY)) == Status.UNIMPLEMENTED

    with_secured_node(tmp_path, certificate, test)
