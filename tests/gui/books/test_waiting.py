"""Commands that wait in the outbox: followed to their end, also those of an earlier run."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from pytestqt.qtbot import QtBot

from desk.application.session import Light
from desk.cqrs.errors import OutcomeUnknown
from desk.domain.commands import AddCopy
from desk.gui.books.commands import CommandSender, FormEnd, Submission, spoken_name
from desk.gui.books.saving import Saving
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession

HOBBIT = "9780261103344"


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[GuiBridge]:
    made = GuiBridge()
    yield made
    made.close()


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


def left_waiting(session: FakeSession) -> tuple[UUID, UUID]:
    """A book, and a command about it of which an earlier run did not hear the end."""
    book, command_id = session.add("The Hobbit", HOBBIT), uuid4()
    session.failures.append(OutcomeUnknown("the answer was lost"))
    with pytest.raises(OutcomeUnknown):
        session.execute(AddCopy(book_id=book), command_id=command_id).result(1)
    return book, command_id


def test_what_an_earlier_run_left_is_shown_as_being_saved_until_it_is_settled(
    bridge: GuiBridge, session: FakeSession, qtbot: QtBot
) -> None:
    book, _command_id = left_waiting(session)
    saving = Saving()
    commands, ended = CommandSender(bridge, saving), list[Submission]()
    commands.ended.connect(ended.append)
    commands.open(session.session)
    assert saving.is_saving(book)
    session.connect(Light.GREEN, "Connected.")
    qtbot.waitUntil(lambda: bool(ended))
    assert (ended[0].label, ended[0].result and ended[0].result.end) == ("Add copy", FormEnd.DONE)
    assert len(session.shelf[book].state.copies) == 1
    assert session.outbox.waiting() == ()


def test_what_is_given_up_is_no_longer_being_saved_and_is_said_to_be_so(
    bridge: GuiBridge, session: FakeSession, qtbot: QtBot
) -> None:
    book, command_id = left_waiting(session)
    saving = Saving()
    commands, ended = CommandSender(bridge, saving), list[Submission]()
    commands.ended.connect(ended.append)
    commands.open(session.session)
    session.outbox.discard(command_id)
    qtbot.waitUntil(lambda: bool(ended))
    assert ended[0].result is not None
    assert "history tells" in ended[0].result.sentence
    assert not saving.is_saving(book)


def test_a_command_has_a_name_that_can_be_read() -> None:
    assert spoken_name(AddCopy(book_id=uuid4())) == "Add copy"
