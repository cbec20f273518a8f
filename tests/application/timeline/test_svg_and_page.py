"""Pictures and pages: nothing is lost, nothing in them is anybody else's code, and refused files say why."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid5
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.codec import event_registry
from desk.application.inspection.fold import domain_folds
from desk.application.resources import resource
from desk.application.timeline.account import Teller, Told, coming_of, sentence_of
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.layout import Side, Wish
from desk.application.timeline.look import AxisStyle
from desk.application.timeline.page import Page, columns_of, page_of
from desk.application.timeline.scale import Mode
from desk.application.timeline.svg import SvgPicture, picture_of
from desk.application.timeline.writing import CannotWrite, write_whole
from tests.gui.timeline.fake_history import NAMES, recorded

LIGHT = AxisStyle.load(resource("themes/light.json"))
BOOK = uuid5(NAMES, "a book")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202etxet\u202d",
    "a\x00b\x1b[31m\x7f",
    "]]>&amp;<!--",
    "' onload='x",
    "\ud800",
)


def told_of(stream: str, payloads: list[tuple[str, object]]) -> list[Told]:
    events = []
    for number, (name, payload) in enumerate(payloads):
        schema = 2 if name == "BookCreated" else 1
        said = f"2026-01-{number + 1:02}T10:00:00Z"
        meta = {"schema": schema, "user": HOSTILE[number % len(HOSTILE)], "issuedAt": said}
        stored = recorded("s", number, name, data=json.dumps(payload).encode(), metadata=json.dumps(meta).encode())
        events.append(replace(stored, stream=stream))
    return list(Teller(domain_folds(event_registry())(stream)).tell(events))


@pytest.fixture
def life() -> list[Told]:
    """A book's, with a loan and two holds, one of which waits on the shelf."""
    book = {"bookId": str(BOOK)}
    loan, hold = str(uuid5(NAMES, "loan")), str(uuid5(NAMES, "hold"))
    about = book | {"isbn": "9780451523068", "title": "Emma", "authors": ["Jane Austen"], "subjects": []}
    lent = book | {"copyNo": 1, "loanId": loan, "patronRef": "R-1", "lentOn": "2026-01-03", "dueOn": "2026-01-24"}
    aside = book | {"copyNo": 2, "holdId": hold, "pickupUntil": "2026-01-30"}
    placed = book | {"holdId": hold, "patronRef": "R-2", "placedAt": "2026-01-04T10:00:00Z"}
    return told_of(
        f"book-{BOOK}",
        [
            ("BookCreated", about),
            ("BookListed", book | {"isbn": "9780451523068"}),
            ("CopyAdded", book | {"copyNo": 1}),
            ("CopyLent", lent),
            ("HoldPlaced", placed),
            ("CopyAdded", book | {"copyNo": 2}),
            ("CopySetAside", aside),
        ],
    )


