"""``desk streams``: the streams of any store, those written last first."""

import argparse
import json

from desk.application.event_question import compiled
from desk.application.scanning import BackwardScan
from desk.cli.caring import add_wait
from desk.cli.looking import Look, OpenStore, clock, moment, plain, say_how_far, with_store
from desk.cqrs.metadata import instant_text
from desk.cqrs.store import Recorded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    parser.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help="a part of the names, or with * the whole: 'order-*'"
    )
    parser.add_argument("--since", type=moment, metavar="D", help="streams written since then, as 2026-03-02")
    parser.add_argument("--system", action="store_true", help="those as well whose names begin with $")
    parser.add_argument("--json", action="store_true", help="one JSON document a line on standard output")
    add_wait(parser)


def run(arguments: argparse.Namespace, open_store: OpenStore) -> int:
    """List them while they are found; 130 where that was stopped."""
    pattern = compiled(arguments.pattern) if arguments.pattern else None
    system = arguments.system or arguments.pattern.startswith("$")

    def is_wanted(name: str) -> bool:
        return (system or not name.startswith("$")) and (pattern is None or pattern.search(name) is not None)

    def work(look: Look) -> None:
        scan, known = BackwardScan(look.opened.store, since=arguments.since), set[str]()
        for event in look.scanned(scan):
            if event.stream not in known and is_wanted(event.stream):
                known.add(event.stream)
                print(_document(event) if arguments.json else _line(event), flush=True)
        found = f"{len(known):,} {'stream' if len(known) == 1 else 'streams'}."
        say_how_far(scan.looked, found, since=arguments.since, stopped=look.stopped)

    return with_store(open_store, arguments.wait, work)


def _document(last: Recorded) -> str:
    written = instant_text(last.created) if last.created else None
    known = {"stream": last.stream, "lastRevision": last.revision, "lastType": last.type, "lastWritten": written}
    return json.dumps(known, ensure_ascii=False)


def _line(last: Recorded) -> str:
    written = clock(last.created) if last.created else "no time"
    return f"{written}  {last.revision + 1:>9,}  {plain(last.stream, 1000)}"
