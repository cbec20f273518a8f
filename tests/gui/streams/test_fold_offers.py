"""A fold of one's own is chosen from a menu: named with its hash, and run only once somebody has said so."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk.application.folds import ChosenFold, FoldFile, FoldRefused, FoldStanding
from desk.gui.frame.theme import Theme
from desk.gui.streams.fold_offers import FoldOffers
from desk.gui.widgets.background import GuiBridge
from tests.gui.timeline.fake_history import FakeHistory
from tests.gui.workspaces import workspace_of

FILE = FoldFile(Path("/home/ada/order.py"), "ab" * 32)


@dataclass
class Folds:
    """What was chosen; ``refused`` is said to whoever looks at a file."""

    kept: dict[str, ChosenFold] = field(default_factory=dict)
    refused: str = ""

    def chosen(self) -> tuple[ChosenFold, ...]:
        return tuple(self.kept.values())

    def look_at(self, path: Path) -> FoldFile:
        if self.refused:
            raise FoldRefused(self.refused)
        return FoldFile(path, FILE.sha256)

    def choose(self, category: str, file: FoldFile) -> None:
        self.kept[category] = ChosenFold(category, file, FoldStanding.USED)

    def forget(self, category: str) -> None:
        del self.kept[category]

    def fold(self, *_given: Any) -> "Future[Any]":
        raise AssertionError("a menu folds nothing")


@pytest.fixture
def folds() -> Folds:
    return Folds()


@pytest.fixture
def offers(qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme, folds: Folds) -> FoldOffers:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return FoldOffers(workspace_of(session.session, bridge, theme), folds, parent)


def words(offers: FoldOffers, name: str = "order-*") -> dict[str, Callable[[], object]]:
    return {text.replace("&", ""): act for text, act in offers.offers(name)}


def test_a_file_is_run_only_once_somebody_said_so_and_is_named_with_its_hash(
    offers: FoldOffers, folds: Folds, qtbot: QtBot
) -> None:
    assert list(words(offers)) == ["Fold order with a file…"]
    words(offers, "order-17")["Fold order with a file…"]()
    assert offers.files is not None
    assert offers.files.isVisible()
    offers.files.reject()
    offers.look_at("order", FILE.path)
    qtbot.waitUntil(lambda: offers.question is not None)
    question = offers.question
    assert question is not None
    assert question.text() == "Run /home/ada/order.py for the streams of order?"
    assert FILE.sha256 in question.informativeText()
    assert "may do on this computer what you may do" in question.informativeText()
    question.stay.click()
    assert folds.kept == {}
    offers.question = None
    offers.look_at("order", FILE.path)
    qtbot.waitUntil(lambda: offers.question is not None)
    question = offers.question
    assert question is not None
    question.go_on.click()
    qtbot.waitUntil(lambda: len(words(offers)) == 2)
    assert folds.kept["order"].file == FILE
    words(offers)[f"Do not fold it with order.py ({FILE.sha256[:12]})"]()
    qtbot.waitUntil(lambda: len(words(offers)) == 1)
    assert folds.kept == {}


def test_a_file_that_changed_is_offered_to_be_run_again(offers: FoldOffers, folds: Folds, qtbot: QtBot) -> None:
    folds.kept["order"] = ChosenFold("order", FILE, FoldStanding.CHANGED)
    offers.read()
    qtbot.waitUntil(lambda: len(words(offers)) == 3)
    words(offers)["Run order.py again, as it is now…"]()
    qtbot.waitUntil(lambda: offers.question is not None)
    assert offers.question is not None
    offers.question.go_on.click()
    qtbot.waitUntil(lambda: folds.kept["order"].standing is FoldStanding.USED)


def test_a_file_that_cannot_be_read_is_said(offers: FoldOffers, folds: Folds, qtbot: QtBot) -> None:
    folds.refused = "/home/ada/order.py cannot be read: No such file or directory."
    with qtbot.waitSignal(offers._workspace.said) as said:
        offers.look_at("order", FILE.path)
    assert said.args == [folds.refused]
    assert offers.question is None


def test_streams_without_a_category_and_those_of_the_server_are_offered_none(offers: FoldOffers) -> None:
    assert words(offers, "gauge") == {}
    assert words(offers, "$ce-order") == {}
