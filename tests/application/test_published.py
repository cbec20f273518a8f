"""T23: what was stored once can be read for ever: a file for each schema that was ever published, and frozen samples.

``published/`` holds the fields of every event, ``frozen/`` payloads as they were stored, by type and schema number.
Files are added, and never changed.
"""

import json
import re
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest

from desk.application.codec import event_registry
from desk.application.command_events import EVENTS
from desk.cqrs.metadata import canonical_json
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, BookCreated
from desk.domain.values import Unset

HERE = Path(__file__).parent
REGISTRY = event_registry()
KINDS = (*BOOK_EVENTS, *ISBN_EVENTS)
WRITTEN = {UUID: "uuid", str: "str", int: "int", date: "date", datetime: "instant", tuple[str, ...]: "[str]"}
ADVICE = (
    "{name} is stored in this form for ever. Another form is schema number {next}: give it that number in EVENTS of "
    "desk/application/command_events.py, write the upcaster from number {number} in codec.py, and add "
    "published/{kind}-{next}.json and frozen/{kind}-{next}.json beside the old ones. Only a new optional field, one "
    "with a default, needs no new number: add it to {name}."
)


def written(field: Field[Any], hint: Any) -> dict[str, object]:
    """One field as it is published: its type, whether it may be absent, whether it may be null."""
    members = [hint] if hint in WRITTEN else list(get_args(hint))
    (plain,) = (WRITTEN[member] for member in members if member in WRITTEN)
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    nullable = NoneType in members and Unset in members
    return {"type": plain, "optional": has_default} | ({"null": "cleared"} if nullable else {})


def schema_of(kind: type) -> dict[str, dict[str, object]]:
    """The fields of an event as they are in the store."""
    hints = get_type_hints(kind)
    return {_key(field.name): written(field, hints[field.name]) for field in fields(kind)}


def _key(name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)


def number_of(kind: type) -> int:
    return next(entry.schema for entry in EVENTS if entry.event is kind)


def files(directory: str) -> list[Path]:
    return sorted((HERE / directory).glob("*.json"))


def named(file: Path) -> tuple[str, int]:
    name, _, number = file.stem.rpartition("-")
    return name, int(number)


def complaint(name: str, number: int, today: dict[str, dict[str, object]]) -> str:
    """What is to be done where an event no longer has the form that was published; empty where it has."""
    file = HERE / "published" / f"{name}-{number}.json"
    if file.exists() and json.loads(file.read_text()) == today:
        return ""
    return ADVICE.format(name=f"published/{file.name}", kind=name, number=number, next=number + 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_t23_an_event_has_the_fields_that_were_published(kind: type) -> None:
    assert not (said := complaint(kind.__name__, number_of(kind), schema_of(kind))), said


def test_t23_whoever_changes_a_published_schema_is_told_what_to_do() -> None:
    renamed = {"bookId": {"type": "uuid", "optional": False}, "isbn13": {"type": "str", "optional": False}}
    said = complaint("BookListed", 1, renamed)
    assert "schema number 2" in said
    assert "write the upcaster from number 1" in said
    assert "frozen/BookListed-2.json" in said


def test_t23_no_schema_was_ever_taken_back() -> None:
    """Every number from 1 on, of every event, is published and has frozen samples; and of no other."""
    wanted = {(kind.__name__, number) for kind in KINDS for number in range(1, number_of(kind) + 1)}
    for directory in ("published", "frozen"):
        assert {named(file) for file in files(directory)} == wanted


@pytest.mark.parametrize("file", files("frozen"), ids=lambda file: file.stem)
def test_t23_a_frozen_sample_is_an_event_of_today(file: Path) -> None:
    name, number = named(file)
    for about, payload in json.loads(file.read_text()).items():
        event = REGISTRY.decode(name, number, canonical_json(payload))
        assert type(event).__name__ == name
        if number == number_of(type(event)):
            stored = json.loads(REGISTRY.encode(event)[2])
            assert stored == payload, f"what {file.name} has as {about!r} is stored otherwise now"


@pytest.mark.parametrize("file", files("frozen"), ids=lambda file: file.stem)
def test_t23_frozen_samples_show_every_field_and_its_absence(file: Path) -> None:
    published = json.loads((HERE / "published" / file.name).read_text())
    samples = json.loads(file.read_text()).values()
    assert {key for sample in samples for key in sample} == set(published)
    needed = {key for key, field in published.items() if not field["optional"]}
    assert any(set(sample) <= needed | {"subjects"} for sample in samples)


def test_t23_the_one_author_of_the_first_schema_becomes_authors() -> None:
    samples = json.loads((HERE / "frozen" / "BookCreated-1.json").read_text())
    several = REGISTRY.decode("BookCreated", 1, canonical_json(samples["several authors"]))
    assert isinstance(several, BookCreated)
    assert several.authors == ("Terry Pratchett", "Neil Gaiman")
    assert REGISTRY.encode(several)[1] == 2
