"""``desk doctor --index``: compares the event index with the events up to some random moments; builds it if need be."""

import argparse
import sys
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, suppress
from dataclasses import asdict
from typing import Final

from desk.application.event_index import ComparedMoments, IndexPart, IndexPort, IndexRefused, PartState
from desk.application.session import Session
from desk.cli.caring import (
    DONE,
    FAILED,
    INTERRUPTED,
    OpenRuntime,
    StoreNotReady,
    WasInterrupted,
    answer,
    complain,
    counted,
    patience_with,
    result_of,
    until_ready,
)
from desk.cli.progress import Display, display
from desk.cqrs.errors import StoreError

_MOST_SHOWN: Final = 50


def run(arguments: argparse.Namespace, open_runtime: OpenRuntime) -> int:
    """Compare; the exit status is 1 where the two differ. Beside a window that has built the index, too."""
    with closing(open_runtime()) as opened:
        session, index = opened.session, opened.session.index
        if index is None:
            return complain("This catalogue has no event index.")
        patience = patience_with(session, arguments.wait)
        try:
            until_ready(opened, patience)
            with display(sys.stderr) as shown:
                result_of(lambda: _Building(session, index, shown), patience)
                found = result_of(lambda: index.compare(lambda now: _tell(shown, now.done, now.total)), patience)
        except WasInterrupted:
            return INTERRUPTED
        except (StoreNotReady, IndexRefused, StoreError, OSError) as error:
            return complain(str(error))
    if arguments.json:
        answer(_document(found))
    else:
        _say(found)
    return FAILED if found.drifts else DONE


class _Building:
    """The part as it is built; giving up waiting leaves it to the next session."""

    def __init__(self, session: Session, index: IndexPort, shown: Display) -> None:
        self.future: Future[None] = Future()
        self._leave = session.listen(lambda event: self._hear(event, shown))
        index.build(IndexPart.BOOKS).add_done_callback(self._built)

    def abort(self) -> None:
        with suppress(InvalidStateError):
            self.future.set_result(None)

    def _hear(self, event: object, shown: Display) -> None:
        if isinstance(event, PartState) and event.part is IndexPart.BOOKS:
            shown.tell(event.share, f"building the event index, {event.events:,} events")

    def _built(self, built: "Future[None]") -> None:
        self._leave()
        with suppress(InvalidStateError):
            error = built.exception()
            if error is None:
                self.future.set_result(None)
            else:
                self.future.set_exception(error)


def _tell(shown: Display, done: int, total: int) -> None:
    shown.tell(done / total, f"{done} of {total} moments")


def _say(found: ComparedMoments) -> None:
    compared = f"{counted(len(found.moments), 'moment')}, {counted(found.rows, 'row')}, {counted(found.cards, 'card')}"
    for drift in found.drifts[:_MOST_SHOWN]:
        about = f"{drift.title}: " if drift.book_id else ""
        print(f"  as of {drift.position}: {about}{drift.what}: index {drift.in_index}; events {drift.by_events}")
    if len(found.drifts) > _MOST_SHOWN:
        print(f"  and {len(found.drifts) - _MOST_SHOWN:,} more differences.")
    if not found.rows and not found.drifts:
        print("The event index has no book that could be compared.")
    elif found.drifts:
        print(f"The event index differs from the events: delete event-index.sqlite to have it built anew. {compared}.")
    else:
        print(f"The past is what the events say: {compared}.")


def _document(found: ComparedMoments) -> dict[str, object]:
    drifts = [asdict(drift) | {"book_id": drift.book_id and str(drift.book_id)} for drift in found.drifts]
    return {"moments": list(found.moments), "rows": found.rows, "cards": found.cards, "differences": drifts}
