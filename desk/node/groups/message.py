"""An event on its way through a group, from the log to the consumer that deals with it."""

from enum import Enum

from desk.node.groups.consumers import Consumer
from desk.records import dataclass


class MessageState(Enum):
    """Where a message is."""

    WAITING = "waiting"
    IN_FLIGHT = "in flight"
    RETRYING = "to be sent again"
    PARKING = "being parked"
    DONE = "done"


@dataclass(slots=True, eq=False)
class GroupMessage:
    """An event for a consumer. ``id`` is what its consumer answers with: that of the event as it is in the source.

    ``place`` is its revision or position in the source, or its revision among the parked events if it is ``replayed``;
    ``position`` where the log has it. ``response`` is held until it was sent, and is read again for the next time.
    ``sent`` counts how often it was given to a consumer, ``since`` is when that was last.
    """

    id: bytes
    place: int
    position: int
    pin: str = ""
    response: bytes | None = None
    replayed: bool = False
    state: MessageState = MessageState.WAITING
    retries: int = 0
    sent: int = 0
    since: float = 0.0
    consumer: Consumer | None = None

    @property
    def rank(self) -> tuple[bool, int]:
        """The order in which messages are sent again."""
        return self.replayed, self.place


@dataclass(frozen=True, slots=True)
class Park:
    """A message that is to be put aside, and why."""

    message: GroupMessage
    reason: str
