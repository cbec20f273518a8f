"""On a stage readers' numbers, ids, machines and paths are hidden, in JSON too; elsewhere everything is as it is."""

import json
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desk.gui.streams.model import PLACE, TypeLook, event_columns
from desk.gui.widgets.field_words import FieldWords
from desk.gui.widgets.masking import masked_json, masked_words, reader, set_masked, short
from desk.gui.widgets.visible_text import visible
from tests.gui.timeline.fake_history import recorded

STORED = {
    "patronRef": "R-17",
    "loanId": "6f0d5e0e-3c0b-5d0a-9b57-3f4d1c2a7e91",
    "host": "ada-laptop",
    "copyNo": 2,
    "log": "read /home/ada/desk/node.sqlite now",
    "many": [{"patron": "1234"}],
}
URL = "https://example.org/books/emma"


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[None]:
    set_masked(masked=True)
    yield
    set_masked(masked=False)


def test_elsewhere_everything_is_as_it_is(qapp: QApplication) -> None:
    data = json.dumps(STORED).encode()
    assert masked_json(data) is data
    assert (reader("R-17"), short("/home/ada/x")) == ("R-17", "/home/ada/x")


def test_on_a_stage_json_hides_people_ids_machines_and_paths(stage: None) -> None:
    assert json.loads(masked_json(json.dumps(STORED).encode())) == {
        "patronRef": "R-••",
        "loanId": "6f0d…",
        "host": "…",
        "copyNo": 2,
        "log": "read … now",
        "many": [{"patron": "••"}],
    }
    assert masked_json(b"\xff no json R-17") == b"\xff no json R-17"


def test_on_a_stage_a_stream_has_a_short_id_and_an_address_stays(stage: None) -> None:
    assert short("book-6f0d5e0e-3c0b-5d0a-9b57-3f4d1c2a7e91") == "book-6f0d…"
    assert short(URL) == URL
    assert short("and/or, 3/4") == "and/or, 3/4"


def test_on_a_stage_the_fields_of_a_history_name_no_reader(stage: None) -> None:
    words = FieldWords({"holds/h/patron": "R-17"})
    said = [words.value("copies/1/loan/patron", "R-23"), words.group("holds/h/state"), words.value("x/hold_id", "h")]
    assert said == ["R-••", "Hold of R-••", "that of R-••"]


def test_on_a_stage_a_sentence_names_no_reader(stage: None) -> None:
    assert masked_words("Lent copy 1 to R-2739 until 2026-04-01") == "Lent copy 1 to R-•• until 2026-04-01"


def test_on_a_stage_streams_and_their_events_have_short_ids(stage: None) -> None:
    name = "book-6f0d5e0e-3c0b-5d0a-9b57-3f4d1c2a7e91"
    columns = event_columns([recorded(name, 4)], TypeLook())
    assert columns.cell(0, PLACE, Qt.ItemDataRole.DisplayRole) == "4@book-6f0d…"
    assert visible(f"{name} of R-17") == "book-6f0d… of R-••"
