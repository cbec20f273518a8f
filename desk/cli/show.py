"""``desk show``: a stream of any store told event by event, as text, JSON, a picture, or a page for a browser."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from desk.application.codec import event_registry
from desk.application.event_json import event_line
from desk.application.inspection.fold import domain_folds
from desk.application.resources import resource
from desk.application.timeline.account import Teller, Told, coming_of, words_of_key, words_of_value
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.layout import Wish
from desk.application.timeline.look import AxisStyle
from desk.application.timeline.page import Page, columns_of, page_of, payload_text
from desk.application.timeline.scale import Mode
from desk.application.timeline.svg import SvgPicture, picture_of
from desk.application.timeline.words import exact_text, moment_text
from desk.application.timeline.writing import CannotWrite, check_place, write_whole
from desk.cli.caring import add_wait, complain, whole_number
from desk.cli.interrupt import interruptible
from desk.cli.looking import OpenStore, StoreScan, plain, with_store
from desk.cqrs.errors import StoreError, StoreUnavailable, StreamIsGone, StreamNotFound
from desk.cqrs.store import Feed, Recorded
from desk.records import dataclass

_LONGEST: Final = 1000
_SCALES: Final = "of a picture: even distances, distances in time, or those with long pauses folded away (folded)"
_LANES: Final = "of a picture: one for all events, or several, by field or by who did it (none)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    parser.add_argument(
        "stream", metavar="STREAM[@REVISION]", help="a stream; with a revision that event and its state"
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--json", action="store_true", help="one JSON document; with --follow one a line")
    ways.add_argument("--html", type=Path, metavar="FILE", help="write a page that any browser shows; - is the output")
    ways.add_argument("--svg", type=Path, metavar="FILE", help="write a picture of the axis; - is the output")
    parser.add_argument("--follow", action="store_true", help="go on with what is new, until Ctrl+C")
    parser.add_argument("--overwrite", action="store_true", help="write over a file that is there")
    width = whole_number("a number of pixels from 200 to 20000", 200, 20_000)
    parser.add_argument("--width", type=width, default=1200, metavar="N", help="pixels of the picture (1200)")
    parser.add_argument("--dark", action="store_true", help="light on dark")
    parser.add_argument("--scale", choices=[mode.value for mode in Mode], default=Mode.FOLDED.value, help=_SCALES)
    parser.add_argument("--lanes", choices=[by.value for by in LaneBy], default=LaneBy.NONE.value, help=_LANES)
    add_wait(parser)
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace, open_store: OpenStore) -> int:
    """Show it; the exit status, 1 where there is no such stream or the file cannot be written."""
    stream, revision = _place(arguments.stream)
    if arguments.follow and (arguments.html or arguments.svg or revision is not None):
        arguments.refuse("--follow goes with text or --json, and with a whole stream")
    if not stream:
        arguments.refuse("a stream's name is wanted")

    def work(look: StoreScan) -> None:
        show = _Show(arguments, look, stream, revision)
        try:
            show.run()
        except CannotWrite as error:
            raise OSError(str(error)) from error

    file = arguments.html or arguments.svg
    try:
        if file is not None and str(file) != "-":
            check_place(file, overwrite=arguments.overwrite)
    except CannotWrite as error:
        return complain(str(error))
    return with_store(open_store, arguments.wait, work)


def _place(text: str) -> tuple[str, int | None]:
    name, at, revision = text.rpartition("@")
    return (name, int(revision)) if at and revision.isascii() and revision.isdigit() else (text, None)


@dataclass
class _Show:
    """One showing of a stream."""

    arguments: argparse.Namespace
    look: StoreScan
    stream: str
    revision: int | None

    def run(self) -> None:
        self.teller = Teller(domain_folds(event_registry())(self.stream))
        if self.arguments.follow:
            self._follow()
        elif self.arguments.html or self.arguments.svg:
            self._write()
        elif self.revision is not None:
            self._one()
        elif self.arguments.json:
            self._document()
        else:
            for told in self._told():
                print(_line(told), flush=False)

    def _told(self) -> Iterator[Told]:
        """The events up to the revision; ends where Ctrl+C was pressed."""
        for told in self.teller.tell(self._events()):
            yield told
            if self.look.stopped or told.row.revision == self.revision:
                break

    def _events(self) -> Iterator[Recorded]:
        name = plain(self.stream, _LONGEST)
        try:
            yield from self.look.opened.store.read_stream(self.stream, resolve_links=True)
        except StreamNotFound:
            raise StreamNotFound(
                f"There is no stream named {name}, or it was deleted. desk streams PART lists those with PART in their"
                " names."
            ) from None
        except StreamIsGone:
            raise StreamIsGone(f"The stream {name} was tombstoned: it can never be read again.") from None

    def _whole(self) -> list[Told]:
        told = list(self._told())
        if self.revision is not None and not self.look.stopped and told[-1].row.revision != self.revision:
            last = told[-1].row.revision
            raise StreamNotFound(
                f"{plain(self.stream, _LONGEST)} has no event of revision {self.revision}; its last one is {last}."
            )
        return told

    def _one(self) -> None:
        told = self._whole()
        if self.look.stopped:
            return
        fields = self.teller.fields or {}
        if self.arguments.json:
            print(json.dumps(_json(told[-1]) | {"state": fields}, ensure_ascii=False, indent=2))
            return
        event, row = told[-1].event, told[-1].row
        stored = exact_text(event.created.timestamp()) if event.created else "not said"
        print(_line(told[-1]))
        print(f"  issued {exact_text(row.time)}\n  stored {stored}\n  id     {event.id}")
        print(f"  position {event.position}")
        for title, payload in (("Data", event.data), ("Metadata", event.metadata)):
            print(f"\n{title}")
            print("\n".join(f"  {plain(line, _LONGEST)}" for line in payload_text(payload).split("\n")))
        if fields:
            print(f"\nState as of revision {row.revision}")
            for key, value in fields.items():
                print(f"  {plain(words_of_key(key))}: {plain(words_of_value(value), _LONGEST)}")
        elif self.teller.problem:
            print(f"\n{self.teller.problem}")

    def _document(self) -> None:
        told = self._whole()
        if not self.look.stopped:
            document = {"stream": self.stream, "events": [_json(each) for each in told], "state": self.teller.fields}
            print(json.dumps(document, ensure_ascii=False, indent=2))

    def _write(self) -> None:
        told = self._whole()
        if self.look.stopped:
            return
        file, page = self.arguments.html or self.arguments.svg, self._page(told)
        columns = columns_of(self.stream, told)
        is_page = self.arguments.html is not None
        parts: Iterable[str] = (
            page_of(self.stream, told, page) if is_page else (picture_of(columns, page.title, page.picture),)
        )
        if str(file) == "-":
            sys.stdout.writelines(parts)
            return
        write_whole(file, parts, overwrite=self.arguments.overwrite)
        print(f"desk: {len(told):,} events written to {file}.", file=sys.stderr)

    def _page(self, told: Sequence[Told]) -> Page:
        arguments, fields = self.arguments, self.teller.fields or {}
        look = AxisStyle.load(resource(f"themes/{'dark' if arguments.dark else 'light'}.json"))
        now = datetime.now(UTC).timestamp()
        wish = Wish(LaneBy(arguments.lanes), coming_of(fields), now, lambda index: told[index].sentence)
        title = fields.get("title")
        return Page(
            str(title or self.stream),
            SvgPicture(look, arguments.width, Mode(arguments.scale), wish),
        )

    def _follow(self) -> None:
        """What is there and what is new, again from the last event where the connection is lost."""
        after: int | None = None
        while not self.look.stopped:
            feed = self.look.opened.store.follow_stream(self.stream, after=after, resolve_links=True)
            with interruptible(partial(self._stop, feed)):
                try:
                    events = (item for item in feed if isinstance(item, Recorded))
                    for told in self.teller.tell(events):
                        after = told.row.revision
                        print(event_line(told.event) if self.arguments.json else _line(told), flush=True)
                    return
                except StoreUnavailable:
                    self.look.opened.look_again()
                    self.look.patience.until_answered()
                except StoreError:
                    if not self.look.stopped:
                        raise

    def _stop(self, feed: Feed) -> None:
        self.look.stop()
        feed.stop()


def _line(told: Told) -> str:
    """An event on one line, and a line for each change."""
    row = told.row
    head = f"{row.revision:>6}  {moment_text(row.time)}  {plain(row.type)}  {plain(row.user)}".rstrip()
    sentence = "" if told.sentence == row.type else f"  {plain(told.sentence)}"
    changes = [
        f"\n          {plain(words_of_key(key))}: {plain(words_of_value(before))} → {plain(words_of_value(after))}"
        for key, (before, after) in told.changes.items()
    ]
    return head + sentence + "".join(changes)


def _json(told: Told) -> dict[str, Any]:
    """An event as it is stored, with what Desk knows of it."""
    known: dict[str, Any] = json.loads(event_line(told.event))
    changes = [{"field": key, "before": pair[0], "after": pair[1]} for key, pair in told.changes.items()]
    return known | {"sentence": told.sentence, "changes": changes}
