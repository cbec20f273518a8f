"""Acts by hand and what a store says of itself, over its adapter, the record of the connection, and the journal."""

import platform
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desk import __version__
from desk.application.acts import (
    Act,
    ActDone,
    ActEntry,
    ActRefused,
    AppendByHand,
    SetStreamMetadata,
    detail_of,
    refusal_by,
)
from desk.application.store_admin import ParkedMessage, StoreProjection, StoreUser, StoreVersion, SubscriptionGroup
from desk.cqrs.errors import Conflict, StoreError
from desk.cqrs.messages import Sender
from desk.cqrs.metadata import canonical_json
from desk.runtime.data_directory import DataDirectory
from desk.runtime.store_connection import StoreConnection
from desk.store.admin import StoreAdmin

T = TypeVar("T")


class ActsByHand:
    """Satisfies :class:`~desk.application.acts.ActsPort` and :class:`~desk.application.store_admin.AdminPort`."""

    def __init__(self, data: DataDirectory, connection: StoreConnection, sender: Sender) -> None:
        self._data, self._connection, self._sender = data, connection, sender
        self._admin = StoreAdmin(connection.store)
        self._pool = ThreadPoolExecutor(2, "acts")

    def refusal(self) -> str:
        return refusal_by(self._data.record) or self._connection.known_store.question

    def appended_by(self) -> Mapping[str, object]:
        return {
            "program": "Desk",
            "version": __version__,
            "user": self._sender.user,
            "host": platform.node(),
        }

    def do(self, act: Act) -> "Future[ActDone]":
        return self._submit(self._do, act)

    def journal(self, limit: int = 200) -> "Future[tuple[ActEntry, ...]]":
        return self._pool.submit(self._data.local.acts, limit)

    def version(self) -> "Future[StoreVersion]":
        return self._submit(self._admin.version)

    def user(self) -> "Future[StoreUser]":
        return self._submit(self._admin.user)

    def groups(self) -> "Future[tuple[SubscriptionGroup, ...]]":
        return self._submit(self._admin.groups)

    def parked(self, source: str, group: str, limit: int = 100) -> "Future[tuple[ParkedMessage, ...]]":
        return self._submit(self._admin.parked, source, group, limit)

    def projections(self) -> "Future[tuple[StoreProjection, ...]]":
        return self._submit(self._admin.projections)

    def close(self) -> None:
        """Let what is under way come to its end; nothing else begins."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self, work: Callable[..., T], *arguments: object) -> "Future[T]":
        future = self._pool.submit(work, *arguments)
        future.add_done_callback(self._connection.look_at_end)
        return future

    def _do(self, act: Act) -> ActDone:
        refusal = self.refusal()
        if refusal:
            raise ActRefused(refusal)
        moments, user = self._sender.moments, self._sender.user
        number = self._data.local.begin_act(moments.now(), user, str(act), detail_of(act))
        try:
            done = self._admin.do(act, moments.new_id(), self._metadata(act))
        except (StoreError, Conflict) as error:
            self._data.local.end_act(number, str(error))
            raise
        self._data.local.end_act(number, "")
        return done

    def _metadata(self, act: Act) -> bytes:
        match act:
            case AppendByHand():
                return act.stored_metadata(self.appended_by())
            case SetStreamMetadata():
                return canonical_json({"appendedBy": self.appended_by()})
            case _:
                return b""
