"""How an earlier value comes back: details by a correction; for all else, which command would change it, in words."""

from typing import Final

from PySide6.QtCore import QCoreApplication

from desk.domain.details import DETAIL_PARSERS

_OF_COPIES: Final = {
    "available": "Copies change by commands of their own: Return would make copy {number} available.",
    "onLoan": "Copies change by commands of their own: Lend would lend copy {number}, as a new loan.",
    "onHoldShelf": "A copy is set aside by itself: Return of copy {number} does it while somebody waits.",
    "lost": "Copies change by commands of their own: Report lost would say it of copy {number}.",
    "withdrawn": "Copies change by commands of their own: Withdraw would withdraw copy {number}, for good.",
}
_OF_LOANS: Final = {
    "patron": "A loan begins by Lend: copy {number} would be lent anew.",
    "lent_on": "A loan begins by Lend: copy {number} would be lent anew, as of today.",
    "due_on": "A due date is put off by Renew, for copy {number}; only Lend begins with another one.",
    "renewals": "Loans are renewed by Renew, for copy {number}; what was renewed is not taken back.",
    "hold_id": "A copy is set aside by itself: Return of copy {number} does it while somebody waits.",
    "shelf_mark": "A shelf mark is said when a copy is added: Add copy adds another one.",
}
_OF_BOOKS: Final = {
    "isbn": "An ISBN is never corrected: a rejected book is created again with another one.",
    "state": "A book's state follows from its registration and from Delete; what is deleted does not come back.",
    "conflicting_book_id": "The other book keeps its ISBN: a rejected book is created again with another one.",
}
_OF_HOLDS: Final = "Holds change by commands of their own: Place hold queues a reader, Cancel hold takes one out."


def is_correctable(key: str) -> bool:
    """Whether Correct details can set it."""
    return key in DETAIL_PARSERS


def other_way(key: str, value: object) -> str:
    """Which command would change a field that no correction can; empty where there is nothing to say."""
    kind, _, rest = key.partition("/")
    number, _, name = rest.partition("/")
    if kind == "holds" and rest:
        text = _OF_HOLDS
    elif kind == "copies" and rest:
        text = _OF_COPIES.get(str(value), "") if name == "state" else _OF_LOANS.get(name, "")
    else:
        text = _OF_BOOKS.get(key, "")
    return QCoreApplication.translate("bringing back", text).format(number=number) if text else ""
