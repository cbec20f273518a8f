"""A model of several programs that run BookRegistration over one store, interleaved at each access and killed anywhere.

Everything is real but time: the process manager, the aggregates with their memories, the decisions, the twin of the
store. Each program runs on a thread of its own that moves only when it is given the baton, so that a seed decides all.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from desk.application.codec import event_registry
from desk.application.command_events import ENTRY_OF, Subject
from desk.application.handlers import AggregateHandler, Aggregates, stream_of_book, stream_of_isbn
from desk.application.registration import KINDS, BookRegistration
from desk.cqrs.aggregate import Loaded
from desk.cqrs.errors import Conflict
from desk.cqrs.messages import Envelope, Origin, Outcome, Sender
from desk.cqrs.publisher import EventOrigin, StorePublisher
from desk.cqrs.store import NewEvent, Receipt, Recorded
from desk.cqrs.story_log import StoryLog
from desk.domain.commands import CreateBook, DeleteBook, ListBook, ReleaseIsbn
from desk.domain.errors import CorruptHistory, RuleBroken
from desk.domain.policy import Policy
from desk.domain.values import BOOK_DELETED, REGISTRATION_ABANDONED
from tests.memory_store import MemoryStore
from tests.moments import REAL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISBNS = ("9780306406157", "9780141439587")
MOST_STEPS = 4000


class Broken(AssertionError):
    """The invariant I10 does not hold."""


class Killed(BaseException):
    """The program is gone, in the middle of something."""


@dataclass(frozen=True)
class Variant:
    """What is broken on purpose; nothing, where all is as it should be."""

    position_before_work: bool = False
    no_release_on_delete: bool = False
    release_by_anybody: bool = False
    any_version: bool = False
    no_compensation: bool = False
    forgets_commands: bool = False


SOUND = Variant()


class Baton:
    """Lets one thread move at a time: it goes on from one :meth:`pause` to the next when it is told to."""

    def __init__(self) -> None:
        self._go, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self._killed = False

    def pause(self) -> None:
        """Within the thread: wait for the next turn. Raises Killed."""
        self._paused.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    def run(self, work: Callable[[], None]) -> threading.Thread:
        """Start a thread that stands before its first step."""

        def body() -> None:
            with suppress(Killed):
                self.pause()
                work()
            self._paused.release()

        thread = threading.Thread(target=body)
        thread.start()
        self._paused.acquire()
        return thread

    def step(self, *, kill: bool = False) -> None:
        """From outside: let the thread move to its next pause, or to its end."""
        self._killed = kill
        self._go.release()
        self._paused.acquire()


class PausingStore:
    """The store as one program sees it: it may stop, or be killed, before and after each append, and before reads."""

    def __init__(self, store: MemoryStore, pause: Callable[[], None], variant: Variant) -> None:
        self._store, self._pause, self._variant = store, pause, variant

    def read_stream(self, stream: str, **more: Any) -> Iterator[Recorded]:
        self._pause()
        return self._store.read_stream(stream, **more)

    def append(self, stream: str, expected: int, events: tuple[NewEvent, ...], *, timeout: float) -> Receipt:
        self._pause()
        if self._variant.any_version:
            expected = len(self._store._streams.get(stream, ())) - 1
        receipt = self._store.append(stream, expected, events, timeout=timeout)
        self._pause()
        return receipt


class Program:
    """One running Desk: its memory, its process manager, and the position that survives its death."""

    def __init__(self, model: "Model", number: int) -> None:
        self.model, self.number = model, number
        self.kept = self.position = -1
        self.baton = Baton()
        self.thread: threading.Thread | None = None
        self.failure: Exception | None = None
        self.idle = False

    def start(self) -> None:
        self.idle = False
        self.thread = self.baton.run(self._work)

    def kill(self, *, forget: bool) -> None:
        if self.thread is not None and self.thread.is_alive():
            self.baton.step(kill=True)
            self.thread.join()
        if forget:
            self.kept = -1
        self.start()

    def step(self) -> None:
        self.baton.step()
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        if self.thread is not None and self.thread.is_alive():
            self.baton.step(kill=True)
            self.thread.join()

    def _work(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 - the model's own thread gets it
            self.failure = error
            self.idle = True

    def _follow(self) -> None:
        variant = self.model.variant
        commands = self.model.commands(self.baton.pause)
        sender = Sender("ada", REAL, Origin.PROCESS_MANAGER)
        manager = BookRegistration(commands.aggregates, event_registry(), self._sending(commands), sender)
        self.position = self.kept
        while True:
            event = self.model.next_event(self.position)
            self.idle = event is None
            if event is None:
                self.baton.pause()
                continue
            if variant.position_before_work:
                self.kept = event.position
                self.baton.pause()
            if not (variant.no_release_on_delete and event.type == "BookDeleted"):
                manager.react(event)
            self.position = event.position
            self.baton.pause()
            self.kept = self.position

    def _sending(self, commands: "Commands") -> Callable[[Envelope[Any]], Outcome]:
        refused: list[object] = []

        def send(env: Envelope[Any]) -> Outcome:
            message = env.message
            undo = isinstance(message, ReleaseIsbn) and message.reason == REGISTRATION_ABANDONED
            if self.model.variant.no_compensation and undo and refused and isinstance(refused[-1], ListBook):
                return Outcome(None)
            try:
                return commands.send(env)
            except RuleBroken:
                refused.append(message)
                raise

        return send


class Commands:
    """The way of a command in one program: aggregates with memories of their own; conflicts are decided again."""

    def __init__(self, store: Any, variant: Variant) -> None:
        self._variant = variant
        publisher = StorePublisher(store, event_registry(), EventOrigin("here", "0"))
        self.aggregates = Aggregates(store, publisher, Policy())
        if variant.forgets_commands:
            for repository in (self.aggregates.books, self.aggregates.claims):
                _forget_commands(repository)
        self._books = AggregateHandler(self.aggregates.books, stream_of_book, StoryLog(REAL))
        self._claims = AggregateHandler(self.aggregates.claims, stream_of_isbn, StoryLog(REAL))

    def send(self, env: Envelope[Any]) -> Outcome:
        if self._variant.release_by_anybody and isinstance(env.message, ReleaseIsbn):
            owner = self.aggregates.claims.get(stream_of_isbn(env.message)).state.owner
            env = replace(env, message=replace(env.message, book_id=owner or env.message.book_id))
        handler = self._books if ENTRY_OF[type(env.message)].about is not Subject.ISBN else self._claims
        while True:
            try:
                return handler(env)
            except Conflict:
                continue


def _forget_commands(repository: Any) -> None:
    load, remember = repository.load, repository._states.remember

    def forgotten(loaded: Loaded[Any, Any]) -> Loaded[Any, Any]:
        return Loaded(loaded.stream, loaded.state, loaded.version, {})

    repository.load = lambda stream, **more: forgotten(load(stream, **more))
    repository._states.remember = lambda loaded: remember(forgotten(loaded))


@dataclass
class Model:
    """One store, some programs, a user who creates and deletes books, and a seed that decides what happens when."""

    seed: int
    programs: int
    variant: Variant = SOUND
    loses_positions: bool = False
    chance: random.Random = field(init=False)
    store: MemoryStore = field(default_factory=MemoryStore)
    books: list[UUID] = field(default_factory=list)
    kills: int = 0
    seen: int = 0
    listed: dict[UUID, str] = field(default_factory=dict)
    _favourite: Program | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def commands(self, pause: Callable[[], None]) -> Commands:
        return Commands(PausingStore(self.store, pause, self.variant), self.variant)

    def next_event(self, after: int) -> Recorded | None:
        """What the feed gives."""
        return next((event for event in self._all() if event.position > after and event.type in KINDS), None)

    def run(self) -> None:
        """Let it happen. Raises Broken where I10 does not hold at any step, or at rest."""
        running = [Program(self, number) for number in range(self.programs)]
        try:
            for program in running:
                program.start()
            self._unrest(running)
            self._come_to_rest(running)
            try:
                self._check_at_rest()
            except CorruptHistory as error:
                raise Broken(str(error)) from error
        finally:
            for program in running:
                program.end()
            self.store.close()

    def _unrest(self, running: list[Program]) -> None:
        user = self.commands(lambda: None)
        actions = [self._create] * 5 + [self._delete] * 3
        while actions:
            dice = self.chance.random()
            if dice < 0.12:
                actions.pop(self.chance.randrange(len(actions)))(user)
            elif dice < 0.17:
                self._kill(self.chance.choice(running))
            else:
                self._step(self._next_of(running))
            self._check_at_each_step()

    def _come_to_rest(self, running: list[Program]) -> None:
        for _ in range(MOST_STEPS):
            busy = [program for program in running if not program.idle or self.next_event(program.position)]
            if not busy:
                return
            if self.chance.random() < 0.02 and self.kills < 12:
                self._kill(self.chance.choice(running))
            else:
                self._step(self._next_of(busy))
            self._check_at_each_step()
        raise Broken("it never comes to rest")

    def _next_of(self, programs: list[Program]) -> Program:
        """Mostly the one that moved last: what is rare needs one that stands still while another does a lot."""
        if self._favourite not in programs or self.chance.random() < 0.1:
            self._favourite = self.chance.choice(programs)
        return self._favourite

    def _step(self, program: Program) -> None:
        try:
            program.step()
        except Exception as error:
            raise Broken(f"a process manager halts: {error!r}") from error

    def _kill(self, program: Program) -> None:
        self.kills += 1
        program.kill(forget=self.loses_positions and self.chance.random() < 0.3)

    def _create(self, user: Commands) -> None:
        book_id = UUID(int=self.chance.getrandbits(128), version=4)
        self.books.append(book_id)
        isbn = self.chance.choice(ISBNS)
        self._as_user(user, CreateBook(book_id=book_id, isbn=isbn, title="Emma", authors=("Jane Austen",)))

    def _delete(self, user: Commands) -> None:
        if self.books:
            newest_or_any = self.books[-1] if self.chance.random() < 0.5 else self.chance.choice(self.books)
            self._as_user(user, DeleteBook(book_id=newest_or_any, reason=BOOK_DELETED))

    def _as_user(self, user: Commands, command: object) -> None:
        command_id = UUID(int=self.chance.getrandbits(128), version=4)
        with suppress(RuleBroken):
            user.send(Sender("ada", REAL).envelope(command, command_id=command_id, issued_at=NOON))

    # I10

    def _all(self) -> list[Recorded]:
        return self.store._log

    def _check_at_each_step(self) -> None:
        """Never two listed books with one ISBN."""
        for event in self._all()[self.seen :]:
            fields = event_registry_of_model.decode(event.type, 2 if event.type == "BookCreated" else 1, event.data)
            if event.type == "BookListed":
                if fields.isbn in self.listed.values():
                    raise Broken(f"two listed books with {fields.isbn}")
                self.listed[fields.book_id] = fields.isbn
            elif event.type == "BookDeleted":
                self.listed.pop(fields.book_id, None)
        self.seen = len(self._all())

    def _check_at_rest(self) -> None:
        """Claims and listed books belong together; no book is left pending; no event is stored twice."""
        aggregates = self.commands(lambda: None).aggregates
        ids = [event.id for event in self._all()]
        if len(set(ids)) != len(ids):
            raise Broken("an event is stored twice")
        pending = [book for book in self.books if aggregates.books.load(f"book-{book}").state.life.value == "pending"]
        if pending:
            raise Broken("a book is left pending")
        owners = {isbn: aggregates.claims.load(f"isbn-{isbn}").state.owner for isbn in ISBNS}
        claimed = {owner: isbn for isbn, owner in owners.items() if owner is not None}
        if claimed != self.listed:
            raise Broken(f"claims {claimed} are not the listed books {self.listed}")


event_registry_of_model = event_registry()
