"""The table of commands has every command of the domain, and says of each what the domain does."""

from collections import Counter
from contextlib import suppress
from string import Formatter
from typing import get_args
from uuid import UUID

import pytest

from desk.application.command_events import (
    COMMANDS,
    ENTRY_OF,
    EVENTS,
    INTERNAL,
    PUBLIC,
    TABLE,
    ChangeKind,
    SentBy,
    Subject,
    commands_about,
    commands_sent_by,
    kind_of,
    part_of,
)
from desk.domain import book, isbn_claim
from desk.domain.commands import AddCopy, BookCommand, ClaimIsbn, Command, IsbnCommand, ReleaseIsbn
from desk.domain.errors import RuleBroken
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS
from tests.domain import samples
from tests.domain.story import POLICY, TODAY, on


def test_every_command_of_the_domain_has_one_entry() -> None:
    assert len(TABLE) == len(COMMANDS) == 16
    assert set(COMMANDS) == set(get_args(Command))
    assert set(commands_about(Subject.ISBN)) == set(get_args(IsbnCommand))
    assert set(commands_about(Subject.BOOK, Subject.COPY, Subject.HOLD)) == set(get_args(BookCommand))


def test_every_event_of_the_domain_has_one_entry_and_some_command_leads_to_it() -> None:
    assert Counter(entry.event for entry in EVENTS) == Counter((*BOOK_EVENTS, *ISBN_EVENTS))
    assert {entry.event for entry in EVENTS} == {event for entry in TABLE for event in entry.events}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("BookCreated", "CREATED"), ("CopyLost", "REMOVED"), ("$metadata", "SYSTEM"), ("OrderShipped", "LENT")],
)
def test_an_event_of_anybody_is_a_kind_of_change(name: str, kind: str) -> None:
    assert kind_of(name) is ChangeKind[kind]


def test_every_command_of_people_has_words_and_no_other() -> None:
    assert {entry.command for entry in TABLE if entry.words} == set(PUBLIC)
    for entry in TABLE:
        fields = {name for _, name, _, _ in Formatter().parse(entry.words) if name}
        assert ("copy_no" in fields) == (entry.about is Subject.COPY or entry.command is AddCopy), entry.command
        assert ("title" in fields) == bool(entry.words)


def test_a_command_is_sent_by_anybody_or_by_one_process_manager() -> None:
    assert {kind.__name__ for kind in INTERNAL} == {"ListBook", "RejectBook", "ClaimIsbn", "ReleaseIsbn", "ExpireHold"}
    assert {*PUBLIC, *INTERNAL} == set(COMMANDS)
    assert {kind.__name__ for kind in commands_sent_by(SentBy.HOLD_PICKUP)} == {"ExpireHold"}


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_the_part_that_a_command_is_about_is_a_field_of_its_own(kind: type) -> None:
    about = ENTRY_OF[kind].about
    sample = next(command for command in samples.COMMANDS if type(command) is kind)
    expected = {Subject.COPY: int, Subject.HOLD: UUID}.get(about, type(None))
    assert isinstance(part_of(sample), expected)
    if about is Subject.BOOK:
        assert not hasattr(sample, "copy_no"), "a command about one copy"


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_only_what_begins_a_stream_is_accepted_where_there_is_none(kind: type) -> None:
    sample = next(command for command in samples.COMMANDS if type(command) is kind)
    decided: tuple[object, ...] = ()
    with suppress(RuleBroken):
        if isinstance(sample, ClaimIsbn | ReleaseIsbn):
            decided = isbn_claim.decide(isbn_claim.INITIAL, sample, on(TODAY), POLICY)
        else:
            decided = book.decide(book.INITIAL, sample, on(TODAY), POLICY)
    assert bool(decided) == ENTRY_OF[kind].begins_stream
