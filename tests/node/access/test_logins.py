"""From a header to a caller: what is checked, remembered and forgotten."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest import mock

import pytest

from desk.node.access.accounts import Accounts
from desk.node.access.caller import NOBODY, Caller
from desk.node.access.logins import MOST_WAITING, REMEMBERED, Logins
from desk.node.access.passwords import Cost, PasswordHash
from desk.node.commits import Commits
from desk.node.log import Log
from desk.node.readers import Readers
from desk.node.status import Failure
from tests.node.access.secured import CHEAP, basic


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def with_logins(directory: Path, test: Callable[[Accounts, Logins, Clock], Awaitable[None]]) -> None:
    async def run() -> None:
        log = Log(directory / "node.sqlite")
        readers = Readers(log.path)
        commits = Commits(log, lambda _events: None)
        try:
            clock = Clock()
            accounts = Accounts(commits, CHEAP)
            await accounts.open(readers)
            await test(accounts, Logins(accounts, CHEAP, clock), clock)
        finally:
            await commits.close()
            readers.close()
            log.close()

    asyncio.run(run())


async def is_refused(logins: Logins, header: str) -> bool:
    try:
        await logins.caller(header)
    except Failure as failure:
        return failure.details == "Unauthenticated"
    return False


def test_a_hash_knows_its_password_and_no_other() -> None:
    first, second = PasswordHash.of("secret", CHEAP), PasswordHash.of("secret", CHEAP)
    assert first.matches("secret")
    assert not first.matches("Secret")
    assert first.digest != second.digest, "each has a salt of its own"
    assert PasswordHash(first.salt, first.digest, Cost(4, 1, 1)).matches("secret") is False


def test_a_header_names_its_caller(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "a:b", "Ann", ("readers",))
        assert await logins.caller(basic("ann", "a:b")) == Caller("ann", frozenset({"readers"}))
        assert await logins.caller(None) is NOBODY

    with_logins(tmp_path, test)


@pytest.mark.parametrize(
    "header",
    [
        basic("ann", "wrong"),
        basic("ann", ""),
        basic("nobody-so-called", "secret"),
        "",
        "Bearer of-something",
        "Basic not base 64",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:secret").decode(),
    ],
)
def test_a_header_that_names_nobody_is_refused(tmp_path: Path, header: str) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        assert await is_refused(logins, header)

    with_logins(tmp_path, test)


def test_a_password_is_checked_once_for_many_calls_at_a_time_and_again_after_a_while(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        header = basic("ann", "secret")
        with mock.patch.object(PasswordHash, "matches", autospec=True, side_effect=PasswordHash.matches) as checked:
            await asyncio.gather(*(logins.caller(header) for _ in range(20)))
            assert checked.call_count == 1
            clock.now += REMEMBERED - 1
            await logins.caller(header)
            assert checked.call_count == 1
            clock.now += 1
            await logins.caller(header)
            assert checked.call_count == 2

    with_logins(tmp_path, test)


def test_who_is_remembered_is_not_let_in_with_another_password(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        await logins.caller(basic("ann", "secret"))
        assert await is_refused(logins, basic("ann", "other"))
        await logins.caller(basic("ann", "secret"))

    with_logins(tmp_path, test)


def test_every_change_of_a_user_is_in_effect_at_once(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        header = basic("ann", "secret")
        await logins.caller(header)
        await accounts.describe("ann", "Ann", ("$admins",))
        assert (await logins.caller(header)).administrates
        await accounts.disable("ann")
        assert await is_refused(logins, header)
        await accounts.disable("ann", disabled=False)
        await logins.caller(header)
        await accounts.reset_password("ann", "new")
        assert await is_refused(logins, header)
        await logins.caller(basic("ann", "new"))
        await accounts.delete("ann")
        assert await is_refused(logins, basic("ann", "new"))

    with_logins(tmp_path, test)


def test_a_name_that_there_is_not_takes_as_much_work_to_refuse_as_a_wrong_password(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        with mock.patch.object(PasswordHash, "matches", autospec=True, return_value=False) as checked:
            assert await is_refused(logins, basic("ann", "wrong"))
            assert await is_refused(logins, basic("nobody-so-called", "wrong"))
        assert [call.args[0].cost for call in checked.call_args_list] == [CHEAP, CHEAP]

    with_logins(tmp_path, test)


def test_users_are_there_again_after_a_restart_and_their_passwords_are_not_in_the_file(tmp_path: Path) -> None:
    async def make(accounts: Accounts, _logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret-of-ann", "Ann", ("readers",), disabled=True)

    async def look(accounts: Accounts, _logins: Logins, _clock: Clock) -> None:
        (ann,) = accounts.everyone()
        assert (ann.name, ann.full_name, ann.groups, ann.disabled) == ("ann", "Ann", ("readers",), True)
        assert ann.password.matches("secret-of-ann")

    with_logins(tmp_path, make)
    with_logins(tmp_path, look)
    assert b"secret-of-ann" not in (tmp_path / "node.sqlite").read_bytes()


def test_who_is_remembered_waits_for_nobody_and_guesses_do_not_pile_up(tmp_path: Path) -> None:
    async def test(accounts: Accounts, logins: Logins, _clock: Clock) -> None:
        await accounts.create("ann", "secret", "Ann", ())
        await logins.caller(basic("ann", "secret"))
        guesses = [asyncio.create_task(logins.caller(basic("ann", f"guess {n}"))) for n in range(MOST_WAITING + 1)]
        await asyncio.sleep(0)
        await logins.caller(basic("ann", "secret"))
        assert not any(guess.done() for guess in guesses[:-1])
        told = await asyncio.gather(*guesses, return_exceptions=True)
        assert [str(failure) for failure in told] == ["Unauthenticated"] * MOST_WAITING + ["Server Is Too Busy"]

    with_logins(tmp_path, test)
