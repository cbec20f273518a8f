"""Which column of a file is which field of a book: found by well-known names, and changeable."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from desk.application.importing.isbns import is_isbn, is_meant_as_isbn


class Field(Enum):
    """A field of a book that a file can fill; its value is its name in the domain.

    ``OTHER_ISBN`` is a second column of ISBNs, read beside the first one: spreadsheets ruin one of two more often than
    both.
    """

    ISBN = "isbn"
    TITLE = "title"
    AUTHORS = "authors"
    PUBLISHER = "publisher"
    YEAR = "published_year"
    LANGUAGE = "language"
    SUBJECTS = "subjects"
    OTHER_ISBN = "other_isbn"

    @property
    def label(self) -> str:
        """How the field is called towards people."""
        return _LABELS[self]


REQUIRED: Final = (Field.ISBN, Field.TITLE, Field.AUTHORS)

_LABELS: Final[Mapping[Field, str]] = MappingProxyType(
    {
        Field.ISBN: "ISBN",
        Field.TITLE: "Title",
        Field.AUTHORS: "Authors",
        Field.PUBLISHER: "Publisher",
        Field.YEAR: "Year",
        Field.LANGUAGE: "Language",
        Field.SUBJECTS: "Subjects",
        Field.OTHER_ISBN: "Other ISBN",
    }
)

_ISBN_NAMES: Final = "isbn13 isbn ean13 ean isbn10 isbnnumber isbnnummer isbnnr isbncode bookisbn"
# Letters and digits only, in lower case, without accents; the earlier name wins where a file has several.
_KNOWN: Final[Mapping[Field, str]] = MappingProxyType(
    {
        Field.ISBN: _ISBN_NAMES,
        Field.TITLE: "title booktitle fulltitle maintitle titel buchtitel titre titulo titolo otsikko tytul",
        Field.AUTHORS: (
            "authors author bookauthor bookauthors primaryauthor authorname creator creators writer autor autoren "
            "autorin autorinnen verfasser verfasserin urheber auteur auteurs autores autore autori forfatter forfattare"
        ),
        Field.PUBLISHER: (
            "publisher bookpublisher publishername imprint verlag verlagsname editeur editor editorial editore "
            "editora uitgever forlag forlaget"
        ),
        Field.YEAR: (
            "yearofpublication publicationyear publishedyear yearpublished originalpublicationyear year pubyear "
            "publicationdate datepublished published date jahr erscheinungsjahr erscheinungsdatum annee "
            "anneedepublication ano anno annodipubblicazione jaar ar"
        ),
        Field.LANGUAGE: "language languagecode languages lang booklanguage sprache sprachen langue idioma lingua taal",
        Field.SUBJECTS: (
            "subjects subject topics topic genres genre categories category keywords tags themen thema schlagworter "
            "schlagworte schlagwort schlagwoerter kategorie kategorien sujets sujet materias materia temas argomenti "
            "soggetti onderwerpen"
        ),
    }
)
_NOT_ALNUM: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The number of each field's column, from 0; None for a field that the file does not have."""

    isbn: int | None = None
    title: int | None = None
    authors: int | None = None
    publisher: int | None = None
    published_year: int | None = None
    language: int | None = None
    subjects: int | None = None
    other_isbn: int | None = None

    @classmethod
    def of(cls, columns: Mapping[Field, int | None]) -> "ColumnMapping":
        """The mapping that a choice for each field means."""
        return cls(**{field.value: column for field, column in columns.items()})

    def column(self, field: Field) -> int | None:
        """Where the field stands."""
        number: int | None = getattr(self, field.value)
        return number

    def missing(self) -> tuple[Field, ...]:
        """Fields that a book cannot be without, and that no column is chosen for."""
        return tuple(field for field in REQUIRED if self.column(field) is None)


def find_columns(header: Sequence[str]) -> ColumnMapping:
    """The mapping by well-known names; case, accents, blanks and hyphens do not matter."""
    bare = [_bare(name) for name in header]
    places = {
        field: [number for known in names.split() for number, name in enumerate(bare) if name == known]
        for field, names in _KNOWN.items()
    }
    columns = {field: next(iter(numbers), None) for field, numbers in places.items()}
    return ColumnMapping.of({**columns, Field.OTHER_ISBN: next(iter(places[Field.ISBN][1:]), None)})


def find_isbn_columns(rows: Sequence[Sequence[str]]) -> ColumnMapping:
    """All that can be found without names: the column where most ISBNs stand, and the next one that has any."""
    counts = Counter(number for cells in rows for number, cell in enumerate(cells) if is_isbn(cell))
    first, second, *_ = (*(number for number, _count in counts.most_common(2)), None, None)
    return ColumnMapping(isbn=first, other_isbn=second)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first record has names of columns: it does unless an ISBN, whole or not, is among its cells."""
    return not any(is_meant_as_isbn(cell) for cell in cells)


def field_named(name: str) -> Field | None:
    """The field that somebody means who types this name, as ``year`` or ``authors``."""
    wanted = _bare(name)
    return next((f for f in Field if wanted == _bare(f.value) or wanted in _KNOWN.get(f, "").split()), None)


def column_named(name: str, header: Sequence[str]) -> int | None:
    """The column of this name, or of this number counted from 1."""
    wanted = _bare(name)
    by_name = next((number for number, each in enumerate(header) if _bare(each) == wanted), None)
    if by_name is not None:
        return by_name
    return int(name) - 1 if name.isascii() and name.isdigit() and 1 <= int(name) <= len(header) else None


def _bare(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    # Names in other scripts stay as they are.
    return _NOT_ALNUM.sub("", plain) or plain.strip()
