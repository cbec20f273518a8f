"""The wiring report in the window: the order of the plugins, and what leads to what."""

import pytest
from pytestqt.qtbot import QtBot

from desk.cqrs.report import ListenerWire, MessageWire, ProcessManagerWire, WiringReport
from desk.gui.frame.panel import WIRING
from desk.gui.operations.panel import OperationsPanel
from desk.gui.operations.wiring import Wiring
from tests.gui.fake_session import FakeSession
from tests.gui.operations.contents import content_of


@pytest.fixture
def page(qtbot: QtBot, bare_panel: OperationsPanel, session: FakeSession) -> Wiring:
    session.wiring = WiringReport(
        commands=(MessageWire("CreateBook", "AggregateHandler", ("BookCreated",)),),
        queries=(MessageWire("GetCounts", "<lambda>"),),
        command_plugins=("Monitoring", "Validation"),
        query_plugins=("Monitoring",),
        projections=(ListenerWire("books", ("BookCreated",)),),
        process_managers=(ProcessManagerWire("BookRegistration", ("BookCreated",), ("ClaimIsbn",)),),
    )
    page = content_of(bare_panel, WIRING, Wiring)
    bare_panel.show_page(WIRING)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 3)
    return page


def test_the_plugins_are_shown_in_their_order(page: Wiring) -> None:
    text = page.commands.text()
    assert -1 < text.index("Monitoring") < text.index("Validation") < text.index("its handler")


def test_a_command_tells_who_takes_in_its_events(page: Wiring) -> None:
    page.page.listing.choose("CreateBook")
    assert "handled by AggregateHandler" in page.page.report.sentence.text()
    assert page.page.report.text.toPlainText() == "BookCreated  →  books, BookRegistration"


def test_a_process_manager_tells_what_it_waits_for_and_sends(page: Wiring) -> None:
    page.page.listing.choose("BookRegistration")
    assert page.page.report.text.toPlainText() == "on BookCreated\n\nsends ClaimIsbn"


def test_a_question_tells_who_answers_it(page: Wiring) -> None:
    page.page.listing.choose("GetCounts")
    assert "answered by a function without a name" in page.page.report.sentence.text()
