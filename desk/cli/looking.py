"""What ``desk streams`` and ``desk find`` share: a scan of the store with progress, an outage waited for, Ctrl+C."""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import field
from datetime import datetime
from typing import Final, Protocol

from desk.application.event_search import EventIndexReader
from desk.application.scanning import BackwardScan, Looked
from desk.application.session import Connection
from desk.cli.caring import DONE, INTERRUPTED, Answering, Patience, StoreNotReady, complain, until_ready
from desk.cli.interrupt import interruptible
from desk.cli.progress import display
from desk.cqrs.errors import StoreError, StoreUnavailable
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

_OUTAGES: Final = 5
"""How often in a row the store may go away at the same place of a scan."""
_PAUSE: Final = 0.5
"""Seconds until whoever watches over a connection has seen an outage as well."""
_LAST_WAIT: Final = 2.0
"""Seconds that the store has for its last answer once Ctrl+C was pressed."""
_LONGEST: Final = 160
"""Signs of a payload that stand in a line for people."""


class OpenedStore(Answering, Protocol):
    """A store alone (:class:`~desk.runtime.store_alone.StoreAlone`)."""

    @property
    def store(self) -> EventStore: ...

    @property
    def state(self) -> Connection: ...

    @property
    def embedded(self) -> bool: ...

    @property
    def index(self) -> EventIndexReader: ...

    def look_again(self) -> None: ...


OpenStore = Callable[[], OpenedStore]


@dataclass
class StoreScan:
    """One look into a store; ``stopped`` once Ctrl+C was pressed."""

    opened: OpenedStore
    patience: Patience
    stopped: bool = field(default=False, init=False)

    def stop(self) -> None:
        """Have :meth:`scanned` end; a store that is silent is not waited for long."""
        self.stopped = True
        cut_off = threading.Timer(_LAST_WAIT, self.opened.store.close)
        cut_off.daemon = True
        cut_off.start()

    def scanned(self, scan: BackwardScan) -> Iterator[Recorded]:
        """The events of a scan, the newest first, until it ends or is stopped. Raises StoreNotReady, StoreError."""
        outages = 0
        with display(sys.stderr) as shown:
            while not (self.stopped or scan.looked.whole):
                before = scan.looked
                try:
                    for page in scan:
                        shown.tell(page.looked.share, f"looked at {page.looked.events:,} events")
                        yield from page.events
                        if self.stopped:
                            break
                except StoreUnavailable:
                    if self.stopped:
                        return
                    outages = outages + 1 if scan.looked == before else 1
                    if outages == _OUTAGES:
                        raise
                    self._wait_for_the_store()

    def _wait_for_the_store(self) -> None:
        self.opened.look_again()
        time.sleep(_PAUSE)
        self.patience.until_answered()


def with_store(open_store: OpenStore, wait: float, work: Callable[[StoreScan], None]) -> int:
    """Look into a store, once it answers; the exit status, what went wrong being said."""
    try:
        with closing(open_store()) as opened:
            look = StoreScan(opened, Patience(lambda: opened.state, wait, embedded=opened.embedded))
            try:
                until_ready(opened, look.patience)
                with interruptible(look.stop):
                    work(look)
            except BrokenPipeError:
                raise
            except (StoreNotReady, StoreError, OSError) as error:
                return INTERRUPTED if look.stopped else complain(str(error))
            return INTERRUPTED if look.stopped else DONE
    except BrokenPipeError:  # whoever read the answers has had enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def say_how_far(looked: Looked, found: str, *, since: datetime | None, stopped: bool, indexed: bool = False) -> None:
    """On standard error: what came of it, and how far the look went; ``indexed``: what is older is by the index."""
    if looked.whole and indexed:
        end = "the rest by the index"
    elif looked.whole:
        end = "all of them" if since is None else f"all since {clock(since)}"
    elif looked.created is None:
        end = "none yet"
    else:
        end = f"back to {clock(looked.created)}, position {looked.position}"
    words = "Stopped. " if stopped else ""
    print(f"desk: {words}{found} Looked at {looked.events:,} events: {end}.", file=sys.stderr)


def moment(text: str) -> datetime:
    """What follows ``--since``; a time without an offset is this computer's. For argparse."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("a date or time is wanted, as 2026-03-02 or 2026-03-02T14:00") from None


def say_headings(line: str) -> None:
    """What the columns are: for people at a terminal; a program that reads lines gets no other lines."""
    if sys.stdout.isatty():
        print(line)


def times_of(event: Recorded) -> str:
    """When it was stored, and its own time where it brings another."""
    stored = clock(event.created) if event.created else "no time"
    issued = parse_metadata(event.metadata).issued_at
    own = clock(issued) if issued else stored
    return stored if own == stored else f"{stored} (own {own})"


def clock(when: datetime) -> str:
    """A time in this computer's zone, to the second."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plain(text: str, longest: int = _LONGEST) -> str:
    """A text that stays on its line and tells the terminal nothing; a long one is cut."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in cut)
