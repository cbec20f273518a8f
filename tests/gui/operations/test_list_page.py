"""The list page says what it knows: nothing before an answer, why an answer failed, and the newest answer always."""

from concurrent.futures import Future

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.cqrs.errors import StoreUnavailable
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge


class Winds(QObject):
    """Rows that are names of winds; an answer for each time that they are asked for."""

    def __init__(self, bridge: GuiBridge) -> None:
        super().__init__()
        spec = ListSpec("Winds", (Column("Wind"), Column("Force", 60, numeric=True)), "There is no wind.")
        self.answers: list[Future[tuple[str, ...]]] = []
        self.turned: list[str] = []
        self.page = ListPage(self, spec, bridge)
        self.turning = self.page.add_button("Turn", self.turn, lambda wind: wind != "Calm")

    def refresh(self) -> None:
        self.answers.append(Future())
        self.page.ask(self.answers[-1], self.page.show_rows)

    def line(self, row: str) -> ReportLine:
        return ReportLine(row, (row, str(len(row))))

    def describe(self, row: str) -> tuple[str, str]:
        return f"{row} blows.", "details"

    def turn(self, row: str) -> None:
        self.outcome: Future[str] = Future()
        self.page.follow(self.outcome, self.turned.append, self.turning)


@pytest.fixture
def winds(qtbot: QtBot, bridge: GuiBridge) -> Winds:
    winds = Winds(bridge)
    qtbot.addWidget(winds.page)
    winds.page.show()
    winds.page.refresh()
    return winds


def shown(winds: Winds) -> list[str]:
    listing = winds.page.listing
    return [item.text() for row in range(listing.rowCount()) if (item := listing.item(row, 0)) is not None]


def test_before_the_first_answer_it_is_not_said_that_there_is_nothing(qtbot: QtBot, winds: Winds) -> None:
    assert winds.page.nothing.isVisible()
    assert winds.page.nothing.text() == "Reading…"
    winds.answers[0].set_result(())
    qtbot.waitUntil(lambda: winds.page.nothing.text() == "There is no wind.")
    assert not winds.page.report.copying.isEnabled()


def test_where_reading_failed_what_is_there_is_not_known_and_why(qtbot: QtBot, winds: Winds) -> None:
    with qtbot.waitSignal(winds.page.said) as said:
        winds.answers[0].set_exception(StoreUnavailable("The store is away."))
    assert said.args == ["The store is away."]
    assert winds.page.nothing.text() == "What belongs here is not known: The store is away."
    winds.page.refresh()
    winds.answers[1].set_result(("Mistral",))
    qtbot.waitUntil(lambda: shown(winds) == ["Mistral"])
    winds.page.refresh()
    with qtbot.waitSignal(winds.page.said):
        winds.answers[2].set_exception(StoreUnavailable("The store is away."))
    assert winds.page.listing.isVisible(), "what was known stays"


def test_an_answer_that_was_overtaken_is_dropped(qtbot: QtBot, winds: Winds) -> None:
    winds.page.refresh()
    winds.answers[1].set_result(("Föhn",))
    qtbot.waitUntil(lambda: shown(winds) == ["Föhn"])
    winds.answers[0].set_result(("Mistral",))
    winds.page.refresh()
    winds.answers[2].set_result(("Föhn", "Bora"))
    qtbot.waitUntil(lambda: len(shown(winds)) == 2)
    assert shown(winds) == ["Föhn", "Bora"]


def test_the_chosen_row_stays_chosen_and_is_reported_while_others_come_and_go(qtbot: QtBot, winds: Winds) -> None:
    winds.page.show_rows(("Mistral", "Föhn", "Bora"))
    assert winds.page.chosen == "Mistral", "one is chosen whenever there are any"
    winds.page.listing.choose("Bora")
    winds.page.show_rows(("Sirocco", "Bora"))
    assert (winds.page.chosen, winds.page.report.sentence.text()) == ("Bora", "Bora blows.")
    qtbot.mouseClick(winds.page.report.copying, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "Bora blows.\n\ndetails\n"
    winds.page.show_rows(())
    assert winds.page.chosen is None
    assert winds.page.report.sentence.text() == ""


def test_a_button_rests_for_its_row_until_something_came_of_it(qtbot: QtBot, winds: Winds) -> None:
    winds.page.show_rows(("Mistral", "Calm", "Bora"))
    winds.turning.click()
    assert not winds.turning.isEnabled()
    winds.page.listing.choose("Bora")
    assert winds.turning.isEnabled(), "another row has nothing to do with it"
    winds.page.listing.choose("Calm")
    assert not winds.turning.isEnabled(), "it does not allow it"
    winds.page.listing.choose("Mistral")
    assert not winds.turning.isEnabled()
    winds.outcome.set_result("south")
    qtbot.waitUntil(lambda: winds.turned == ["south"])
    assert winds.turning.isEnabled()
    winds.turning.click()
    with qtbot.waitSignal(winds.page.said) as said:
        winds.outcome.set_exception(StoreUnavailable("The store is away."))
    assert said.args == ["The store is away."]
    assert winds.turning.isEnabled()


def test_several_rows_are_copied_and_stay_selected_while_others_come(qtbot: QtBot, winds: Winds) -> None:
    winds.page.show_rows(("Mistral", "Calm", "Bora"))
    winds.page.listing.selectAll()
    winds.page.show_rows(("Sirocco", "Mistral", "Bora"))
    assert winds.page.listing.selected_keys == {"Mistral", "Bora"}
    assert winds.page.chosen == "Mistral"
    with qtbot.waitSignal(winds.page.said) as said:
        winds.page.listing.setFocus()
        qtbot.keyClick(winds.page.listing, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert said.args == ["2 rows were copied."]
    assert QApplication.clipboard().text() == "Wind\tForce\nMistral\t7\nBora\t4\n"


def test_in_a_narrow_window_the_report_stands_below_the_list(qtbot: QtBot, winds: Winds) -> None:
    winds.page.show_rows(("Mistral", "Calm"))
    listing, report = winds.page.listing, winds.page.report
    winds.page.resize(1000, 500)
    qtbot.waitUntil(lambda: report.x() >= listing.width())
    winds.page.resize(500, 500)
    qtbot.waitUntil(lambda: report.y() >= listing.height() > 100)
    assert listing.width() == report.width() == 500
