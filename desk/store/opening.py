"""Hop 4: opens the way to a store, as a session is opened with it."""

from typing import Final

from desk.application.profile import CannotOpen
from desk.store.eventstoredb import EventStoreDB

KEEPALIVE: Final = 30.0
"""Seconds between signs of life on a connection to another machine."""


def open_store(uri: str | None, name: str) -> EventStoreDB:
    """The store behind a connection string; None: the embedded one, whose address comes later. Raises CannotOpen."""
    try:
        return EventStoreDB(uri, name, keepalive=KEEPALIVE if uri else None)
    except ValueError as error:
        raise CannotOpen(f"The connection string cannot be read: {error}") from None
