"""A session in memory for tests of the window: the real domain, and futures that can be held back."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from desk.application.book_fields import changes_of_book
from desk.application.books_by_name import GetBooksByName, GetTitles, find_books, titles_of
from desk.application.care import ReadModelCare
from desk.application.catalogue import Announcement, Interrupted, IsbnHistory
from desk.application.command_events import part_of
from desk.application.compensations import GetDone, GetOffer, offer_of
from desk.application.done import done_of
from desk.application.event_index import GetPastHits
from desk.application.journal import JournalEntry, JournalFilter
from desk.application.outbox import Outbox
from desk.application.permissions import candidates
from desk.application.queries import (
    GetActivity,
    GetAllBooks,
    GetBookById,
    GetBookHistory,
    GetCounts,
    GetIsbnHistory,
    GetMessages,
    GetPermissions,
    GetReadModelStatus,
    GetWiring,
    Permissions,
    Source,
)
from desk.application.refusals import refusal_of
from desk.application.session import (
    Connection,
    ConnectionRecord,
    Fault,
    Hear,
    Light,
    OutboxChanged,
    Session,
    TailState,
)
from desk.application.spelling import describe_state, differences
from desk.application.undo import Present
from desk.cqrs.dryrun import DryRun
from desk.cqrs.live_feed import Batch
from desk.cqrs.message_log import MessageRecord
from desk.cqrs.messages import Consistency, Envelope, Outcome, Query, Sender
from desk.cqrs.moments import Moments
from desk.cqrs.plugins.monitoring import MessageStatistics
from desk.cqrs.plugins.telemetry import Span
from desk.cqrs.process import ProcessManagerState
from desk.cqrs.report import WiringReport
from desk.cqrs.store import Receipt, Recorded
from desk.cqrs.stories import Story
from desk.domain import book
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    Command,
    CorrectBookDetails,
    CreateBook,
    ListBook,
    RejectBook,
)
from desk.domain.errors import RuleBroken
from desk.domain.policy import Moment, Policy
from desk.domain.sentences import describe
from desk.domain.state import Book
from desk.domain.streams import book_stream
from tests.domain.story import refusal
from tests.gui.fake_catalogue import ChangedAt, FakeReader, Shelved, ended_loans, find_values, row_of_state
from tests.moments import REAL

R = TypeVar("R")


@dataclass(slots=True)
class FakeSwitch:
    """A plugin that only remembers whether it is on."""

    name: str
    enabled: bool = True


class KeptInMemory:
    """What an outbox keeps, for as long as a test lasts."""

    def __init__(self) -> None:
        self.kept: dict[UUID, bytes] = {}

    def put(self, command_id: UUID, data: bytes) -> None:
        self.kept[command_id] = data

    def remove(self, command_id: UUID) -> None:
        self.kept.pop(command_id, None)

    def waiting(self) -> list[tuple[UUID, bytes]]:
        return list(self.kept.items())


class FakeSession:
    """The ports of a session in one thread; :attr:`session` is the record that a window opens.

    ``failures`` are raised by the next commands, one each. With ``held`` set, futures wait for :meth:`release`.
    ``silent`` keeps announcements back until :meth:`announce`; with ``pending`` no ISBN is checked.
    """

    def __init__(self, *, today: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.shelf: dict[UUID, Shelved] = {}
        self.position = 0
        self.failures: list[Exception] = []
        self.executed: list[tuple[object, UUID | None]] = []
        self.asked: list[object] = []
        self.held = False
        self.silent = False
        self.pending = False
        self.closed = False
        self.record = ConnectionRecord("", may_write=True)
        self.painted = -1
        self.care: ReadModelCare | None = None
        self._now = today
        self.moments = Moments(today, uuid4)
        self._waiting: list[Callable[[], None]] = []
        self._listeners: list[Hear] = []
        self.tried_now = 0
        self.elsewhere = self.in_question = ""
        self.decided: list[bool] = []
        self.unwritable: OSError | None = None
        self._connection = Connection(Light.GREEN, "Connected to this computer.")
        self._plugins = (FakeSwitch("Validation"), FakeSwitch("Monitoring"), FakeSwitch("Telemetry"))
        self._done: dict[UUID, Outcome] = {}
        self.processes: tuple[ProcessManagerState, ...] = ()
        self.resumed: list[str] = []
        self.measured: list[Span] = []
        self.journalled: list[JournalEntry] = []
        self.wiring = WiringReport()
        self.story_listeners: list[Callable[[Batch], None]] = []
        self.passed: list[MessageRecord] = []
        self._met: dict[tuple[UUID, int], Book] = {}
        self.outbox = Outbox(KeptInMemory(), self._send_again, changed=self._outbox_changed)

    # ── what a test does ──────────────────────────────────────────────────────────────────────────────────────

    def add(
        self, title: str, isbn: str, *, authors: tuple[str, ...] = ("Somebody",), copies: int = 0, **more: Any
    ) -> UUID:
        """A listed book without news of it."""
        book_id = uuid4()
        self._apply(CreateBook(book_id=book_id, isbn=isbn, title=title, authors=authors, **more))
        for _ in range(copies):
            self._apply(AddCopy(book_id=book_id))
        return book_id

    def change(self, command: BookCommand) -> None:
        """Somebody else sends a command; it is announced."""
        self._apply(command)
        self.announce(command.book_id)

    def announce(self, *book_ids: UUID, arrived: bool = False, reordered: bool = False) -> None:
        """Tell the listeners that these books changed."""
        ids = tuple(self.shelf[book_id].row.id for book_id in book_ids)
        streams = frozenset(book_stream(book_id) for book_id in book_ids)
        news = Announcement(
            self.position,
            changed=() if arrived else ids,
            arrived=ids if arrived else (),
            reordered=reordered,
            streams=streams,
        )
        for hear in self._listeners:
            hear(news)

    def ask_which(self, question: str) -> None:
        """A person has to say whether the store is the same; with an empty question that is settled."""
        self.in_question = question
        self.connect(Light.RED if question else Light.GREEN, question or "Connected to this computer.")

    def connect(
        self, light: Light, text: str, retry_in: float | None = None, *, tried: str = "", answered: str = ""
    ) -> None:
        """The light changes."""
        self._connection = Connection(light, text, retry_in, tried, answered)
        for hear in self._listeners:
            hear(self._connection)
        if light is Light.GREEN:
            self.outbox.send_waiting()

    def release(self) -> None:
        """Let the futures that were held back finish."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for finish in waiting:
            finish()

    # ── Session ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def session(self) -> Session:
        """All ports are this one object."""
        return Session(
            commands=self,
            queries=self,
            connection=self,
            care=self.care,
            diagnostics=self,
            importing=self,
            faults=None,
            about=self,
            listen=self.listen,
            moments=self.moments,
            close=lambda: self.close(),  # a test may put another in its place
        )

    @property
    def directory(self) -> Path:
        """Nowhere."""
        return Path("/nonexistent")

    @property
    def name(self) -> str:
        """As the real one says."""
        return self.record.name or "this computer"

    @property
    def hosts(self) -> str:
        """As a test says."""
        return self.elsewhere

    @property
    def embedded(self) -> bool:
        """As if there were a node, where it is not elsewhere."""
        return not self.elsewhere

    @property
    def node_pid(self) -> None:
        """There is none."""

    def change_record(self, record: ConnectionRecord) -> None:
        """Keep it, and tell; or fail as ordered."""
        if self.unwritable is not None:
            raise self.unwritable
        self.record = record
        for hear in self._listeners:
            hear(record)

    @property
    def state(self) -> Connection:
        """The present connection."""
        return self._connection

    @property
    def question(self) -> str:
        """What :meth:`ask_which` has asked."""
        return self.in_question

    def decide(self, *, same: bool) -> None:
        """Remember it."""
        assert self.in_question, "nobody was asked"
        self.decided.append(same)

    def retry(self) -> None:
        """Count it."""
        self.tried_now += 1

    def listen(self, hear: Hear) -> Callable[[], None]:
        """Begin with the present connection."""
        self._listeners.append(hear)
        hear(self._connection)
        return lambda: self._listeners.remove(hear)

    def send(self, command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        """As :meth:`execute`."""
        return self.execute(command, command_id=command_id)

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        """At once."""
        return FakeReader(self.shelf, self.position).isbn_history(tuple(isbns))

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """At once."""
        return {book_id: self.shelf[book_id].row.state for book_id in book_ids if book_id in self.shelf}

    def checks_stand_still(self) -> str:
        """Never."""
        return ""

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: Consistency = Consistency.EVENTUAL
    ) -> "Future[Outcome]":
        """Decide at once, or fail as ordered."""
        self.executed.append((command, command_id))
        env = Sender("ada", REAL).envelope(cast("BookCommand", command), command_id=command_id)
        return self._later(
            lambda: cast("Outcome", self.outbox(env, lambda _env: self._execute(env.message, command_id)))
        )

    def explain(self, command: object) -> "Future[DryRun]":
        """As the real one: decides on the present state and applies nothing."""
        return self._later(lambda: self._explain(cast("BookCommand", command)))

    def ask(self, query: Query[R], *, at_least: int | None = None) -> "Future[R]":
        """Answer at once; GetAllBooks interrupts nothing."""
        self.asked.append(query)
        return self._later(lambda: cast("R", self._answer(query)))

    def reader(self) -> FakeReader:
        """A new reader."""
        return FakeReader(self.shelf, self.position)

    def follow(
        self,
        source: Source,
        *,
        after: int | None,
        sink: Callable[[tuple[Recorded, ...]], None],
        on_state: Callable[[TailState], None],
    ) -> "FakeSession":
        """A tail that never says anything."""
        return self

    def stop(self) -> None:
        """End of such a tail."""

    def process_managers(self) -> tuple[ProcessManagerState, ...]:
        """What a test puts there."""
        return self.processes

    def resume(self, name: str) -> None:
        """Remember it."""
        self.resumed.append(name)

    def plugins(self) -> tuple[FakeSwitch, ...]:
        """Three, as the real one has."""
        return self._plugins

    def statistics(self) -> tuple[MessageStatistics, ...]:
        """One line with every figure."""
        return (MessageStatistics("LendCopy", 12, {"RuleBroken": 1}, 0, 3.2, 8.4, 21.0, 2),)

    def faults(self) -> tuple[Fault, ...]:
        """Nothing has failed."""
        return ()

    def journal(
        self, wanted: JournalFilter, *, before: int | None = None, limit: int = 100
    ) -> tuple[JournalEntry, ...]:
        """What a test puts there."""
        return tuple(one for one in self.journalled if not wanted.ends or one.end in wanted.ends)[:limit]

    def stories(self) -> tuple[Story, ...]:
        """None."""
        return ()

    def listen_to_stories(self, listener: Callable[[Batch], None]) -> Callable[[], None]:
        """What a test passes on."""
        self.story_listeners.append(listener)
        return lambda: self.story_listeners.remove(listener)

    def pass_on(self, *messages: MessageRecord, events: int = 0) -> None:
        """Something passes: those who listen get it at once."""
        self.passed += messages
        for listener in tuple(self.story_listeners):
            listener(Batch((), messages, events))

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        """What a test puts there."""
        return tuple(self.measured)

    def repainted(self, position: int) -> None:
        """Remember it."""
        self.painted = position

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────────

    def _later(self, work: Callable[[], R]) -> "Future[R]":
        future: Future[R] = Future()

        def finish() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - as an executor does
                future.set_exception(error)

        if self.held:
            self._waiting.append(finish)
        else:
            finish()
        return future

    def _send_again(self, env: Envelope[BookCommand]) -> "Future[Outcome]":
        return self.execute(env.message, command_id=env.id)

    def _outbox_changed(self) -> None:
        for hear in self._listeners:
            hear(OutboxChanged())

    def _execute(self, command: BookCommand, command_id: UUID | None) -> Outcome:
        if self.failures:
            raise self.failures.pop(0)
        if command_id in self._done:
            return replace(self._done[command_id], repeated=True)
        is_new = command.book_id not in self.shelf
        before = self.shelf[command.book_id].row.state if not is_new else ""
        outcome = self._apply(command)
        if command_id is not None:
            self._done[command_id] = outcome
        if not self.silent:
            row = self.shelf[command.book_id].row
            moved = row.state != before or isinstance(command, CorrectBookDetails)
            self.announce(command.book_id, arrived=is_new, reordered=moved and not is_new)
        return outcome

    def _explain(self, command: BookCommand) -> DryRun:
        now = self._now()
        shelved = self.shelf.get(command.book_id)
        state = shelved.state if shelved else book.INITIAL
        try:
            events = book.decide(state, command, Moment(now=now, today=now.astimezone().date()), Policy())
        except RuleBroken as broken:
            return DryRun(refusal=refusal_of(broken))
        return DryRun(
            events, differences(describe_state(state) if shelved else {}, describe_state(book.replay(events, state)))
        )

    def _apply(self, command: BookCommand) -> Outcome:
        now = self._now()
        moment = Moment(now=now, today=now.astimezone().date())
        shelved = self.shelf.get(command.book_id)
        state = shelved.state if shelved else book.INITIAL
        events = list(book.decide(state, command, moment, Policy()))
        after = book.replay(events, state)
        if isinstance(command, CreateBook) and not self.pending:
            answer = self._registration(command)
            more = book.decide(after, answer, moment, Policy())
            after = book.replay(more, after)
            events += more
        self.position += 100 * len(events)
        revision = (shelved.row.revision if shelved else -1) + len(events)
        self._met[command.book_id, revision] = state
        row_id = shelved.row.id if shelved else len(self.shelf) + 1
        past = shelved.past if shelved else ()
        row = row_of_state(after, row_id, now, revision, self.position)
        values = {key: value for key, (_, value) in changes_of_book(state, after).items()}
        changes = (*(shelved.changes if shelved else ()), ChangedAt(revision, self.position, now, values))
        self.shelf[command.book_id] = Shelved(after, row, past + ended_loans(state, events), changes)
        return Outcome(Receipt(book_stream(command.book_id), revision, self.position), tuple(events))

    def _registration(self, command: CreateBook) -> ListBook | RejectBook:
        for book_id, other in self.shelf.items():
            if other.row.isbn == command.isbn and other.row.state == "listed":
                return RejectBook(book_id=command.book_id, conflicting_book_id=book_id)
        return ListBook(book_id=command.book_id)

    def _answer(self, query: object) -> object:
        reader = FakeReader(self.shelf, self.position)
        match query:
            case GetBookById():
                return reader.card(query.book_id)
            case GetAllBooks():
                return reader.order(query.question, query.limit)
            case GetBooksByName():
                return find_books(reader, query)
            case GetIsbnHistory():
                return reader.isbn_history(query.isbns)
            case GetCounts():
                return reader.counts(query.today)
            case GetWiring():
                return self.wiring
            case GetMessages():
                return tuple(self.passed)
            case GetReadModelStatus():
                return reader.status()
            case GetActivity():
                return reader.activity(query.stream)
            case _:
                return self._answer_on_one_book(query)

    def _answer_on_one_book(self, query: object) -> object:
        match query:
            case GetBookHistory():
                return ()
            case GetTitles():
                return titles_of(FakeReader(self.shelf, self.position), query)
            case GetDone():
                return done_of(query.command, query.events, self._met[query.command.book_id, query.revision])
            case GetPastHits():
                return find_values(self.shelf, query)
            case GetOffer():
                shelved = self.shelf[query.done.command.book_id]
                present = Present(shelved.state, shelved.row.revision, self.moments.today(), self.moments.new_id)
                return offer_of(query, present, self._explain)
            case GetPermissions():
                return self._permissions(query.book_id)
        raise Interrupted

    def _permissions(self, book_id: UUID) -> Permissions | None:
        shelved = self.shelf.get(book_id)
        if shelved is None:
            return None
        tried = candidates(book_id, shelved.state, shelved.row.revision)
        refusals = {(type(one), part_of(one)): self._refusal(shelved.state, one) for one in tried}
        return Permissions(book_id, shelved.row.revision, {key: why for key, why in refusals.items() if why})

    def _refusal(self, state: Book, command: BookCommand) -> str:
        now = self._now()
        refused: RuleBroken | None = refusal(state, command, Moment(now, now.astimezone().date()), Policy())
        return describe(refused.code, refused.params) if refused else ""
