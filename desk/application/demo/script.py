"""The demo's year: commands in the order of their moments, each decided on as it is written, so that none can fail."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Final
from uuid import uuid5

from desk.application.demo.lives import CLOSING, BookLife, TimedCommand
from desk.application.demo.stories import TAKEN_IN_TWICE, story_of
from desk.application.importing.bulk_sender import PendingCommand
from desk.application.importing.checking import Draft
from desk.cqrs.identity import NAMESPACE
from desk.domain import book
from desk.domain.commands import CorrectBookDetails, CreateBook, ListBook
from desk.domain.policy import Moment, Policy
from desk.domain.state import INITIAL
from desk.domain.streams import import_id

DAYS: Final = 365
_SEED: Final = 2004


def write_year(books: Sequence[Draft], now: datetime) -> tuple[PendingCommand, ...]:
    """All commands of the year that ends ``now``; an aware moment, in the time zone of the desk.

    The ids do not depend on the moment, so that loading the demo again repeats the same commands. A book's id is
    that of an import, so that a file with the same ISBN finds it. Raises RuleBroken for a story that cannot be.
    """
    lives = [life for number, draft in enumerate(books) for life in _lives(number, draft)]
    written = [dated for life in lives for dated in _written(life, now)]
    # Sorting is stable: what happens to one book at one moment stays in its order.
    return tuple(pending for _moment, pending in sorted(written, key=lambda dated: dated[0]))


def _lives(number: int, draft: Draft) -> Iterator[BookLife]:
    chance = Random(f"{_SEED}/{draft.isbn}")
    # Most books are there from the beginning; every fourth comes during the year.
    day = -DAYS + (chance.randrange(20, 200) if number % 4 == 3 else chance.randrange(12))
    life = BookLife(draft, import_id(NAMESPACE, draft.isbn, 0), day, chance)
    story_of(number)(life)
    yield life
    if number == TAKEN_IN_TWICE:
        twice = BookLife(draft, uuid5(life.book_id, "twice"), day + 90, chance)
        twice.taken_in()
        yield twice


def _written(life: BookLife, now: datetime) -> Iterator[tuple[datetime, PendingCommand]]:
    state, revision, policy = INITIAL, -1, Policy()
    steps = sorted((step for step in life.steps if step.day <= 0), key=lambda step: (step.day, step.minute))
    for number, step in enumerate(steps):
        moment = _moment_of(step, now)
        command = step.command
        if isinstance(command, CorrectBookDetails):
            command = replace(command, seen_revision=revision)
        events = book.decide(state, command, Moment(moment, moment.date()), policy)
        state, revision = book.replay(events, state), revision + len(events)
        if isinstance(command, CreateBook):
            listed = book.decide(state, ListBook(book_id=life.book_id), Moment(moment, moment.date()), policy)
            state, revision = book.replay(listed, state), revision + len(listed)
        command_id = life.book_id if number == 0 else uuid5(life.book_id, f"demo/{number}")
        yield moment, PendingCommand(command, command_id, moment)


def _moment_of(step: TimedCommand, now: datetime) -> datetime:
    """The instant of a step; those of the last day lie between midnight and now."""
    if step.day == 0:
        midnight = datetime.combine(now.date(), time(), now.tzinfo)
        return midnight + (now - midnight) * (step.minute / CLOSING)
    day = now.date() + timedelta(days=step.day)
    # Local clocks differ over a year, and what counts is the day that the desk's calendar shows.
    return datetime.combine(day, time(step.minute // 60, step.minute % 60)).astimezone()
