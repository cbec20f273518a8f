"""``desk doctor``: compares every book's rows with what its stream says; ``--repair`` writes those that differ anew."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict
from typing import Final
from uuid import UUID

from desk.application.care import Drift, Examination, Findings, ReadModelCare, RepairOutcome
from desk.cli import doctor_index
from desk.cli.caring import (
    DONE,
    FAILED,
    OpenRuntime,
    Patience,
    add_json,
    add_wait,
    answer,
    counted,
    result_of,
    until_current,
    with_care,
)
from desk.cli.progress import Display, display
from desk.records import dataclass

_MOST_SHOWN: Final = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--repair", action="store_true", help="write the rows that differ anew from their streams")
    chosen.add_argument("--index", action="store_true", help="compare the event index at random moments instead")
    add_wait(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, open_runtime: OpenRuntime) -> int:
    """Look, and repair if asked; the exit status is 1 where drift is left. Refuses beside a window."""
    if arguments.index:
        return doctor_index.run(arguments, open_runtime)

    def work(care: ReadModelCare, patience: Patience) -> int:
        findings = _examine(care, patience)
        if not arguments.json:
            _say(findings)
        outcome = _repair(care, patience, findings.drifts) if arguments.repair and findings.drifts else None
        if arguments.json:
            answer(_document(findings, outcome))
        elif outcome is not None:
            _say_repaired(outcome)
        left = findings.drifts if outcome is None else outcome.failed
        return FAILED if left else DONE

    return with_care(open_runtime, arguments.wait, "look", work)


@dataclass(frozen=True, slots=True)
class _Repair:
    """A repair, which goes on to its end: it is done book by book."""

    future: "Future[RepairOutcome]"

    def abort(self) -> None:
        return None


def _examine(care: ReadModelCare, patience: Patience) -> Findings:
    with display(sys.stderr) as shown:
        until_current(care, patience, shown)
        return result_of(lambda: _examination(care, shown), patience)


def _examination(care: ReadModelCare, shown: Display) -> Examination:
    return care.examine(
        lambda now: shown.tell(
            now.done / now.total if now.total else None,
            f"{now.done:,} of {now.total:,} books, {now.drifted:,} differ",
        )
    )


def _repair(care: ReadModelCare, patience: Patience, drifts: Sequence[Drift]) -> RepairOutcome:
    books = _books(drifts)
    return result_of(lambda: _Repair(care.repair(books)), patience)


def _books(drifts: Sequence[Drift]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(drift.book_id for drift in drifts))


def _say(findings: Findings) -> None:
    drifts, books = findings.drifts, len(_books(findings.drifts))
    compared = f"{counted(findings.rows, 'row')} compared with {counted(findings.streams, 'stream')}"
    if drifts:
        print(f"{counted(books, 'book')} {'differs' if books == 1 else 'differ'} from what the streams say:")
    for drift in drifts[:_MOST_SHOWN]:
        here, there = drift.in_read_model or "nothing", drift.by_stream or "nothing"
        print(f"  {drift.title}: {drift.field}: read model {here}; stream {there}")
    if len(drifts) > _MOST_SHOWN:
        print(f"  and {len(drifts) - _MOST_SHOWN:,} more differences.")
    if not findings.streams and not drifts:
        print("The store has no book whose rows could be compared with its stream.")
    else:
        print(f"{compared}." if drifts else f"Every row is what its stream says: {compared}.")
    if findings.parked:
        print(f"Not compared: {counted(findings.parked, 'stream')}, parked by an event that could not be applied.")


def _say_repaired(outcome: RepairOutcome) -> None:
    print(f"{len(outcome.repaired):,} repaired.")
    if outcome.failed:
        print(f"{len(outcome.failed):,} could not be repaired: an event of theirs cannot be applied.")


def _document(findings: Findings, outcome: RepairOutcome | None) -> dict[str, object]:
    repaired, failed = (outcome.repaired, outcome.failed) if outcome is not None else ((), ())
    return {
        "rows": findings.rows,
        "streams": findings.streams,
        "parked": findings.parked,
        "differences": [asdict(drift) | {"book_id": str(drift.book_id)} for drift in findings.drifts],
        "repaired": [str(book) for book in repaired],
        "failed": [str(book) for book in failed],
    }
