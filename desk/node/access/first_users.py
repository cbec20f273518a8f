"""The users that a node with TLS has from its first start: ``admin``, and ``ops``, who is disabled."""

import secrets
from typing import Final

from desk.node.access.accounts import Accounts
from desk.node.access.caller import ADMINISTRATOR, ADMINISTRATORS, OPERATORS

OPERATOR: Final = "ops"
_RANDOM_BYTES: Final = 18


async def make_first_users(accounts: Accounts, password: str | None) -> str | None:
    """Makes those that are missing, ``admin`` with this password or with a random one, which is returned.

    Nobody ever sees it again. Nobody knows the password of ``ops``: an administrator resets it, and enables the user.
    Raises LogError.
    """
    shown = None
    if accounts.find(ADMINISTRATOR) is None:
        shown = None if password else secrets.token_urlsafe(_RANDOM_BYTES)
        await accounts.create(ADMINISTRATOR, password or shown or "", "Event Store Administrator", (ADMINISTRATORS,))
    if accounts.find(OPERATOR) is None:
        unknown = secrets.token_urlsafe(_RANDOM_BYTES)
        await accounts.create(OPERATOR, unknown, "Event Store Operations", (OPERATORS,), disabled=True)
    return shown
