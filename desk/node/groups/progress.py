"""How far a sequence of messages has been dealt with, in its order: what a checkpoint may say."""

from collections import OrderedDict

from desk.node.groups.message import GroupMessage


class DeliveryProgress:
    """Messages begin in the order of their places, and are done in any. ``last`` is the place last looked at."""

    def __init__(self, after: int) -> None:
        self.last = after
        self._begun = 0
        # Of each message under way: the place before it, and how many began before it.
        self._open: OrderedDict[GroupMessage, tuple[int, int]] = OrderedDict()

    def begin(self, message: GroupMessage) -> None:
        """A message is to be dealt with."""
        self._open[message] = (self.last, self._begun)
        self.last = message.place
        self._begun += 1

    def passed(self, place: int) -> None:
        """Up to this place there is nothing else to deal with."""
        self.last = max(self.last, place)

    def done(self, message: GroupMessage) -> None:
        """A message has been dealt with."""
        del self._open[message]

    @property
    def reached(self) -> int:
        """The place up to which everything was dealt with."""
        return next(iter(self._open.values()))[0] if self._open else self.last

    @property
    def count(self) -> int:
        """How many messages were dealt with, before the first that was not."""
        return next(iter(self._open.values()))[1] if self._open else self._begun

    @property
    def under_way(self) -> int:
        """How many have begun and are not done."""
        return len(self._open)
