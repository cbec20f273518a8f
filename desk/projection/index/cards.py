"""Hop 9, for what was: the card of a book as of a moment, from what its events had set until then."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from desk.application.book_fields import Fields
from desk.application.catalogue import BookCard, BookRow, CopyLine, HoldLine, LoanLine
from desk.domain.details import DETAIL_PARSERS, BookDetails
from desk.domain.state import HoldState
from desk.projection.index.fields import LOANS, OPEN

_OF_LOAN: Final = ("patron", "lent_on", "due_on", "renewals")

Part = dict[str, Any]
"""The fields of a copy, a loan or a hold by their last names; ``revision`` is that of the event that set one last."""


class _Parts:
    """The fields of a book, and those of its copies, loans and holds by their names, in the order of appearing."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.copies: dict[str, Part] = {}
        self.loans: dict[str, Part] = {}
        self.holds: dict[str, Part] = {}
        self._lent: dict[str, str] = {}  # the last loan of each copy

    def take(self, revision: int, given: Fields) -> None:
        """What an event set. A loan gets what its copy says of it."""
        for key, after in sorted(given.items(), key=lambda item: not item[0].startswith(LOANS)):
            kind, _, rest = key.partition("/")
            name, _, last = rest.partition("/")
            if not rest:
                self.fields[key] = after
                continue
            getattr(self, kind).setdefault(name, {})[last] = after
            if kind == "loans":
                self.loans[name]["revision"] = revision
                if last == "copy_no":
                    self._lent[str(after)] = name
            elif kind == "copies" and after is not None and last in _OF_LOAN:
                self.loans.get(self._lent.get(name, ""), {}).update({last: after, "revision": revision})


def read_past_card(
    row: BookRow, events: Iterable[tuple[int, float, str]], title_of: Callable[[UUID], str | None]
) -> BookCard:
    """The card, from all that happened to the book until then, the oldest first: revision, time, and what was set."""
    parts, created_at = _Parts(), 0.0
    for revision, at, sets in events:
        given: Fields = json.loads(sets)
        if "isbn" in given:
            created_at = at
        parts.take(revision, given)
    fields = parts.fields
    loans = sorted((_loan(UUID(id_), part) for id_, part in parts.loans.items()), key=_latest_first)
    holds = _holds(parts.holds)
    present = {loan.copy_no: loan for _, loan in loans if loan.state == OPEN}
    shelf = {str(hold.hold_id): hold for hold in holds if hold.state == HoldState.READY}
    conflicting = fields.get("conflicting_book_id")
    owner = None if conflicting is None else UUID(str(conflicting))
    return BookCard(
        row,
        _details(fields),
        owner,
        datetime.fromtimestamp(created_at, UTC),
        tuple(
            CopyLine(
                int(number),
                part["state"],
                part.get("shelf_mark"),
                present.get(int(number)),
                shelf.get(part.get("hold_id") or ""),
            )
            for number, part in sorted(parts.copies.items(), key=lambda item: int(item[0]))
        ),
        tuple(loan for _, loan in loans if loan.state != OPEN),
        None if owner is None else title_of(owner),
        (*shelf.values(), *(hold for hold in holds if hold.state == HoldState.WAITING)),
    )


def _details(fields: Fields) -> BookDetails:
    values: dict[str, Any] = {name: fields.get(name) for name in DETAIL_PARSERS}
    values |= {name: tuple(values[name] or ()) for name in ("authors", "subjects")}
    return BookDetails(**values)


def _loan(loan_id: UUID, part: Part) -> tuple[int, LoanLine]:
    returned_on = part.get("returned_on")
    return part["revision"], LoanLine(
        loan_id,
        part["copy_no"],
        part["patron"],
        date.fromisoformat(part["lent_on"]),
        date.fromisoformat(part["due_on"]),
        part.get("renewals") or 0,
        None if returned_on is None else date.fromisoformat(returned_on),
        part.get("days_late"),
        part["state"],
    )


def _latest_first(loan: tuple[int, LoanLine]) -> tuple[int, int]:
    revision, line = loan
    return -line.lent_on.toordinal(), -revision


def _holds(parts: dict[str, Part]) -> list[HoldLine]:
    """The open ones, in the order in which they were placed."""
    places = count(1)
    return [
        HoldLine(
            UUID(id_),
            part["patron"],
            datetime.fromisoformat(part["placed_at"]),
            part["state"],
            next(places) if part["state"] == HoldState.WAITING else None,
            part.get("copy_no") if part["state"] == HoldState.READY else None,
            date.fromisoformat(part["pickup_until"]) if part["state"] == HoldState.READY else None,
        )
        for id_, part in parts.items()
        if part["state"] in (HoldState.WAITING, HoldState.READY)
    ]
