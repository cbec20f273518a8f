"""Flow follows the replay in picture, caption and words, and everything can be done by keys."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QListWidget, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desk.application.care import ReadModelState
from desk.application.flow.replay import ReplayPhase
from desk.application.flow.rounds import Cargo, Station
from desk.application.flow.values import time_words
from desk.application.scenarios.scenario import Speed
from desk.application.session import Connection, Light
from desk.cqrs.errors import Conflict, StoreUnavailable
from desk.cqrs.messages import Origin
from desk.domain.commands import AddCopy, CorrectBookDetails
from desk.gui.flow.looks import StationLook
from desk.gui.flow.painting import broken_into, name_room, paint_station
from desk.gui.flow.panel import TICK, FlowPanel
from desk.gui.flow.plan import NAMES
from desk.gui.flow.style import FlowStyle
from desk.gui.flow.words import PADDING
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.json_tree_model import NAME, VALUE
from desk.gui.widgets.masking import set_masked
from tests.gui.flow.told_stories import StoryTeller
from tests.gui.workspaces import workspace_of

SPACE, BACKSPACE, ENTER = Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Return
ROW = list(Station)[:5]


def press(qtbot: QtBot, panel: FlowPanel, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(panel.picture.boxes[Station.FORM], key)


def lit(panel: FlowPanel) -> dict[Station, Cargo]:
    return {station: box.look.cargo for station, box in panel.picture.boxes.items() if box.look.cargo}


def show_all(panel: FlowPanel) -> None:
    panel.set_pace(Speed.LIVE)
    panel.set_pace(Speed.STEP)


def lend(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    """All of a loan is shown."""
    teller.lend()
    teller.project()
    qtbot.waitUntil(
        lambda: panel.replay.round is not None and panel.replay.round.happened == len(panel.replay.round.hops)
    )
    show_all(panel)


def shown_in(tree: JsonTree) -> dict[str, object]:
    """The rows of an object without objects in it; numbers as numbers."""
    model = tree.model
    texts = {model.index(row, NAME).data(): str(model.index(row, VALUE).data()) for row in range(model.rowCount())}
    assert texts
    return {name: int(text) if text.isdecimal() else text for name, text in texts.items()}


def test_nothing_is_lit_before_a_command_and_it_is_said_what_to_do(panel: FlowPanel) -> None:
    assert lit(panel) == {}
    assert "Change a book" in panel.room.title.text()
    assert (panel.words.nothing.isVisible(), panel.words.list.isVisible()) == (True, False)
    assert "nothing has happened yet" in panel.words.nothing.text()
    assert not panel.controls.on.isEnabled()


def test_the_form_shows_of_a_correction_only_what_it_corrects(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    teller.desk.send(CorrectBookDetails(book_id=teller.book_id, seen_revision=3, title="Emma, a novel"))
    teller.pass_on_stories()
    qtbot.waitUntil(lambda: panel.replay.round is not None)
    qtbot.keyClick(panel.picture.boxes[Station.FORM], ENTER)
    texts = [label.text() for label in panel.details.findChildren(QLabel)]
    assert "Emma, a novel" in texts
    assert not {"authors", "publisher", "Unset.UNSET"} & set(texts)


def test_a_command_goes_from_station_to_station_by_space_and_back_by_backspace(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    panel.set_pace(Speed.STEP)
    teller.lend()
    teller.project()
    qtbot.waitUntil(lambda: panel.replay.phase is ReplayPhase.RESTING)
    assert set(lit(panel)) == {Station.FORM, Station.BUS}
    qtbot.waitUntil(lambda: panel.words.list.count() == 1)
    assert (panel.words.nothing.isVisible(), panel.words.list.isVisible()) == (False, True)
    press(qtbot, panel, SPACE)
    assert panel.replay.moves
    qtbot.waitUntil(lambda: panel.words.list.count() == 2)
    assert panel.words.list.item(1).text() == f"2. {panel.room.caption.text()}", "words and picture tell the same hop"
    press(qtbot, panel, SPACE)
    assert set(lit(panel)) == {Station.FORM, Station.BUS, Station.AGGREGATE}
    assert "CopyLent" in panel.room.caption.text()
    press(qtbot, panel, BACKSPACE)
    assert set(lit(panel)) == {Station.FORM, Station.BUS}
    press(qtbot, panel, *[SPACE] * 10)
    assert panel.replay.phase is ReplayPhase.DONE
    assert set(lit(panel)) == set(ROW)
    assert lit(panel)[Station.STORE] is Cargo.EVENT
    assert lit(panel)[Station.READ_MODEL] is Cargo.VIEW
    press(qtbot, panel, Qt.Key.Key_R)
    assert set(lit(panel)) == {Station.FORM}


def test_the_mark_carries_what_was_meant_and_the_time_that_it_took(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    panel.set_pace(Speed.STEP)
    teller.lend()
    qtbot.waitUntil(lambda: panel.replay.at == 1)
    assert panel.room.title.text() == "Lend copy: copy 2 → R-17  ·  Emma"
    assert panel.picture.marked is not None
    assert panel.picture.text_of(panel.picture.marked) == "copy 2 → R-17"
    assert re.search(r"^1 · .*ms +× [\d,]+ slower", panel.room.times.text()), "the hop's, with its number"


def test_what_a_station_says_is_broken_between_words_and_within_the_name_of_a_type() -> None:
    metrics = QFontMetricsF(QApplication.font())
    wide = metrics.horizontalAdvance("BookDetails")
    assert broken_into("BookDetailsCorrected", metrics, wide) == [
        ("BookDetails", "BookDetailsCorrected"),
        ("Corrected", "Corrected"),
    ]
    assert [part for part, _ in broken_into("TOL 2", metrics, 1)] == ["TOL", "2"]
    assert [part for part, _ in broken_into("copy 1 → R-••", metrics, 1000)] == ["copy 1 → R-••"]


def test_what_a_station_says_keeps_away_from_its_frame(theme: Theme) -> None:
    style = FlowStyle(theme)
    look = StationLook(Station.FORM, "Form", ("Lend copy", "copy 2", "Emma", "Ada", "Ben"), Cargo.COMMAND)
    for tenths in range(50, 75, 3):
        image = QImage(round(9 * style.em), round(tenths / 10 * style.em), QImage.Format.Format_RGB32)
        image.fill(style.base)
        painter = QPainter(image)
        paint_station(painter, QRectF(image.rect()), style, look, QPixmap(1, 1))
        painter.end()
        above = image.height() - 6 - round(0.1 * style.em)
        colours = {image.pixel(x, above) for x in range(12, image.width() - 12)}
        assert len(colours) == 1, f"at {tenths / 10} lines of height"


def test_the_list_says_what_the_picture_shows(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    lend(panel, teller, qtbot)
    told = panel.replay.round
    assert told is not None
    items = [panel.words.list.item(row).text() for row in range(panel.words.list.count())]
    assert [item.partition(". ")[2].rpartition(" (")[0] for item in items] == [hop.sentence for hop in told.hops]
    assert panel.room.caption.accessibleName() == panel.room.caption.text() == told.hops[-1].sentence
    assert told.hops[-1].sentence == "The query's way back: revision 4, 1 of 2 available."
    query = told.hops[-1]
    assert told.milliseconds is not None
    assert told.milliseconds == (query.begin or 0) + (query.milliseconds or 0)
    assert panel.room.times.text() == f"{time_words(told.milliseconds)} in all"
    assert replace(told, hops=(*told.hops[:-1], replace(told.hops[-1], milliseconds=None))).milliseconds is None


def test_the_querys_time_is_its_own_however_late_it_is_asked(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    panel.hide()
    teller.lend()
    teller.project()
    since = time.perf_counter()
    qtbot.wait(300)
    panel.show()
    qtbot.waitUntil(lambda: panel.replay.round is not None and panel.replay.round.happened == 6)
    told = panel.replay.round
    assert told is not None
    own = told.hops[5].milliseconds
    assert own is not None
    assert own < (time.perf_counter() - since) * 1e3 - 300, "the time in which nobody asked is not in it"


@pytest.mark.parametrize("size", [100, 175])
def test_every_line_of_the_list_has_the_height_that_its_words_need(
    panel: FlowPanel, teller: StoryTeller, theme: Theme, qtbot: QtBot, size: int
) -> None:
    lend(panel, teller, qtbot)
    theme.set_text_size(size)
    try:
        for width in range(220, 560, 7):
            panel.words.list.setFixedWidth(width)
            panel.words.list.doItemsLayout()
            assert cut_lines(panel.words.list) == [], width
    finally:
        theme.set_text_size(100)


def cut_lines(lines: QListWidget) -> list[str]:
    """The lines that have less room than their words need."""
    across, wrap = lines.viewport().width(), Qt.TextFlag.TextWordWrap
    found = []
    for item in (lines.item(row) for row in range(lines.count())):
        place = lines.visualItemRect(item)
        needed = lines.fontMetrics().boundingRect(0, 0, across - 2 * PADDING, 10_000, wrap, item.text())
        if place.width() > across or place.height() < needed.height() + PADDING // 2:
            found.append(item.text())
    return found


def test_no_line_of_the_list_is_cut_when_a_stage_is_over_and_there_is_another_width(
    panel: FlowPanel, teller: StoryTeller, theme: Theme, qtbot: QtBot
) -> None:
    lend(panel, teller, qtbot)
    theme.set_look(theme.mode, 175, high_contrast=True)
    panel.words.list.setFixedWidth(260)
    theme.set_look(theme.mode, 100)
    qtbot.waitUntil(lambda: cut_lines(panel.words.list) == [])


def test_what_was_refused_lights_nothing_behind_it(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    teller.refuse()
    qtbot.waitUntil(lambda: panel.replay.round is not None)
    show_all(panel)
    assert set(lit(panel)) == {Station.FORM, Station.BUS, Station.AGGREGATE}
    assert lit(panel)[Station.AGGREGATE] is Cargo.REFUSAL
    assert panel.room.caption.text() == teller.stories()[-1].ending.sentence
    assert all(panel.picture.boxes[Station.BUS].look.plugins)


def test_a_command_waits_where_the_read_model_does_not_hold_it_and_goes_on_when_it_does(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    panel.set_pace(Speed.STEP)
    teller.lend()
    qtbot.waitUntil(lambda: panel.replay.at == 1)
    press(qtbot, panel, *[SPACE] * 9)
    assert panel.replay.phase is ReplayPhase.WAITING
    assert "old answer" in panel.words.lines()[-1]
    assert Station.READ_MODEL not in lit(panel)
    teller.project()
    qtbot.waitUntil(lambda: Station.READ_MODEL in lit(panel))


def test_a_store_that_is_away_is_seen_at_once_whatever_is_shown(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    lend(panel, teller, qtbot)
    panel.back()
    at, store = panel.replay.at, panel.picture.boxes[Station.STORE]
    plain = store.grab().toImage()
    panel._workspace.bridge.connection_changed.emit(Connection(Light.AMBER, "The embedded node has ended."))
    assert store.look.trouble == "no answer"
    assert "no answer" in store.accessibleDescription()
    assert store.grab().toImage() != plain
    assert "The event store is away. The embedded node has ended." in panel.room.remark.text()
    assert panel.replay.at == at
    panel._workspace.bridge.connection_changed.emit(Connection(Light.GREEN, "Connected."))
    assert store.look.trouble == ""
    assert store.grab().toImage() == plain
    assert re.match(r"The event store is back after .*s\.", panel.room.remark.text())
    teller.refuse()
    qtbot.waitUntil(lambda: panel.replay.waiting == 1)
    press(qtbot, panel, SPACE, SPACE, SPACE)
    assert panel.room.remark.text() == "", "that was said of another command"


def test_a_projection_that_is_stopped_is_seen_on_the_read_model(panel: FlowPanel) -> None:
    box = panel.picture.boxes[Station.READ_MODEL]
    panel._workspace.bridge.read_model_changed.emit(ReadModelState(paused=True))
    assert box.look.trouble == "stopped"
    panel._workspace.bridge.read_model_changed.emit(ReadModelState())
    assert box.look.trouble == ""


def test_what_is_painted_anew_leaves_nothing_of_what_was_there(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    teller.desk.store.fail_next(Conflict("book", 1))
    lend(panel, teller, qtbot)
    picture, hops = panel.picture, panel.replay.at
    assert hops > 6, "a conflict goes round again"

    def is_as_if_new() -> bool:
        seen = picture.grab().toImage()
        picture._ground = None
        return picture.grab().toImage() == seen

    for at in [*range(hops, -1, -1), *range(hops + 1)]:
        panel.replay.at = at
        panel.show_now()
        assert is_as_if_new(), at


def test_further_commands_are_counted(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    panel.set_pace(Speed.STEP)
    teller.lend()
    teller.refuse()
    qtbot.waitUntil(lambda: panel.room.pill.text() == "1 waits")
    teller.refuse()
    qtbot.waitUntil(lambda: panel.room.pill.text() == "2 wait")
    assert panel.room.pill.isVisible()


def test_what_ended_while_nobody_looked_is_shown_afterwards(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    teller.lend()
    qtbot.waitUntil(lambda: panel.replay.round is not None)
    panel.hide()
    assert teller.story_listeners == []
    teller.refuse()
    panel.show()
    assert panel.replay.waiting == 1


def test_at_first_only_what_a_person_did_is_shown(
    qtbot: QtBot, bridge: GuiBridge, theme: Theme, teller: StoryTeller
) -> None:
    importing = teller.desk.sender.on_behalf_of(Origin.IMPORT)
    for wanted in ("Change a book, and its command is shown here on its way.", "Lend copy"):
        if wanted == "Lend copy":
            teller.lend()
        teller.desk.buses.commands.execute(importing.envelope(AddCopy(book_id=teller.book_id))).result(60)
        panel = FlowPanel(workspace_of(teller.session, bridge, theme))
        qtbot.addWidget(panel)
        panel.show()
        assert panel.room.title.text().startswith(wanted)
        panel.stop()


@pytest.mark.parametrize("station", ROW)
def test_every_station_is_opened_by_enter_and_says_what_was_there(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, station: Station
) -> None:
    lend(panel, teller, qtbot)
    qtbot.keyClick(panel.picture.boxes[station], ENTER)
    details = panel.details
    assert details.station is station

    def texts() -> str:
        return "\n".join(label.text() for label in details.findChildren(QLabel))

    if station is not Station.READ_MODEL:  # whose code nobody has wired here
        qtbot.waitUntil(lambda: re.search(r"desk\.[\w.]+:\d+", texts()) is not None)
    if station is Station.AGGREGATE:
        assert "available  →  on loan, to R-17" in texts()
    if station is Station.STORE:
        event = list(teller.desk.store.read_stream(f"book-{teller.book_id}"))[-1]
        assert shown_in(details.findChildren(JsonTree)[0]) == json.loads(event.data)
    if station is Station.BUS:
        boxes = details.findChildren(QCheckBox)
        boxes[0].setChecked(False)
        assert not teller.plugins()[0].enabled
        boxes[0].setChecked(True)
    qtbot.keyClick(details, Qt.Key.Key_Escape)
    assert details.station is None
    assert panel.words.isVisible()


def test_a_station_that_is_shown_anew_while_all_is_being_closed_says_so(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_query: object) -> None:
        raise StoreUnavailable("Desk is closing.")

    lend(panel, teller, qtbot)
    monkeypatch.setattr(teller, "_answer", away)
    panel.open_station(Station.BUS)
    qtbot.waitUntil(lambda: "Desk is closing." in [label.text() for label in panel.details.findChildren(QLabel)])


def test_a_line_of_the_list_opens_the_station_that_its_hop_came_to(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot
) -> None:
    lend(panel, teller, qtbot)
    panel.words.list.setFocus()
    panel.words.list.setCurrentRow(1)
    qtbot.keyClick(panel.words.list, ENTER)
    assert panel.details.station is Station.AGGREGATE
    panel.close_station()
    panel.back()
    at = panel.replay.at
    qtbot.keyClick(panel.words.list, SPACE)
    qtbot.keyClick(panel.words.list, SPACE)
    assert panel.replay.at > at, "Space is the replay's in the list too"


def test_left_and_right_go_from_station_to_station(panel: FlowPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    panel.picture.boxes[Station.FORM].setFocus()
    for station in (Station.FORM, Station.BUS, Station.AGGREGATE):
        assert QApplication.focusWidget() is panel.picture.boxes[station]
        qtbot.keyClick(panel.picture.boxes[station], Qt.Key.Key_Right)
    qtbot.keyClick(panel.picture.boxes[Station.STORE], Qt.Key.Key_Left)
    assert QApplication.focusWidget() is panel.picture.boxes[Station.AGGREGATE]


def test_reduced_motion_is_the_windows_own_setting(panel: FlowPanel, qtbot: QtBot) -> None:
    workspace = panel._workspace
    press(qtbot, panel, Qt.Key.Key_M)
    assert (workspace.moves_little, panel.replay.travels) == (True, False)
    workspace.reduce_motion(on=False)
    assert (panel.controls.jumps.isChecked(), panel.replay.travels) == (False, True)
    panel.hide()
    workspace.settings.reduced_motion = True  # in another workspace
    panel.show()
    assert (panel.controls.jumps.isChecked(), panel.replay.travels) == (True, False)
    workspace.reduce_motion(on=False)


def test_without_motion_a_mark_is_only_ever_at_a_station(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    press(qtbot, panel, Qt.Key.Key_M)
    assert panel.controls.jumps.isChecked()
    seen: set[float] = set()

    def is_through() -> bool:
        if panel.picture._marked is not None:
            mark, plan = panel.picture._marked, panel.picture.plan
            centers = (plan.box(station).center().x() - mark.width() / 2 for station in ROW)
            inside = (min(max(left, 2.0), plan.size.width() - mark.width() - 2.0) for left in centers)
            seen.add(min(abs(left - mark.left()) for left in inside))
        return panel.replay.at == 2

    teller.lend()
    qtbot.waitUntil(is_through)
    assert seen
    assert max(seen) < 3, "pixels from the nearest station"
    press(qtbot, panel, Qt.Key.Key_M)


class Painted(QObject):
    """How much of each widget was painted, in shares of it."""

    def __init__(self) -> None:
        super().__init__()
        self.shares: list[float] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent) and isinstance(watched, QWidget):
            area = event.rect().width() * event.rect().height()
            self.shares.append(area / (watched.width() * watched.height()))
        return False


def test_while_a_mark_travels_only_the_place_that_it_crosses_is_painted(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, qapp: QApplication
) -> None:
    teller.lend()
    qtbot.waitUntil(lambda: panel.replay.round is not None)
    panel._timer.stop()  # frame by frame from here on, however slow the machine is
    for _ in range(1000):
        if panel.replay.phase is ReplayPhase.TRAVELLING and 0.1 < panel.replay.share < 0.2:
            break
        panel.pass_time(TICK)
    qapp.processEvents()
    painted = Painted()
    panel.picture.installEventFilter(painted)
    for box in panel.picture.boxes.values():
        box.installEventFilter(painted)
    for _ in range(10):
        panel.pass_time(TICK)
        qapp.processEvents()
    assert panel.replay.phase is ReplayPhase.TRAVELLING
    panel.picture.removeEventFilter(painted)
    assert len(painted.shares) > 3
    assert max(painted.shares) < 0.1


def test_the_picture_can_be_kept_with_its_numbers_and_times(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, tmp_path: Path
) -> None:
    lend(panel, teller, qtbot)
    panel.save_still(tmp_path / "flow.svg")
    panel.save_still(tmp_path / "flow.png")
    root = ElementTree.parse(tmp_path / "flow.svg").getroot()
    texts = [(element.text or "").strip() for element in root.iter() if element.tag.endswith("text")]
    for number, line in enumerate(panel.words.lines(), 1):
        assert line in texts
        assert any(text.startswith(f"{number} · ") and text.endswith("ms") for text in texts)
    assert {"Aggregate", "CopyLent"} <= set(texts)
    image = QImage(str(tmp_path / "flow.png"))
    assert image.width() == 2 * panel.picture.width()
    assert image.height() > 2 * panel.picture.height()


def test_in_little_room_a_station_takes_the_place_of_the_picture_which_can_be_kept_all_the_same(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.resize(770, 490)
    lend(panel, teller, qtbot)
    assert not panel.room.side.isVisible()
    qtbot.keyClick(panel.picture.boxes[Station.BUS], ENTER)
    assert (panel.picture.isVisible(), panel.details.isVisible()) == (False, True)
    panel.save_still(tmp_path / "flow.png")
    image = QImage(str(tmp_path / "flow.png"))
    assert image.width() > 1000
    assert image.height() > 800
    qtbot.keyClick(panel.details, Qt.Key.Key_Escape)
    assert (panel.picture.isVisible(), panel.room.side.isVisible()) == (True, False)


def test_a_picture_that_cannot_be_written_is_said(
    panel: FlowPanel, teller: StoryTeller, qtbot: QtBot, tmp_path: Path
) -> None:
    lend(panel, teller, qtbot)
    said: list[str] = []
    panel._workspace.said.connect(said.append)
    for name in ("flow.png", "flow.svg"):
        panel.save_still(tmp_path / "nowhere" / name)
        assert said.pop().startswith("Nothing was saved")
    assert not (tmp_path / "nowhere").exists()


def test_what_must_not_be_seen_is_in_no_text(panel: FlowPanel, teller: StoryTeller, qtbot: QtBot) -> None:
    lend(panel, teller, qtbot)
    assert "R-17" in panel.room.title.text()
    set_masked(masked=True)
    panel._workspace.theme.changed.emit()
    try:
        _nothing_is_seen(panel)
    finally:
        set_masked(masked=False)


def _nothing_is_seen(panel: FlowPanel) -> None:
    for station in ROW:
        panel.open_station(station)
        shown = [label.text() for label in panel.findChildren(QLabel)] + panel.words.lines()
        shown += [label.accessibleName() for label in panel.findChildren(QLabel)]
        shown += [str(value) for view in panel.details.findChildren(JsonTree) for value in shown_in(view).values()]
        shown += [line for box in panel.picture.boxes.values() for line in box.look.lines]
        assert not [text for text in shown if "R-17" in text or re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)]
    assert "copy 2 → R-••" in panel.room.title.text()


def test_pace_and_words_are_remembered(panel: FlowPanel, qtbot: QtBot) -> None:
    press(qtbot, panel, Qt.Key.Key_S, Qt.Key.Key_W)
    saved = panel.save_state()
    assert (panel.replay.pace, panel.room.side.isVisible()) == (Speed.STEP, False)
    press(qtbot, panel, Qt.Key.Key_S, Qt.Key.Key_W)
    panel.restore_state(saved)
    assert panel.replay.pace is Speed.STEP
    assert not panel.room.side.isVisible()
    for nonsense in (b"", b"[]", b'{"pace": "FAST"}', b"\xff"):
        panel.restore_state(QByteArray(nonsense))
    assert panel.replay.pace is Speed.STEP


@pytest.mark.parametrize("size", [100, 175, 250])
def test_no_text_is_smaller_than_normal_text(panel: FlowPanel, theme: Theme, size: int) -> None:
    theme.set_text_size(size)
    try:
        least = QFontInfo(QApplication.font()).pixelSize()
        style = FlowStyle(theme)
        fonts = [style.small, style.bold, style.mark, style.name_font(1.0, ("Aggregate",))]
        fonts += [style.fitting(style.small, 1.0, "revision 3 → 4"), panel.room.caption.font(), panel.room.title.font()]
        assert min(QFontInfo(font).pixelSize() for font in fonts) >= least
        if size >= 175:
            assert least >= 1080 / 50
        assert panel.minimumSizeHint().width() <= 1920
    finally:
        theme.set_text_size(100)


@pytest.mark.parametrize("size", [100, 150, 200])
def test_no_name_of_a_station_is_cut_off_however_wide_the_picture_is(panel: FlowPanel, theme: Theme, size: int) -> None:
    theme.set_text_size(size)
    try:
        shown = panel.picture
        least = shown.minimumSizeHint()
        for more in range(0, 900, 13):
            shown.resize(least.width() + more, least.height() + more // 2)
            room = name_room(shown.plan.boxes[Station.AGGREGATE], shown.style_now.em)
            name = QFontMetricsF(shown.style_now.name_font(room, NAMES))
            assert max(name.horizontalAdvance(word) for word in NAMES) <= room, shown.size()
    finally:
        theme.set_text_size(100)


def test_with_large_text_in_a_small_window_it_scrolls_one_way_only(
    panel: FlowPanel, theme: Theme, qtbot: QtBot
) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(790, 480)  # what is left of 900x600
    area.show()
    theme.set_text_size(200)
    try:
        qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
        qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() == 0)
        normal = QFontInfo(QApplication.font()).pixelSize() / 2
        assert QFontInfo(panel.picture.style_now.small).pixelSize() >= normal
    finally:
        theme.set_text_size(100)
        area.takeWidget()


def test_everything_that_can_be_used_has_a_name(panel: FlowPanel) -> None:
    for box in panel.picture.boxes.values():
        assert box.accessibleName()
    for button in (panel.controls.back, panel.controls.on, panel.controls.again, panel.controls.still):
        assert button.accessibleName()
        assert button.toolTip()


def test_nothing_can_go_wrong_in_a_store_that_is_not_ours_and_it_is_said_why(panel: FlowPanel) -> None:
    failures = panel.failures
    for button in (failures.killing, failures.losing, failures.overtaking, failures.poisoning, failures.stopping):
        assert not button.isEnabled()
        assert button.toolTip() == button.accessibleDescription()
        assert button.toolTip().endswith(".")


def test_in_a_low_window_all_of_the_picture_is_seen_and_what_goes_wrong_comes_by_a_key(
    panel: FlowPanel, teller: StoryTeller, theme: Theme, qtbot: QtBot
) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(1366, 720)
    area.show()
    qtbot.waitUntil(panel.failures.isVisible)
    theme.set_text_size(175)
    try:
        area.resize(1366, 640)
        qtbot.waitUntil(lambda: not panel.failures.isVisible())
        qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
        assert panel.room.caption.isVisible()
        assert not panel.controls.tools.isChecked()
        press(qtbot, panel, Qt.Key.Key_F)
        qtbot.waitUntil(lambda: not panel.failures.killing.visibleRegion().isEmpty())
        panel.say("An answer")
        qtbot.waitUntil(lambda: not panel.failures.isVisible())
        qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
        assert panel.room.remark.isVisible()
        area.resize(1366, 1000)
        qtbot.waitUntil(panel.failures.isVisible)
    finally:
        theme.set_text_size(100)
        area.takeWidget()
