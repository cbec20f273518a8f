"""Makes a book of a record, or says in sentences what is wrong with it; what was repaired or left out is said too.

Rules: authors are separated by semicolons only ("Dolce & Gabbana" and "Mary-Kate & Ashley Olsen" cannot be told from
two names, nor "Doyle, Arthur Conan"); subjects by semicolons or bars. A year of print and a language are never a reason
to refuse a book: what is none of them is left empty. Of two ISBNs the whole one counts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias
from uuid import UUID

from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.isbns import FoundIsbn, read_isbn
from desk.application.importing.source import CsvRecord
from desk.domain.commands import CreateBook
from desk.domain.details import DETAIL_PARSERS, BookDetails, details_of
from desk.domain.errors import FieldCode, InvalidField
from desk.domain.languages import LANGUAGE_CODES
from desk.domain.sentences import describe
from desk.domain.values import parse_language, parse_published_year, parse_subjects
from desk.records import dataclass

_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
_YEAR_OF_DATE: Final = re.compile(r"([0-9]{4})(?:[.,]0+|-[0-9]{2}(?:-[0-9]{2})?(?:[T ].*)?)?")
_FOUR_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
# A minus sign, and "before Christ" in some languages.
_BEFORE_CHRIST: Final = re.compile(r"\s*[-\u2212\u2013][0-9]|.*\b(?:b\.?\s?c|v\.?\s?chr|av\.?\s?j)\b", re.IGNORECASE)
_LINE_BREAK: Final = re.compile(r"\S\s*[\r\n]\s*\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(BookDetails):
    """A book as it will be stored."""

    isbn: str

    def command(self, book_id: UUID) -> CreateBook:
        """The command that creates it."""
        return CreateBook(book_id=book_id, isbn=self.isbn, **details_of(self))


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that can be imported; ``notes`` say what is stored otherwise than it stands there."""

    record: CsvRecord
    draft: Draft
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row; ``field`` is None where it is not about one field."""

    field: Field | None
    sentence: str

    def __str__(self) -> str:
        return f"{self.field.label}: {self.sentence}" if self.field else self.sentence


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be imported, with everything that is wrong with it."""

    record: CsvRecord
    problems: tuple[RowProblem, ...]

    @property
    def reason(self) -> str:
        """All problems in one line."""
        return " ".join(str(problem) for problem in self.problems)


Row: TypeAlias = CheckedRow | WrongRow


def check_rows(records: Iterable[CsvRecord], mapping: ColumnMapping, *, width: int, latest_year: int) -> Iterator[Row]:
    """Each record as a row, in their order. ``width``: how many cells a record has to have."""
    return (check_row(record, mapping, width=width, latest_year=latest_year) for record in records)


def check_row(record: CsvRecord, mapping: ColumnMapping, *, width: int, latest_year: int) -> Row:
    """One record as a row; years after ``latest_year`` are still to come."""
    whole = _problem_of_record(record, width)
    if whole:
        return WrongRow(record, (RowProblem(None, whole),))
    check = _Check(record, mapping)
    draft = check.draft(latest_year)
    if draft is None:
        return WrongRow(record, tuple(check.problems))
    return CheckedRow(record, draft, tuple(check.notes))


