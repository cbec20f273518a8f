"""``desk find``: events of any store whose payload or metadata has some text, the newest first."""

import argparse
from typing import Final

from desk.application.event_json import event_line
from desk.application.event_question import EventQuestion, PathCondition, UnreadableQuestion, matches
from desk.application.scanning import BackwardScan
from desk.cli.caring import add_wait
from desk.cli.looking import Look, OpenStore, clock, moment, plain, say_how_far, with_store
from desk.cqrs.store import Recorded

_NOTHING_ASKED: Final = "name some text, --type, --stream or --where: what is to be found?"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    parser.add_argument(
        "text", nargs="*", metavar="TEXT", help="whole words, all of which are wanted; WORD* for the beginning of one"
    )
    parser.add_argument("--type", action="append", default=[], metavar="T", help="events of this type (again: or this)")
    parser.add_argument("--stream", default="", metavar="PATTERN", help="events of streams with such a name")
    parser.add_argument(
        "--where", action="append", default=[], type=_condition, metavar="CONDITION", help="as '$.total > 100'"
    )
    parser.add_argument("--since", type=moment, metavar="D", help="events stored since then, as 2026-03-02")
    parser.add_argument("--limit", type=_count, metavar="N", help="end after so many")
    parser.add_argument("--json", action="store_true", help="one JSON document a line on standard output")
    add_wait(parser)
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace, open_store: OpenStore) -> int:
    """Find, and say how far the look went; 130 where it was stopped."""
    question = EventQuestion(
        text=" ".join(arguments.text),
        types=tuple(arguments.type),
        stream=arguments.stream,
        since=arguments.since,
        paths=tuple(arguments.where),
    )
    if not (question.phrases or question.types or question.stream or question.paths):
        arguments.refuse(_NOTHING_ASKED)

    def work(look: Look) -> None:
        scan, found = BackwardScan(look.opened.store, since=question.since), 0
        for event in look.scanned(scan):
            if matches(question, event):
                found += 1
                print(event_line(event) if arguments.json else _line(event), flush=True)
                if found == arguments.limit:
                    break
        say_how_far(scan.looked, f"{found:,} found.", since=question.since, stopped=look.stopped)

    return with_store(open_store, arguments.wait, work)


def _line(event: Recorded) -> str:
    created = clock(event.created) if event.created else "no time"
    payload = event.data.decode(errors="replace") if event.is_json else f"{len(event.data):,} bytes"
    return f"{created}  {plain(event.stream)}@{event.revision}  {plain(event.type)}  {plain(payload)}"


def _condition(text: str) -> PathCondition:
    try:
        return PathCondition.parse(text)
    except UnreadableQuestion as unreadable:
        raise argparse.ArgumentTypeError(str(unreadable)) from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is wanted")
    return int(text)
