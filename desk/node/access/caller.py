"""Who makes a call: a user with a login, or nobody in particular."""

from typing import Final

from desk.records import dataclass

ADMINISTRATORS: Final = "$admins"
OPERATORS: Final = "$ops"
ADMINISTRATOR: Final = "admin"
EVERYONE: Final = "$all"
"""The role that every user has."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user as it was when the call came; ``name`` None is a caller without a login."""

    name: str | None
    groups: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether there is a login at all."""
        return self.name is not None

    @property
    def administrates(self) -> bool:
        """Whether nearly everything is allowed."""
        return self.name == ADMINISTRATOR or ADMINISTRATORS in self.groups

    @property
    def operates(self) -> bool:
        """Whether the running of the node is this user's business."""
        return self.administrates or OPERATORS in self.groups

    @property
    def roles(self) -> frozenset[str]:
        """What an access control list may name this user by."""
        return self.groups if self.name is None else self.groups | {self.name, EVERYONE}


NOBODY: Final = Caller(None)
