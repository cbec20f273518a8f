"""The users: kept in the log's file, each a value of its own, and in memory."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from desk.node.access.caller import Caller
from desk.node.access.passwords import Cost, PasswordHash
from desk.node.commits import Commits
from desk.node.readers import Readers
from desk.node.records import KeyValue, WriteBatch
from desk.node.status import access_denied, user_conflict, user_not_found
from desk.records import dataclass

OWNER: Final = "users"


@dataclass(frozen=True, slots=True)
class Account:
    """A user. ``updated`` is in 100 ns ticks since 1970, UTC."""

    name: str
    full_name: str
    groups: tuple[str, ...]
    password: PasswordHash
    disabled: bool
    updated: int

    @property
    def caller(self) -> Caller:
        """The user as somebody who makes a call."""
        return Caller(self.name, frozenset(self.groups))


class Accounts:
    """Looks users up and changes them, one change after the other. ``changed`` hears of each, by name."""

    def __init__(self, commits: Commits, cost: Cost) -> None:
        self._commits = commits
        self._accounts: dict[str, Account] = {}
        self._cost = cost
        self._changing = asyncio.Lock()
        self._listeners: list[Callable[[str], None]] = []

    async def open(self, readers: Readers) -> None:
        """Takes in the users that the log's file holds. Raises LogError."""
        kept = await readers.read(lambda pages: pages.key_values(OWNER))
        self._accounts = {name: _from_bytes(name, value) for name, value in kept.items()}

    def when_changed(self, listener: Callable[[str], None]) -> None:
        """Who wants to hear of changes."""
        self._listeners.append(listener)

    def find(self, name: str) -> Account | None:
        """A user, if there is one."""
        return self._accounts.get(name)

    def get(self, name: str) -> Account:
        """A user. Raises Failure where there is none of this name, as do all changes."""
        account = self._accounts.get(name)
        if account is None:
            raise user_not_found(name)
        return account

    def everyone(self) -> tuple[Account, ...]:
        """All users by name."""
        return tuple(account for _, account in sorted(self._accounts.items()))

    async def create(
        self, name: str, password: str, full_name: str, groups: tuple[str, ...], *, disabled: bool = False
    ) -> None:
        """A new user; who asks twice with the same password is told the same. Raises Failure and LogError."""
        async with self._changing:
            there = self._accounts.get(name)
            if there is not None:
                if not await asyncio.to_thread(there.password.matches, password):
                    raise user_conflict(name)
                return
            hashed = await self._hashed(password)
            await self._keep(Account(name, full_name, groups, hashed, disabled, 0))

    async def describe(self, name: str, full_name: str, groups: tuple[str, ...]) -> None:
        """Another full name and other groups. Raises Failure and LogError."""
        async with self._changing:
            await self._keep(replace(self.get(name), full_name=full_name, groups=groups))

    async def disable(self, name: str, *, disabled: bool = True) -> None:
        """Whether the user may log in. Raises Failure and LogError."""
        async with self._changing:
            await self._keep(replace(self.get(name), disabled=disabled))

    async def change_password(self, name: str, current: str, new: str) -> None:
        """For whoever knows the one before. Raises Failure and LogError."""
        async with self._changing:
            account = self.get(name)
            if not await asyncio.to_thread(account.password.matches, current):
                raise access_denied()
            await self._keep(replace(account, password=await self._hashed(new)))

    async def reset_password(self, name: str, new: str) -> None:
        """Raises Failure and LogError."""
        async with self._changing:
            await self._keep(replace(self.get(name), password=await self._hashed(new)))

    async def delete(self, name: str) -> None:
        """Raises Failure and LogError."""
        async with self._changing:
            self.get(name)
            await self._commits.write(WriteBatch(key_values=(KeyValue(OWNER, name, None),)))
            del self._accounts[name]
            self._tell(name)

    async def _hashed(self, password: str) -> PasswordHash:
        return await asyncio.to_thread(PasswordHash.of, password, self._cost)

    async def _keep(self, account: Account) -> None:
        changed = replace(account, updated=time.time_ns() // 100)
        await self._commits.write(WriteBatch(key_values=(KeyValue(OWNER, account.name, _to_bytes(changed)),)))
        self._accounts[account.name] = changed
        self._tell(account.name)

    def _tell(self, name: str) -> None:
        for listener in self._listeners:
            listener(name)


def _to_bytes(account: Account) -> bytes:
    password = account.password
    return json.dumps(
        {
            "fullName": account.full_name,
            "groups": account.groups,
            "salt": base64.b64encode(password.salt).decode(),
            "hash": base64.b64encode(password.digest).decode(),
            "scrypt": [password.cost.n, password.cost.r, password.cost.p],
            "disabled": account.disabled,
            "updated": account.updated,
        }
    ).encode()


def _from_bytes(name: str, value: bytes) -> Account:
    fields = json.loads(value)
    password = PasswordHash(base64.b64decode(fields["salt"]), base64.b64decode(fields["hash"]), Cost(*fields["scrypt"]))
    return Account(
        name, fields["fullName"], tuple(fields["groups"]), password, bool(fields["disabled"]), int(fields["updated"])
    )
