"""Shows rounds at the viewer's pace: one command at a time, hop by hop, forwards and back. Time comes from outside.

The command itself ran at full speed long ago, or is still under way: then the replay waits at the hop that has not
happened yet.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

from desk.application.flow.rounds import Hop, Round
from desk.application.flow.values import pace_words, time_words
from desk.application.scenarios.scenario import Speed

HOP: Final = 1000.0
"""Milliseconds in which a hop is shown."""
REST: Final = 400.0
"""Milliseconds between two hops."""
BETWEEN: Final = 1600.0
"""Milliseconds for which a whole round stands before the next begins by itself."""
PATIENCE: Final = 3000.0
"""Milliseconds that a round waits for what has not happened yet, where others wait behind it."""


MOST_WAITING: Final = 30
"""Rounds that wait for their turn: four minutes. What comes beyond them is counted, and left out."""


class ReplayPhase(Enum):
    """What the replay is doing."""

    EMPTY = "nothing to show"
    TRAVELLING = "travelling"
    RESTING = "resting"
    WAITING = "waiting for what has not happened yet"
    DONE = "all shown"


class FlowReplay:
    """The replay. ``at`` counts the hops that are shown; the next one may be under way.

    ``held``: somebody went back, so that nothing goes on by itself. ``travels`` False: marks jump from station to
    station, and the time that the travel would take is spent standing. ``left_out`` counts the rounds that came while
    too many waited.
    """

    def __init__(self, pace: Speed = Speed.SLOW) -> None:
        self.pace = pace
        self.travels = True
        self.round: Round | None = None
        self.at = 0
        self.phase = ReplayPhase.EMPTY
        self.held = False
        self.left_out = 0
        self._elapsed = 0.0
        self._waiting: dict[int, Round] = {}

    @property
    def waiting(self) -> int:
        """How many rounds wait for their turn."""
        return len(self._waiting)

    @property
    def hop(self) -> Hop | None:
        """The hop that is under way, or that is waited for."""
        if self.round is None or self.phase not in (ReplayPhase.TRAVELLING, ReplayPhase.WAITING):
            return None
        return self.round.hops[self.at]

    @property
    def last(self) -> Hop | None:
        """The hop that was shown last."""
        return self.round.hops[self.at - 1] if self.round is not None and self.at else None

    @property
    def share(self) -> float:
        """How far the hop under way is, 0 to 1, slow at both ends; halfway while it waits."""
        if self.phase is ReplayPhase.WAITING:
            return 0.5
        part = min(1.0, self._elapsed / HOP)
        return part * part * (3 - 2 * part)

    @property
    def time_words(self) -> str:
        """What the hop under way, or that was shown last, really took, after its number, and how many times slower or
        faster it is shown; of a round that is shown to its end what all of it took.
        """
        told, hop = self.round, self.hop or self.last
        if told is not None and self.phase is ReplayPhase.DONE and told.milliseconds is not None:
            return f"{time_words(told.milliseconds)} in all"
        if hop is None or hop.milliseconds is None:
            return ""
        real = f"{self.at + (self.hop is not None)} · {time_words(hop.milliseconds)}"
        return real if self.pace is Speed.LIVE else f"{real}  {pace_words(HOP, hop.milliseconds)}"

    @property
    def moves(self) -> bool:
        """Whether something goes on by itself, so that time has to be told."""
        match self.phase:
            case ReplayPhase.TRAVELLING:
                return True
            case ReplayPhase.RESTING:
                return self.pace is not Speed.STEP and not self.held
            case ReplayPhase.DONE if self.pace is Speed.SLOW and self._elapsed < BETWEEN:
                return True
            case ReplayPhase.DONE | ReplayPhase.WAITING:
                return self.pace is not Speed.STEP and bool(self._waiting) and not self.held
        return False

    # What comes

    def offer(self, rounds: Iterable[Round]) -> None:
        """New rounds."""
        self._waiting.update((one.story.number, one) for one in rounds)
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[max(self._waiting)]
            self.left_out += 1
        if self.round is None or self.pace is Speed.LIVE or self._has_stood:
            self.next_round()

    @property
    def _has_stood(self) -> bool:
        """Whether the round was shown, and then for long enough."""
        return self.pace is Speed.SLOW and self.phase is ReplayPhase.DONE and self._elapsed >= BETWEEN

    def wants(self, number: int) -> bool:
        """Whether the round of the story of this number is shown, or waits."""
        return number in self._waiting or (self.round is not None and self.round.story.number == number)

    def renew(self, rounds: Iterable[Round]) -> None:
        """More is known of these; of those that are neither shown nor wait nobody wants to know."""
        for one in rounds:
            if one.story.number in self._waiting:
                self._waiting[one.story.number] = one
            elif self.wants(one.story.number):
                self._show_newer(one)

    def _show_newer(self, newer: Round) -> None:
        self.round = newer
        self.at = min(self.at, newer.happened)
        if self.pace is Speed.LIVE:
            self._show(newer.happened)
        elif self.phase is ReplayPhase.WAITING and newer.happened > self.at:
            self._begin_hop()
        elif self.phase is ReplayPhase.WAITING and self.at >= len(newer.hops):
            self._end()

    # What goes on by itself

    def advance(self, milliseconds: float) -> None:
        """So much time has passed."""
        self._elapsed += milliseconds
        if self.phase is ReplayPhase.TRAVELLING and self._elapsed >= self._travel:
            self._arrive()
        elif not self.moves:
            return
        elif self.phase is ReplayPhase.RESTING and self._elapsed >= REST + HOP - self._travel:
            self._begin_hop()
        elif (self.phase is ReplayPhase.DONE and self._elapsed >= BETWEEN) or (
            self.phase is ReplayPhase.WAITING and self._elapsed >= PATIENCE
        ):
            self.next_round()

    @property
    def _travel(self) -> float:
        return HOP if self.travels else 0.0

    # What a person does

    def forward(self) -> None:
        """On: the hop under way arrives, the next begins, or the next round does."""
        self.held = False
        match self.phase:
            case ReplayPhase.TRAVELLING:
                self._arrive()
            case ReplayPhase.RESTING:
                self._begin_hop()
            case ReplayPhase.WAITING | ReplayPhase.DONE:
                self.next_round()

    def back(self) -> None:
        """Back by a hop, and stay there."""
        if self.round is None:
            return
        is_under_way = self.phase is ReplayPhase.TRAVELLING
        self._show(self.at if is_under_way else max(0, self.at - 1))
        self.phase = ReplayPhase.RESTING
        self.held = True

    def again(self) -> None:
        """The same round from its beginning."""
        if self.round is not None:
            self.held = False
            self.at = 0
            self._begin_hop()

    def set_pace(self, pace: Speed) -> None:
        """Another pace, from here on; live shows all that has happened."""
        self.pace, self.held = pace, False
        if pace is Speed.LIVE:
            self.catch_up()

    def catch_up(self) -> None:
        """All that has happened is shown at once, so that what comes next is seen at its moment."""
        self.held = False
        while self._waiting:
            self.next_round()
        if self.round is not None:
            self._show(self.round.happened)
            self._elapsed = BETWEEN

    def next_round(self) -> None:
        """The round whose command began first, where one waits; live shows the newest, and leaves the others out."""
        if not self._waiting:
            return
        numbers = sorted(self._waiting, key=lambda number: (self._waiting[number].story.started_at, number))
        chosen = numbers[-1] if self.pace is Speed.LIVE else numbers[0]
        self.round = self._waiting.pop(chosen)
        self.at, self.held = 0, False
        if self.pace is Speed.LIVE:
            self._waiting.clear()
            self.left_out = 0
            self._show(self.round.happened)
        else:
            self._begin_hop()

    def _begin_hop(self) -> None:
        assert self.round is not None
        self._elapsed = 0.0
        if self.at >= len(self.round.hops):
            self._end()
        else:
            self.phase = ReplayPhase.WAITING if self.round.hops[self.at].pending else ReplayPhase.TRAVELLING

    def _arrive(self) -> None:
        self._show(self.at + 1)

    def _show(self, hops: int) -> None:
        """So many hops are shown, and it rests there."""
        assert self.round is not None
        self.at, self._elapsed, self.phase = hops, 0.0, ReplayPhase.RESTING
        if hops >= len(self.round.hops):
            self._end()
        elif self.pace is Speed.LIVE and self.round.hops[hops].pending:
            self.phase = ReplayPhase.WAITING

    def _end(self) -> None:
        self._elapsed, self.phase = 0.0, ReplayPhase.DONE
