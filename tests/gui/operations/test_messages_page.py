"""The log of messages in the window: four kinds, and the story that one belongs to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pytestqt.qtbot import QtBot

from desk.application.queries import GetMessages
from desk.cqrs.live_feed import EVENTS_TOLD
from desk.cqrs.message_log import MessageKind, MessageRecord
from desk.gui.operations.messages import Messages
from desk.gui.operations.panel import MESSAGES, OperationsPanel
from tests.gui.fake_session import FakeSession
from tests.gui.operations.contents import content_of

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def passed(kind: MessageKind, name: str, after: int, story: UUID | None, outcome: str = "ok") -> MessageRecord:
    return MessageRecord(BEGIN + timedelta(milliseconds=after), kind, name, outcome, uuid4(), story)


@pytest.fixture
def page(qtbot: QtBot, bare_panel: OperationsPanel, session: FakeSession) -> Messages:
    story = uuid4()
    session.passed = [
        passed(MessageKind.COMMAND, "CreateBook", 0, story),
        passed(MessageKind.EVENT, "BookCreated", 12, story),
        passed(MessageKind.COMMAND, "LendCopy", 20, uuid4(), "no-copy"),
        passed(MessageKind.QUERY, "GetCounts", 30, uuid4()),
        passed(MessageKind.EVENT, "Rained", 40, None),
        passed(MessageKind.QUERY, "GetMessages", 50, uuid4()),
    ]
    page = content_of(bare_panel, MESSAGES, Messages)
    bare_panel.show_page(MESSAGES)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() > 0)
    return page


def names(page: Messages) -> list[str]:
    return [
        item.text()
        for row in range(page.page.listing.rowCount())
        if (item := page.page.listing.item(row, 2)) is not None
    ]


def test_the_newest_stands_first_and_questions_are_shown_on_demand(page: Messages) -> None:
    assert names(page) == ["Rained", "LendCopy", "BookCreated", "CreateBook"]
    page.kinds[MessageKind.QUERY].setChecked(True)
    assert names(page) == ["Rained", "GetCounts", "LendCopy", "BookCreated", "CreateBook"]
    page.kinds[MessageKind.EVENT].setChecked(False)
    assert names(page) == ["GetCounts", "LendCopy", "CreateBook"]


def test_a_message_is_told_with_all_that_has_its_correlation(page: Messages) -> None:
    page.page.listing.choose(next(one for one in page.page.rows if one.name == "BookCreated"))
    assert "BookCreated (event) passed" in page.page.report.sentence.text()
    told = page.page.report.text.toPlainText().splitlines()
    assert [line.split() for line in told[:2]] == [
        ["0", "ms", "command", "CreateBook"],
        ["12", "ms", "event", "BookCreated"],
    ]
    assert told[2] == ""


def test_a_refusal_is_said(page: Messages) -> None:
    page.page.listing.choose(next(one for one in page.page.rows if one.name == "LendCopy"))
    assert "no-copy" in page.page.report.sentence.text()


def test_an_event_of_another_program_belongs_to_no_story(page: Messages) -> None:
    assert "Rained" in page.page.report.sentence.text()
    assert page.page.report.text.toPlainText() == "It says nothing of what it came from."


def test_the_newest_is_followed_while_it_is_chosen(qtbot: QtBot, page: Messages, session: FakeSession) -> None:
    session.pass_on(newest := passed(MessageKind.FAULT, "Projector", 60, None, "Poisoned"))
    qtbot.waitUntil(lambda: page.page.listing.key == newest)
    page.page.listing.choose(page.page.rows[2])
    session.pass_on(passed(MessageKind.EVENT, "Rained", 70, None))
    qtbot.waitUntil(lambda: len(names(page)) == 6)
    assert page.page.listing.key == page.page.rows[3]


def test_what_passes_is_listed_without_asking_again_and_once(
    qtbot: QtBot, page: Messages, session: FakeSession
) -> None:
    asked = session.asked.count(GetMessages())
    session.pass_on(
        passed(MessageKind.COMMAND, "AddCopy", 80, uuid4()), passed(MessageKind.QUERY, "GetMessages", 90, None)
    )
    qtbot.waitUntil(lambda: names(page)[0] == "AddCopy")
    assert session.asked.count(GetMessages()) == asked
    page.page.refresh()
    session.pass_on(passed(MessageKind.COMMAND, "LendCopy", 100, uuid4()))
    qtbot.waitUntil(lambda: names(page)[0] == "LendCopy")
    assert names(page).count("AddCopy") == 1


def test_the_events_of_a_long_replay_are_only_counted(qtbot: QtBot, page: Messages, session: FakeSession) -> None:
    before = names(page)
    session.pass_on(events=EVENTS_TOLD)
    session.pass_on(events=7000)
    session.pass_on(events=5000)
    qtbot.waitUntil(lambda: "12,000 events of a replay are not listed" in page.state.text())
    assert names(page) == before
