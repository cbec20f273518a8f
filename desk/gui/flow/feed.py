"""What the picture is fed with: the stories of commands as rounds, in their newest versions, while it is seen."""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desk.application.care import CareLists
from desk.application.catalogue import Announcement, BookCard
from desk.application.flow.replay import MOST_WAITING, FlowReplay
from desk.application.flow.rounds import QueryAnswer, Round
from desk.application.flow.telling import book_title, is_parked, is_resent, round_number, tell, trigger_of
from desk.application.queries import GetBookById
from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.cqrs.live_feed import Batch
from desk.cqrs.messages import Origin
from desk.cqrs.stories import Story
from desk.domain.streams import book_id_of
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.live_batches import LiveBatches

KEPT: Final = 200
"""Stories that are known at most; as many as the session keeps."""


class FlowFeed(QObject):
    """Tells of each command that has ended, and again when more is known of it: of one that the read model holds, a
    query for its book is asked. ``parked`` are the streams whose events wait for somebody's decision, each from a
    revision on.

    Signals:
        told: the replay has more rounds, or knows more of those that it has.
        parked_changed: other streams are parked.
    """

    told = Signal()
    parked_changed = Signal()

    def __init__(self, session: Session, bridge: GuiBridge, replay: FlowReplay, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._bridge, self._replay = session, bridge, replay
        self._stories: dict[int, Story] = {}
        self._answers: dict[int, QueryAnswer | None] = {}
        self._healed: set[int] = set()
        self.parked: dict[str, int] = {}
        self._seen = 0
        self._batches = LiveBatches(session, bridge, page)
        self._batches.came.connect(self._come)
        page.installEventFilter(self)
        bridge.announced.connect(self._announced)
        self._ask_parked()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Somebody looks: tell what ended meanwhile; at first only what a person did last."""
        if event.type() == QEvent.Type.Show:
            stories = self._session.diagnostics.stories()
            if self._seen:
                missed = [story for story in stories if story.number > self._seen]
            else:
                own = [story.envelope.correlation_id for story in stories if story.envelope.origin is Origin.USER]
                missed = [story for story in stories if story.envelope.correlation_id in own[-1:]]
            self._keep(stories)
            self._offer(missed)
        return False

    def skip(self) -> None:
        """What ended until now is not told any more, nor when somebody looks later."""
        self._keep(self._session.diagnostics.stories())
        self._replay.catch_up()
        self.told.emit()

    def _keep(self, stories: Iterable[Story]) -> None:
        for story in stories:
            self._stories[story.number] = story
            self._seen = max(self._seen, story.number)
        while len(self._stories) > KEPT:
            oldest = next(iter(self._stories))
            del self._stories[oldest]
            self._answers.pop(oldest, None)
            self._healed.discard(oldest)

    def _offer(self, stories: Sequence[Story]) -> None:
        """Of very many at once only as many as can wait are told, so that the window goes on."""
        if stories:
            self._replay.left_out += max(0, len(stories) - MOST_WAITING)
            self._replay.offer(self._rounds(stories[:MOST_WAITING]))
            self._ask(stories)
            self.told.emit()

    def _renew(self, stories: Iterable[Story]) -> None:
        wanted = [story for story in stories if self._replay.wants(story.number)]
        if wanted:
            self._replay.renew(self._rounds(wanted))
            self._ask(wanted)
            self.told.emit()

    def _rounds(self, stories: Iterable[Story]) -> tuple[Round, ...]:
        known = tuple(self._stories.values())
        return tuple(
            tell(
                story,
                round_number(story, known),
                parked=self.parked,
                trigger=trigger_of(story, known),
                answer=self._answers.get(story.number),
                book=book_title(story, known),
                resent=is_resent(story, known),
                healed=story.number in self._healed,
            )
            for story in stories
        )

    # The query's way back

    def _ask(self, stories: Iterable[Story]) -> None:
        """For the book of each that is shown or waits, once the read model holds what was stored."""
        for story in stories:
            book_id = book_id_of(story.stream)
            is_in = story.projected is not None and story.event_ids and not is_parked(story, self.parked)
            is_asked = story.number in self._answers
            if is_in and not is_asked and book_id is not None and self._replay.wants(story.number):
                self._answers[story.number] = None
                begin, ended = time.perf_counter(), list[float]()
                future = self._session.queries.ask(GetBookById(book_id))
                future.add_done_callback(partial(_note_time, ended))
                learn = partial(self._answered, story.number, begin, ended)
                self._bridge.call(future, learn, partial(self._not_answered, story.number), self)

    def _answered(self, number: int, begin: float, ended: Sequence[float], card: BookCard | None) -> None:
        if number in self._stories and not is_parked(self._stories[number], self.parked):
            self._answers[number] = QueryAnswer(card, (ended[0] - begin) * 1e3)
            self._renew([self._stories[number]])

    def _not_answered(self, number: int, error: Exception) -> None:
        self._answers.pop(number, None)
        if not isinstance(error, StoreError):
            raise error

    @Slot(object)
    def _come(self, batch: Batch) -> None:
        new = [story for story in batch.stories if story.number > self._seen]
        self._keep(batch.stories)
        self._renew(batch.stories)
        self._offer(new)

    # What is parked

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        if announcement.parked is not None:
            self._ask_parked()

    def _ask_parked(self) -> None:
        care = self._session.care
        if care is not None:
            self._bridge.call(start(care.lists, "parked"), self._learn, None, self)

    def _learn(self, lists: CareLists) -> None:
        before, self.parked = self.parked, {one.stream: one.revision for one in lists.parked}
        if before != self.parked:
            changed = before.keys() | self.parked.keys()
            stories = [story for story in self._stories.values() if story.stream in changed]
            for story in stories:
                if is_parked(story, before) and not is_parked(story, self.parked):
                    self._healed.add(story.number)
                elif is_parked(story, self.parked):
                    self._answers.pop(story.number, None)  # asked before it was known
            self._renew(stories)
            self.parked_changed.emit()


def _note_time(ended: list[float], _future: object) -> None:
    ended.append(time.perf_counter())
