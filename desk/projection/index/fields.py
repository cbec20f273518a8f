"""Hop 7, for what was: what each event sets in a book's fields, by the keys of :mod:`desk.application.book_fields`.

As the read model's handlers do, it asks nothing of the domain: a test compares the two. What only the card shows of a
loan that is over (which, when, how late) stands under ``loans/ID/…``, which is no field that anybody is shown.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from desk.application.book_fields import Changes, Fields, JsonValue
from desk.cqrs.metadata import instant_text
from desk.domain.details import details_given, details_of
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookListed,
    BookRejected,
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
    LoanRenewed,
)
from desk.domain.state import CopyState, HoldState, Life

OPEN: Final = "open"
"""The state of a loan that has not ended; afterwards it is returned or lost."""
LOANS: Final = "loans/"
"""With what the keys begin that nobody is shown."""


def apply(fields: Fields, event: object) -> Changes:
    """Change the fields of one book as an event says; what that changed, in the event's order.

    What an event says of a part that never came into being is passed over, as the read model does.
    """
    kind = type(event)
    made, given = _MAKES.get(kind, _nothing)(event), _SETS.get(kind, _nothing)(event)
    if "state" not in fields and not isinstance(event, BookCreated):
        return {}
    given = {key: value for key, value in given.items() if _marker_of(key) in fields}
    changes: Changes = {}
    for key, after in (given | made).items():
        before = fields.get(key)
        if before != after:
            changes[key] = (before, after)
            fields[key] = after
    return changes


def _marker_of(key: str) -> str:
    """The key that is there as soon as the part of the book is, to which a field belongs."""
    part, slash, _ = key.rpartition("/")
    return f"{part}{slash}state"


def _nothing(_event: object) -> Fields:
    return {}


def _plain(details: Mapping[str, Any]) -> Fields:
    return {
        name: (list(value) or None) if isinstance(value, tuple) else value or None for name, value in details.items()
    }


def _created(event: BookCreated) -> Fields:
    return {"state": Life.PENDING.value, "isbn": event.isbn, **_plain(details_of(event))}


def _rejected(event: BookRejected) -> Fields:
    return {"state": Life.REJECTED.value, "conflicting_book_id": str(event.conflicting_book_id)}


def _copy(copy_no: int, state: CopyState, **others: JsonValue) -> Fields:
    """A copy that is nobody's, unless the others say so."""
    values = {"state": state.value, **_NOBODYS, **others}
    return {f"copies/{copy_no}/{name}": value for name, value in values.items()}


_NOBODYS: Final[Fields] = dict.fromkeys(("patron", "lent_on", "due_on", "renewals", "hold_id"))


def _lent(event: CopyLent) -> Fields:
    lent_on, due_on = event.lent_on.isoformat(), event.due_on.isoformat()
    return _copy(event.copy_no, CopyState.ON_LOAN, patron=event.patron_ref, lent_on=lent_on, due_on=due_on)


def _loan(loan_id: object, **values: JsonValue) -> Fields:
    return {f"{LOANS}{loan_id}/{name}": value for name, value in values.items()}


def _renewed(event: LoanRenewed) -> Fields:
    part = f"copies/{event.copy_no}"
    return {f"{part}/due_on": event.due_on.isoformat(), f"{part}/renewals": event.renewal_no}


def _returned(event: CopyReturned) -> Fields:
    ended = _loan(event.loan_id, state="returned", returned_on=event.returned_on.isoformat(), days_late=event.days_late)
    return {**_copy(event.copy_no, CopyState.AVAILABLE), **ended}


def _lost(event: CopyLost) -> Fields:
    ended = {} if event.loan_id is None else _loan(event.loan_id, state="lost")
    return {**_copy(event.copy_no, CopyState.LOST), **ended}


def _hold(hold_id: object, state: HoldState, **others: JsonValue) -> Fields:
    return {f"holds/{hold_id}/{name}": value for name, value in {"state": state.value, **others}.items()}


def _placed(event: HoldPlaced) -> Fields:
    placed_at = instant_text(event.placed_at)
    return _hold(event.hold_id, HoldState.WAITING, patron=event.patron_ref, placed_at=placed_at)


def _set_aside(event: CopySetAside) -> Fields:
    until = event.pickup_until.isoformat()
    hold = _hold(event.hold_id, HoldState.READY, copy_no=event.copy_no, pickup_until=until)
    return {**_copy(event.copy_no, CopyState.ON_HOLD_SHELF, hold_id=str(event.hold_id)), **hold}


def _hold_ended(event: HoldCancelled | HoldExpired) -> Fields:
    """A copy that was set aside is available until a later event says otherwise."""
    state = HoldState.CANCELLED if isinstance(event, HoldCancelled) else HoldState.EXPIRED
    copy = {} if event.copy_no is None else _copy(event.copy_no, CopyState.AVAILABLE)
    return {**copy, **_hold(event.hold_id, state)}


_MAKES: Final[Mapping[type, Callable[[Any], Fields]]] = {
    BookCreated: _created,
    CopyAdded: lambda event: _copy(event.copy_no, CopyState.AVAILABLE, shelf_mark=event.shelf_mark or None),
    CopyLent: lambda event: _loan(event.loan_id, state=OPEN, copy_no=event.copy_no),
    HoldPlaced: _placed,
}
_SETS: Final[Mapping[type, Callable[[Any], Fields]]] = {
    BookListed: lambda _event: {"state": Life.LISTED.value},
    BookRejected: _rejected,
    BookDetailsCorrected: lambda event: _plain(details_given(event)),
    BookDeleted: lambda _event: {"state": Life.DELETED.value},
    CopyWithdrawn: lambda event: _copy(event.copy_no, CopyState.WITHDRAWN),
    CopyLent: _lent,
    LoanRenewed: _renewed,
    CopyReturned: _returned,
    CopyLost: _lost,
    CopyFound: lambda event: _copy(event.copy_no, CopyState.AVAILABLE),
    CopySetAside: _set_aside,
    HoldFulfilled: lambda event: _hold(event.hold_id, HoldState.FULFILLED),
    HoldRequeued: lambda event: _hold(event.hold_id, HoldState.WAITING, copy_no=None, pickup_until=None),
    HoldCancelled: _hold_ended,
    HoldExpired: _hold_ended,
}
