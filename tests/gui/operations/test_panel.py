"""Operations: what is parked, failed or drifted is counted, shown, and can be dealt with by mouse and keyboard."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from desk.application.care import (
    CareLists,
    CareRefused,
    Drift,
    ExaminationProgress,
    Findings,
    ParkedStream,
    ReadModelState,
    RebuildOutcome,
    RebuildProgress,
    RepairOutcome,
    RetryOutcome,
    SkippedEvent,
)
from desk.application.catalogue import Announcement
from desk.application.journal import JournalEntry
from desk.application.session import Fault, ProcessManagersChanged
from desk.cqrs.endings import End
from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.domain.commands import AddCopy
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.operations.faults import Faults
from desk.gui.operations.list_page import ListPage
from desk.gui.operations.messages import Messages
from desk.gui.operations.outbox_commands import OutboxCommands
from desk.gui.operations.panel import FAULTS, MANAGERS, MESSAGES, OUTBOX, PARKED, READ_MODEL, REFUSED, OperationsPanel
from desk.gui.operations.parked_streams import ParkedStreams
from desk.gui.operations.process_managers import ProcessManagersPage
from desk.gui.operations.read_model_page import ReadModelPage
from desk.gui.operations.refused_commands import RefusedCommands
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.gui.operations.contents import content_of
from tests.gui.workspaces import workspace_of

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@dataclass(slots=True)
class Work:
    """A rebuild or an examination that ends when the test says so."""

    future: "Future[object]" = field(default_factory=Future)
    aborted: bool = False

    def abort(self) -> None:
        self.aborted = True


class FakeCare:
    """Care that remembers what was asked of it."""

    def __init__(self) -> None:
        self.streams: tuple[ParkedStream, ...] = ()
        self.left_out: tuple[SkippedEvent, ...] = ()
        self.work = Work()
        self.report: Callable[[object], None] = lambda _: None
        self.retried: Future[RetryOutcome] = Future()
        self.asked: list[object] = []
        self.refusal = ""
        self.told = ReadModelState(live=True, behind=0.0)

    def lists(self) -> CareLists:
        return CareLists(self.streams, self.left_out)

    def retry(self, stream: str, *, skip_because: str = "") -> "Future[RetryOutcome]":
        self.asked.append((stream, skip_because) if skip_because else stream)
        return self.retried

    def rebuild(self, progress: Callable[[RebuildProgress], None]) -> Work:
        return self._begin(progress)

    def examine(self, progress: Callable[[ExaminationProgress], None]) -> Work:
        return self._begin(progress)

    def repair(self, book_ids: Sequence[UUID]) -> "Future[RepairOutcome]":
        done: Future[RepairOutcome] = Future()
        done.set_result(RepairOutcome(tuple(book_ids)))
        return done

    def state(self) -> ReadModelState:
        return self.told

    def set_delay(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.told = replace(self.told, delay=seconds)

    def pause(self) -> None:
        self.asked.append("pause")
        self.told = replace(self.told, paused=True)

    def step(self) -> "Future[bool]":
        self.asked.append("step")
        self.told = replace(self.told, waiting=max(0, self.told.waiting - 1))
        done: Future[bool] = Future()
        done.set_result(True)
        return done

    def resume(self) -> None:
        self.asked.append("resume")
        self.told = replace(self.told, paused=False)

    def _begin(self, progress: Callable[..., None]) -> Work:
        if self.refusal:
            raise CareRefused(self.refusal)
        self.report = progress
        return self.work


def parked(stream: str = "book-1", waiting: int = 3) -> ParkedStream:
    return ParkedStream(
        stream, None, "The Hobbit", waiting, "CopyLent", 7, uuid4(), "no such copy", "Traceback: here", 3, NOW
    )


@pytest.fixture
def care(session: FakeSession) -> FakeCare:
    care = FakeCare()
    session.care = care  # type: ignore[assignment]  # its work is of both kinds
    return care


@pytest.fixture
def panel(qtbot: QtBot, bridge: GuiBridge, theme: Theme, session: FakeSession, care: FakeCare) -> OperationsPanel:
    panel = OperationsPanel(workspace_of(session.session, bridge, theme))
    qtbot.addWidget(panel)
    panel.show()
    return panel


def page_of(panel: OperationsPanel, name: str) -> ParkedStreams:
    page = content_of(panel, name, ParkedStreams)
    panel.show_page(name)
    return page


def announce_parked(bridge: GuiBridge, number: int) -> None:
    bridge.announced.emit(Announcement(1, parked=number))


def test_a_parked_stream_is_counted_and_told_with_its_report(
    qtbot: QtBot, panel: OperationsPanel, care: FakeCare, bridge: GuiBridge
) -> None:
    page = page_of(panel, PARKED)
    assert not page.page.listing.isVisible()
    care.streams = (parked(),)
    announce_parked(bridge, 3)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 1)
    assert panel.workspace.attention[PARKED] == 1
    assert "(1)" in panel.list.item(0).text()
    assert "CopyLent 7 of book-1 could not be applied: no such copy" in page.page.report.sentence.text()
    qtbot.mouseClick(page.page.report.copying, Qt.MouseButton.LeftButton)
    assert "Traceback: here" in QApplication.clipboard().text()


def test_trying_again_heals_the_stream_and_says_so(
    qtbot: QtBot, panel: OperationsPanel, care: FakeCare, bridge: GuiBridge
) -> None:
    care.streams = (parked(),)
    page = page_of(panel, PARKED)
    announce_parked(bridge, 3)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 1)
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    qtbot.mouseClick(page.retrying, Qt.MouseButton.LeftButton)
    assert care.asked == ["book-1"]
    assert not page.retrying.isEnabled()
    care.streams = ()
    care.retried.set_result(RetryOutcome("book-1", 3, 0))
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 0)
    assert said == ["book-1 is healed: 3 events applied."]
    assert panel.workspace.attention[PARKED] == 0


def test_an_event_is_skipped_for_a_reason_only(
    qtbot: QtBot, panel: OperationsPanel, care: FakeCare, bridge: GuiBridge
) -> None:
    care.streams = (parked(),)
    page = page_of(panel, PARKED)
    announce_parked(bridge, 3)
    qtbot.waitUntil(lambda: page.page.listing.rowCount() == 1)
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    page.skip("book-1", "  ")
    assert care.asked == []
    assert "say why" in said[0]
    qtbot.mouseClick(page.skipping, Qt.MouseButton.LeftButton)
    dialog = page.page.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue("written by a test of last year")
    dialog.accept()
    assert care.asked == [("book-1", "written by a test of last year")]
    care.streams = ()
    care.left_out = (SkippedEvent(uuid4(), "book-1", 7, "CopyLent", "no such copy", "written by a test", NOW),)
    care.retried.set_result(RetryOutcome("book-1", 2, 0))
    qtbot.waitUntil(lambda: "was skipped" in page.page.report.sentence.text())
    assert not page.skipping.isEnabled()


def test_a_rebuild_shows_how_far_it_is_and_can_be_aborted(qtbot: QtBot, panel: OperationsPanel, care: FakeCare) -> None:
    page = content_of(panel, READ_MODEL, ReadModelPage)
    panel.show_page(READ_MODEL)
    qtbot.mouseClick(page.rebuilding, Qt.MouseButton.LeftButton)
    assert not page.examining.isEnabled()
    care.report(RebuildProgress(1200, 0.25))
    qtbot.waitUntil(lambda: page.bar.value() == 250)
    assert "1,200" in page.state.text()
    qtbot.mouseClick(page.aborting, Qt.MouseButton.LeftButton)
    assert care.work.aborted
    care.work.future.set_result(RebuildOutcome(switched=False, events=1200, seconds=1.0))
    qtbot.waitUntil(lambda: "as it was" in page.state.text())
    assert page.examining.isEnabled()
    assert not page.bar.isVisible()


def test_the_doctor_lists_what_has_drifted_and_repairs_it(qtbot: QtBot, panel: OperationsPanel, care: FakeCare) -> None:
    page = content_of(panel, READ_MODEL, ReadModelPage)
    panel.show_page(READ_MODEL)
    qtbot.mouseClick(page.examining, Qt.MouseButton.LeftButton)
    care.report(ExaminationProgress(10, 40, 1))
    qtbot.waitUntil(lambda: "10 of 40" in page.state.text())
    care.work.future.set_result(Findings((Drift(uuid4(), "Emma", "title", "Ema", "Emma"),), 1, 1))
    qtbot.waitUntil(lambda: page.listing.rowCount() == 1)
    assert panel.workspace.attention[READ_MODEL] == 1
    qtbot.mouseClick(page.repairing, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 0)
    assert "One book was repaired." in page.state.text()
    assert panel.workspace.attention[READ_MODEL] == 0


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        (Findings((), 1234, 300), "The read model says what the streams say: 1,234 rows compared with 300 streams."),
        (Findings(), "There is no book whose rows could be compared with its stream."),
    ],
)
def test_the_doctor_says_how_much_was_compared_and_nothing_of_an_empty_store(
    qtbot: QtBot, panel: OperationsPanel, care: FakeCare, findings: Findings, sentence: str
) -> None:
    page = content_of(panel, READ_MODEL, ReadModelPage)
    panel.show_page(READ_MODEL)
    qtbot.mouseClick(page.examining, Qt.MouseButton.LeftButton)
    care.work.future.set_result(findings)
    qtbot.waitUntil(lambda: page.state.text() == sentence)


def test_a_refusal_is_said_where_it_was_asked(qtbot: QtBot, panel: OperationsPanel, care: FakeCare) -> None:
    care.refusal = "A rebuild is under way already."
    page = content_of(panel, READ_MODEL, ReadModelPage)
    panel.show_page(READ_MODEL)
    qtbot.mouseClick(page.rebuilding, Qt.MouseButton.LeftButton)
    assert page.state.text() == care.refusal


def test_faults_are_counted_until_somebody_looks(panel: OperationsPanel, bridge: GuiBridge) -> None:
    page = content_of(panel, FAULTS, Faults)
    bridge.fault_found.emit(Fault("BookRegistration has halted", "ValueError: 7", NOW, is_bug=True))
    bridge.fault_found.emit(Fault("The disk is full", "Free some space.", NOW, is_bug=False))
    assert panel.workspace.attention[FAULTS] == 2
    panel.show_page(FAULTS)
    assert panel.workspace.attention[FAULTS] == 0
    newest = page.page.listing.item(0, 1)
    assert newest is not None
    assert newest.text().startswith("The disk is full")
    page.page.listing.choose(id(page.faults[1]))
    assert page.page.report.text.toPlainText() == "ValueError: 7"


def test_a_command_whose_answer_was_lost_is_listed_and_settled_by_hand(
    qtbot: QtBot, panel: OperationsPanel, session: FakeSession, bridge: GuiBridge
) -> None:
    page = content_of(panel, OUTBOX, OutboxCommands)
    panel.show_page(OUTBOX)
    book = session.add("Emma", "9780306406157")
    session.listen(bridge.tell)
    session.failures.append(OutcomeUnknown("The answer was lost."))
    lost = session.execute(AddCopy(book_id=book), command_id=uuid4())
    assert isinstance(lost.exception(), OutcomeUnknown)
    qtbot.waitUntil(lambda: panel.workspace.attention[OUTBOX] == 1)
    assert "Add copy" in page.page.report.sentence.text()
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    qtbot.mouseClick(page.sending, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.workspace.attention[OUTBOX] == 0)
    qtbot.waitUntil(lambda: bool(said))


def test_a_command_of_the_outbox_is_forgotten_after_a_second_thought(
    qtbot: QtBot, panel: OperationsPanel, session: FakeSession
) -> None:
    page = content_of(panel, OUTBOX, OutboxCommands)
    panel.show_page(OUTBOX)
    session.failures.append(OutcomeUnknown("The answer was lost."))
    session.execute(AddCopy(book_id=session.add("Emma", "9780306406157")), command_id=uuid4())
    page.page.refresh()
    qtbot.mouseClick(page.discarding, Qt.MouseButton.LeftButton)
    box = page.page.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert panel.workspace.attention[OUTBOX] == 1
    next(button for button in box.buttons() if button.text() == "Forget it").click()
    qtbot.waitUntil(lambda: panel.workspace.attention[OUTBOX] == 0)


def test_a_halted_process_manager_says_why_and_goes_on(
    qtbot: QtBot, panel: OperationsPanel, session: FakeSession, bridge: GuiBridge
) -> None:
    session.processes = (
        ProcessManagerState("BookRegistration", ProcessPhase.HALTED, "ValueError: 7.", "Traceback: there"),
        ProcessManagerState("HoldPickup", ProcessPhase.LIVE),
    )
    page = content_of(panel, MANAGERS, ProcessManagersPage)
    panel.show_page(MANAGERS)
    bridge.process_managers_changed.emit(ProcessManagersChanged())
    assert panel.workspace.attention[MANAGERS] == 1
    assert "ValueError: 7." in page.page.report.sentence.text()
    qtbot.mouseClick(page.resuming, Qt.MouseButton.LeftButton)
    assert session.resumed == ["BookRegistration"]
    page.page.listing.choose("HoldPickup")
    assert not page.resuming.isEnabled()


def test_the_journal_tells_which_commands_were_refused_and_why(
    qtbot: QtBot, panel: OperationsPanel, session: FakeSession
) -> None:
    def entry(end: End, sentence: str, number: int) -> JournalEntry:
        book = f"book-{uuid4()}"
        return JournalEntry(
            uuid4(), book, "LendCopy", b"{}", "ada", "user", NOW, 1.5, 1, end, "CopyIsOnLoan", sentence, number
        )

    session.journalled = [
        entry(End.SUCCEEDED, "Stored.", 3),
        entry(End.REFUSED, "Copy 1 is on loan.", 2),
        entry(End.CONFLICT, "Somebody else has corrected the same.", 1),
    ]
    page = content_of(panel, REFUSED, RefusedCommands)
    panel.show_page(REFUSED)
    qtbot.waitUntil(lambda: page.page.report.sentence.text() == "Copy 1 is on loan.")
    assert "CopyIsOnLoan" in page.page.report.text.toPlainText()
    assert [one.number for one in page.page.rows] == [2, 1], "what succeeded was not refused"


def test_the_badge_in_the_status_bar_leads_to_what_is_most_pressing(
    qtbot: QtBot,
    make_window: Callable[[Settings], WorkspaceView],
    settings: Settings,
    session: FakeSession,
    care: FakeCare,
) -> None:
    care.streams = (parked(),)
    window = make_window(settings)
    window.open(session.session)
    badge = window.status.badge
    qtbot.waitUntil(badge.isVisible)
    assert badge.text() == "1"
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    panel = window.places["operations"]
    assert isinstance(panel, OperationsPanel)
    qtbot.waitUntil(panel.isVisible)
    assert panel.page(PARKED).isVisible()


def test_events_are_held_back_by_a_slider_and_status_bar_and_panel_say_the_same(
    qtbot: QtBot,
    make_window: Callable[[Settings], WorkspaceView],
    settings: Settings,
    session: FakeSession,
    care: FakeCare,
) -> None:
    window = make_window(settings)
    window.open(session.session)
    window.places.show("operations")
    panel = window.places["operations"]
    assert isinstance(panel, OperationsPanel)
    panel.show_page(READ_MODEL)
    page = content_of(panel, READ_MODEL, ReadModelPage)

    def both_say(words: str, **changes: Any) -> None:
        care.told = replace(care.told, **changes)
        window.bridge.read_model_changed.emit(care.told)
        assert page.delay.words.text() == window.status.freshness.text() == words

    assert page.delay.words.text() == window.status.freshness.text() == "up to date", "known before anything changes"
    qtbot.waitUntil(lambda: page.delay.words.width() >= page.delay.words.sizeHint().width())
    qtbot.keyClick(page.delay.slider, Qt.Key.Key_PageUp)
    assert care.asked == [1.0]
    assert page.delay.seconds.text() == "1.0 s"
    both_say("2 events, 1.2 s behind", waiting=2, behind=1234.0)
    both_say("up to date", waiting=0, behind=0.0)
    both_say("how far behind is not known", behind=None)
    assert page.delay.slider.value() == 10
    both_say("up to date", behind=0.0, delay=0.0)
    assert page.delay.slider.value() == 0


def test_a_pause_lets_events_through_one_by_one(panel: OperationsPanel, bridge: GuiBridge, care: FakeCare) -> None:
    panel.show_page(READ_MODEL)
    page = content_of(panel, READ_MODEL, ReadModelPage)
    row = page.delay

    def says(words: str, **changes: Any) -> None:
        care.told = replace(care.told, **changes)
        bridge.read_model_changed.emit(care.told)
        assert row.words.text() == words

    assert not row.stepping.isEnabled()
    row.pausing.click()
    says("paused, nothing waits")
    assert not row.stepping.isEnabled()
    says("paused, 3 events wait", waiting=3)
    row.stepping.click()
    says("paused, 2 events wait")
    row.pausing.click()
    assert care.asked == ["pause", "step", "resume"]
    says("2 events, 0 ms behind")
    says("paused, 2 events wait", paused=True)
    assert row.pausing.isChecked()
    assert care.asked == ["pause", "step", "resume"], "shown, and not asked for again"


def test_after_the_end_nothing_is_read_whatever_is_announced(
    qtbot: QtBot, panel: OperationsPanel, bridge: GuiBridge, session: FakeSession
) -> None:
    panel.show_page(READ_MODEL)
    bridge.announced.emit(Announcement(1))
    before = len(session.asked)
    assert before > 0
    panel.stop()
    bridge.announced.emit(Announcement(2))
    panel.show_page(REFUSED)
    assert len(session.asked) == before


def test_what_nobody_has_turned_to_is_built_only_where_it_counts_what_wants_care(panel: OperationsPanel) -> None:
    def built() -> set[str]:
        return {page.listing.accessibleName() for page in panel.findChildren(ListPage)}

    at_first = built()
    assert at_first == {"Parked streams", "Commands whose end is not known", "Process managers", "Faults"}
    panel.show_page(REFUSED)
    assert built() - at_first == {"Refused commands"}


def test_a_page_needs_the_room_of_what_it_shows_and_not_that_of_the_others(
    panel: OperationsPanel, qtbot: QtBot
) -> None:
    panel.show_page("wiring")
    high = panel.minimumSizeHint().height()
    panel.show_page("outbox")
    qtbot.waitUntil(lambda: panel.minimumSizeHint().height() < high)
    assert panel.minimumSizeHint().width() == panel.box.minimumSizeHint().width(), "a sentence takes what there is"


def test_where_text_leaves_little_room_pages_are_chosen_from_a_box_and_an_introduction_has_a_line(
    panel: OperationsPanel, theme: Theme, qtbot: QtBot
) -> None:
    window = panel.window()
    window.resize(1000, 560)
    qtbot.waitUntil(panel.list.isVisible)
    assert not panel.box.isVisible()
    theme.set_text_size(200)
    qtbot.waitUntil(panel.box.isVisible)
    assert not panel.list.isVisible()
    panel.box.setFocus()
    qtbot.keyClick(panel.box, Qt.Key.Key_Home)
    for _ in range(panel.names.index(MESSAGES)):
        qtbot.keyClick(panel.box, Qt.Key.Key_Down)
    page = content_of(panel, MESSAGES, Messages)
    qtbot.waitUntil(page.state.isVisible)
    qtbot.waitUntil(lambda: page.state.width() >= page.page.width() - 1)
    assert panel.box.currentText() == panel.list.currentItem().text()
    theme.set_text_size(100)
    qtbot.waitUntil(panel.list.isVisible)
    assert panel.focusProxy() is panel.list
