"""Passwords are kept as salted hashes that take a while to make, so that guessing takes too long."""

import hashlib
import hmac
import secrets
from typing import Final

from desk.records import dataclass

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_BLOCK_BYTES: Final = 128
_ROOM: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of making a hash: scrypt takes ``128 * n * r`` bytes, and ``p`` times as long as for one."""

    n: int
    r: int
    p: int


DEFAULT_COST: Final = Cost(1 << 14, 8, 5)
"""One of those that OWASP's password storage cheat sheet advises: 16 MiB, about 0.2 s of a core."""


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A password that can be recognised, and not read; its cost stands beside it, so that it can be raised."""

    salt: bytes
    digest: bytes
    cost: Cost

    @classmethod
    def of(cls, password: str, cost: Cost) -> "PasswordHash":
        """A hash with a salt of its own. Takes as long as its cost says: not for the event loop."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return cls(salt, _digest(password, salt, cost), cost)

    def matches(self, password: str) -> bool:
        """Whether it is this password's. Takes as long as to make it."""
        return hmac.compare_digest(self.digest, _digest(password, self.salt, self.cost))


def _digest(password: str, salt: bytes, cost: Cost) -> bytes:
    most = _BLOCK_BYTES * cost.r * (cost.n + cost.p) + _ROOM
    return hashlib.scrypt(
        password.encode("utf-8", errors="surrogateescape"),
        salt=salt,
        n=cost.n,
        r=cost.r,
        p=cost.p,
        maxmem=most,
        dklen=_HASH_BYTES,
    )
