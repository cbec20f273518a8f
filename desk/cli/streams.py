"""``desk streams``: the streams of any store, those written last first."""

import argparse
import json

from desk.application.event_question import name_pattern, one_of
from desk.application.scanning import BackwardScan
from desk.application.stream_names import KnownStreams, StreamSummary, summary_of
from desk.cli.caring import add_wait
from desk.cli.looking import OpenStore, StoreScan, clock, moment, plain, say_headings, say_how_far, times_of, with_store
from desk.cqrs.metadata import instant_text, parse_metadata
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
    pattern = one_of((name_pattern(arguments.pattern),)) if arguments.pattern else None
    system = arguments.system or arguments.pattern.startswith("$")

    def is_wanted(name: str) -> bool:
        return (system or not name.startswith("$")) and (pattern is None or pattern.search(name) is not None)

    def work(look: StoreScan) -> None:
        known, indexed = set[str](), _indexed(look)
        scan = BackwardScan(
            look.opened.store, since=arguments.since, down_to=indexed[0] if indexed is not None else None
        )

        def tell(stream: StreamSummary, last: Recorded | None = None) -> None:
            if stream.name not in known and is_wanted(stream.name):
                known.add(stream.name)
                print(_document(stream, last) if arguments.json else _line(stream, last), flush=True)

        if not arguments.json:
            say_headings(f"{'Last stored':<19}  {'Events':>9}  Stream")
        for event in look.scanned(scan):
            tell(summary_of(event), event)
        if indexed is not None and not look.stopped:
            for stream in indexed[1].streams:
                if arguments.since is None or (stream.written is not None and stream.written >= arguments.since):
                    tell(stream)
        found = f"{len(known):,} {'stream' if len(known) == 1 else 'streams'}."
        say_how_far(scan.looked, found, since=arguments.since, stopped=look.stopped, indexed=indexed is not None)

    return with_store(open_store, arguments.wait, work)


def _indexed(look: StoreScan) -> tuple[int, KnownStreams] | None:
    """Up to which position the index of this store has all streams, and these; None where there is none that does."""
    reach = look.opened.index.reach()
    known = None if reach is None else look.opened.index.known_streams()
    if reach is None or reach.position is None or known is None or known.since is not None:
        return None
    last = look.opened.store.event_at(reach.position)
    return (reach.position, known) if last is not None and last.id == reach.event_id else None


def _document(stream: StreamSummary, last: Recorded | None) -> str:
    """The last event's own time stands there where that event was seen, and brings one."""
    written = instant_text(stream.written) if stream.written else None
    known = {"stream": stream.name, "lastRevision": stream.revision, "lastWritten": written}
    issued = parse_metadata(last.metadata).issued_at if last is not None else None
    return json.dumps(known | ({"lastIssued": instant_text(issued)} if issued else {}), ensure_ascii=False)


def _line(stream: StreamSummary, last: Recorded | None) -> str:
    written = times_of(last) if last is not None else clock(stream.written) if stream.written else "no time"
    count = "" if stream.revision is None else f"{stream.revision + 1:,}"
    return f"{written}  {count:>9}  {plain(stream.name, 1000)}"
