"""What an import and the demo need of the running program, and nothing more."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol
from uuid import UUID

from desk.application.catalogue import IsbnHistory
from desk.application.session import Listener
from desk.cqrs.messages import Outcome
from desk.domain.commands import Command


class CataloguePort(Protocol):
    """Commands in, and what became of them. Every method may be called on any thread."""

    def send(self, command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        """Give a command to the bus. Commands of one book run in the order of their sending.

        ``issued_at`` is the moment it counts for, now where none is given.
        """

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        """Who has, and had, these ISBNs (13 digits); waits for the answer. Raises StoreUnavailable for "not yet"."""

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The states of those of these books that the read model knows: pending, listed, rejected or deleted.

        Raises StoreUnavailable for "not yet".
        """

    def checks_stand_still(self) -> str:
        """A sentence where the check of ISBNs has halted, so that no new book is ever listed; else empty."""

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Give news to this listener until the function that comes back is called."""
