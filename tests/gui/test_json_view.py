"""Payloads are shown as what they are, within limits."""

import json

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from desk.gui.frame.theme import Theme
from desk.gui.widgets.json_view import COLOURED_UP_TO, JsonView, hex_dump, lay_out


def colours(view: JsonView) -> set[str]:
    """The colours in use in the whole text."""
    found = set()
    block = view.text.document().begin()
    while block.isValid():
        found |= {form.format.foreground().color().name() for form in block.layout().formats()}
        block = block.next()
    return found


def test_json_is_laid_out_and_coloured_by_kind(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView(theme)
    qtbot.addWidget(view)
    view.show_bytes(b'{"title":"The \\"Hobbit\\"","year":1937,"lent":false}')
    assert '  "year": 1937' in view.text.toPlainText()
    names = ("json.key", "json.string", "json.number", "json.word")
    assert {QColor(theme.color(name)).name() for name in names} <= colours(view)
    assert view.note.isHidden()
    assert view.raw == b'{"title":"The \\"Hobbit\\"","year":1937,"lent":false}'


def test_what_is_no_json_is_shown_as_bytes_with_its_length(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView(theme)
    qtbot.addWidget(view)
    view.show_bytes(b"\x00\x01Desk")
    assert view.text.toPlainText().startswith("000000  00 01 44 65 73 6b")
    assert "6 bytes" in view.note.text()


def test_a_long_payload_is_plain_and_says_so(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView(theme)
    qtbot.addWidget(view)
    view.show_bytes(json.dumps(["x" * COLOURED_UP_TO]).encode())
    assert not colours(view)
    assert "too long" in view.note.text()


def test_an_empty_payload_and_a_cleared_view_say_why(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView(theme)
    qtbot.addWidget(view)
    view.show_bytes(b"")
    assert view.note.text() == "There is no data."
    view.clear("No event chosen.")
    assert (view.note.text(), view.text.toPlainText(), view.raw) == ("No event chosen.", "", b"")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_laying_out_changes_no_value(value: object) -> None:
    laid_out = lay_out(json.dumps(value).encode())
    assert laid_out is not None
    assert json.loads(laid_out) == value


@given(st.binary(max_size=200))
def test_a_hex_dump_holds_every_byte_in_order(data: bytes) -> None:
    columns = (line[8:55] for line in hex_dump(data).splitlines())
    assert bytes.fromhex(" ".join(columns)) == data
