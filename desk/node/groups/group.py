"""Hop 6: a persistent subscription at work: reads its source while somebody consumes, and wakes only for a reason.

What becomes of messages is decided in ``delivery``; here are the clock, the tasks and the calls. A group without
consumers does nothing and reads nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import field
from typing import Final

from esdbclient.protos.Grpc import persistent_pb2

from desk.node.commits import Commits
from desk.node.groups import failures
from desk.node.groups.consumers import Consumer, consumers_of
from desk.node.groups.definition import Definition, parked_stream
from desk.node.groups.delivery import GroupDelivery
from desk.node.groups.keeper import GroupWriter
from desk.node.groups.member import ConsumerIdentity, Member
from desk.node.groups.memory_budget import BudgetShare, MemoryBudget
from desk.node.groups.message import GroupMessage, MessageState
from desk.node.groups.message_encoder import MessageEncoder
from desk.node.groups.replay import Replay
from desk.node.groups.source import SourceBatch, source_of
from desk.node.groups.statistics import Measured
from desk.node.groups.wire import action_of, answered_ids, confirmation
from desk.node.readers import Readers
from desk.node.reads import Send
from desk.node.records import MAX, LogError
from desk.node.status import Failure, HandlerThrew, failure_of
from desk.node.wakeup import Wakeups
from desk.records import dataclass

ReadReq = persistent_pb2.ReadReq

_log = logging.getLogger(__name__)

TICK: Final = 1.0
"""Seconds between looks at the clock, while there is a reason to. As in EventStoreDB: clients gather their answers
for some tenths of a second, and a shorter one would send again what was answered."""
MOST_IN_FLIGHT: Final = 50_000
"""What one consumer may have without answering, however much it asks for."""
MOST_HELD_BYTES: Final = 256 << 10
"""With so many waiting, a group reads no further ahead for its consumers, whatever number its settings allow."""
LOADED_BYTES: Final = 256 << 10
"""What is read together of messages that are sent again."""


@dataclass(frozen=True, slots=True)
class NodeServices:
    """What all groups of a node use of it."""

    commits: Commits
    readers: Readers
    wakeups: Wakeups
    budget: MemoryBudget = field(default_factory=MemoryBudget)


class Group:
    """One group, from the time it is opened until it is closed.

    ``known``: the last place of which it knows. ``replay``: what is sent again of what was parked.
    """

    def __init__(self, definition: Definition, checkpoint: int | None, services: NodeServices) -> None:
        settings = definition.settings
        self.definition = definition
        self.members: dict[Consumer, Member] = {}
        self.delivery = GroupDelivery(
            consumers_of(settings.strategy),
            after=definition.after if checkpoint is None else checkpoint,
            max_retries=settings.max_retry_count,
            timeout=settings.message_timeout / 1000,
        )
        self.keeper = GroupWriter(
            definition, self.delivery, services.commits, services.readers, checkpoint, self._something_was_written
        )
        self.measured = Measured(_now(), latencies=False)
        self.known = checkpoint
        self.live = True
        self._services = services
        self._share = BudgetShare(services.budget, self._may_read_on)
        self._encoder = MessageEncoder(definition)
        self._room = asyncio.Event()
        self.replay = Replay(
            services.readers,
            parked_stream(definition.key),
            self.delivery,
            self._encoder,
            settings.read_batch_size,
            self._share,
            self._push,
        )
        self._feeding: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed: Failure | None = None

    # -- calls ---------------------------------------------------------------------------

    async def consume(
        self, options: ReadReq.Options, requests: AsyncIterator[ReadReq], send: Send, identity: ConsumerIdentity
    ) -> None:
        """A consumer's whole call. Raises Failure, and LogError."""
        limit = self.definition.settings.max_subscriber_count
        if 0 < limit <= len(self.members):
            raise failures.too_many_consumers(self.definition.source, self.definition.group)
        measured = Measured(_now(), latencies=self.definition.settings.extra_statistics)
        structured = options.uuid_option.WhichOneof("content") != "string"
        member = Member(
            identity, Consumer(min(options.buffer_size, MOST_IN_FLIGHT)), measured, structured_ids=structured
        )
        self.members[member.consumer] = member
        answering = None
        try:
            await send(confirmation(self.definition.key))
            if self._closed is not None:
                raise self._closed
            answering = asyncio.ensure_future(self._take_answers(requests, member))
            self._join(member)
            await member.send_all(send, self._load, self._push)
        finally:
            if answering is not None:
                answering.cancel()
            self._leave(member)

    async def close(self, failure: Failure) -> None:
        """Ends all calls with this failure, and makes durable how far the group has come."""
        self._closed = failure
        self._weigh()
        self._drop(failure)
        await self.replay.stop()
        await self.keeper.close()
        if self._timer is not None:
            self._timer.cancel()

    # -- consumers --------------------------------------------------------------------------

    def _join(self, member: Member) -> None:
        member.joined = True
        self.delivery.consumers.join(member.consumer)
        if self._feeding is None:
            self._feeding = asyncio.ensure_future(self._feed())
        self._push()

    def _leave(self, member: Member) -> None:
        del self.members[member.consumer]
        if member.joined:
            self.delivery.leave(member.consumer)
        if not self.members:
            self._stop_feeding()
            self.delivery.forget_responses()
            self._weigh()
            self.keeper.look(_now(), ticked=True)
        if self._closed is None:
            self._push()

    def _drop(self, failure: Failure) -> None:
        self._stop_feeding()
        for member in self.members.values():
            member.end(failure)

    async def _take_answers(self, requests: AsyncIterator[ReadReq], member: Member) -> None:
        """The client may end its side, and be sent events nevertheless."""
        try:
            async for request in requests:
                self._take_answer(request)
        except Exception as error:  # noqa: BLE001 -- the call raises it again
            member.end(error)

    def _take_answer(self, request: ReadReq) -> None:
        match request.WhichOneof("content"):
            case "ack":
                now = _now()
                for consumer, message in self.delivery.acknowledge(answered_ids(request.ack.ids)):
                    self.members[consumer].measured.answered(now - message.since)
            case "nack":
                nack = request.nack
                self.delivery.refuse(answered_ids(nack.ids), action_of(nack), nack.reason)
        self._push()

    async def _load(self, messages: Sequence[GroupMessage]) -> None:
        """Takes the responses of some from the log again; those that were scavenged are done with."""
        loaded = await self._services.readers.read(lambda pages: self._encoder.responses(pages, messages, LOADED_BYTES))
        for message, response in zip(messages, loaded, strict=False):
            if message.state is MessageState.IN_FLIGHT:
                message.response = response
        gone = [message.id for message, response in zip(messages, loaded, strict=False) if response is None]
        if gone:
            self.delivery.acknowledge(gone)
            self._push()

    # -- the source ---------------------------------------------------------------------------

    async def _feed(self) -> None:
        source = source_of(self.definition, self._services.readers, self._services.wakeups, self._encoder)
        batch = SourceBatch((), 0, live=True)
        try:
            while not batch.ended and batch.place != MAX:
                while (count := self._wanted()) <= 0:
                    self._room.clear()
                    await self._room.wait()
                batch = await source.after(self.delivery.progress.last, count)
                self._take(batch)
            self._feeding = None
            if batch.ended:
                self._drop(failures.dropped(self.definition.source, self.definition.group))
        except Failure as failure:
            self._drop(failure)
        except LogError as error:
            self._drop(failure_of(error))
        except Exception:  # noqa: BLE001 -- whatever it is, consumers are not left waiting
            _log.exception("Group %s stopped reading", self.definition.key)
            self._drop(HandlerThrew("A bug."))

    def _wanted(self) -> int:
        """How many events are to be read now."""
        settings = self.definition.settings
        if self.delivery.held >= MOST_HELD_BYTES:
            return 0
        buffer = settings.live_buffer_size if self.live else settings.history_buffer_size
        return min(settings.read_batch_size, buffer - self.delivery.waiting, self._share.room)

    def _take(self, batch: SourceBatch) -> None:
        self.delivery.add(batch.messages)
        self.delivery.progress.passed(batch.place)
        if batch.messages:
            self.known = batch.messages[-1].place
        self.live = batch.live
        self._push()

    def _stop_feeding(self) -> None:
        if self._feeding is not None and self._feeding is not asyncio.current_task():
            self._feeding.cancel()
        self._feeding = None

    # -- what follows from everything else -----------------------------------------------------

    def _push(self) -> None:
        for message in self.delivery.push(_now()):
            self.measured.count()
            if message.consumer is not None:
                self.members[message.consumer].put(message)
        self._weigh()
        self._may_read_on()
        self.keeper.look(_now(), ticked=False)
        self._arm()

    def _weigh(self) -> None:
        """Tells the node how much this group holds; a closed one is as good as gone."""
        if self._closed is None:
            unsent = sum(member.unsent_bytes for member in self.members.values())
            self._share.hold(self.delivery.under_way, self.delivery.held + unsent)
        else:
            self._share.hold(0, 0)

    def _may_read_on(self) -> None:
        self._room.set()
        self.replay.go_on()

    def _something_was_written(self) -> None:
        if self._closed is None:
            self._push()

    def _arm(self) -> None:
        """The next look at the clock, if there is to be one."""
        now = _now()
        wait = TICK if self.delivery.in_flight else self.keeper.due_in(now)
        if wait is None or self._closed is not None:
            return
        when = now + max(TICK, wait)
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = _now()
        self.delivery.expire(now)
        self.keeper.look(now, ticked=True)
        self._push()


def _now() -> float:
    return asyncio.get_running_loop().time()
