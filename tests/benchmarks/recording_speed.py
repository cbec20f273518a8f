"""What the journal of commands costs those who wait: ``python -m tests.benchmarks.recording_speed``.

With and without it, by turns, in one run over one real node: from a click on a form's button until the row is painted,
and from sending a command until its answer.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Final
from uuid import uuid4

from desk.application.session import Session
from desk.cqrs.endings import EndedCommand
from desk.domain.commands import AddCopy, CreateBook
from tests.benchmarks.click_speed import click, ready_to_click
from tests.benchmarks.desk_window import elsewhere
from tests.benchmarks.figures import Figure, Table, percentile, text_of
from tests.benchmarks.profiles import write_profile
from tests.benchmarks.projection_speed import isbn_of

Taken = dict[str, list[float]]
WITH, WITHOUT = "with", "without"
TURNS: Final = (WITH, WITHOUT, WITHOUT, WITH)
"""So that neither always comes first."""
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
    send = _sender(desk.session)
    commands = by_turns(rounds, COMMANDS, switch, send)
    journal.on_end = note
    desk.close()
    return {"click to row": clicks, "command to answer": commands}


def _nothing(_ended: EndedCommand) -> None:
    """In place of the journal."""


def _sender(session: Session) -> Callable[[], float]:
    """Sends a command and waits for its answer: milliseconds. Of books with short histories, which are remembered."""
    books = [uuid4() for _ in range(40)]
    for number, book_id in enumerate(books):
        book = CreateBook(book_id=book_id, isbn=isbn_of(900_000 + number), title="Emma", authors=("Jane Austen",))
        session.commands.execute(book).result(20)
    turn = cycle(books)

    def send() -> float:
        begin = time.perf_counter()
        session.commands.execute(AddCopy(book_id=next(turn))).result(20)
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
    return Table("The journal of commands", tuple(lines), "without", how)


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
