"""The log of messages in the window: four families, and the story that one belongs to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pytestqt.qtbot import QtBot

from desk.cqrs.taps import Family, Passed
from desk.gui.operations.messages_page import MessagesPage
from desk.gui.operations.panel import MESSAGES, OperationsPanel
from tests.gui.fake_session import FakeSession

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def passed(family: Family, name: str, after: int, story: UUID | None, outcome: str = "ok") -> Passed:
    return Passed(BEGIN + timedelta(milliseconds=after), family, name, outcome, uuid4(), story)


@pytest.fixture
def page(qtbot: QtBot, bare_panel: OperationsPanel, session: FakeSession) -> MessagesPage:
    story = uuid4()
    session.passed = [
        passed(Family.COMMAND, "CreateBook", 0, story),
        passed(Family.EVENT, "BookCreated", 12, story),
        passed(Family.COMMAND, "LendCopy", 20, uuid4(), "no-copy"),
        passed(Family.QUERY, "GetCounts", 30, uuid4()),
        passed(Family.EVENT, "Rained", 40, None),
        passed(Family.QUERY, "GetMessages", 50, uuid4()),
    ]
    page = bare_panel.pages[MESSAGES]
    assert isinstance(page, MessagesPage)
    bare_panel.show_page(MESSAGES)
    qtbot.waitUntil(lambda: page.listing.rowCount() > 0)
    return page


def names(page: MessagesPage) -> list[str]:
    return [item.text() for row in range(page.listing.rowCount()) if (item := page.listing.item(row, 2)) is not None]


def test_the_newest_stands_first_and_questions_are_shown_on_demand(page: MessagesPage) -> None:
    assert names(page) == ["Rained", "LendCopy", "BookCreated", "CreateBook"]
    page.families[Family.QUERY].setChecked(True)
    assert names(page) == ["Rained", "GetCounts", "LendCopy", "BookCreated", "CreateBook"]
    page.families[Family.EVENT].setChecked(False)
    assert names(page) == ["GetCounts", "LendCopy", "CreateBook"]


def test_a_message_is_told_with_all_that_has_its_correlation(page: MessagesPage) -> None:
    page.listing.choose(next(one for one in page.messages if one.name == "BookCreated"))
    assert "BookCreated (event) passed" in page.report.sentence.text()
    told = page.report.text.toPlainText().splitlines()
    assert [line.split() for line in told[:2]] == [
        ["0", "ms", "command", "CreateBook"],
        ["12", "ms", "event", "BookCreated"],
    ]
    assert told[2] == ""


def test_a_refusal_is_said(page: MessagesPage) -> None:
    page.listing.choose(next(one for one in page.messages if one.name == "LendCopy"))
    assert "no-copy" in page.report.sentence.text()


def test_an_event_of_another_program_belongs_to_no_story(page: MessagesPage) -> None:
    assert "Rained" in page.report.sentence.text()
    assert page.report.text.toPlainText() == "It says nothing of what it came from."


def test_the_newest_is_followed_while_it_is_chosen(qtbot: QtBot, page: MessagesPage, session: FakeSession) -> None:
    session.passed.append(newest := passed(Family.FAULT, "Projector", 60, None, "Poisoned"))
    page.refresh()
    qtbot.waitUntil(lambda: page.listing.key == newest)
    page.listing.choose(page.messages[2])
    session.passed.append(passed(Family.EVENT, "Rained", 70, None))
    page.refresh()
    qtbot.waitUntil(lambda: len(names(page)) == 6)
    assert page.listing.key == page.messages[3]
