"""A reading of a file that stores nothing: how many rows could be imported, and what is wrong with the others."""

from collections.abc import Callable

from desk.application.importing.checking import WrongRow
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import OpenRows
from desk.application.importing.progress import ImportReport, Pace, Progress, Remarks
from desk.application.importing.refused import RefusedRows


def check_only(
    opened: OpenRows, refused: RefusedRows, on_progress: Callable[[Progress], None] = lambda _progress: None
) -> ImportReport:
    """Read all rows; ``created`` of the report counts those that could be imported. Knows no catalogue."""
    pace, remarks, good, problem = Pace(), Remarks(), 0, ""
    try:
        for row in opened.rows:
            if isinstance(row, WrongRow):
                refused.add(row.record, row.reason)
            else:
                good += 1
                remarks.take(row)
            if pace.is_time():
                done = good + refused.count
                on_progress(
                    Progress(good, 0, refused.count, round(done / (opened.share() or 1)), pace.rate(done), None)
                )
    except ImportFailed as failed:
        problem = str(failed)
    return ImportReport(
        created=good,
        already_there=0,
        refused=refused.count,
        seconds=pace.elapsed,
        problem=problem,
        file_changed=opened.changed(),
        first_refused=tuple(refused.first),
        remarked=remarks.count,
        first_remarks=tuple(remarks.first),
    )
