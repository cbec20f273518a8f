"""What all groups of a node hold together: bounded, and nobody is stopped for good."""

from desk.node.groups.memory_budget import MESSAGE_BYTES, MOST_BYTES, BudgetShare, MemoryBudget

MOST = MOST_BYTES // MESSAGE_BYTES


class Holder:
    """A group that reads as much as it may, and is never answered."""

    def __init__(self, budget: MemoryBudget) -> None:
        self.held = 0
        self.eased = 0
        self.share: BudgetShare = BudgetShare(budget, self.may_read_on)

    def may_read_on(self) -> None:
        self.eased += 1

    def fill(self, most: int = 10**9) -> None:
        while self.held < most and (room := self.share.room) > 0:
            self.held += min(room, 500)
            self.share.hold(self.held, 0)

    def release(self, count: int) -> None:
        self.held -= count
        self.share.hold(self.held, 0)


def test_groups_that_are_never_answered_stay_within_the_bound_however_many_they_are() -> None:
    budget = MemoryBudget()
    holders = [Holder(budget) for _ in range(1000)]
    for holder in holders:
        holder.fill()
    assert all(holder.held > 0 for holder in holders)
    assert budget.total < 2 * MOST_BYTES + len(holders) * MESSAGE_BYTES


def test_a_group_that_is_answered_gets_on_while_another_holds_everything() -> None:
    budget = MemoryBudget()
    greedy, working = Holder(budget), Holder(budget)
    greedy.fill()
    for _ in range(5):
        working.fill()
        assert working.held > 500
        working.release(working.held)


def test_whoever_waits_for_room_is_told_when_there_is_some_and_once() -> None:
    budget = MemoryBudget()
    greedy, waiting = Holder(budget), Holder(budget)
    greedy.fill()
    waiting.fill()
    assert waiting.share.room == 0
    greedy.release(100)
    assert waiting.eased == 0, "there is none yet"
    greedy.release(greedy.held // 2)
    assert waiting.eased == 1
    assert waiting.share.room > 0
    greedy.release(1)
    assert waiting.eased == 1


def test_events_that_wait_to_be_sent_count_by_their_bytes() -> None:
    budget = MemoryBudget()
    holder = Holder(budget)
    holder.share.hold(1, MOST_BYTES)
    assert holder.share.room == 0
    holder.share.hold(1, 0)
    assert holder.share.room == MOST - 1


def test_a_group_that_is_closed_holds_nothing() -> None:
    budget = MemoryBudget()
    share = BudgetShare(budget, lambda: None)
    share.hold(1000, 0)
    share.hold(0, 0)
    assert (budget.total, budget.holding) == (0, 0)
