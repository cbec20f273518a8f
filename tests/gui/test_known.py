"""Only what was asked is said: a catalogue is empty where its store was read, and not known anywhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from desk.application.care import CareLists, ReadModelCare, ReadModelState
from desk.application.catalogue import Counts, ReadModelStatus
from desk.application.session import Light
from desk.gui.frame.settings import Settings
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.known import Known, describe_counts, describe_freshness, describe_unknown
from tests.gui.fake_session import FakeSession

NONE = Counts(0, 0, 0, 0, 0)
READ = ReadModelStatus(7, 3, 0, rebuilding=False, updated_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
NEVER_READ = ReadModelStatus(None, 0, 0, rebuilding=True)


class Care:
    """A read model that is as a test says."""

    def __init__(self, **state: Any) -> None:
        self.now = ReadModelState(**state)

    def state(self) -> ReadModelState:
        return self.now

    def lists(self) -> CareLists:
        return CareLists((), ())


def keep(session: FakeSession, **state: Any) -> Care:
    care = Care(**state)
    session.care = cast("ReadModelCare", care)
    return care


@pytest.mark.parametrize(
    ("known", "is_empty"),
    [
        (Known(), False),
        (Known(complete=True, status=READ), False),
        (Known(complete=False, counts=NONE, status=READ), False),
        (Known(complete=True, counts=NONE, status=NEVER_READ), False),
        (Known(complete=True, counts=NONE, status=READ), True),
        (Known(complete=True, counts=replace(NONE, deleted=1), status=READ), False),
    ],
)
def test_empty_is_said_of_a_store_that_was_read_and_of_no_other(known: Known, is_empty: bool) -> None:
    assert known.is_empty is is_empty


def test_without_a_connection_the_status_bar_says_as_of_when_or_that_it_is_not_known(session: FakeSession) -> None:
    session.connect(Light.AMBER, "Nobody answers.", 3.0)
    never, before = Known(counts=NONE, status=NEVER_READ), Known(counts=Counts(5, 0, 0, 0, 1), status=READ)
    assert describe_counts(never) == "Books: not known"
    assert describe_freshness(never, session.session) == "not connected"
    assert describe_counts(before) == "5 books · 1 on loan · overdue not known"
    assert describe_counts(replace(before, counts=Counts(5, 0, 0, 0, 1, 0))) == "5 books · 1 on loan"
    assert describe_freshness(before, session.session).startswith("as of 1 Mar 2026")
    without_moment = replace(before, status=replace(READ, updated_at=None))
    assert describe_freshness(without_moment, session.session) == "as of position 7, not connected"


def test_why_books_are_not_known_is_said(session: FakeSession) -> None:
    keep(session, progress=0.43)
    assert describe_unknown(session.session) == ("Reading the catalogue from its events…", "Catching up: 43 %")
    session.connect(Light.AMBER, "Connecting to the branch…")
    assert describe_unknown(session.session)[0] == "Connecting…"
    session.connect(Light.AMBER, "Nobody answers.", 3.0)
    assert describe_unknown(session.session) == ("Not connected", "Which books there are is not known. Nobody answers.")
    session.connect(Light.RED, "Refused.", 60.0)
    assert describe_unknown(session.session)[0] == "The store is not read"


def test_the_window_invites_once_all_was_read_and_takes_it_back_without_a_connection(
    make_window: Callable[[Settings], WorkspaceView],
    settings: Settings,
    session: FakeSession,
    qtbot: QtBot,
) -> None:
    care = keep(session)
    session.connect(Light.AMBER, "Nobody answers.", 3.0)
    window = make_window(settings)
    view = window.part.view
    window.open(session.session)
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.unknown)
    session.connect(Light.GREEN, "Connected.")
    qtbot.waitUntil(lambda: "Reading" in view.unknown.headline.text())
    assert view.stack.currentWidget() is view.unknown, "connected is not yet read"
    care.now = ReadModelState(7, live=True, behind=0.0)
    window.bridge.tell(care.now)
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.invitation)
    session.connect(Light.AMBER, "Nobody answers any more.", 3.0)
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.unknown)
    assert view.unknown.button.isVisible()
    view.unknown.button.click()
    dialog = window.status.connection.dialog
    assert dialog is not None
    dialog.discard()
