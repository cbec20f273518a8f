"""The event index as a person meets it in Streams: offered with what it takes, limited, followed, paused, gone on."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desk.application.event_index import IndexPart, IndexRefused, PartPhase, PartState
from desk.application.event_search import EventLimits, IndexEstimate
from desk.cqrs.errors import StoreUnavailable
from desk.gui.frame.theme import Theme
from desk.gui.streams.index_bar import IndexBar, IndexDialog
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.masking import set_masked
from tests.gui.timeline.fake_history import FakeHistory
from tests.gui.workspaces import workspace_of

EVENTS = IndexPart.EVENTS


@dataclass
class Index:
    """What is asked of an index, and a search over it."""

    state: PartState = field(default_factory=lambda: PartState(EVENTS))
    asked: list[str] = field(default_factory=list)
    estimated: "Future[IndexEstimate]" = field(default_factory=Future)
    built: "Future[None]" = field(default_factory=Future)

    def parts(self) -> tuple[PartState, ...]:
        return (PartState(IndexPart.BOOKS), self.state)

    def build(self, part: IndexPart, limits: str = "") -> "Future[None]":
        self.asked.append(f"build {limits}".strip())
        return self.built

    def pause(self, part: IndexPart) -> None:
        self.asked.append("pause")

    def drop(self, part: IndexPart) -> None:
        self.asked.append("drop")

    def compare(self, *_given: Any) -> Any:
        raise AssertionError("nobody compares here")

    def reader(self, at: int) -> None:
        return None

    def estimate(self) -> "Future[IndexEstimate]":
        return self.estimated

    def streams_opened(self) -> None:
        self.asked.append("opened")

    def pinned(self) -> tuple[()]:
        return ()

    def pin(self, path: object) -> "Future[None]":
        return Future()

    def unpin(self, path: object) -> "Future[None]":
        return Future()


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
def bar(qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme, index: Index) -> IndexBar:
    bar = IndexBar(workspace_of(session.session, bridge, theme), index, index)
    qtbot.addWidget(bar)
    bar.resize(300, 80)
    bar.show()
    return bar


def test_on_a_stage_nothing_is_counted_beside_the_events_of_the_books(
    bar: IndexBar, bridge: GuiBridge, theme: Theme
) -> None:
    bar._changed(PartState(EVENTS, phase=PartPhase.READY, events=9))
    assert (bar.text.isVisible(), bar.text.text()) == (True, "9 events are indexed.")
    set_masked(masked=True)
    theme.changed.emit()
    hidden = bar.text.isHidden()
    set_masked(masked=False)
    theme.changed.emit()
    assert (hidden, bar.text.isVisible()) == (True, True)


def dialog_of(bar: IndexBar) -> IndexDialog:
    bar.button.click()
    assert bar.dialog is not None
    return bar.dialog


def test_looking_at_the_streams_is_told_to_who_may_build_the_index(bar: IndexBar, index: Index) -> None:
    assert index.asked == ["opened"]
    assert bar.text.text() == "Events are not indexed."


def test_it_is_offered_with_what_it_would_take_and_may_be_limited(bar: IndexBar, index: Index, qtbot: QtBot) -> None:
    dialog = dialog_of(bar)
    index.estimated.set_result(IndexEstimate(200_000, 100_000_000, 130.0))
    qtbot.waitUntil(lambda: "About 200,000 events: 95.37 MiB on the disk, and 2 min." in dialog.estimate.text())
    dialog.categories.setText("order, customer order")
    dialog.headers.setChecked(True)
    assert dialog.limits == EventLimits(None, ("order", "customer"), headers_only=True)
    dialog.since.setChecked(True)
    assert dialog.limits.since is not None
    dialog.since.setChecked(False)
    dialog.go.click()
    assert index.asked[-1] == f"build {EventLimits(None, ('order', 'customer'), headers_only=True)}"


def test_that_nobody_knows_how_much_there_is_is_said(bar: IndexBar, index: Index, qtbot: QtBot) -> None:
    dialog = dialog_of(bar)
    index.estimated.set_exception(StoreUnavailable("The store is away."))
    qtbot.waitUntil(lambda: "is not known: The store is away." in dialog.estimate.text())


def test_its_progress_is_shown_it_is_paused_and_goes_on(
    bar: IndexBar, index: Index, bridge: GuiBridge, qtbot: QtBot
) -> None:
    bridge.tell(PartState(EVENTS, PartPhase.BUILDING, 12_000, 200_000, 20_000.0, 9.4, 24_000))
    qtbot.waitUntil(lambda: bar.text.text() == "Indexing 12,000 of about 200,000, 20,000 a second, 9 s left")
    assert bar.progress.isVisible()
    assert bar.progress.value() == 60
    bar.button.click()
    bridge.tell(PartState(EVENTS, PartPhase.PAUSED, 12_000))
    qtbot.waitUntil(lambda: bar.text.text() == "Indexing is paused: 12,000 events.")
    bar.button.click()
    assert index.asked == ["opened", "pause", "build"]
    bridge.tell(PartState(EVENTS, PartPhase.BUILDING, 12_000))
    with qtbot.waitSignal(bar.ready):
        bridge.tell(PartState(EVENTS, PartPhase.READY, 200_000, limits=str(EventLimits(headers_only=True))))
    assert bar.text.text() == "200,000 events are indexed. Not indexed: payloads and metadata."
    assert not bar.progress.isVisible()
    assert not bar.button.isVisible(), "nothing to press by mistake"
    bar.tell_system_events(3)
    assert bar.text.text().startswith("199,997 events are indexed, and 3 in system streams.")
    bar.tell_system_events(0)
    pausing, removing = bar.actions()
    pausing.trigger()
    removing.trigger()
    bar.hide()
    bar.show()
    assert index.asked[-2:] == ["pause", "drop"], "what was removed is not built by looking again"


def test_a_refusal_is_said(bar: IndexBar, index: Index, qtbot: QtBot) -> None:
    dialog_of(bar).go.click()
    with qtbot.waitSignal(bar._workspace.said) as said:
        index.built.set_exception(IndexRefused("Another program keeps this catalogue."))
    assert said.args == ["Another program keeps this catalogue."]
