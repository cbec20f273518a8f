"""What Flow paints can be read in both themes: measured on the picture, as everywhere; on a stage better than that."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, QRectF
from pytestqt.qtbot import QtBot

from desk.application.flow.rounds import Cargo, Station
from desk.application.scenarios.scenario import Speed
from desk.gui.flow.looks import StationLook
from desk.gui.flow.panel import FlowPanel
from desk.gui.flow.style import FlowStyle
from desk.gui.frame.theme import Theme, ThemeMode
from tests.gui.flow.told_stories import StoryTeller
from tests.gui.painted import FAINT, TEXT, measured, picture
from tests.gui.test_theme import contrast

ON_STAGE = 7.0
"""What a projector leaves of it is still enough."""


@pytest.fixture(params=[ThemeMode.LIGHT, ThemeMode.DARK], ids=str)
def mode(request: pytest.FixtureRequest, theme: Theme) -> Iterator[ThemeMode]:
    theme.set_mode(request.param)
    yield request.param
    theme.set_mode(ThemeMode.LIGHT)


def inside(area: QRectF, margin: float) -> QRect:
    return area.adjusted(margin, margin, -margin, -margin).toRect()


def contrasts(panel: FlowPanel, seen: set[StationLook]) -> Iterator[tuple[str, float]]:
    """Of all stations as they are now, where they were not seen so before, and of the mark."""
    shown = panel.picture
    for station, box in shown.boxes.items():
        if box.isVisible() and box.look not in seen:
            seen.add(box.look)
            words = picture(box, box.rect().adjusted(9, 9, -9, -9))
            yield f"{station} lit by {box.look.cargo}", measured(words)
    if shown._marked is not None and shown.marked is not None:
        yield f"mark of {shown.marked.cargo}", measured(picture(shown, inside(shown._marked, 7)))


def test_stations_and_marks_can_be_read(mode: ThemeMode, panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    seen: set[StationLook] = set()
    found = list(contrasts(panel, seen))
    panel.set_pace(Speed.LIVE)

    def is_all_shown() -> bool:
        told = panel.replay.round
        return told is not None and told.story == teller.stories()[-1] and panel.replay.at == len(told.hops)

    for act in (teller.refuse, teller.lend):
        act()
        teller.project()
        qtbot.waitUntil(is_all_shown)
        for number in range(panel.replay.at, 0, -1):
            panel.replay.at = number
            panel.show_now()
            found += contrasts(panel, seen)
    assert {f"mark of {cargo}" for cargo in Cargo} <= dict(found).keys()
    assert [(name, value) for name, value in found if value < TEXT] == []


def test_lines_and_times_have_the_contrast_of_a_stage(mode: ThemeMode, theme: Theme) -> None:
    style = FlowStyle(theme)
    for cargo in Cargo:
        color, paper = style.cargo[cargo].name(), style.paper[cargo].name()
        assert contrast(color, style.ground.name()) >= (ON_STAGE if cargo is not Cargo.REFUSAL else TEXT), cargo
        assert contrast(style.paper_ink.name(), paper) >= ON_STAGE, cargo
        for share in (0.10, 0.28):
            assert contrast(style.ink.name(), style.tint(cargo, share).name()) >= ON_STAGE, (cargo, share)
    assert contrast(style.line.name(), style.ground.name()) >= FAINT


def test_commands_are_blue_events_orange_and_views_green(mode: ThemeMode, theme: Theme) -> None:
    hues = {cargo: color.hslHue() for cargo, color in FlowStyle(theme).cargo.items()}
    assert 205 <= hues[Cargo.COMMAND] <= 225
    assert 20 <= hues[Cargo.EVENT] <= 40
    assert 110 <= hues[Cargo.VIEW] <= 150


def test_a_station_that_is_lit_differs_by_more_than_its_colour(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    dark = panel.picture.boxes[Station.AGGREGATE].look
    teller.refuse()
    qtbot.waitUntil(lambda: panel.replay.round is not None)
    panel.set_pace(Speed.LIVE)
    lit = panel.picture.boxes[Station.AGGREGATE].look
    assert dark.lines != lit.lines
