"""Arrows of the selection: causes above, effects below, other streams on ghost lanes where a click goes there."""

from collections.abc import Callable
from itertools import combinations
from uuid import uuid5

import pytest
from PySide6.QtCore import QPoint, QRectF
from pytestqt.qtbot import QtBot

from desk.application.inspection.causes import CauseKind, CauseNode, Causes, GetCauses
from desk.application.timeline.arrows import links_of
from desk.gui.timeline.cause_arrows import GHOST
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.widgets.axis.shapes import rect_of
from tests.gui.timeline.fake_history import BEGIN, NAMES, FakeHistory, recorded
from tests.gui.timeline.hands import click

STREAM, OTHER = "book-1", "isbn-9780451523068"
DAY = 86_400.0


def event(stream: str, revision: int, day: float, *followers: CauseNode, here: bool = False) -> CauseNode:
    return CauseNode(
        uuid5(NAMES, f"{stream} {revision}"),
        CauseKind.EVENT,
        "IsbnClaimed" if stream == OTHER else "CopyLent",
        stream,
        revision,
        BEGIN.timestamp() + day * DAY,
        is_here=here,
        followers=followers,
    )


def command(name: str, *followers: CauseNode) -> CauseNode:
    return CauseNode(uuid5(NAMES, name), CauseKind.COMMAND, name, STREAM, followers=followers)


def chain() -> Causes:
    """Revision 0 led by a command to a claim of another stream, which led to revision 2 (here), and that to 4."""
    last = command("C", event(STREAM, 4, 4.0))
    here = command("B", event(STREAM, 2, 2.0, last, here=True), event(STREAM, 3, 3.0))
    claim = command("A", event(OTHER, 0, 1.0, here))
    return Causes((command("first", event(STREAM, 0, 0.0, claim)),))


def test_arrows_lead_from_event_to_event_and_only_along_the_selection() -> None:
    links = links_of(chain())
    assert [(link.cause.stream, link.cause.revision, link.effect.stream, link.effect.revision) for link in links] == [
        (STREAM, 0, OTHER, 0),
        (OTHER, 0, STREAM, 2),
        (STREAM, 2, STREAM, 4),
    ]
    assert [link.step for link in links] == [1, 2, 3]


def test_a_cause_that_is_found_nowhere_is_a_stub_and_a_circle_ends() -> None:
    missing = CauseNode(uuid5(NAMES, "lost"), CauseKind.MISSING, followers=(event(STREAM, 1, 1.0, here=True),))
    (link,) = links_of(Causes((missing,)))
    assert link.cause.kind is CauseKind.MISSING
    again = event(STREAM, 1, 1.0)
    round_about = event(STREAM, 1, 1.0, event(STREAM, 2, 2.0, again), here=True)
    assert len(links_of(Causes((round_about,)))) == 2


def shown(qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]) -> HistoryPanel:
    session.add(STREAM, *(recorded(STREAM, number) for number in range(6)))
    session.answers[GetCauses] = chain()
    panel = make_panel()
    panel.resize(1100, 700)
    panel.show_stream(STREAM)
    qtbot.waitUntil(lambda: bool(session.tails))
    panel.controller.go(2)
    qtbot.waitUntil(lambda: len(panel.arrows.links) == 3)
    panel.canvas.grab()
    return panel


def test_the_events_of_another_stream_are_on_a_ghost_lane_above_the_axis_and_a_click_goes_there(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    arrows, canvas = panel.arrows, panel.canvas
    assert arrows.ghosts == (OTHER,)
    end = arrows.place(arrows.links[0].effect)
    marks = {mark.first: mark.x for mark in canvas.scene.marks}
    assert marks[0] < end.x < marks[2]
    assert canvas.scene.axis - GHOST < end.y < canvas.scene.axis
    session.add(OTHER, recorded(OTHER, 0, "IsbnClaimed"))
    click(canvas, QPoint(round(end.x), round(end.y)))
    qtbot.waitUntil(lambda: panel.stream == OTHER)
    place = panel.workspace.place
    assert place is not None
    assert (place.stream, place.revision) == (OTHER, 0)


def test_another_selection_takes_the_arrows_away(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    with_arrows = panel.canvas.grab().toImage()
    panel.controller.go(3)
    assert panel.arrows.links == ()
    panel.controller.go(2)
    without = panel.canvas.grab().toImage()
    assert without != with_arrows
    qtbot.waitUntil(lambda: len(panel.arrows.links) == 3)
    assert panel.canvas.grab().toImage() == with_arrows


@pytest.mark.parametrize("width", [420, 700, 1100])
def test_the_numbers_of_the_steps_lie_upon_nothing_that_is_written_or_stands_there(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel], width: int
) -> None:
    panel = shown(qtbot, session, make_panel)
    canvas = panel.canvas
    canvas.setFixedWidth(width)
    canvas.grab()
    badges = panel.arrows.badges
    assert len(badges) == 3
    boxes = [*(label.box for label in canvas.scene.labels), *(mark.box for mark in canvas.scene.marks)]
    others = [panel.arrows.place(node) for node in panel.arrows._others()]
    ghosts = [QRectF(end.x - 5, end.y - 5, 10, 10) for end in others]
    there = [*map(rect_of, boxes), *ghosts, canvas.playhead_line]
    assert not [(badge, box) for badge in badges for box in there if badge.intersects(box)]
    assert not any(one.intersects(other) for one, other in combinations(badges, 2))


def test_arrows_that_go_on_out_of_sight_end_at_the_edge(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    panel.canvas.setFixedWidth(480)
    panel.canvas.zoom(8.0, panel.canvas.view.x_of(2))
    panel.canvas.grab()
    ends = [panel.arrows.place(link.cause).beside for link in panel.arrows.links]
    ends += [panel.arrows.place(link.effect).beside for link in panel.arrows.links]
    assert -1 in ends
    assert 1 in ends
