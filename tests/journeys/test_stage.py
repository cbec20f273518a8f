"""The stage in the real window: played by keys, begun anew, gone back, reloaded, ended; and what is seen on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDockWidget,
    QFileDialog,
    QTabBar,
    QToolBar,
    QToolTip,
    QWidget,
)

from desk.application.scenarios.scenario import Fail, Send, SetSpeed, Show, Speed, scenario_id
from desk.domain.commands import AddCopy, CreateBook
from desk.gui.books.dialog import CommandDialog
from desk.gui.flow.panel import FlowPanel
from desk.gui.flow.plan import ROW
from desk.gui.frame.crash import Problem
from desk.gui.frame.problems import bug_dialog
from desk.gui.frame.room import Room
from desk.gui.frame.theme import ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.stage.bar import LEAST, SENTENCE
from desk.gui.stage.chooser import ScenarioChooser
from desk.gui.stage.hands import StageHands
from desk.gui.stage.mode import stage_size
from desk.gui.stage.speaker import SpeakerWindow
from desk.runtime.data_directory import THROW_AWAY
from desk.runtime.scenario_files import read_scenario
from tests.gui.small_screen import has_room
from tests.gui.texts import Seen, seen_texts
from tests.journeys.conftest import Windows
from tests.journeys.staged_window import StagedWindow
from tests.journeys.test_cues import leaks
from tests.moments import REAL
from tests.programs.played import SCENARIOS
from tests.rounds import few_or_all
from tests.runtime.leftovers import open_files

HEIGHT = StagedWindow.size.height()


@pytest.fixture
def window(shared: Windows) -> Iterator[StagedWindow]:
    window = shared.again(StagedWindow)
    assert isinstance(window, StagedWindow)
    yield window
    if shared.sound is window:
        window.leave()


def bars(widget: QWidget) -> list[bool]:
    return [bar.isVisible() for bar in widget.findChildren(QToolBar)]


def beyond_room(frame: QWidget) -> list[str]:
    """What scrolls sideways, places that scroll at all, and tabs that are cut."""
    areas = [area for area in frame.findChildren(QAbstractScrollArea) if area.isVisible()]
    found = [f"{area} {area.accessibleName()}" for area in areas if area.horizontalScrollBar().isVisible()]
    found += [f"{area}" for area in areas if isinstance(area, Room) and area.verticalScrollBar().isVisible()]
    tabs = [bar for bar in frame.findChildren(QTabBar) if bar.isVisible() and bar.count()]
    return found + [f"{bar}" for bar in tabs if bar.tabRect(bar.count() - 1).right() > bar.width()]


def test_the_talk_goes_from_its_first_to_its_last_key_and_the_users_workspace_comes_back(window: StagedWindow) -> None:
    window.frame.resize(900, 600)
    before = (window.theme.mode, window.theme.text_size, bars(window.own), window.own.menuBar().isVisible())
    titles = {dock: dock.titleBarWidget() for dock in window.own.findChildren(QDockWidget)}
    talk = SCENARIOS / "talk.toml"
    window.part.play(talk, window.port.read(talk))
    window.press(Qt.Key.Key_Space)  # while it is being opened
    assert window.performance.view is not None
    assert not window.performance.view.part.view.search.text()
    assert window.part.mode.bar.sentence.text() == "The talk in twelve minutes · Space begins"
    assert not window.frame.tabs.isVisible(), "nobody in the room is to know what else is open"
    assert window.frame.shown is not window.own
    failures: list[str] = []
    window.performance.failed.connect(failures.append)
    for number, cue in enumerate(window.performance.scenario.cues):
        window.press(Qt.Key.Key_Space)
        assert window.performance.number == number
        assert window.part.mode.bar.sentence.text() == cue.say
        assert not failures
        assert not leaks(window), number
        assert beyond_room(window.frame) == [], number
    window.press(Qt.Key.Key_Space)
    assert window.performance.following is None, "after the last nothing comes"
    # What goes on in the user's own workspace goes on.
    assert window.own.session is not None
    rows = window.own.part.model.rowCount()
    command = CreateBook(book_id=REAL.new_id(), isbn="9780306406157", title="Own", authors=("A",))
    window.own.session.commands.execute(command).result(60)
    window.until(lambda: window.own.part.model.rowCount() == rows + 1)
    window.press(Qt.Key.Key_Escape)
    assert window.part.performance is not None, "once is not enough"
    assert window.part.mode.bar.keys.text() == "Press Esc again to leave the stage"
    window.own.workspace.say("3 rows were imported.")
    assert not window.own.status.said.text()
    window.press(Qt.Key.Key_Escape)
    window.until(lambda: window.part.performance is None)
    assert window.frame.shown is window.own, "at once, while the catalogues of the stage are still being closed"
    assert not window.frame.tabs.isVisible()
    assert window.own.status.said.text() == "3 rows were imported.", "what nobody was told on the stage"
    window.until(lambda: window.frame.views == [window.own])
    assert window.frame.shown is window.own
    after = (window.theme.mode, window.theme.text_size, bars(window.own), window.own.menuBar().isVisible())
    assert after == before
    assert window.part.mode.bar.isVisible() is False
    assert QApplication.overrideCursor() is None
    assert all(titles.values())
    assert {dock: dock.titleBarWidget() for dock in window.own.findChildren(QDockWidget)} == titles
    window.until(lambda: not (window.data_dir / THROW_AWAY).exists())


def standby_of(window: StagedWindow) -> WorkspaceView:
    """The catalogue that stands ready, once it does."""
    window.until(lambda: window.performance.standby and window.performance.standby.session)
    standby = window.performance.standby
    assert standby is not None
    return standby


def test_reset_takes_the_catalogue_that_stands_ready_and_back_by_a_cue_is_where_it_was_for_the_last_row_to_read(
    window: StagedWindow,
) -> None:
    window.play(SCENARIOS / "two-librarians.toml")
    failures: list[str] = []
    window.performance.failed.connect(failures.append)
    for _ in range(3):
        window.press(Qt.Key.Key_Space)
    third, view = window.types("emma"), window.performance.view
    window.press(Qt.Key.Key_Space)
    window.press(Qt.Key.Key_Space)
    assert window.types("emma") != third
    ready = standby_of(window)
    window.press(Qt.Key.Key_R)
    assert (window.performance.number, window.types("emma")) == (-1, [])
    assert window.performance.view is ready
    window.until(lambda: view not in window.frame.views)
    for _ in range(4):
        window.press(Qt.Key.Key_Space)
    assert window.types("emma") == [*third, "CopyLent"]
    window.press(Qt.Key.Key_Backspace)
    assert (window.performance.number, window.types("emma")) == (2, third)
    assert window.part.mode.bar.sentence.text() == window.performance.scenario.cues[2].say
    standby_of(window)  # which takes no key from the stage, although the one before it was in Flow
    for number in (3, 4):
        window.press(Qt.Key.Key_Space)
        assert window.performance.number == number
    assert not failures
    assert window.performance.following is None
    view = window.performance.view
    assert view is not None
    look_at_places(window, view)
    look_at_flow(window, view)


def test_the_speaker_sees_what_comes_and_a_file_that_is_saved_is_played_as_it_is_now(
    window: StagedWindow, tmp_path: Path
) -> None:
    path, other = tmp_path / "mine.toml", tmp_path / "other.toml"
    text = (SCENARIOS / "two-librarians.toml").read_text()
    path.write_text(text)
    other.write_text(text.replace("seed = 2", "seed = 7"))
    window.part.play(path, window.port.read(path))
    first, one = window.performance.view, window.performance
    assert one.standby is None
    one.replace(window.port.read(other))
    window.until(lambda: not one.is_busy)
    assert one.view is not first, "also before a second catalogue stands ready"
    see_the_speakers_window(window)
    assert window.types("emma") == ["BookCreated", "BookListed", "CopyAdded"], "by the new seed's ids"
    window.until(lambda: first not in window.frame.views)
    read_again_when_it_is_saved(window, path)


def see_the_speakers_window(window: StagedWindow) -> None:
    """From before the first cue to after it."""
    window.press(Qt.Key.Key_P)
    speaker = window.part.speaker
    assert speaker is not None
    assert speaker.isVisible()
    speaker.activateWindow()
    speaker.reading.setFocus()
    window.until(speaker.reading.hasFocus)
    window.qtbot.wait(1200)
    assert speaker.clock.text() == "0:00", "the talk has not begun"
    window.press(Qt.Key.Key_Space)
    window.until(lambda: speaker.clock.text() != "0:00")
    assert window.performance.number == 0, "the stage's keys are the stage's in this window too"
    room = window.frame.screen().availableGeometry()
    assert speaker.geometry().left() > room.center().x(), "the stage's left half is seen beside it"
    bar = window.part.mode.bar
    assert speaker.geometry().bottom() < bar.mapToGlobal(bar.rect().topLeft()).y(), "and all of the cue's sentence"
    window.press(Qt.Key.Key_Escape)
    assert speaker.problem.text() == "Press Esc again to leave the stage"
    window.until(lambda: not speaker.problem.text())
    see_a_cue_fail(window, speaker)
    cues = window.performance.scenario.cues
    assert speaker.sentence.text() == cues[0].say
    assert speaker.press.text() == f"Press: {cues[0].press}"
    assert speaker.following.text() == f"Next: {cues[1].say}"
    assert speaker.notes.text() == cues[0].notes.strip()


def see_a_cue_fail(window: StagedWindow, speaker: SpeakerWindow) -> None:
    """In notes as small as on a screen of 900x600; without them the room sees a mark and no word of it."""
    why, count = "Cue 5 (line 58), “The aggregate decides alone”: hobbit: copies is 2, and 3 is expected", "1 / 5"
    before = speaker.size()
    speaker.resize(360, 452)
    window.performance.failed.emit(why)
    labels = (speaker.sentence, speaker.press, speaker.notes, speaker.following, speaker.problem)
    window.until(lambda: all(has_room(label) for label in labels))
    assert speaker.problem.text() == why
    assert speaker.reading.height() >= speaker.problem.height() * 2, "and the notes have most of the room"
    assert window.part.mode.bar.count.text() == count, "whoever has the notes needs no mark"
    speaker.resize(before)
    window.press(Qt.Key.Key_P)
    assert not speaker.isVisible()
    window.performance.failed.emit(why)
    bar = window.part.mode.bar
    assert bar.count.text() == f"{count} •"
    assert bar.sentence.text() == window.performance.scenario.cues[0].say
    assert not {text for text, _, _ in seen_texts(window.frame) if "file" in text or "expected" in text}


def read_again_when_it_is_saved(window: StagedWindow, path: Path) -> None:
    """With another sentence and a mistake, which a rehearsal finds; then as what is no scenario."""
    text, ready = path.read_text().replace("available = 0 }", "available = 7 }"), standby_of(window)
    path.write_text(text.replace("One book, one copy,", "A single book, a single copy,"))
    window.until(lambda: window.part.mode.bar.sentence.text().startswith("A single book"))
    window.until_still()
    assert window.performance.number == 0
    assert window.performance.view is not ready, "which was opened with another seed"
    speaker = window.part.speaker
    assert speaker is not None
    speaker.rehearse.click()
    window.until(lambda: "Cue 5" in speaker.problem.text())
    assert "available is 0, and 7 is expected" in speaker.problem.text()
    assert window.performance.number == 0, "a rehearsal leaves the stage as it is"
    path.write_text("title = = 1")
    window.until(lambda: "line 1, column 9" in speaker.problem.text())
    assert window.performance.scenario.cues[0].say.startswith("A single book"), "what was there goes on"


def look_at_places(window: StagedWindow, view: WorkspaceView) -> None:
    """In the ordinary run on the light ground, in a long run on both."""
    book = scenario_id(2, "book", "emma")
    StageHands(view).show_at_once(Show("streams", book))
    window.qtbot.wait(300)
    assert beyond_room(window.frame) == []
    for is_dark in few_or_all([False], [False, True]):
        if is_dark:
            window.press(Qt.Key.Key_D)
        assert window.theme.is_dark is is_dark
        least, seen = HEIGHT / LEAST, set[str]()
        for place in ("catalogue", "card", "history"):
            StageHands(view).show_at_once(Show(place, book))
            window.until(lambda: view.part.chosen.card is not None)
            window.qtbot.wait(300)
            texts = seen_texts(window.frame)
            assert beyond_room(window.frame) == [], (is_dark, place)
            small = {each for each in texts if each[1] < least}
            assert not small, (is_dark, place, sorted(small))
            named = {each for each in texts if "R-17" in each[0] or "R-23" in each[0]}
            assert not named, (is_dark, place, sorted(named))
            seen |= {text for text, _, _ in texts}
        assert any("Emma, a novel" in text for text in seen), is_dark
        assert any("R-••" in text for text in seen), is_dark
        sentence = window.part.mode.bar.sentence
        assert sentence.font().pixelSize() == HEIGHT // SENTENCE, is_dark


def look_at_flow(window: StagedWindow, view: WorkspaceView) -> None:
    """All that it paints and says; in the ordinary run on the dark ground, in a long run on both."""
    StageHands(view).show_at_once(Show("flow"))
    panel = view.places["flow"]
    assert isinstance(panel, FlowPanel)
    panel.set_pace(Speed.STEP)
    panel.replay.catch_up()
    panel.failures.losing.click()
    panel.gap.at_once.click()
    window.until(panel.room.remark.text)
    seen: dict[bool, set[Seen]] = {is_dark: set() for is_dark in few_or_all([True], [True, False])}
    told = panel.replay.round
    assert told is not None

    def look() -> None:
        window.theme.changed.emit()  # so that all of it is painted
        seen[window.theme.is_dark].update(seen_texts(window.frame))

    def look_at_hops() -> None:
        for at in range(len(told.hops), -1, -1):
            panel.replay.at = at
            panel.show_now()
            look()

    def look_at_stations() -> None:
        for station in ROW:
            panel.open_station(station)
            window.qtbot.wait(200)
            look()

    for look_at_them in (look_at_hops, look_at_stations):
        for is_dark in seen:
            if window.theme.is_dark is not is_dark:
                window.press(Qt.Key.Key_D)
            look_at_them()
    for is_dark, texts in seen.items():
        small = {each for each in texts if each[1] < HEIGHT / LEAST}
        assert not small, (is_dark, sorted(small))
        painted = {text for text, _, where in texts if where == "painted"}
        assert {"Aggregate", "the answer", "up to date"} <= painted | {text for text, _, _ in texts}, is_dark
        assert any(text.startswith(f"{len(told.hops)} · ") for text in painted), "times beside the hops"
        assert not {text for text, _, _ in texts if "R-17" in text or "R-23" in text}, is_dark


def test_nobody_in_the_room_is_told_what_goes_wrong_behind_the_stage(window: StagedWindow) -> None:
    window.part.switch(on=True)
    problem = bug_dialog(Problem("A mistake", "Traceback"), window.data_dir / "desk.log", window.frame)
    problem.open()
    window.own.workspace.need("a test", 2)  # which nothing that is counted meanwhile takes back
    window.until(problem.isHidden)
    assert not window.own.status.badge.isVisible()
    chooser = ScenarioChooser([], window.frame)
    chooser.open()
    window.qtbot.wait(50)
    assert chooser.isVisible(), "whoever asks for something gets it"
    chooser.close()
    window.part.leave()
    assert problem.isVisible()
    assert window.own.status.badge.isVisible()
    problem.close()


def test_stage_mode_alone_keeps_tooltips_away_shows_keys_and_lets_people_type(window: StagedWindow) -> None:
    action = window.own.actions_by_name["stage.mode"]
    action.trigger()
    assert window.part.mode.is_on
    assert action.isChecked()
    bar, search = window.part.mode.bar, window.own.part.view.search
    table = window.own.part.view.table.viewport()
    search.setToolTip("Type")
    QApplication.sendEvent(search, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), search.mapToGlobal(QPoint(5, 5))))
    window.qtbot.wait(50)
    assert not QToolTip.isVisible()
    search.setFocus()
    window.until(search.hasFocus)
    window.qtbot.keyClick(search, Qt.Key.Key_D)
    assert search.text() == "d", "who types is not interrupted"
    assert bar.keys.text() == "⌨ D"
    search.clear()
    window.own.setFocus()
    dark = window.theme.is_dark
    window.qtbot.keyClick(QApplication.focusWidget() or table, Qt.Key.Key_D)
    assert window.theme.is_dark is not dark
    window.qtbot.keyClick(QApplication.focusWidget() or table, Qt.Key.Key_K)
    assert not bar.keys.text()
    window.qtbot.keyClick(QApplication.focusWidget() or table, Qt.Key.Key_F3)
    assert not bar.keys.text(), "the strip is off"
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.pixmap().width() >= 64
    action.trigger()
    assert not window.part.mode.is_on
    assert window.theme.mode is ThemeMode.LIGHT


@pytest.mark.parametrize(("height", "percent"), [(600, 125), (1080, 200), (768, 175), (1440, 257), (2160, 389)])
def test_text_is_as_large_as_the_screen_wants_it(height: int, percent: int, qapp: QApplication) -> None:
    if qapp.primaryScreen().logicalDotsPerInch() == 96:
        assert stage_size(height) == percent
        assert 10 * percent / 100 * 96 / 72 * 0.85 >= height / LEAST


def record_into(window: StagedWindow, view: WorkspaceView, path: Path) -> None:
    """As a person does who chooses the action, and then a file; until it is being recorded."""
    view.actions_by_name["stage.record"].trigger()
    (dialog,) = window.frame.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    dialog.deleteLater()


def test_what_is_done_in_the_window_becomes_cues_and_is_played(window: StagedWindow, tmp_path: Path) -> None:
    path, said = tmp_path / "mine.toml", list[str]()
    window.own.workspace.said.connect(said.append)
    record_into(window, window.own, tmp_path / "none" / "mine.toml")
    window.until(lambda: any("cannot be written: No such file or directory" in one for one in said))
    assert window.part.performance is None
    record_into(window, window.own, path)
    window.until(lambda: window.part.performance and window.performance.recorder.is_on)
    view = window.performance.view
    assert view is not None
    assert view.session is not None
    sentence = window.part.mode.bar.sentence
    assert "is recorded" in sentence.text()
    ready = standby_of(window)
    window.press(Qt.Key.Key_R)
    assert window.performance.view is view, "what is recorded is not thrown away by a key"
    view.actions_by_name["book.new"].trigger()
    (form,) = (one for one in window.frame.findChildren(CommandDialog) if one.isVisible())
    for name, text in (("title", "Emma"), ("authors", "Jane Austen"), ("isbn", "9780141439587")):
        form.line(name).field.setFocus()
        window.qtbot.keyClicks(form.line(name).field, text)
    form.send()
    window.until(lambda: view.part.model.rowCount() == 1 and not window.frame.findChildren(CommandDialog))
    view.places.go("flow")
    flow = view.places["flow"]
    assert isinstance(flow, FlowPanel)
    window.qtbot.keyClick(flow, Qt.Key.Key_S)
    window.qtbot.mouseClick(flow.failures.stopping, Qt.MouseButton.LeftButton)
    window.until(flow.failures.stopping.isChecked)
    window.qtbot.mouseClick(flow.failures.stopping, Qt.MouseButton.LeftButton)
    view.places.go_beside("card")
    window.until(lambda: not flow.failures.stopping.isChecked())
    view.actions_by_name["stage.record"].trigger()
    assert "is recorded" not in sentence.text()
    window.until(lambda: window.performance.view is ready)
    window.until_still()
    assert len(window.performance.scenario.cues) > 1, "the file is read again"
    steps = [step for cue in read_scenario(path).cues for step in cue.steps]
    shown = [step.place for step in steps if isinstance(step, Show)]
    assert [step.failure.value for step in steps if isinstance(step, Fail)] == [
        "stop the projection",
        "resume the projection",
    ]
    assert "flow" in shown
    assert SetSpeed(Speed.STEP) in steps
    assert shown[-1] == "card"
    failures: list[str] = []
    window.performance.failed.connect(failures.append)
    while window.performance.following is not None and not failures:
        window.press(Qt.Key.Key_PageDown)  # Space is the next hop now, as Flow goes step by step
    assert not failures
    assert window.types("emma") == ["BookCreated", "BookListed"]


def test_a_stage_that_is_left_while_it_records_keeps_what_was_recorded(window: StagedWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = (SCENARIOS / "two-librarians.toml").read_text()
    path.write_text(text)
    record_into(window, window.own, path)
    window.until(lambda: window.part.performance and window.performance.recorder.is_on)
    assert window.performance.following is None, "it goes on behind the last cue"
    view = window.performance.view
    assert view is not None
    assert view.session is not None
    book = scenario_id(window.performance.scenario.seed, "book", "emma")
    view.session.commands.execute(AddCopy(book_id=book), command_id=REAL.new_id()).result(60)
    window.press(Qt.Key.Key_Escape)
    window.press(Qt.Key.Key_Escape)
    window.until(lambda: window.frame.views == [window.own])
    window.until(lambda: path.read_text() != text)
    assert path.read_text().startswith(text.rstrip())
    assert list(read_scenario(path).cues[-1].steps) == [Send(AddCopy(book_id=book))]


@pytest.mark.parametrize("cues", few_or_all([0, 3], [0, 1, 3]))
def test_closing_the_window_in_the_middle_of_a_talk_leaves_nothing(cues: int, window: StagedWindow) -> None:
    window.part.play(SCENARIOS / "kill-the-node.toml", window.port.read(SCENARIOS / "kill-the-node.toml"))
    if cues:
        window.until_still()
    for number in range(cues):
        window.performance.go_on()
        if number + 1 < cues:
            window.until_still()
    window.close()
    assert open_files(window.data_dir) == []