def _problem_of_record(record: CsvRecord, width: int) -> str:
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

    def __init__(self, record: CsvRecord, mapping: ColumnMapping) -> None:
        self._record, self._mapping = record, mapping
        self.problems: list[RowProblem] = []
        self.notes: list[str] = [record.doubt] if record.doubt else []

    def draft(self, latest_year: int) -> Draft | None:
        """The book, or None where there are problems."""
        isbn = self._isbn()
        lenient: dict[str, Callable[[str], object]] = {
            "published_year": lambda text: self._year(text, latest_year),
            "language": self._language,
            "subjects": lambda text: parse_subjects(text.replace("|", ";")),
        }
        parsers = {**DETAIL_PARSERS, **lenient}
        details = {name: self._read(Field(name), parse) for name, parse in parsers.items()}
        return None if isbn is None or self.problems else Draft(isbn=isbn, **details)

    def _read(self, field: Field, parse: Callable[[str], Any]) -> Any:
        cell = self._cell(field)
        try:
            value = parse(cell)
        except InvalidField as wrong:
            self.problems.append(RowProblem(field, describe(wrong.code, wrong.params)))
            return None
        if _LINE_BREAK.search(cell):
            self.notes.append(f"{field.label}: its line breaks become spaces.")
        return value

    def _cell(self, field: Field) -> str:
        column = self._mapping.column(field)
        return "" if column is None else self._record.cells[column]

    def _isbn(self) -> str | None:
        """The ISBN of the first column, unless only the other one is whole."""
        first, other = self._found_isbn(Field.ISBN), self._found_isbn(Field.OTHER_ISBN)
        if isinstance(first, InvalidField) and isinstance(other, InvalidField):
            wrong = other if first.code is FieldCode.MISSING and other.code is not FieldCode.MISSING else first
            self.problems.append(RowProblem(Field.ISBN, describe(wrong.code, wrong.params)))
            return None
        return self._better_isbn(first, other)

    def _better_isbn(self, first: FoundIsbn | InvalidField, other: FoundIsbn | InvalidField) -> str:
        written = self._cell(Field.ISBN).strip()
        if isinstance(first, InvalidField) or (first.restored and isinstance(other, FoundIsbn) and not other.restored):
            assert isinstance(other, FoundIsbn)
            agrees = isinstance(first, FoundIsbn) and first.digits == other.digits
            if written and not agrees:
                self.notes.append(f"ISBN: {written} is not whole, so {other.digits} of the other column is taken.")
            return self._restored(other, self._cell(Field.OTHER_ISBN))
        if isinstance(other, FoundIsbn) and not other.restored and other.digits != first.digits:
            self.notes.append(f"ISBN: the other column has another book's, {other.digits}. Check which is right.")
        return self._restored(first, written)

    def _found_isbn(self, field: Field) -> FoundIsbn | InvalidField:
        try:
            return read_isbn(self._cell(field))
        except InvalidField as wrong:
            return wrong

    def _restored(self, found: FoundIsbn, cell: str) -> str:
        if found.restored:
            self.notes.append(f"ISBN: zeros that {cell.strip()} had lost are back, as in {found.restored}.")
        return found.digits

    def _year(self, cell: str, latest: int) -> int | None:
        text = cell.strip()
        if not text.strip("0"):
            return None
        plain = _YEAR_OF_DATE.fullmatch(text)
        years = {plain[1]} if plain else set(_FOUR_DIGITS.findall(text))
        if len(years) != 1 or (plain is None and _BEFORE_CHRIST.match(text)):
            self.notes.append(f"Year: {text} is no year of print, so it is left empty.")
            return None
        (found,) = years
        return self._printed(text, found, latest, exactly=plain is not None)

    def _printed(self, text: str, found: str, latest: int, *, exactly: bool) -> int | None:
        """The year with these four digits; ``exactly``: nothing else is said of it."""
        try:
            year = parse_published_year(found, latest=latest)
        except InvalidField as wrong:
            why = "is still to come" if wrong.code is FieldCode.YEAR_IN_FUTURE else "is no year of print"
            self.notes.append(f"Year: {text} {why}, so it is left empty.")
            return None
        if not exactly:
            self.notes.append(f"Year: {text} is stored as {year}.")
        return year

    def _language(self, cell: str) -> str | None:
        try:
            return parse_language(_language_code(cell))
        except InvalidField:
            self.notes.append(f"Language: {cell.strip()} is no language of ISO 639-1, so it is left empty.")
            return None


def _language_code(text: str) -> str:
    """Two letters where a code, a locale or a name is known; else the text itself."""
    name = text.strip().lower()
    # en-US, pt_BR: the region makes no other language.
    return LANGUAGE_CODES.get(name) or LANGUAGE_CODES.get(name.replace("_", "-").partition("-")[0]) or name
