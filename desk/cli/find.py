"""``desk find``: events of any store whose payload or metadata has some text, the newest first."""

import argparse
import sys
from dataclasses import field
from typing import Final

from desk.application.event_json import event_line
from desk.application.event_question import EventQuestion, PathCondition, UnreadableQuestion, matches, name_pattern
from desk.application.event_search import IndexReach, can_answer, with_payloads
from desk.application.scanning import BackwardScan
from desk.cli.caring import StoreNotReady, add_wait, whole_number
from desk.cli.looking import OpenStore, StoreScan, moment, plain, say_headings, say_how_far, times_of, with_store
from desk.cqrs.store import Recorded
from desk.records import dataclass

_PAGE: Final = 500
_NO_INDEX: Final = (
    "There is no index of events here. Have it built in a window, in Streams; or leave out --index to look through the"
    " store itself."
)
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
    parser.add_argument("--limit", type=whole_number("a number from 1 on", 1), metavar="N", help="end after so many")
    parser.add_argument("--index", action="store_true", help="ask the index of events that a window has built")
    parser.add_argument("--json", action="store_true", help="one JSON document a line on standard output")
    add_wait(parser)
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace, open_store: OpenStore) -> int:
    """Find, and say how far the look went; 130 where it was stopped."""
    question = EventQuestion(
        text=" ".join(arguments.text),
        types=tuple(arguments.type),
        streams=(name_pattern(arguments.stream),) if arguments.stream else (),
        since=arguments.since,
        paths=tuple(arguments.where),
    )
    if not (question.phrases or question.types or question.streams or question.paths):
        arguments.refuse(_NOTHING_ASKED)

    def work(look: StoreScan) -> None:
        reach = _reach(look, question) if arguments.index else None
        scan = BackwardScan(look.opened.store, since=question.since, down_to=None if reach is None else reach.position)
        found = _Found(arguments.limit, as_json=arguments.json)
        if not arguments.json:
            say_headings(f"{'Stored':<19}  Event, type, data")
        for event in look.scanned(scan):
            if matches(question, event) and found.tell(event):
                break
        if reach is not None and not (found.enough or look.stopped):
            _tell_indexed(look, question, reach, found)
        said, indexed = f"{found.count:,} found.", reach is not None
        say_how_far(scan.looked, said, since=question.since, stopped=look.stopped, indexed=indexed)
        if reach is not None and reach.limits.missing:
            print(f"desk: {reach.limits.missing}", file=sys.stderr)

    return with_store(open_store, arguments.wait, work)


@dataclass
class _Found:
    """What was found so far; ``enough`` where no more is wanted."""

    limit: int | None
    as_json: bool = field(kw_only=True)
    count: int = 0
    enough: bool = False

    def tell(self, event: Recorded) -> bool:
        """Say it, and whether that is enough."""
        print(event_line(event) if self.as_json else _line(event), flush=True)
        self.count += 1
        self.enough = self.count == self.limit
        return self.enough


def _reach(look: StoreScan, question: EventQuestion) -> IndexReach:
    """How far the index goes. Raises StoreNotReady where it is not there, is of another store, or cannot answer."""
    reach = look.opened.index.reach()
    if reach is None:
        raise StoreNotReady(_NO_INDEX)
    if not can_answer(reach, question):
        raise StoreNotReady(f"{reach.limits.missing} Leave out --index to look through the store itself.")
    last = None if reach.position is None else look.opened.store.event_at(reach.position)
    if last is not None and last.id != reach.event_id:
        raise StoreNotReady("The index is of another store. Open a window on this one, which builds it anew.")
    return reach


def _tell_indexed(look: StoreScan, question: EventQuestion, reach: IndexReach, found: _Found) -> None:
    before: int | None = None if reach.position is None else reach.position + 1
    while before is not None and not look.stopped:
        page = with_payloads(look.opened.store, reach, look.opened.index.find(question, before, _PAGE))
        before = page[-1].position if len(page) == _PAGE else None
        if any(found.tell(event) for event in page):
            return


def _line(event: Recorded) -> str:
    payload = event.data.decode(errors="replace") if event.is_json else f"{len(event.data):,} bytes"
    return f"{times_of(event)}  {plain(event.stream)}@{event.revision}  {plain(event.type)}  {plain(payload)}"


def _condition(text: str) -> PathCondition:
    try:
        return PathCondition.parse(text)
    except UnreadableQuestion as unreadable:
        raise argparse.ArgumentTypeError(str(unreadable)) from None