class Tags(HTMLParser):
    """Collects what is in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(told: list[Told], stream: str = "stream-1", title: str = "A stream") -> str:
    return "".join(page_of(stream, told, Page(title, SvgPicture(LIGHT))))


def texts(svg: str) -> Iterator[str]:
    for element in ElementTree.fromstring(svg).iter():
        if element.text and element.text.strip():
            yield element.text


def test_a_book_is_told_in_plain_words_with_what_each_event_changed(life: list[Told]) -> None:
    assert [told.sentence for told in life] == [
        "Created Emma",
        "Listed in the catalogue",
        "Added copy 1",
        "Lent copy 1 to R-1",
        "Placed a hold for R-2",
        "Added copy 2",
        "Set copy 2 aside until 30 Jan 2026",
    ]
    assert life[1].changes == {"state": ("pending", "listed")}
    assert life[3].changes["copies/1/due_on"] == (None, "2026-01-24")


def test_every_event_and_every_change_is_on_the_page_which_needs_no_script(life: list[Told]) -> None:
    tags = Tags()
    tags.feed(page(life))
    said = "\n".join(tags.texts)
    assert tags.tags.count("article") == len(life)
    assert all(told.sentence in said for told in life)
    assert "copy 1: due on" in said
    assert "copy 1: reader" in said, "as the window calls it"
    assert said.count("A stream") == 3, "of the tab, of the page, and what the axis is called for who does not see it"
    assert "script" not in tags.tags
    assert not any(name.startswith("on") or name in ("src",) for name, _ in tags.attributes)
    links = [value for name, value in tags.attributes if name == "href"]
    anchors = {f"#{value}" for name, value in tags.attributes if name == "id"}
    assert set(links) <= anchors
    assert len(set(links)) == len(life)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_payloads_types_names_and_users_stay_text(text: str) -> None:
    stored = {"a": text, text: [text, {text: text}]}
    told = told_of(text, [("Plain", stored), (text, stored), ("BookCreated", stored)])
    for document in (
        page(told, text, text),
        picture_of(columns_of(text, told), text, SvgPicture(LIGHT, wish=Wish(LaneBy.FIELD))),
        picture_of(columns_of(text, told), text, SvgPicture(LIGHT, wish=Wish(LaneBy.ACTOR))),
    ):
        assert not set(document) & {"\x00", "\x1b", "\x7f"}
        document.encode()
        tags = Tags()
        tags.feed(document)
        assert not {"script", "img"} & set(tags.tags)
        assert not any(name.startswith("on") for name, _ in tags.attributes)
        for line in tags.texts:
            opened = line.count("\u2068")
            assert "\u202e" not in line or opened == line.count("\u2069") > 0, "what turns letters ends with its text"


@given(st.text(st.characters(codec=None), max_size=40), st.sampled_from(Mode), st.sampled_from(LaneBy))
def test_a_picture_is_well_formed_whatever_is_written_in_it(text: str, mode: Mode, by: LaneBy) -> None:
    columns = columns_of("s", told_of("s", [(text, {text: text}), ("Other", 1), (text, None)]))
    svg = picture_of(columns, text, SvgPicture(LIGHT, 700, mode, Wish(by)))
    assert ElementTree.fromstring(svg.encode()).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_picture_has_all_events_at_any_width_and_in_both_looks(life: list[Told]) -> None:
    columns = columns_of("book-1", life)
    for look in (LIGHT, AxisStyle.load(resource("themes/dark.json"))):
        for width in (200.0, 640.0, 5000.0):
            svg = picture_of(columns, "Emma", SvgPicture(look, width))
            assert f'width="{width:.0f}"' in svg
            assert look.paper in svg
            singles = len(re.findall(r"<title>\W*r\d", svg))
            crowds = sum(int(count) for count in re.findall(r"<title>(\d+) events from", svg))
            assert singles + crowds == len(life)


def test_a_hundred_thousand_events_make_a_small_picture() -> None:
    columns = columns_of("sensor-1", [])
    for revision in range(100_000):
        columns.append(revision, revision, 1.7e9 + revision, "Measured", "")
    svg = picture_of(columns, "sensor-1", SvgPicture(LIGHT))
    assert len(svg) < 100_000
    assert "Measured 100,000" in list(texts(svg))


def test_no_event_at_all_is_a_picture_and_a_page_too() -> None:
    assert "no events" in page([])
    assert list(texts(picture_of(columns_of("s", []), "s", SvgPicture(LIGHT))))


def test_what_is_to_come_of_a_book_is_known_from_its_fields(life: list[Told]) -> None:
    teller = Teller(domain_folds(event_registry())(f"book-{BOOK}"))
    assert len(list(teller.tell(told.event for told in life))) == len(life)
    notes = coming_of(teller.fields or {})
    assert [(note.side, note.text) for note in notes] == [
        (Side.DUE, "Copy 1 is due on 24 Jan 2026, from R-1"),
        (Side.PICKUP, "Copy 2 waits for R-2 until 30 Jan 2026"),
    ]


def test_what_cannot_be_folded_is_said_and_the_rest_is_told(life: list[Told]) -> None:
    events = [life[0].event, recorded(f"book-{BOOK}", 1, "BookListed", data=b"no json"), life[2].event]
    teller = Teller(domain_folds(event_registry())(f"book-{BOOK}"))
    told = list(teller.tell(events))
    assert [bool(each.problem) for each in told] == [False, True, True]
    assert teller.fields is None
    assert "revision 1" in page(told)


def test_events_of_other_systems_are_told_by_type_and_first_values() -> None:
    event = recorded("order-1", 0, "OrderPlaced", data=b'{"total": 12, "items": [1], "city": "Oslo", "a": 1, "b": 2}')
    assert sentence_of(event) == "OrderPlaced: total 12, city Oslo, a 1"
    assert sentence_of(recorded("order-1", 0, "OrderPlaced", data=b"\xff")) == "OrderPlaced"
    assert sentence_of(recorded("order-1", 0, "CopyLent", data=b'{"copyNo": 1}')) == "CopyLent"


def test_a_file_is_written_whole_or_not_at_all_and_refusals_say_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_whole(file, ["é", b"\n"])
    assert file.read_bytes() == "é\n".encode()
    with pytest.raises(CannotWrite, match="is there already; name another file, or allow it with --overwrite"):
        write_whole(file, ["new"])
    write_whole(file, ["new"], overwrite=True)
    assert file.read_text() == "new"
    with pytest.raises(CannotWrite, match=r"The folder .*nowhere is not there; make it first"):
        write_whole(tmp_path / "nowhere" / "page.html", ["x"])
    with pytest.raises(CannotWrite, match="is a folder"):
        write_whole(tmp_path, ["x"])

    def broken() -> Iterator[str]:
        yield "half"
        raise OSError(28, os.strerror(28))

    with pytest.raises(CannotWrite, match="cannot be written: No space left on device"):
        write_whole(file, broken(), overwrite=True)
    assert file.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
