"""Which column of a file is which field of a book: found by well-known names, and changeable."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from desk.application.importing.isbns import is_isbn, is_meant_as_isbn
from desk.records import dataclass

_ISBN_NAMES: Final = "isbn13 isbn ean13 ean isbn10 isbnnumber isbnnummer isbnnr isbncode bookisbn"


class Field(Enum):
    """A field of a book towards people and their files: its name in the domain (its value), how people call it, and
    the names of columns that are known to hold it.

    Names of columns are letters and digits only, in lower case, without accents; the earlier name wins where a file has
    several. ``OTHER_ISBN`` is a second column of ISBNs, read beside the first one: spreadsheets ruin one of two more
    often than both.
    """

    ISBN = "isbn", "ISBN", _ISBN_NAMES
    TITLE = "title", "Title", "title booktitle fulltitle maintitle titel buchtitel titre titulo titolo otsikko tytul"
    AUTHORS = (
        "authors",
        "Authors",
        "authors author bookauthor bookauthors primaryauthor authorname creator creators writer autor autoren "
        "autorin autorinnen verfasser verfasserin urheber auteur auteurs autores autore autori forfatter forfattare",
    )
    PUBLISHER = (
        "publisher",
        "Publisher",
        "publisher bookpublisher publishername imprint verlag verlagsname editeur editor editorial editore "
        "editora uitgever forlag forlaget",
    )
    YEAR = (
        "published_year",
        "Year",
        "yearofpublication publicationyear publishedyear yearpublished originalpublicationyear year pubyear "
        "publicationdate datepublished published date jahr erscheinungsjahr erscheinungsdatum annee "
        "anneedepublication ano anno annodipubblicazione jaar ar",
    )
    LANGUAGE = (
        "language",
        "Language",
        "language languagecode languages lang booklanguage sprache sprachen langue idioma lingua taal",
    )
    SUBJECTS = (
        "subjects",
        "Subjects",
        "subjects subject topics topic genres genre categories category keywords tags themen thema schlagworter "
        "schlagworte schlagwort schlagwoerter kategorie kategorien sujets sujet materias materia temas argomenti "
        "soggetti onderwerpen",
    )
    OTHER_ISBN = "other_isbn", "Other ISBN", ""

    label: str
    known_columns: tuple[str, ...]

    def __new__(cls, name: str, label: str = "", columns: str = "") -> "Field":
        """A line of the table; the name alone looks one up. ``columns`` are separated by blanks."""
        field = object.__new__(cls)
        field._value_, field.label, field.known_columns = name, label, tuple(columns.split())
        return field


REQUIRED: Final = (Field.ISBN, Field.TITLE, Field.AUTHORS)

_NOT_ALNUM: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The number of each field's column, from 0, without fields that the file does not have."""

    columns: Mapping[Field, int]

    @classmethod
    def of(cls, columns: Mapping[Field, int | None]) -> "ColumnMapping":
        """The mapping that a choice for each field means; None is no column."""
        return cls({field: column for field, column in columns.items() if column is not None})

    def column(self, field: Field) -> int | None:
        """Where the field stands."""
        return self.columns.get(field)

    def missing(self) -> tuple[Field, ...]:
        """Fields that a book cannot be without, and that no column is chosen for."""
        return tuple(field for field in REQUIRED if self.column(field) is None)


def find_columns(header: Sequence[str]) -> ColumnMapping:
    """The mapping by well-known names; case, accents, blanks and hyphens do not matter."""
    bare = [_bare(name) for name in header]
    places = {
        field: [number for known in field.known_columns for number, name in enumerate(bare) if name == known]
        for field in Field
    }
    columns = {field: next(iter(numbers), None) for field, numbers in places.items()}
    return ColumnMapping.of({**columns, Field.OTHER_ISBN: next(iter(places[Field.ISBN][1:]), None)})


def find_isbn_columns(rows: Sequence[Sequence[str]]) -> ColumnMapping:
    """All that can be found without names: the column where most ISBNs stand, and the next one that has any."""
    counts = Counter(number for cells in rows for number, cell in enumerate(cells) if is_isbn(cell))
    first, second, *_ = (*(number for number, _count in counts.most_common(2)), None, None)
    return ColumnMapping.of({Field.ISBN: first, Field.OTHER_ISBN: second})


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first record has names of columns: it does unless an ISBN, whole or not, is among its cells."""
    return not any(is_meant_as_isbn(cell) for cell in cells)


def field_named(name: str) -> Field | None:
    """The field that somebody means who types this name, as ``year`` or ``authors``."""
    wanted = _bare(name)
    return next((f for f in Field if wanted == _bare(f.value) or wanted in f.known_columns), None)


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
