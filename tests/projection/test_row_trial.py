"""What an event wrote, found out in memory: the same rows that the real read model gets, and quickly enough."""

import sqlite3
from collections.abc import Sequence
from itertools import count

import pytest

from desk.application.codec import event_registry
from desk.application.inspection.rows import RowFate, RowsQueryHandler, RowsWritten
from desk.cqrs.store import Recorded
from desk.domain.events import BookDetailsCorrected, BookEvent
from desk.projection.row_trial import row_trial
from tests.application.inspection.streams import random_history, stored
from tests.counting import counting_calls
from tests.domain.story import BOOK, added, created, lent, listed, placed, renewed, returned, set_aside, uid

TRY = row_trial(event_registry())


def written(events: Sequence[BookEvent], first: int) -> RowsWritten:
    """What the events from this one on write."""
    recorded = stored(events)
    return TRY(recorded[:first], recorded[first:])


def by_table(found: RowsWritten) -> dict[str, tuple[RowFate, dict[str, tuple[object, object]]]]:
    return {row.table: (row.fate, {name: (before, after) for name, before, after in row.columns}) for row in found.rows}


def test_a_correction_changes_the_book_s_row_and_what_it_is_sorted_and_searched_by() -> None:
    corrected = BookDetailsCorrected(book_id=BOOK, title="Trees")
    rows = by_table(written((created(), listed(), corrected), 2))
    fate, columns = rows["books"]
    assert fate is RowFate.CHANGED
    assert columns["title"] == ("Data Structures", "Trees")
    assert columns["sort_title"] == ("data structures", "trees")
    assert columns["revision"] == (1, 2)
    assert str(columns["changed_at"][1]).startswith("2025-09-03 11:12:05Z")
    assert "isbn" not in columns
    assert rows["activity"][0] is RowFate.ADDED
    assert rows["activity"][1]["type"] == (None, "BookDetailsCorrected")
    assert "copies" not in rows


def test_a_loan_writes_its_own_row_the_copy_s_and_the_counters() -> None:
    rows = by_table(written((created(), listed(), added(1), lent(1, "R-7")), 3))
    assert rows["loans"][0] is RowFate.ADDED
    assert rows["loans"][1]["patron_ref"] == (None, "R-7")
    assert rows["copies"][1]["state"] == ("available", "onLoan")
    assert rows["copies"][1]["loan_id"] == (None, str(uid("loan R-7")))
    assert rows["books"][1]["copies_available"] == (1, 0)


def test_all_between_two_events_is_written_together() -> None:
    events = (created(), listed(), added(1), lent(1, "R-7"), placed("R-8"), returned(1, "R-7"), set_aside(1, "R-8"))
    rows = by_table(written(events, 3))
    assert rows["holds"][1]["state"] == (None, "ready")
    assert rows["copies"][1]["state"] == ("available", "onHoldShelf")


def test_an_event_that_the_projection_fails_on_is_said() -> None:
    recorded = stored((created(), listed(), added(1)))
    broken = [*recorded[:2], _spoiled(recorded[2])]
    found = TRY(broken[:2], broken[2:])
    assert found.note.startswith("The projection fails at revision 2, and waits there: CopyAdded with a payload")


def _spoiled(event: Recorded) -> Recorded:
    from dataclasses import replace

    return replace(event, data=b"{}")


@pytest.mark.parametrize("seed", [1, 3])
def test_writing_one_after_the_other_comes_to_what_writing_all_does(seed: int) -> None:
    recorded = stored(random_history(seed))
    values: dict[tuple[str, str, str], object] = {}
    for number in range(len(recorded)):
        for row in TRY(recorded[:number], recorded[number : number + 1]).rows:
            for name, before, after in row.columns:
                assert values.get((row.table, row.key, name)) == before
                values[row.table, row.key, name] = after
    whole = TRY([], recorded)
    told = {(row.table, row.key, name): after for row in whole.rows for name, _, after in row.columns}
    assert {key: value for key, value in values.items() if value is not None} == told


def test_a_stream_that_the_read_model_does_not_hold_is_said_to_be_none_of_it() -> None:
    from desk.application.inspection.rows import GetRowsWritten
    from tests.application.inspection.streams import reader_of

    handler = RowsQueryHandler(reader_of([]), TRY, lambda _stream: False)
    assert "nothing of this stream" in handler(GetRowsWritten("order-1", 0)).note


def test_an_event_of_a_book_with_many_events_takes_no_more_than_its_share() -> None:
    events: list[BookEvent] = [created(), listed(), added(1)]
    while len(events) < 1000:
        reader = f"R-{len(events)}"
        events += [lent(1, reader), renewed(1, reader, 1), returned(1, reader)]
    recorded = stored(events)
    TRY(recorded[:10], recorded[10:11])

    def work_for(length: int) -> tuple[int, int]:
        """Calls, and steps of SQLite by the hundred."""
        steps = count()

        def counted(name: str) -> sqlite3.Connection:
            connection = sqlite3.Connection(name)
            connection.set_progress_handler(lambda: next(steps) < 0, 100)
            return connection

        with pytest.MonkeyPatch.context() as patch, counting_calls() as calls:
            patch.setattr(sqlite3, "connect", counted)
            assert TRY(recorded[: length - 1], recorded[length - 1 : length]).rows
        return calls.number, next(steps)

    (few, little), (many, much) = work_for(100), work_for(1000)
    assert 100 < little < much < 15 * little
    assert many < 15 * few
