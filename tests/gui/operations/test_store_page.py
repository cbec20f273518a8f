"""What the store says of itself, and what may be done there, as a person sees it."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pytestqt.qtbot import QtBot

from desk.application.acts import Act, ActDone, ActEntry, ReplayParked, SwitchProjection
from desk.application.store_admin import (
    NotAllowed,
    NotOffered,
    ParkedMessage,
    StoreProjection,
    StoreUser,
    StoreVersion,
    SubscriptionGroup,
)
from desk.cqrs.store import Recorded
from desk.gui.operations.acts_page import ActsPage
from desk.gui.operations.list_page import ListPage
from desk.gui.operations.store_page import StorePage, StoreRow
from desk.gui.widgets.background import GuiBridge

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BILLING = SubscriptionGroup("order-9", "billing", "Live", "4", "9", 5, 2, 3, 7, (("retries", "10"),))
ALL = SubscriptionGroup("$all", "audit", "", "", "C:9/P:9", None, 0, 0, 0, ())
STREAMS = StoreProjection("$streams", "Running", "Continuous", 100.0, "C:9/P:9", "", system=True)
PARKED = ParkedMessage(
    2, Recorded(uuid4(), "order-9", 3, 30, "OrderPlaced", b"{}", b"", NOON), "too slow", dangling=False, older=1
)
GONE = ParkedMessage(1, Recorded(uuid4(), "parked", 1, 20, "$>", b"1@order-9", b"", NOON), "", dangling=True, older=0)


EVERYBODY, DONE = StoreUser("", everybody=True), ActDone()
OFFERED = (
    ("event_store.client.persistent_subscriptions.persistentsubscriptions", ("list", "replayparked")),
    ("event_store.client.projections.projections", ("disable", "enable")),
)


def answer(value: Any) -> "Future[Any]":
    future: Future[Any] = Future()
    if isinstance(value, Exception):
        future.set_exception(value)
    else:
        future.set_result(value)
    return future


@dataclass
class Store:
    """Says what a test wants; notes what is done to it."""

    groups_said: Any = (BILLING, ALL)
    projections_said: Any = (STREAMS,)
    user_said: Any = EVERYBODY
    outcome: Any = DONE
    services: Any = OFFERED
    forbidden: str = ""
    done: list[Act] = field(default_factory=list)
    entries: tuple[ActEntry, ...] = ()

    def version(self) -> "Future[StoreVersion]":
        return answer(
            StoreVersion("24.10.0", (("event_store.client.streams.streams", ("append", "read")), *self.services))
        )

    def user(self) -> "Future[StoreUser]":
        return answer(self.user_said)

    def groups(self) -> "Future[tuple[SubscriptionGroup, ...]]":
        return answer(self.groups_said)

    def parked(self, source: str, group: str, limit: int = 100) -> "Future[tuple[ParkedMessage, ...]]":
        return answer((PARKED, GONE) if (source, group) == ("order-9", "billing") else ())

    def projections(self) -> "Future[tuple[StoreProjection, ...]]":
        return answer(self.projections_said)

    def refusal(self) -> str:
        return self.forbidden

    def appended_by(self) -> dict[str, object]:
        return {}

    def do(self, act: Act) -> "Future[ActDone]":
        self.done.append(act)
        return answer(self.outcome)

    def journal(self, limit: int = 200) -> "Future[tuple[ActEntry, ...]]":
        return answer(self.entries)


@pytest.fixture
def store() -> Store:
    return Store()


def page_of(qtbot: QtBot, bridge: GuiBridge, store: Store) -> tuple[ListPage[StoreRow], StorePage]:
    content = StorePage(store, store, bridge)
    page = content.page
    qtbot.addWidget(page)
    page.resize(900, 400)
    page.show()
    return page, content


def rows(page: ListPage[Any]) -> list[list[str]]:
    listing = page.listing
    return [
        [item.text() for column in range(listing.columnCount()) if (item := listing.item(row, column)) is not None]
        for row in range(listing.rowCount())
    ]


def test_server_subscriptions_and_projections_stand_in_one_list(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    page, _ = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    assert rows(page) == [
        ["Server", "24.10.0", "", "", ""],
        ["User", "everybody", "may do all that is here", "", ""],
        ["Subscription", "billing  ·  order-9", "Live", "5", "3"],
        ["Subscription", "audit  ·  $all", "", "not known", "0"],
        ["Projection", "$streams", "Running, 100 %", "", ""],
    ]
    assert "event_store.client.streams.streams: append, read" in page.report.text.toPlainText()


def test_parked_messages_are_looked_at_and_replayed_once_that_is_confirmed(
    qtbot: QtBot, bridge: GuiBridge, store: Store
) -> None:
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    page.listing.choose(("order-9", "billing"))
    qtbot.waitUntil(lambda: page.listing.rowCount() == 7)
    assert rows(page)[3:5] == [
        ["    parked", "2  ·  order-9@3 OrderPlaced", "too slow", "", ""],
        ["    parked", "1  ·  1@order-9", "", "", ""],
    ]
    content.replaying.click()
    content.question.stay.click()
    assert store.done == []
    content.replaying.click()
    with qtbot.waitSignal(page.said):
        content.question.go_on.click()
    assert store.done == [ReplayParked("order-9", "billing")]


def test_one_parked_message_is_resubmitted_with_those_that_were_parked_before_it_which_is_said_first(
    qtbot: QtBot, bridge: GuiBridge, store: Store
) -> None:
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    assert not content.replaying.isEnabled()
    page.listing.choose(("order-9", "billing"))
    qtbot.waitUntil(lambda: page.listing.rowCount() == 7)
    page.listing.choose(("order-9", "billing", 1))
    assert "its event is gone" in page.report.text.toPlainText()
    content.replaying.click()
    assert "It alone: none was parked before it" in content.question.text()
    content.question.stay.click()
    page.listing.choose(("order-9", "billing", 2))
    assert "1 was parked before it" in page.report.text.toPlainText()
    content.replaying.click()
    assert "order-9@3 OrderPlaced goes to the consumers of billing again" in content.question.text()
    assert "and with it the one that was parked before it: servers replay" in content.question.text()
    assert content.question.go_on.text() == "Replay 2"
    with qtbot.waitSignal(page.said):
        content.question.go_on.click()
    assert store.done == [ReplayParked("order-9", "billing", last=2)]


@pytest.mark.parametrize(
    ("user", "services", "replays", "switches", "said"),
    [
        (StoreUser("", everybody=True), (), True, True, ""),
        (StoreUser("ada", ("$ops",)), (), True, True, ""),
        (StoreUser("ada", ("books",)), (), False, True, "ada may not have parked messages replayed"),
        (StoreUser("ada"), (), True, True, ""),
        (StoreUser(""), (), False, False, "nobody may not have parked messages replayed"),
        (
            StoreUser("", everybody=True),
            (("persistent.persistentsubscriptions", ("list",)), ("p.projections", ("disable",))),
            False,
            True,
            "This server does not offer to have parked messages replayed.",
        ),
        (NotOffered("This server does not offer it."), (), True, True, ""),
    ],
)
def test_what_the_user_or_the_server_does_not_allow_is_greyed_with_the_reason(
    qtbot: QtBot,
    bridge: GuiBridge,
    store: Store,
    user: Any,
    services: Any,
    replays: bool,
    switches: bool,
    said: str,
) -> None:
    # What is not known is tried: the server says.
    store.user_said = user
    store.services = services or OFFERED
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    page.listing.choose(("order-9", "billing"))
    assert content.replaying.isEnabled() is replays
    assert said in page.report.sentence.text()
    page.listing.choose("$streams")
    assert content.switching.isEnabled() is switches


def test_what_a_server_refused_to_its_user_is_not_offered_again(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    store.user_said, store.outcome = StoreUser("ada"), NotAllowed("This user may not see or do that.")
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    page.listing.choose("user")
    assert "not known whether it may have parked messages replayed" in page.report.text.toPlainText()
    page.listing.choose(("order-9", "billing"))
    content.replaying.click()
    content.question.go_on.click()
    qtbot.waitUntil(lambda: "the server wants a user of $admins or $ops" in page.report.sentence.text())
    assert not content.replaying.isEnabled()
    page.listing.choose("user")
    assert "may not have parked messages replayed" in page.report.text.toPlainText()


def test_a_projection_is_stopped_once_that_is_confirmed(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    page.listing.choose("$streams")
    assert not content.replaying.isEnabled()
    content.switching.click()
    content.question.go_on.click()
    assert store.done == [SwitchProjection("$streams", run=False)]


def test_what_may_not_be_done_is_greyed_and_says_why(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    store.forbidden = "This store is marked as production: nothing is done there by hand."
    page, content = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    page.listing.choose(("order-9", "billing"))
    assert not content.replaying.isEnabled()
    assert store.forbidden in page.report.sentence.text()
    page.listing.choose("$streams")
    assert not content.switching.isEnabled()


def test_what_is_not_offered_says_so_in_its_place(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    store.projections_said = NotOffered("This server does not offer it.")
    page, _ = page_of(qtbot, bridge, store)
    qtbot.waitUntil(lambda: page.listing.rowCount() == 5)
    assert rows(page)[-1][:3] == ["Projections", "not offered, or not known", "This server does not offer it."]


def test_the_journal_says_who_did_what_and_how_it_ended(qtbot: QtBot, bridge: GuiBridge, store: Store) -> None:
    store.entries = (
        ActEntry(2, NOON, "ada", "delete order-1", "{}", None),
        ActEntry(1, NOON, "ada", "append Placed to order-1", '{"type": "Placed"}', ""),
    )
    page = ActsPage(store, bridge).page
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.listing.rowCount() == 2)
    assert [row[1:] for row in rows(page)] == [
        ["ada", "delete order-1", "Not known: Desk ended before the answer came."],
        ["ada", "append Placed to order-1", "Done."],
    ]
    page.listing.choose(1)
    assert '"type": "Placed"' in page.report.text.toPlainText()
