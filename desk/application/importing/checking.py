"""Makes a book of a record, or says in sentences what is wrong with it; what was repaired is said too.

Rules: authors are separated by semicolons only ("Dolce & Gabbana" and "Mary-Kate & Ashley Olsen" cannot be told from
two names, nor "Doyle, Arthur Conan"); subjects by semicolons or bars. A year that is 0, empty or still to come is
unknown. Zeros that an ISBN has lost at its front come back only where the check digit agrees.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.languages import language_code
from desk.application.importing.source import Record
from desk.domain.commands import CreateBook
from desk.domain.errors import FieldCode, InvalidField
from desk.domain.isbn import Isbn, restore_lost_zeros
from desk.domain.sentences import describe
from desk.domain.values import (
    parse_authors,
    parse_language,
    parse_published_year,
    parse_publisher,
    parse_subjects,
    parse_title,
)

T = TypeVar("T")

_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
# ="0441172717" keeps a spreadsheet from reading a number.
_GUARDED: Final = re.compile(r'\s*="?(.*?)"?\s*')
_YEAR_OF_DATE: Final = re.compile(r"\s*([0-9]{4})(?:\.0+|-[0-9]{2}(?:-[0-9]{2})?(?:[T ].*)?)\s*")
_SPREADSHEET: Final = frozenset({FieldCode.ISBN_LENGTH, FieldCode.ISBN_CHARACTERS})


@dataclass(frozen=True, slots=True)
class Draft:
    """A book as it will be stored."""

    isbn: str
    title: str
    authors: tuple[str, ...]
    publisher: str | None
    published_year: int | None
    language: str | None
    subjects: tuple[str, ...]

    def command(self, book_id: UUID) -> CreateBook:
        """The command that creates it."""
        return CreateBook(
            book_id=book_id,
            isbn=self.isbn,
            title=self.title,
            authors=self.authors,
            publisher=self.publisher,
            published_year=self.published_year,
            language=self.language,
            subjects=self.subjects,
        )


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that can be imported; ``notes`` say what is stored otherwise than it stands there."""

    record: Record
    draft: Draft
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row; ``field`` is None where it is not about one field."""

    field: Field | None
    sentence: str

    def __str__(self) -> str:
        return f"{self.field.label}: {self.sentence}" if self.field else self.sentence


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be imported, with everything that is wrong with it."""

    record: Record
    problems: tuple[Problem, ...]

    @property
    def reason(self) -> str:
        """All problems in one line."""
        return " ".join(str(problem) for problem in self.problems)


Row: TypeAlias = CheckedRow | WrongRow


def check_rows(records: Iterable[Record], mapping: ColumnMapping, *, width: int, latest_year: int) -> Iterator[Row]:
    """Each record as a row, in their order. ``width``: how many cells a record has to have."""
    return (check_row(record, mapping, width=width, latest_year=latest_year) for record in records)


def check_row(record: Record, mapping: ColumnMapping, *, width: int, latest_year: int) -> Row:
    """One record as a row; years after ``latest_year`` are still to come."""
    whole = _problem_of_record(record, width)
    if whole:
        return WrongRow(record, (Problem(None, whole),))
    check = _Check(record, mapping)
    draft = check.draft(latest_year)
    if draft is None:
        return WrongRow(record, tuple(check.problems))
    return CheckedRow(record, draft, tuple(check.notes))


def _problem_of_record(record: Record, width: int) -> str:
    if record.problem:
        return record.problem
    cells = len(record.cells)
    if cells < width:
        return f"This row has {cells} of {width} cells. Complete it."
    if any(cell.strip() for cell in record.cells[width:]):
        return f"This row has {cells} cells instead of {width}. Put quotation marks around text with the delimiter."
    if any(_SURROGATES.search(cell) for cell in record.cells):
        return "This row does not have the file's encoding. Choose another one, or correct the row."
    return ""


class _Check:
    """The check of one record: gathers problems and notes while the fields are read."""

    def __init__(self, record: Record, mapping: ColumnMapping) -> None:
        self._record, self._mapping = record, mapping
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def draft(self, latest_year: int) -> Draft | None:
        """The book, or None where there are problems."""
        isbn = self._read(Field.ISBN, self._isbn)
        title = self._read(Field.TITLE, parse_title)
        authors = self._read(Field.AUTHORS, parse_authors)
        publisher = self._read(Field.PUBLISHER, parse_publisher)
        year = self._read(Field.YEAR, lambda text: self._year(text, latest_year))
        language = self._read(Field.LANGUAGE, lambda text: parse_language(language_code(text)))
        subjects = self._read(Field.SUBJECTS, lambda text: parse_subjects(text.replace("|", ";")))
        if isbn is None or title is None or authors is None or self.problems:
            return None
        return Draft(isbn, title, authors, publisher, year, language, subjects or ())

    def _read(self, field: Field, parse: Callable[[str], T]) -> T | None:
        column = self._mapping.column(field)
        try:
            return parse("" if column is None else self._record.cells[column])
        except InvalidField as wrong:
            self.problems.append(Problem(field, describe(wrong.code, wrong.params)))
            return None

    def _isbn(self, cell: str) -> str:
        guarded = _GUARDED.fullmatch(cell)
        text = guarded[1] if guarded else cell
        try:
            return Isbn.parse(text).digits
        except InvalidField as wrong:
            restored = restore_lost_zeros(text) if wrong.code in _SPREADSHEET else None
            if restored is None:
                raise
            self.notes.append(f"ISBN: zeros that {text.strip()} had lost are back, as in {restored}.")
            return Isbn.parse(restored).digits

    def _year(self, cell: str, latest: int) -> int | None:
        dated = _YEAR_OF_DATE.fullmatch(cell)
        text = dated[1] if dated else cell.strip()
        if not text.strip("0"):
            return None
        try:
            return parse_published_year(text, latest=latest)
        except InvalidField as wrong:
            if wrong.code is not FieldCode.YEAR_IN_FUTURE:
                raise
            self.notes.append(f"Year: {text} is still to come, so it is left empty.")
            return None
