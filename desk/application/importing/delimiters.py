"""Finds a CSV file's delimiter by trying each: the right one gives most records the same number of cells, and many."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from desk.application.importing.source import CsvFormat, CsvRecord, CsvSource, announced_delimiter

DELIMITERS: Final = (",", ";", "\t", "|")
"""In the order in which they are preferred where nothing decides."""

_TRIED: Final = 100
# Backslash and a quote that neither is doubled nor ends its cell.
_BACKSLASHED: Final = re.compile(r"\\\"[^\",;\t|\r\n]")


def find_format(path: Path, encoding: str) -> CsvFormat:
    """The format that suits the first records best; ``header`` is left true. Raises ImportFailed.

    Python's own csv.Sniffer is led astray by titles with commas and quotes.
    """
    with closing(CsvSource(path, CsvFormat(encoding, ","))) as source:
        text = source.beginning()
    announced = announced_delimiter(text.partition("\n")[0])
    candidates = [
        CsvFormat(encoding, delimiter, backslash=backslash)
        for backslash in ((True, False) if _BACKSLASHED.search(text) else (False,))
        for delimiter in ((announced,) if announced else DELIMITERS)
    ]
    # max() keeps the first of equals.
    return max(candidates, key=lambda candidate: _agreement(_first_records(path, candidate)))


def _first_records(path: Path, form: CsvFormat) -> Iterator[CsvRecord]:
    with closing(CsvSource(path, form)) as source:
        yield from islice(source.records(), _TRIED)


def _agreement(records: Iterator[CsvRecord]) -> tuple[float, int]:
    """The share of records that have the commonest number of cells, provided that is not one; then that number."""
    counts = Counter(0 if record.problem else len(record.cells) for record in records)
    if not counts:
        return (0.0, 0)
    cells, records_alike = max(counts.items(), key=lambda item: (item[1], item[0]))
    if cells <= 1:
        return (0.0, 0)
    return (records_alike / counts.total(), cells)
