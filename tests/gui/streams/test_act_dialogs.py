"""Acting on a stream by hand: shown first, refused with a reason, done once, and open until the store has said so."""

from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk.application.acts import (
    Act,
    ActDone,
    ActEntry,
    AppendByHand,
    DeleteStream,
    ExpectedState,
    SetStreamMetadata,
    TombstoneStream,
)
from desk.cqrs.errors import Conflict, StoreUnavailable
from desk.gui.frame.theme import Theme
from desk.gui.streams.act_dialogs import ActDialog, AppendDialog, MetadataDialog, RemovalDialog, StreamActs
from desk.gui.widgets.background import GuiBridge
from tests.gui.timeline.fake_history import FakeHistory
from tests.gui.workspaces import workspace_of


@dataclass
class Acts:
    """Notes what it is asked to do; a test says what comes of it."""

    forbidden: str = ""
    done: list[Act] = field(default_factory=list)
    outcome: "Future[ActDone]" = field(default_factory=Future)

    def refusal(self) -> str:
        return self.forbidden

    def appended_by(self) -> dict[str, object]:
        return {"program": "Desk", "version": "1.2"}

    def do(self, act: Act) -> "Future[ActDone]":
        self.done.append(act)
        self.outcome = Future()
        return self.outcome

    def journal(self, limit: int = 200) -> "Future[tuple[ActEntry, ...]]":
        return Future()


@pytest.fixture
def acts() -> Acts:
    return Acts()


@pytest.fixture
def menu(qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme, acts: Acts) -> StreamActs:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return StreamActs(workspace_of(session.session, bridge, theme), acts, parent)


def opened(menu: StreamActs, words: str) -> ActDialog:
    offers = {text.replace("&", ""): act for text, act in menu.offers("order-17")}
    offers[words]()
    assert menu.dialog is not None
    return menu.dialog


def test_an_event_is_shown_before_it_is_appended_and_then_appended_as_typed(
    menu: StreamActs, acts: Acts, qtbot: QtBot
) -> None:
    dialog = opened(menu, "Append an event…")
    assert isinstance(dialog, AppendDialog)
    assert dialog.stream.text() == "order-17"
    assert dialog.said.text() == "The type has no name yet."
    assert not dialog.go.isEnabled()
    dialog.type.setText("OrderRepaired")
    dialog.data.setPlainText('{"total": 3')
    assert "The data is no JSON, line 1" in dialog.said.text()
    assert not dialog.go.isEnabled()
    dialog.data.setPlainText('{"total": 3}')
    said = "OrderRepaired will be appended to order-17: 12 bytes."
    assert dialog.said.text().startswith(said)
    assert '"appendedBy": {"program": "Desk", "version": "1.2"}' in dialog.said.text()
    dialog.expected.setCurrentText("41")
    dialog.go.click()
    assert acts.done == [AppendByHand("order-17", "OrderRepaired", '{"total": 3}', "", 41)]
    assert not dialog.go.isEnabled()
    with qtbot.waitSignal(dialog.accepted):
        acts.outcome.set_result(ActDone(7))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Conflict("order-17", 41, 43), "The last revision of order-17 is 43 by now."),
        (StoreUnavailable("The store is away."), "The store is away."),
    ],
)
def test_what_was_typed_is_kept_where_it_could_not_be_done(
    menu: StreamActs, acts: Acts, qtbot: QtBot, error: Exception, said: str
) -> None:
    dialog = opened(menu, "Append an event…")
    assert isinstance(dialog, AppendDialog)
    dialog.type.setText("OrderRepaired")
    dialog.go.click()
    acts.outcome.set_exception(error)
    qtbot.waitUntil(lambda: dialog.said.text() == said)
    assert dialog.isVisible()
    assert dialog.type.text() == "OrderRepaired"
    dialog.go.click()
    assert len(acts.done) == 2


def test_what_is_expected_is_a_state_or_a_revision(menu: StreamActs, acts: Acts) -> None:
    dialog = opened(menu, "Append an event…")
    assert isinstance(dialog, AppendDialog)
    dialog.type.setText("OrderRepaired")
    dialog.expected.setCurrentText("soon")
    assert "or a revision, as 41" in dialog.said.text()
    dialog.expected.setCurrentIndex(1)
    act = dialog.act()
    assert act.expected is ExpectedState.NO_STREAM


def test_metadata_is_checked_before_it_is_set(menu: StreamActs, acts: Acts) -> None:
    dialog = opened(menu, "Set its metadata…")
    assert isinstance(dialog, MetadataDialog)
    dialog.metadata.setPlainText('{"$maxCount": 0}')
    assert not dialog.go.isEnabled()
    dialog.metadata.setPlainText('{"$maxCount": 5}')
    dialog.go.click()
    assert acts.done == [SetStreamMetadata("order-17", '{"$maxCount": 5}')]


@pytest.mark.parametrize(("words", "kind"), [("Delete it…", DeleteStream), ("Tombstone it…", TombstoneStream)])
def test_a_stream_goes_only_once_its_name_was_typed(
    menu: StreamActs, acts: Acts, words: str, kind: type[DeleteStream | TombstoneStream]
) -> None:
    dialog = opened(menu, words)
    assert isinstance(dialog, RemovalDialog)
    assert not dialog.go.isEnabled()
    dialog.typed.setText("order-1")
    assert not dialog.go.isEnabled()
    dialog.typed.setText("order-17")
    dialog.go.click()
    assert acts.done == [kind("order-17", "order-17")]


def test_nothing_can_be_done_where_the_record_forbids_it_and_the_reason_is_shown(menu: StreamActs, acts: Acts) -> None:
    acts.forbidden = "This store is marked as production: nothing is done there by hand."
    dialog = opened(menu, "Delete it…")
    assert isinstance(dialog, RemovalDialog)
    dialog.typed.setText("order-17")
    assert not dialog.go.isEnabled()
    assert dialog.said.text() == acts.forbidden


def test_system_streams_and_categories_are_not_offered_any(menu: StreamActs) -> None:
    for name in ("$ce-order", "$$order-1", "order-*"):
        assert list(menu.offers(name)) == []
