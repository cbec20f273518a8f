"""The times of actions: a waterfall for each, followed while one looks at the newest, and saved for other programs."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from desk.cqrs.report import MessageWire, WiringReport
from desk.gui.frame.panel import TIMES
from desk.gui.frame.theme import Theme
from desk.gui.operations.panel import OperationsPanel
from desk.gui.operations.times import Times
from tests.gui.fake_session import FakeSession
from tests.gui.operations.contents import content_of
from tests.gui.operations.test_action_times import registration, span


@pytest.fixture
def story(session: FakeSession) -> UUID:
    """A registration and a question in the journal."""
    session.wiring = WiringReport(queries=(MessageWire("GetCounts", "counts"),))
    story = uuid4()
    session.measured = [*registration(story), span(uuid4(), "GetCounts", 50, 1)]
    return story


@pytest.fixture
def page(qtbot: QtBot, bare_panel: OperationsPanel, story: UUID) -> Times:
    page = content_of(bare_panel, TIMES, Times)
    bare_panel.show_page(TIMES)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() > 0)
    return page


def stages(page: Times) -> list[str]:
    rows = range(page.waterfall.rowCount())
    return [item.text().strip() for row in rows if (item := page.waterfall.item(row, 0)) is not None]


def test_an_action_is_shown_with_what_each_stage_took(page: Times) -> None:
    assert page.page.listing.rowCount() == 1
    assert stages(page) == ["Create book", "validate", "handle", "project", "Claim ISBN", "handle"]
    took = page.waterfall.item(3, 1)
    assert took is not None
    assert took.text() == "20.0"
    spoken = page.waterfall.item(3, 2)
    assert spoken is not None
    assert spoken.data(Qt.ItemDataRole.AccessibleTextRole) == "begins after 4.0 ms, takes 20.0 ms"


def colors_of(page: Times) -> set[str]:
    picture = page.waterfall.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {QColor.fromRgb(pixel).name() for pixel in set(memoryview(picture.constBits()).cast("I"))}


def test_bars_have_the_colours_of_their_stages(qtbot: QtBot, page: Times, theme: Theme) -> None:
    wanted = {theme.color(f"stage.{stage}").name() for stage in ("validate", "handle", "project")}
    qtbot.waitUntil(lambda: wanted <= colors_of(page))
    assert theme.color("problem").name() not in colors_of(page)


def test_queries_are_shown_on_demand(qtbot: QtBot, page: Times) -> None:
    page.with_queries.click()
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 2)


def test_the_newest_is_followed_and_an_older_one_stays(qtbot: QtBot, page: Times, session: FakeSession) -> None:
    newer, newest = uuid4(), uuid4()
    session.measured.append(span(newer, "AddCopy", 100, 2))
    session.pass_on()
    qtbot.waitUntil(lambda: page.page.listing.key == newer)
    page.page.listing.selectRow(1)
    older = page.page.listing.key
    session.measured.append(span(newest, "LendCopy", 200, 2))
    session.pass_on()
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 3)
    assert page.page.listing.key == older


def test_who_does_not_see_the_page_does_not_listen(qtbot: QtBot, page: Times, session: FakeSession) -> None:
    assert len(session.story_listeners) == 1
    page.page.hide()
    assert session.story_listeners == []
    session.measured.append(span(newer := uuid4(), "AddCopy", 100, 2))
    page.page.show()
    qtbot.waitUntil(lambda: page.page.listing.key == newer)
    assert len(session.story_listeners) == 1


def test_where_telemetry_is_off_it_says_so(qtbot: QtBot, page: Times, session: FakeSession) -> None:
    next(plugin for plugin in session.plugins() if plugin.name == "Telemetry").enabled = False
    page.page.refresh()
    qtbot.waitUntil(lambda: "switched off" in page.state.text())


def test_the_journal_is_saved_as_lines(qtbot: QtBot, page: Times, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.page.said) as said:
        page.save(tmp_path / "spans.jsonl")
    assert said.args is not None
    assert said.args[0].startswith("7 spans are in ")
    with qtbot.waitSignal(page.page.said) as said:
        page.save(tmp_path / "nowhere" / "spans.jsonl")
    assert said.args is not None
    assert said.args[0].startswith("Nothing was saved: ")
