"""The Users service, which a node without TLS has too, and the users that there are from the start."""

from pathlib import Path

import pytest

from desk.node.access.certificate import Certificate
from tests.node.access.secured import PASSWORD, As, Status, refused, users_classes, with_plain_node, with_secured_node
from tests.node.wiring import read_stream


def test_a_user_is_created_changed_and_deleted(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        await caller.create("ann", "one", "two")
        (ann,) = await caller.details("ann")
        assert (ann.login_name, ann.full_name, list(ann.groups), ann.disabled) == ("ann", "Ann", ["one", "two"], False)
        first_updated = ann.last_updated.ticks_since_epoch
        assert first_updated > 0
        await caller.users("Update", login_name="ann", full_name="Ann Other", groups=["three"], password="ignored")
        (ann,) = await caller.details("ann")
        assert (ann.full_name, list(ann.groups)) == ("Ann Other", ["three"])
        assert ann.last_updated.ticks_since_epoch >= first_updated
        for _ in range(2):
            await caller.users("Disable", login_name="ann")
            assert (await caller.details("ann"))[0].disabled
        for _ in range(2):
            await caller.users("Enable", login_name="ann")
            assert not (await caller.details("ann"))[0].disabled
        await caller.users("Delete", login_name="ann")
        assert await refused(caller.details("ann")) == Status.NOT_FOUND

    with_plain_node(tmp_path, test)


def test_to_create_a_user_again_with_another_password_is_a_conflict(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        await caller.create("ann", "one")
        await caller.create("ann", "two")
        assert list((await caller.details("ann"))[0].groups) == ["one"]
        assert await refused(caller.create("ann", password="other")) == Status.FAILED_PRECONDITION

    with_plain_node(tmp_path, test)


def test_names_and_passwords_may_be_empty(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        await caller.users("Create", password="x")
        await caller.users("Create", login_name="no-password")
        assert [user.login_name for user in await caller.details()] == ["", "no-password"]
        await caller.users("Delete", login_name="")
        assert len(await caller.details()) == 1

    with_plain_node(tmp_path, test)


@pytest.mark.parametrize("method", ["Update", "Delete", "Enable", "Disable"])
def test_a_user_that_there_is_not_cannot_be_changed(tmp_path: Path, method: str) -> None:
    async def test(caller: As) -> None:
        assert await refused(caller.users(method, login_name="ann")) == Status.NOT_FOUND

    with_plain_node(tmp_path, test)


def test_a_password_is_changed_by_who_knows_it_and_reset_by_who_manages(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        change, reset = "ChangePasswordReq", "ResetPasswordReq"
        await caller.create("ann")
        wrong = caller.users("ChangePassword", change, login_name="ann", current_password="no", new_password="x")
        assert await refused(wrong) == Status.PERMISSION_DENIED
        await caller.users("ChangePassword", change, login_name="ann", current_password=PASSWORD, new_password="new")
        await caller.users("ResetPassword", reset, login_name="ann", new_password="newer")
        await caller.users("ChangePassword", change, login_name="ann", current_password="newer", new_password="")
        for call in (
            caller.users("ChangePassword", change, login_name="eve", current_password="", new_password=""),
            caller.users("ResetPassword", reset, login_name="eve", new_password=""),
        ):
            assert await refused(call) == Status.NOT_FOUND

    with_plain_node(tmp_path, test)


def test_a_request_without_options_is_one_that_the_handler_throws_at(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        request = users_classes()["UserReq"]()
        assert await refused(caller.unary("users.Users/Create", request)) == Status.UNKNOWN

    with_plain_node(tmp_path, test)


def test_a_node_with_tls_begins_with_an_administrator_and_a_disabled_operator(
    tmp_path: Path, certificate: Certificate
) -> None:
    async def test(admin: As) -> None:
        first, second = await admin.details()
        assert (first.login_name, list(first.groups), first.disabled) == ("admin", ["$admins"], False)
        assert (second.login_name, list(second.groups), second.disabled) == ("ops", ["$ops"], True)
        await admin.users("ResetPassword", "ResetPasswordReq", login_name="ops", new_password="of-ops")
        assert await refused(admin.user("ops", "of-ops").read(read_stream("s"))) == Status.UNAUTHENTICATED
        await admin.users("Enable", login_name="ops")
        assert await admin.user("ops", "of-ops").read(read_stream("s"))

    with_secured_node(tmp_path, certificate, test)


def test_the_first_password_is_random_where_none_is_given_and_stays(tmp_path: Path, certificate: Certificate) -> None:
    shown: list[str | None] = []

    async def test(admin: As) -> None:
        shown.append(admin.authorization)
        await admin.append("s")

    async def again(admin: As) -> None:
        assert await refused(admin.append("s")) == Status.UNAUTHENTICATED
        await As(admin.channel, admin.blocking, shown[0]).append("s")

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with_secured_node(tmp_path / name, certificate, test, password=None)
    assert shown[0] != shown[1]
    with_secured_node(tmp_path / "one", certificate, again, password="given later")
