"""How much all groups of a node hold together: consumers that never answer do not fill its memory.

What one group holds is bounded by its settings, which its client chooses; what all of them hold is bounded here. No
group is ever stopped altogether: each may hold a little, so that whoever answers gets on.
"""

from collections.abc import Callable
from typing import Final

MESSAGE_BYTES: Final = 800
"""What a message under way takes, its event left out: measured on 64-bit CPython 3.11."""
MOST_BYTES: Final = 32 << 20
"""When all groups together hold this much, a group that holds more than a little stops reading."""

_LITTLE: Final = MOST_BYTES // 8
"""What the groups that still read share among them."""


class MemoryBudget:
    """What the groups of one node hold together, in bytes."""

    def __init__(self) -> None:
        self.total = 0
        self.holding = 0
        self._waiting: dict[BudgetShare, None] = {}

    def wait(self, share: "BudgetShare") -> None:
        """Tells this one when there is room again."""
        self._waiting[share] = None

    def changed(self, before: int, after: int) -> None:
        """A group holds more than before, or less."""
        self.total += after - before
        self.holding += bool(after) - bool(before)
        if self._waiting and after < before and self.total < MOST_BYTES:
            waiting, self._waiting = self._waiting, {}
            for share in waiting:
                share.eased()


class BudgetShare:
    """What one group holds of its node's budget; ``eased`` is called when it may read on."""

    def __init__(self, budget: MemoryBudget, eased: Callable[[], None]) -> None:
        self.eased = eased
        self._budget = budget
        self._held = 0

    def hold(self, messages: int, events: int) -> None:
        """So many messages are under way now, and so many bytes of events wait to be sent."""
        before, self._held = self._held, messages * MESSAGE_BYTES + events
        self._budget.changed(before, self._held)

    @property
    def room(self) -> int:
        """How many more messages the group may take; where there are none it is told later."""
        free = MOST_BYTES - self._budget.total
        if free <= 0:
            free = _LITTLE // max(1, self._budget.holding) - self._held
        if free <= 0 and self._held:
            self._budget.wait(self)
            return 0
        return max(1, free // MESSAGE_BYTES)
