"""From the ``authorization`` header of a call to its caller.

A password takes a while to check, on purpose; so one that was right is remembered for some minutes, as a keyed hash,
and forgotten as soon as its user changes in any way. One password is checked at a time: whoever guesses keeps one
core busy, and those who are remembered wait for nobody.
"""

import asyncio
import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Final

from desk.node.access.accounts import Account, Accounts
from desk.node.access.caller import NOBODY, Caller
from desk.node.access.passwords import Cost, PasswordHash
from desk.node.status import too_busy, unauthenticated

REMEMBERED: Final = 300.0
"""Seconds for which a password that was right need not be checked again."""

MOST_WAITING: Final = 64
"""How many logins may wait to be checked; any more would get their answer too late."""

_SCHEME: Final = "basic "


class Logins:
    """Knows the callers. ``cost`` is what an unknown name takes to refuse: as long as a known one."""

    def __init__(self, accounts: Accounts, cost: Cost, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._remembered: dict[str, tuple[bytes, float]] = {}
        self._nobodys = PasswordHash(secrets.token_bytes(16), secrets.token_bytes(32), cost)
        self._checking = asyncio.Lock()
        self._waiting = 0
        accounts.when_changed(self._forget)

    async def caller(self, authorization: str | None) -> Caller:
        """Who sends this header; nobody in particular without one.

        Raises Failure where name or password are wrong, or where too many wait to hear that.
        """
        if authorization is None:
            return NOBODY
        name, password = name_and_password(authorization)
        account = self._remembered_account(name, password) or await self._in_turn(name, password)
        return account.caller

    async def _in_turn(self, name: str, password: str) -> Account:
        if self._waiting >= MOST_WAITING:
            raise too_busy()
        self._waiting += 1
        try:
            async with self._checking:
                # It may have been checked while this call waited.
                return self._remembered_account(name, password) or await self._checked(name, password)
        finally:
            self._waiting -= 1

    def _remembered_account(self, name: str, password: str) -> Account | None:
        digest, until = self._remembered.get(name, (b"", 0.0))
        if self._clock() >= until or not secrets.compare_digest(digest, self._digest(password)):
            return None
        return self._accounts.find(name)

    async def _checked(self, name: str, password: str) -> Account:
        account = self._accounts.find(name)
        expected = self._nobodys if account is None else account.password
        right = await asyncio.to_thread(expected.matches, password)
        # Whoever was changed meanwhile is refused, and may try again.
        if account is None or account.disabled or not right or self._accounts.find(name) is not account:
            raise unauthenticated()
        self._remembered[name] = (self._digest(password), self._clock() + REMEMBERED)
        return account

    def _digest(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode("utf-8", errors="surrogateescape"), key=self._key).digest()

    def _forget(self, name: str) -> None:
        self._remembered.pop(name, None)


def name_and_password(authorization: str) -> tuple[str, str]:
    """Name and password of a header. Raises Failure."""
    if not authorization.lower().startswith(_SCHEME):
        raise unauthenticated()
    try:
        login = base64.b64decode(authorization[len(_SCHEME) :].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise unauthenticated() from error
    name, colon, password = login.partition(":")
    if not colon:
        raise unauthenticated()
    return name, password
