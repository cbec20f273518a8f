"""Hop 9: the holds of a book as the card lists them: the shelf first, then the queue; and what is said of them."""

from collections.abc import Iterable
from datetime import date
from functools import partial

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import BookCard, HoldLine
from desk.application.timeline.words import day_text
from desk.domain.events import CopySetAside, HoldPlaced
from desk.gui.books.lines import ListLine
from desk.gui.books.rows import day
from desk.gui.widgets.masking import reader

_tr = partial(QCoreApplication.translate, "holds")


def hold_lines(holds: tuple[HoldLine, ...], today: date) -> tuple[ListLine, ...]:
    """One line for each open hold; its key is the hold's id."""
    return tuple(ListLine(hold.hold_id, reader(hold.patron), *_state(hold, today), _detail(hold)) for hold in holds)


def holds_heading(holds: tuple[HoldLine, ...]) -> str:
    """How many wait, and for how many a copy was set aside."""
    ready = sum(hold.state == "ready" for hold in holds)
    waiting = len(holds) - ready
    parts = [
        words.format(n=number)
        for number, words in ((ready, _tr("{n} on the shelf")), (waiting, _tr("{n} waiting")))
        if number
    ]
    return _tr("Holds: {state}").format(state=", ".join(parts)) if parts else _tr("Holds")


def set_aside_sentence(events: Iterable[object], card: BookCard | None) -> str:
    """What a command's events set aside, for whom and until when; empty where they set nothing aside.

    Readers are known from the ``card`` as it was before, and from holds that the same command placed.
    """
    stored = tuple(events)
    readers = {hold.hold_id: reader(hold.patron) for hold in card.holds} if card else {}
    readers |= {event.hold_id: reader(event.patron_ref) for event in stored if isinstance(event, HoldPlaced)}
    sentences = (
        _tr("Copy {n} is set aside for {reader} until {day}.").format(
            n=event.copy_no,
            reader=readers.get(event.hold_id, _tr("the next reader")),
            day=day_text(event.pickup_until),
        )
        for event in stored
        if isinstance(event, CopySetAside)
    )
    return " ".join(sentences)


def next_in_line(card: BookCard) -> str:
    """For whom a copy would be set aside now; empty where nobody waits."""
    first = next((hold for hold in card.holds if hold.state == "waiting"), None)
    return (
        _tr("{reader} is next in line: the copy will be set aside.").format(reader=reader(first.patron))
        if first
        else ""
    )


def describe_hold(hold: HoldLine) -> str:
    """A hold in a few words, as in "R-1001 · copy 2 is kept until 3 Mar 2026"."""
    return f"{reader(hold.patron)} · {_detail(hold)}"


def _state(hold: HoldLine, today: date) -> tuple[str, str]:
    if hold.pickup_until is not None and hold.pickup_until < today:
        return "overdue", _tr("not fetched")
    if hold.state == "ready":
        return "ready", _tr("on the shelf")
    return "waiting", _tr("waiting")


def _detail(hold: HoldLine) -> str:
    since = day(hold.placed_at)
    if hold.pickup_until is not None:
        words = _tr("copy {n} is kept until {day}")
        return words.format(n=hold.copy_no, day=day_text(hold.pickup_until))
    if hold.place == 1:
        return _tr("next in line, since {day}").format(day=since)
    return _tr("number {place} in line, since {day}").format(place=hold.place, day=since)
