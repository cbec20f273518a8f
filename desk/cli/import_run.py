"""What ``desk import`` does: takes the books of a CSV file into the catalogue, without a window, and reports."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from desk.application.importing.columns import ColumnMapping, Field, column_named, field_named
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import ImportPlan, find_plan, open_rows, plan_with
from desk.application.importing.progress import ImportReport
from desk.application.importing.refused import RefusedRows
from desk.application.importing.run import ImportRun
from desk.application.importing.trial import check_only
from desk.cli.caring import (
    DONE,
    INTERRUPTED,
    USAGE,
    OpenRuntime,
    StoreNotReady,
    answer,
    complain,
    counted,
    patience_with,
    until_ready,
)
from desk.cli.charset import guess_encoding
from desk.cli.interrupt import interruptible
from desk.cli.progress import display
from desk.cli.stream import as_file

_REASONS_SHOWN: Final = 10
_TABS: Final = ("tab", "\\t")


class _WrongUse(Exception):
    """The arguments do not go together, or not with this file."""


def run_import(arguments: argparse.Namespace, open_runtime: OpenRuntime) -> int:
    """Import the file, or try it out; the exit status."""
    try:
        with as_file(arguments.file) as path:
            report = _import_file(path, arguments, open_runtime)
    except _WrongUse as wrong:
        return complain(str(wrong), USAGE)
    except (ImportFailed, StoreNotReady) as failed:
        return complain(str(failed))
    if report.problem:
        return complain(report.problem)
    return INTERRUPTED if report.cancelled else DONE


def _import_file(path: Path, arguments: argparse.Namespace, open_runtime: OpenRuntime) -> ImportReport:
    plan = _plan(path, arguments)
    with closing(RefusedRows(plan.header, plan.format.delimiter)) as refused:
        report = _try_out(plan, refused) if arguments.dry_run else _import(plan, refused, open_runtime, arguments.wait)
        if arguments.json:
            answer(_document(report, dry=arguments.dry_run))
        else:
            _say_report(report, dry=arguments.dry_run)
        if arguments.refused is not None and refused.count:
            refused.save(arguments.refused)
            print(f"The refused rows are in {arguments.refused}.", file=sys.stderr if arguments.json else sys.stdout)
    return report


def _import(plan: ImportPlan, refused: RefusedRows, open_runtime: OpenRuntime, wait: float) -> ImportReport:
    with open_rows(plan) as opened, closing(open_runtime()) as desk:
        until_ready(desk, patience_with(desk.session, wait))
        with display(sys.stderr) as shown:
            run = ImportRun(desk.session.importing, opened, refused, copies=plan.copies, on_progress=shown.show)
            with interruptible(run.cancel):
                return run.run()


def _try_out(plan: ImportPlan, refused: RefusedRows) -> ImportReport:
    with open_rows(plan) as opened, display(sys.stderr) as shown:
        return check_only(opened, refused, shown.show)


def _plan(path: Path, arguments: argparse.Namespace) -> ImportPlan:
    latest_year = datetime.now().astimezone().year
    plan = find_plan(path, guess_encoding, latest_year=latest_year, encoding=arguments.encoding or "")
    if arguments.delimiter or arguments.no_header:
        delimiter = _sign(arguments.delimiter) if arguments.delimiter else plan.format.delimiter
        header = plan.format.header and not arguments.no_header
        plan = plan_with(path, replace(plan.format, delimiter=delimiter, header=header), latest_year=latest_year)
    return replace(plan, mapping=_mapping(plan, arguments.map), copies=arguments.copies)


def _sign(text: str) -> str:
    if text in _TABS:
        return "\t"
    if len(text) != 1 or text in '"\r\n':
        raise _WrongUse(f"--delimiter takes one sign, or tab; {text!r} is none.")
    return text


def _mapping(plan: ImportPlan, pairs: Sequence[str]) -> ColumnMapping:
    columns = {field: plan.mapping.column(field) for field in Field}
    for pair in pairs:
        name, equals, wanted = pair.partition("=")
        field = field_named(name)
        if field is None or not equals:
            raise _WrongUse(f"--map takes FIELD=COLUMN with a field of a book; {pair!r} is none.")
        column = column_named(wanted, plan.header) if wanted else None
        if wanted and column is None:
            raise _WrongUse(f"There is no column {wanted!r}. The file has: {', '.join(plan.header)}.")
        columns[field] = column
    mapping = ColumnMapping.of(columns)
    if missing := mapping.missing():
        names = " ".join(f"--map {field.value}=COLUMN" for field in missing)
        raise _WrongUse(f"Say which column it is: {names}. The file has: {', '.join(plan.header)}.")
    return mapping


def _say_report(report: ImportReport, *, dry: bool) -> None:
    if dry:
        rows = counted(report.created, "row")
        print(f"{rows} can be imported, {report.refused:,} cannot. Nothing was stored.")
    else:
        print(report.summary())
    _say_first(
        [(row.line, row.text) for row in report.first_refused], report.refused, "; --refused FILE saves them all"
    )
    if report.remarked:
        would = "would be" if dry else "are"
        print(f"Rows that {would} stored otherwise than they stand in the file: {report.remarked:,}.")
        _say_first([(row.line, row.text) for row in report.first_remarks], report.remarked)
    if report.file_changed:
        print("The file was changed meanwhile. Import it again to take in what is new.")
    if report.cancelled:
        print("Interrupted. The same command goes on from here.")


def _document(report: ImportReport, *, dry: bool) -> dict[str, object]:
    """The report for a program; of the single rows it has the first."""
    return {
        "dry_run": dry,
        "created": report.created,
        "already_there": report.already_there,
        "refused": report.refused,
        "remarked": report.remarked,
        "seconds": round(report.seconds, 3),
        "cancelled": report.cancelled,
        "file_changed": report.file_changed,
        "problem": report.problem,
        "first_refused": [{"line": row.line, "reason": row.text} for row in report.first_refused],
        "first_remarks": [{"line": row.line, "text": row.text} for row in report.first_remarks],
    }


def _say_first(reasons: Sequence[tuple[int, str]], count: int, help_: str = "") -> None:
    """The first of so many rows, each with its line and what is to be said of it."""
    for line, reason in reasons[:_REASONS_SHOWN]:
        print(f"  line {line}: {reason}")
    if count > _REASONS_SHOWN:
        print(f"  and {count - _REASONS_SHOWN:,} more{help_}.")
