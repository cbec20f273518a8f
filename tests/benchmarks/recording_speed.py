"""What journal and stories cost those who wait: ``python -m tests.benchmarks.recording_speed``.

With and without, by turns, in one run over one real node: from a click on a form's button until the row is painted, and
from sending a command until its answer. Stories over a store in memory as well, where nothing else takes time.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from unittest import mock
from uuid import uuid4

from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.bus import CommandBus
from desk.cqrs.endings import EndedCommand
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Outcome, Sender
from desk.cqrs.publisher import EventOrigin
from desk.cqrs.store import EventStore
from desk.domain.commands import AddCopy, CreateBook
from desk.domain.errors import RuleBroken
from tests.application.desk_in_memory import DeskInMemory
from tests.application.test_plugins import registering
from tests.benchmarks.click_speed import click, ready_to_click
from tests.benchmarks.desk_window import elsewhere
from tests.benchmarks.figures import Figure, Table, percentile, text_of
from tests.benchmarks.profiles import write_profile
from tests.benchmarks.projection_speed import isbn_of
from tests.memory_store import MemoryStore
from tests.moments import REAL

Taken = dict[str, list[float]]
WITH, WITHOUT = "with", "without"
TURNS: Final = (WITH, WITHOUT, WITHOUT, WITH)
"""So that neither always comes first."""
BOOKS: Final = 40
CLICKS, COMMANDS = 5, 50
"""In one turn."""


def journal_here(directory: Path, rounds: int) -> dict[str, Taken]:
    """Milliseconds of each click and of each command, in this process."""
    desk = ready_to_click(directory)
    journal = desk.runtime.buses.stories
    note = journal.on_end

    def switch(turn: str) -> None:
        journal.on_end = note if turn == WITH else _nothing

    clicks = by_turns(rounds, CLICKS, switch, lambda: click(desk))
    commands = by_turns(rounds, COMMANDS, switch, _sender(desk.session.commands.execute))
    journal.on_end = note
    told = stories_over(desk.runtime.store, rounds)
    desk.close()
    return {
        "journal, click to row": clicks,
        "journal, command to answer": commands,
        "stories, command to answer": told,
        "stories, the same in memory": stories_over(MemoryStore(), rounds),
    }


def stories_over(store: EventStore, rounds: int) -> Taken:
    """Milliseconds of each command, over two command buses with the same store: one tells stories, one does not."""
    told = _buses(store)
    with mock.patch("desk.application.wiring.CommandBus", _without_stories):
        silent = _buses(store)
    listening = threading.Thread(target=told.feed.run)
    listening.start()
    told.feed.listen(lambda _batch: None)
    # Over the node the session's own process manager lists new books.
    with (
        registering(DeskInMemory(store, told, Sender("ada", REAL))) if isinstance(store, MemoryStore) else nullcontext()
    ):
        senders = {WITH: _sender(_sending(told), BOOKS), WITHOUT: _sender(_sending(silent), 2 * BOOKS)}
    chosen: list[Callable[[], float]] = []
    taken = by_turns(rounds, COMMANDS, lambda turn: chosen.insert(0, senders[turn]), lambda: chosen[0]())
    told.feed.stop()
    listening.join()
    told.close()
    silent.close()
    return taken


def _buses(store: EventStore) -> Buses:
    return compose(store, Sender("ada", REAL), EventOrigin("here", "0"), ThreadLocalReaders(lambda: None))


def _without_stories(gate: ReadModelGate, *, stories: object, **options: Any) -> CommandBus:
    return CommandBus(gate, **options)


def _sending(buses: Buses) -> Callable[[object], "Future[Outcome]"]:
    return lambda command: buses.commands.execute(Sender("ada", REAL).envelope(command))


def _nothing(_ended: EndedCommand) -> None:
    """In place of the journal."""


def _sender(execute: Callable[[object], "Future[Outcome]"], first: int = 0) -> Callable[[], float]:
    """Sends a command and waits for its answer: milliseconds. Of books with short histories, which are remembered.

    ``first`` keeps the ISBNs of several senders apart. Raises RuleBroken where nobody lists the books within a while.
    """
    books = [uuid4() for _ in range(BOOKS)]
    for number, book_id in enumerate(books, first):
        book = CreateBook(book_id=book_id, isbn=isbn_of(900_000 + number), title="Emma", authors=("Jane Austen",))
        execute(book).result(20)
    deadline = time.monotonic() + 60
    for book_id in books:
        while isinstance(refused := execute(AddCopy(book_id=book_id)).exception(20), RuleBroken):
            if time.monotonic() > deadline:
                raise refused
            time.sleep(0.05)
    turn = cycle(books)

    def send() -> float:
        begin = time.perf_counter()
        execute(AddCopy(book_id=next(turn))).result(20)
        return (time.perf_counter() - begin) * 1000

    return send


def by_turns(rounds: int, times: int, switch: Callable[[str], None], measure: Callable[[], float]) -> Taken:
    """So many rounds of two turns with and two without, each of so many measurements."""
    taken: Taken = {WITH: [], WITHOUT: []}
    for _ in range(rounds):
        for turn in TURNS:
            switch(turn)
            taken[turn] += [measure() for _ in range(times)]
    return taken


def figures(name: str, taken: Taken, unit: str = "ms") -> tuple[Figure, Figure]:
    """Medians and 99th percentiles, with beside without; their quotient is the share."""
    both = [taken[WITH], taken[WITHOUT]]
    median, slow = [statistics.median(one) for one in both], [percentile(one, 0.99) for one in both]
    return Figure(f"{name}, p50", median[0], unit, median[1]), Figure(f"{name}, p99", slow[0], unit, slow[1])


def run(*, quick: bool = False) -> Table:
    """Measure in a process of its own."""
    rounds = 2 if quick else 10
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_profile(directory, books=2000)
        found = elsewhere("tests.benchmarks.recording_speed", directory, rounds)
    lines = [figure for what, taken in found.items() for figure in figures(what, taken)]
    how = f"{4 * rounds} turns of {CLICKS} clicks and {COMMANDS} commands, with it and without."
    return Table("Journal and stories", tuple(lines), "without", how)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(journal_here(Path(given.alone[0]), int(given.alone[1]))))
    else:
        print(text_of(run(quick=given.quick)))


if __name__ == "__main__":
    main()
