"""Hop 7: the rows of loans: what events do to them."""

from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import CopyLent, CopyLost, CopyReturned, LoanRenewed
from desk.projection.changes import RowChanges, update, upsert
from desk.projection.projections import Handler, Projection

_TABLES: Final = {
    "loans": """
        CREATE TABLE loans (
            book_id BLOB NOT NULL,
            loan_id BLOB NOT NULL,
            copy_no INTEGER NOT NULL,
            patron_ref TEXT NOT NULL,
            lent_on TEXT NOT NULL,
            due_on TEXT NOT NULL,
            renewals INTEGER NOT NULL DEFAULT 0,
            returned_on TEXT,
            days_late INTEGER,
            state TEXT NOT NULL,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, loan_id)
        ) WITHOUT ROWID""",
}

_KEY: Final = ("book_id", "loan_id")
_OPEN: Final = upsert(
    "loans",
    _KEY,
    ("revision", "copy_no", "patron_ref", "lent_on", "due_on", "state"),
    also="renewals = 0, returned_on = NULL, days_late = NULL",
)
_RENEW: Final = update("loans", _KEY, ("due_on", "renewals", "revision"))
_END: Final = update("loans", _KEY, ("state", "returned_on", "days_late", "revision"))


def _lent(changes: RowChanges, event: CopyLent, recorded: Recorded) -> None:
    changes.note(
        _OPEN,
        (event.book_id.bytes, event.loan_id.bytes),
        recorded.revision,
        event.copy_no,
        event.patron_ref,
        event.lent_on.isoformat(),
        event.due_on.isoformat(),
        "open",
    )


def _renewed(changes: RowChanges, event: LoanRenewed, recorded: Recorded) -> None:
    key = (event.book_id.bytes, event.loan_id.bytes)
    changes.moved = True
    changes.note(_RENEW, key, event.due_on.isoformat(), event.renewal_no, recorded.revision)


def _returned(changes: RowChanges, event: CopyReturned, recorded: Recorded) -> None:
    key = (event.book_id.bytes, event.loan_id.bytes)
    changes.note(_END, key, "returned", event.returned_on.isoformat(), event.days_late, recorded.revision)


def _lost(changes: RowChanges, event: CopyLost, recorded: Recorded) -> None:
    if event.loan_id is not None:
        changes.note(_END, (event.book_id.bytes, event.loan_id.bytes), "lost", None, None, recorded.revision)


_HANDLERS: Final[dict[type, Handler]] = {
    CopyLent: _lent,
    LoanRenewed: _renewed,
    CopyReturned: _returned,
    CopyLost: _lost,
}

_ORDERS: Final = ("CREATE INDEX IF NOT EXISTS loans_due ON loans (due_on) WHERE state = 'open'",)

LOANS: Final = Projection("loans", 6, _TABLES, _HANDLERS, (_OPEN, _RENEW, _END), orders=_ORDERS)
