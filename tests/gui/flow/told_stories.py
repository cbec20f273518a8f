"""A session in memory whose stories are those of real buses over a store in memory."""

from typing import Any
from uuid import UUID, uuid4

from desk.cqrs.live_feed import Batch
from desk.cqrs.stories import Later, Story
from desk.domain.commands import AddCopy, LendCopy, ListBook, ReturnCopy
from desk.domain.state import Book
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book, open_desk
from tests.gui.fake_catalogue import Shelved, row_of_state
from tests.gui.fake_session import FakeSession
from tests.moments import REAL


class StoryTeller(FakeSession):
    """What :attr:`desk` is sent becomes a story here; whoever listens is told at once."""

    def __init__(self) -> None:
        super().__init__()
        self.desk: DeskInMemory = open_desk()
        self.book_id: UUID = uuid4()
        self._told = self._silenced = 0

    def listed(self) -> None:
        """A listed book with two copies, of which nothing is told."""
        self.desk.send(a_book(self.book_id))
        self.desk.as_process_manager(ListBook(book_id=self.book_id))
        for _ in range(2):
            self.desk.send(AddCopy(book_id=self.book_id))
        self._told = self._silenced = len(self.desk.buses.stories.stories())

    def stories(self) -> tuple[Story, ...]:
        """Those that are no preparation."""
        return self.desk.buses.stories.stories()[self._silenced :]

    def plugins(self) -> tuple[Any, ...]:
        """Those that the stories tell of."""
        return self.desk.buses.switches

    def lend(self) -> None:
        """Copy 2 to R-17; nothing of it is in the read model."""
        self.desk.send(LendCopy(book_id=self.book_id, copy_no=2, loan_id=uuid4(), patron="R-17"))
        self.pass_on_stories()

    def refuse(self) -> None:
        """A copy comes back that was never lent."""
        self.desk.begin(ReturnCopy(book_id=self.book_id, copy_no=1)).exception(60)
        self.pass_on_stories()

    def project(self) -> None:
        """The read model has all that is stored."""
        position = max(event.position for event in self.desk.store.read_all())
        states = [run.after for story in self.stories() for run in story.attempts if story.event_ids]
        for state in states:
            if isinstance(state, Book):
                revision = len(self.desk.types(book_stream(self.book_id))) - 1
                row = row_of_state(state, 1, REAL.now(), revision, position)
                self.shelf[self.book_id] = Shelved(state, row, ())
        self.desk.buses.stories.reached(Later.PROJECT, position)
        self._told = self._silenced
        self.pass_on_stories()

    def pass_on_stories(self) -> None:
        """Tell those who listen."""
        stories = self.desk.buses.stories.stories()
        new, self._told = stories[self._told :], len(stories)
        for listener in tuple(self.story_listeners):
            listener(Batch(new, (), 0))
