"""The commands behind events: out of the journal, and what events tell where the journal has nothing."""

from desk.application.inspection.commands import CommandsQueryHandler, GetCommands, GetRefusedCommands
from tests.application.inspection.streams import STREAM, commanded, reader_of


def test_a_command_of_this_computer_is_told_with_its_fields_and_all_that_it_led_to() -> None:
    book = commanded(3)
    handler = CommandsQueryHandler(reader_of(book.events), book.journal)
    aside = next(event for event in book.events if event.type == "CopySetAside")
    (facts,) = handler.commands(GetCommands(STREAM, aside.revision))
    assert facts.is_kept
    assert facts.type in ("ReturnCopy", "AddCopy", "CancelHold", "PlaceHold", "ReportCopyLost", "ExpireHold")
    assert dict(facts.fields)["bookId"]
    assert (facts.milliseconds, facts.attempts, facts.outcome, facts.times_sent) == (4.5, 1, "Stored.", 1)
    revisions = [revision for revision, _ in facts.events]
    assert aside.revision in revisions
    assert len(revisions) == len(dict(facts.events)) >= 1


def test_a_command_from_elsewhere_is_told_as_far_as_the_event_does_and_not_further() -> None:
    book = commanded(3)
    handler = CommandsQueryHandler(reader_of(book.events), lambda _wanted: ())
    (facts,) = handler.commands(GetCommands(STREAM, 2))
    assert not facts.is_kept
    assert (facts.user, facts.fields, facts.milliseconds, facts.attempts, facts.outcome) == ("ada", (), None, None, "")
    assert facts.issued_at is not None


def test_between_two_events_all_commands_are_told_in_their_order() -> None:
    book = commanded(3)
    handler = CommandsQueryHandler(reader_of(book.events), book.journal)
    found = handler.commands(GetCommands(STREAM, 6, 2))
    told = [revision for facts in found for revision, _ in facts.events]
    assert told == sorted(told)
    assert {3, 4, 5, 6} <= set(told)


def test_the_refused_ones_are_those_of_the_journal() -> None:
    book = commanded(3)
    found = CommandsQueryHandler(reader_of(book.events), book.journal).refused(GetRefusedCommands(STREAM))
    assert found
    assert len(found) == sum(entry.end.value == "refused" for entry in book.entries)
    assert {each.sentence for each in found} == {"No."}
