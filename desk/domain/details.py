"""What is known of a title, beside its ISBN: the one table of its fields. Commands, events, state, rows and forms have
them from here; a new field is a line in each of the two classes and its parser.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

from desk.domain.values import (
    UNSET,
    Unset,
    parse_authors,
    parse_language,
    parse_published_year,
    parse_publisher,
    parse_subjects,
    parse_title,
)
from desk.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDetails:
    """All of it. A field with a default may be unknown; only such a one can be added, as older events lack it."""

    title: str
    authors: tuple[str, ...]
    publisher: str | None = None
    published_year: int | None = None
    language: str | None = None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedDetails:
    """Some of it. UNSET leaves a field alone, None clears one that may be unknown."""

    title: str | Unset = UNSET
    authors: tuple[str, ...] | Unset = UNSET
    publisher: str | Unset | None = UNSET
    published_year: int | Unset | None = UNSET
    language: str | Unset | None = UNSET
    subjects: tuple[str, ...] | Unset = UNSET


DETAIL_PARSERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "title": parse_title,
        "authors": parse_authors,
        "publisher": parse_publisher,
        "published_year": parse_published_year,
        "language": parse_language,
        "subjects": parse_subjects,
    }
)
"""The rule of each field: gives a value, typed or not, the form in which it is stored, or raises InvalidField."""

_VALUES: Final = attrgetter(*DETAIL_PARSERS)


def details_of(holder: BookDetails) -> dict[str, Any]:
    """The details that a command, event, book or draft has, by name."""
    return dict(zip(DETAIL_PARSERS, _VALUES(holder), strict=True))


def details_given(correction: CorrectedDetails) -> dict[str, Any]:
    """Those that a correction, or its event, touches, by name."""
    return {name: value for name, value in zip(DETAIL_PARSERS, _VALUES(correction), strict=True) if value is not UNSET}


def spell(value: object) -> str:
    """A field's value as text: several separated by semicolons, nothing as nothing."""
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)
