"""``desk import FILE``: the arguments. What they lead to is in import_run, loaded when it is wanted."""

import argparse
from pathlib import Path

from desk.application.importing.columns import Field
from desk.cli.caring import OpenRuntime, add_json, add_wait, whole_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    fields = ", ".join(field.value for field in Field)
    parser.add_argument("file", metavar="FILE", type=Path, help="the CSV file; - is the standard input")
    parser.add_argument("--encoding", metavar="NAME", help="of the file; found by itself otherwise")
    parser.add_argument("--delimiter", metavar="SIGN", help="between cells, as ; or tab; found by itself otherwise")
    parser.add_argument("--no-header", action="store_true", help="the first row is a book already")
    parser.add_argument(
        "--map",
        metavar="FIELD=COLUMN",
        nargs="+",
        action="extend",
        default=[],
        help=f"which column, by name or number from 1, is which field: {fields}; an empty COLUMN leaves a field out",
    )
    copies = whole_number("a number from 0 to 100", 0, 100)
    parser.add_argument("--copies", metavar="N", type=copies, default=0, help="copies to add of each book (none)")
    parser.add_argument("--refused", metavar="FILE", type=Path, help="where refused rows go, with their reasons")
    parser.add_argument("--dry-run", action="store_true", help="check the file only; store nothing")
    add_wait(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, open_runtime: OpenRuntime) -> int:
    """Import the file; the exit status is 0 with refused rows too, 130 after Ctrl+C. The next run goes on."""
    from desk.cli.import_run import run_import

    return run_import(arguments, open_runtime)
