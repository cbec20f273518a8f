"""Notes on disk which import is running, so that one that stopped half-way can be offered to go on.

One file for a data directory, by the name of the store that an import goes to. Going on is importing the same file
again: ids follow from ISBNs, so that what is there already is not stored twice.
"""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.plan import ImportPlan
from desk.application.importing.source import CsvFormat

FILE_NAME: Final = "unfinished-imports.json"


class UnfinishedImport:
    """The note of one store's import. May be used on any thread, by one at a time."""

    def __init__(self, directory: Path, store: str) -> None:
        self._file, self._store = directory / FILE_NAME, store

    def note(self, plan: ImportPlan) -> None:
        """This import begins; it may end with the program, or with the machine."""
        self._write({**self._read(), self._store: _fields(plan)})

    def forget(self) -> None:
        """The import has ended, or nobody wants it to go on."""
        notes = self._read()
        if notes.pop(self._store, None) is not None:
            self._write(notes)

    def find(self) -> ImportPlan | None:
        """The import that has not ended; None where all have, or where the note is of another version."""
        try:
            return _plan(self._read()[self._store])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def _read(self) -> dict[str, Any]:
        try:
            notes = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _write(self, notes: dict[str, Any]) -> None:
        # An import does without its note, as one without a window does: whoever repeats it goes on all the same.
        with suppress(OSError):
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(notes, sort_keys=True, indent=1), "utf-8")
            part.replace(self._file)


def _fields(plan: ImportPlan) -> dict[str, Any]:
    columns = {field.value: column for field, column in plan.mapping.columns.items()}
    return {**asdict(plan), "path": str(plan.path.absolute()), "mapping": columns}


def _plan(fields: dict[str, Any]) -> ImportPlan:
    return ImportPlan(
        **{
            **fields,
            "path": Path(fields["path"]),
            "format": CsvFormat(**fields["format"]),
            "header": tuple(fields["header"]),
            "mapping": ColumnMapping.of({Field(name): column for name, column in fields["mapping"].items()}),
        }
    )
