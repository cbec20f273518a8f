"""``desk doctor``: compares every book's rows with what its stream says; ``--repair`` writes those that differ anew."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from desk.application.care import CareRefused, Drift, ReadModelCare
from desk.application.session import Session
from desk.cli.caring import (
    DONE,
    FAILED,
    INTERRUPTED,
    WasInterrupted,
    complain,
    kept_elsewhere,
    wait_for,
)
from desk.cli.progress import display
from desk.cqrs.errors import StoreError

_MOST_SHOWN: Final = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    parser.add_argument("--repair", action="store_true", help="write the rows that differ anew from their streams")


def run(arguments: argparse.Namespace, open_session: Callable[[], Session]) -> int:
    """Look, and repair if asked; the exit status is 1 where drift is left."""
    with closing(open_session()) as session:
        if session.care is None:
            return complain(kept_elsewhere("look"))
        try:
            drifts = _examine(session, session.care)
            _say(drifts)
            if not drifts:
                return DONE
            return _repair(session, session.care, drifts) if arguments.repair else FAILED
        except WasInterrupted:
            return INTERRUPTED
        except (CareRefused, StoreError) as error:
            return complain(str(error))


def _examine(session: Session, care: ReadModelCare) -> tuple[Drift, ...]:
    with display(sys.stderr) as shown:
        examination = care.examine(
            lambda now: shown.tell(
                now.done / now.total if now.total else None,
                f"{now.done:,} of {now.total:,} books, {now.drifted:,} differ",
            )
        )
        return wait_for(examination.future, session, examination.abort)


def _say(drifts: Sequence[Drift]) -> None:
    books = len({drift.book_id for drift in drifts})
    if not books:
        print("Every row is what its stream says.")
        return
    print(f"{books:,} {'book differs' if books == 1 else 'books differ'} from what the streams say:")
    for drift in drifts[:_MOST_SHOWN]:
        here, there = drift.in_read_model or "nothing", drift.by_stream or "nothing"
        print(f"  {drift.title}: {drift.field}: read model {here}; stream {there}")
    if len(drifts) > _MOST_SHOWN:
        print(f"  and {len(drifts) - _MOST_SHOWN:,} more differences.")


def _repair(session: Session, care: ReadModelCare, drifts: Sequence[Drift]) -> int:
    books = tuple(dict.fromkeys(drift.book_id for drift in drifts))
    outcome = wait_for(care.repair(books), session, lambda: None)
    print(f"{len(outcome.repaired):,} repaired.")
    if outcome.failed:
        print(f"{len(outcome.failed):,} could not be repaired: an event of theirs cannot be applied.")
    return FAILED if outcome.failed else DONE
