"""Payloads can be looked into, whatever they are, and the window goes on meanwhile."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.frame.room import begin_search_around
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.json_tree_model import FETCHED, KIND, NAME, VALUE
from desk.gui.widgets.visible_text import visible
from tests.counting import counting_calls
from tests.order_system import hostile_events
from tests.waiting import PATIENCE

MOST_CALLS = 40_000
"""What takes some 50 ms; a payload of one number takes a thousand."""
LONGEST_LINE = 4_000
"""Characters: one of a mebibyte takes half a second."""


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[GuiBridge]:
    bridge = GuiBridge()
    yield bridge
    bridge.close()


@pytest.fixture
def tree(qtbot: QtBot, theme: Theme, bridge: GuiBridge) -> JsonTree:
    tree = JsonTree(theme, bridge)
    qtbot.addWidget(tree)
    tree.resize(500, 400)
    tree.show()
    return tree


def rows(tree: JsonTree, parent: QModelIndex | None = None) -> list[str]:
    """What can be seen unfolded, one line a row."""
    above = parent or QModelIndex()
    found = []
    for row in range(tree.model.rowCount(above)):
        name, value, kind = (str(tree.model.index(row, column, above).data()) for column in (NAME, VALUE, KIND))
        found.append(f"{name}: {value} ({kind})")
        index = tree.model.index(row, 0, above)
        if tree.tree.isExpanded(index):
            found += ["  " + line for line in rows(tree, index)]
    return found


def test_a_small_payload_is_unfolded_with_types_and_paths(tree: JsonTree) -> None:
    tree.show_bytes(b'{"total": 0.10, "customer": {"city": "Oslo", "tags": ["new"]}, "gone": null, "paid": true}')
    assert rows(tree) == [
        "total: 0.10 (number)",
        "customer: {city, tags} (object)",
        "  city: Oslo (text)",
        "  tags: [1] (array)",
        "    0: new (text)",
        "gone: null (null)",
        "paid: true (boolean)",
    ]
    tree.tree.setCurrentIndex(tree.model.index(0, 0, tree.model.index(1, 0)))
    assert tree.path.text() == "$.customer.city"
    tree.copy_value()
    assert QApplication.clipboard().text() == "Oslo"
    tree.copy_path()
    assert QApplication.clipboard().text() == "$.customer.city"


@pytest.mark.parametrize(
    ("data", "row"),
    [(b"17", ": 17 (number)"), (b"{}", ": {} (object)"), (b'"a"', ": a (text)"), (b"[]", ": [] (array)")],
)
def test_a_payload_of_one_value_is_one_row(tree: JsonTree, data: bytes, row: str) -> None:
    tree.show_bytes(data)
    assert rows(tree) == [row]
    assert tree.model.rowCount(tree.model.index(0, 0)) == 0


def test_what_is_no_json_is_shown_as_bytes_beside_text_and_an_empty_payload_says_so(tree: JsonTree) -> None:
    tree.show_bytes(b"\x00\x01Desk" + bytes(20))
    assert tree.hex.isVisible()
    assert tree.hex.lines.index(0).data().startswith("000000  00 01 44 65 73 6b")
    assert tree.hex.lines.rowCount() == 2
    assert "26 bytes" in tree.note.text()
    tree.show_bytes(b"")
    assert tree.note.text() == "There is no data."
    assert not tree.hex.isVisible()


def test_unfolding_many_levels_looks_at_each_row_a_few_times_only(tree: JsonTree, qtbot: QtBot) -> None:
    """Not at all that a row stands within, for each: of 200 levels that held the window up for half a second."""
    levels = 200
    tree.show_bytes(b'{"a":' * levels + b"1" + b"}" * levels)
    top = tree.model.index(0, 0)
    tree.tree.setCurrentIndex(top)
    asked = 0
    counted = tree.model.rowCount

    def row_count(*parent: QModelIndex) -> int:
        nonlocal asked
        asked += 1
        return counted(*parent)

    tree.model.rowCount = row_count  # type: ignore[method-assign, assignment]  # counts, and answers the same
    tree._unfold()
    row, seen = top, 1
    while (row := tree.tree.indexBelow(row)).isValid():
        seen += 1
    assert seen == levels
    assert asked < 20 * levels


def test_searching_goes_through_folded_rows_and_back_to_the_first(tree: JsonTree, qtbot: QtBot) -> None:
    data = {f"key{n}": {"deep": {"city": "Oslo" if n % 100 == 0 else "Bath"}} for n in range(400)}
    tree.show_bytes(json.dumps(data).encode())
    qtbot.waitUntil(lambda: tree.model.document is not None)
    tree.tree.setFocus()
    assert begin_search_around(tree.focusWidget())
    assert tree.focusWidget() is tree.search
    tree.search.setText("osLO")
    qtbot.waitUntil(lambda: tree.hits.text() == "4")
    assert tree.path.text() == "$.key0.deep.city"
    for name in ("key100", "key200", "key300", "key0"):
        qtbot.keyClick(tree.search, Qt.Key.Key_Return)
        assert tree.path.text() == f"$.{name}.deep.city"
    tree.find_next(step=-1)
    assert tree.path.text() == "$.key300.deep.city"
    tree.search.setText("nowhere")
    qtbot.waitUntil(lambda: tree.hits.text() == "0")


def test_more_rows_are_made_when_the_last_of_those_made_comes_into_sight(tree: JsonTree, qtbot: QtBot) -> None:
    tree.show_bytes(json.dumps({"list": list(range(5_000)), "after": 1}).encode())
    qtbot.waitUntil(lambda: tree.model.document is not None)
    inner = tree.model.index(0, 0)
    tree.tree.expand(inner)
    assert FETCHED <= tree.model.rowCount(inner) < 2_000
    for _ in range(40):
        tree.tree.scrollTo(tree.model.index(tree.model.rowCount(inner) - 1, 0, inner))
        QApplication.processEvents()
    assert tree.model.rowCount(inner) == 5_000
    assert tree.model.index(4_999, VALUE, inner).data() == "4999"


def test_a_long_text_is_shown_whole_below(tree: JsonTree, qtbot: QtBot) -> None:
    text = "word " * 300
    tree.show_bytes(json.dumps({"short": "a", "long": text}).encode())
    qtbot.waitUntil(lambda: tree.model.document is not None)
    tree.tree.setCurrentIndex(tree.model.index(1, 0))
    assert tree.whole.isVisible()
    assert tree.whole.toPlainText() == text
    tree.tree.setCurrentIndex(tree.model.index(0, 0))
    assert not tree.whole.isVisible()


def test_the_answer_to_a_payload_that_is_not_looked_at_any_more_is_dropped(tree: JsonTree, qtbot: QtBot) -> None:
    tree.show_bytes(json.dumps({"first": "x" * 20_000}).encode())
    tree.show_bytes(b'{"second": 1}')
    qtbot.wait(200)
    assert rows(tree) == ["second: 1 (number)"]


def most_in_a_turn(tree: JsonTree, data: bytes) -> int:
    """Calls of the window's own thread in the turn with most of them, while a payload is shown and looked into."""
    turns: list[int] = []

    def turn(act: Callable[[], object]) -> None:
        with counting_calls() as calls:
            act()
            QApplication.processEvents()
        turns.append(calls.number)

    seen: list[bool] = []
    shown = tree.shown.connect(lambda: seen.append(True))
    turn(lambda: tree.show_bytes(data))
    limit = time.monotonic() + PATIENCE
    while not seen and data:
        assert time.monotonic() < limit
        time.sleep(0.001)
        turn(lambda: None)
    tree.shown.disconnect(shown)
    if tree.model.document is not None:
        turn(lambda: tree.tree.setCurrentIndex(tree.model.index(0, 0)))
        assert tree.path.text()
    return max(turns)


def longest_line(tree: JsonTree) -> int:
    """Characters of the longest line that Qt lays out, which it does whole."""
    whole = tree.whole.document()
    return max(
        *(len(line) for line in rows(tree)),
        *(whole.findBlockByNumber(number).length() for number in range(whole.blockCount())),
        len(tree.path.text()),
    )


@pytest.mark.parametrize(("stream", "data"), [(stream, event.data) for stream, event in hostile_events()])
def test_no_payload_holds_the_window_up(tree: JsonTree, stream: str, data: bytes) -> None:
    assert most_in_a_turn(tree, data) < MOST_CALLS, stream[:40]
    assert longest_line(tree) < LONGEST_LINE


def test_what_cannot_be_seen_is_shown() -> None:
    assert visible("a\x00\n\x7f") == "a␀␊␡"
    assert visible("a\u202eb\u200b") == "a‹U+202E›b‹U+200B›"
    assert visible("👩‍👩‍👧‍👦 مرحبا é") == "👩‍👩‍👧‍👦 مرحبا é"
