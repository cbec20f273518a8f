"""All groups of the node: made, changed, deleted, found, and opened again with the node."""

import asyncio
from dataclasses import replace

from desk.node.groups import failures, records
from desk.node.groups.definition import ALL, Definition, from_json, key_of
from desk.node.groups.group import Group, NodeServices
from desk.node.groups.info import Ends, SubscriptionInfo, ends_of, info_of
from desk.node.pages import LogPages
from desk.node.status import Failure, closing

_BEYOND = (
    "Invalid Start From position: commit position must be less than or equal to"
    " the last commit position in the transaction file."
)


class Groups:
    """The groups by key. ``open`` comes first, ``close`` last."""

    def __init__(self, services: NodeServices) -> None:
        self._services = services
        self._groups: dict[str, Group] = {}
        self._changing = asyncio.Lock()

    async def open(self) -> None:
        """Takes up the groups where they were. Raises LogError."""

        def read(pages: LogPages) -> tuple[dict[str, bytes], dict[str, bytes]]:
            with pages.view():
                return pages.key_values(records.DEFINITIONS), pages.key_values(records.CHECKPOINTS)

        definitions, checkpoints = await self._services.readers.read(read)
        for key, text in definitions.items():
            checkpoint = checkpoints.get(key)
            self._groups[key] = Group(from_json(text), None if checkpoint is None else int(checkpoint), self._services)

    async def close(self) -> None:
        """Ends all calls, because the node ends."""
        await self._close_all(closing())

    async def restart(self) -> None:
        """Drops all consumers and opens every group anew."""
        async with self._changing:
            await self._close_all(None)
            for group in list(self._groups.values()):
                self._open_again(group)

    # -- one group ------------------------------------------------------------------------

    def find(self, source: str, name: str) -> Group:
        """A group. Raises Failure when there is none of that name."""
        group = self._groups.get(key_of(source, name))
        if group is None:
            raise failures.missing(source, name)
        return group

    async def create(self, wanted: Definition) -> None:
        """A new group. Raises Failure, WriteRefused and LogError."""
        async with self._changing:
            self._check_start(wanted)
            if wanted.key in self._groups:
                raise failures.exists(wanted.source, wanted.group)
            await self._begin(await self._placed(wanted), None)

    async def update(self, wanted: Definition) -> None:
        """Other settings for a group, and another start while it has no checkpoint; its filter stays.

        Its consumers are dropped. Raises Failure, WriteRefused and LogError.
        """
        async with self._changing:
            group = self.find(wanted.source, wanted.group)
            self._check_start(wanted)
            definition = await self._placed(replace(wanted, filter=group.definition.filter))
            await group.close(failures.dropped(wanted.source, wanted.group))
            try:
                await self._begin(definition, group.keeper.checkpoint)
            except BaseException:
                self._open_again(group)
                raise

    async def delete(self, source: str, name: str) -> None:
        """A group is gone, with all that it parked. Raises Failure, WriteRefused and LogError."""
        async with self._changing:
            group = self.find(source, name)
            await group.close(failures.dropped(source, name))
            readers, commits = self._services.readers, self._services.commits
            try:
                await commits.write(await readers.read(lambda pages: records.forgotten(pages, group.definition)))
            except BaseException:
                self._open_again(group)
                raise
            del self._groups[group.definition.key]

    async def info(self, source: str, name: str) -> SubscriptionInfo:
        """About one group. Raises Failure and LogError."""
        (info,) = await self._infos([self.find(source, name)])
        return info

    async def infos(self, source: str | None) -> list[SubscriptionInfo]:
        """About all groups, or those of a source. Raises Failure where a source has none, and LogError."""
        found = [group for group in self._groups.values() if source in (None, group.definition.source)]
        if source is not None and not found:
            raise failures.missing(source, "")
        return await self._infos(found)

    # -- how ----------------------------------------------------------------------------------

    async def _infos(self, groups: list[Group]) -> list[SubscriptionInfo]:
        def read(pages: LogPages) -> list[Ends]:
            with pages.view():
                return [ends_of(pages, group.definition) for group in groups]

        for group in groups:
            await group.keeper.settled()
        ends = await self._services.readers.read(read)
        now = asyncio.get_running_loop().time()
        return [info_of(group, end, now) for group, end in zip(groups, ends, strict=True)]

    def _check_start(self, wanted: Definition) -> None:
        if wanted.source == ALL and (wanted.start or 0) > self._services.wakeups.tail.position:
            raise failures.failed(wanted.source, wanted.group, _BEYOND)

    async def _placed(self, wanted: Definition) -> Definition:
        """With the place after which it begins: all that is written from now on is for it, whoever is there."""
        if wanted.source == ALL:
            end = self._services.wakeups.tail.position
            return replace(wanted, after=end if wanted.start is None else max(0, wanted.start - 1))
        if wanted.start is not None:
            return replace(wanted, after=wanted.start - 1)
        found = await self._services.readers.read(lambda pages: pages.end_of(wanted.source))
        return replace(wanted, after=found.last)

    async def _begin(self, definition: Definition, checkpoint: int | None) -> None:
        await self._services.commits.write(records.kept(definition))
        self._groups[definition.key] = Group(definition, checkpoint, self._services)

    def _open_again(self, closed: Group) -> None:
        self._groups[closed.definition.key] = Group(closed.definition, closed.keeper.checkpoint, self._services)

    async def _close_all(self, failure: Failure | None) -> None:
        for group in list(self._groups.values()):
            definition = group.definition
            await group.close(failure or failures.dropped(definition.source, definition.group))
