"""What the sub-commands share: waiting for the store in time and aloud, waiting for work, saying what came of it."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final, Protocol, TypeVar

from desk.application.care import CareRefused, Ongoing, ReadModelCare
from desk.application.session import Connection, Light, Session
from desk.cli.interrupt import interruptible
from desk.cli.progress import Display
from desk.cqrs.errors import StoreError, StoreUnavailable

T = TypeVar("T")

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
USUAL_WAIT: Final = 15.0
"""Seconds for which a store that does not answer is waited for."""
_LOOK: Final = 0.25
"""Seconds between two looks at the connection."""
_BETWEEN_WORDS: Final = 1.0
"""Seconds between two words about a store that does not answer."""
_QUIET: Final = 3.0
"""Seconds in which Desk's own node may start, and nothing is said."""
_BEGINNINGS: Final = 5
"""How often work is begun for which the store goes away again and again."""


class Answering(Protocol):
    """Something behind which there is a store."""

    def ready(self, timeout: float) -> bool: ...

    def close(self) -> None: ...


class OpenedCatalogue(Answering, Protocol):
    """What a sub-command works with (:class:`~desk.runtime.runtime.Runtime`)."""

    @property
    def session(self) -> Session: ...


OpenRuntime = Callable[[], OpenedCatalogue]


class WasInterrupted(Exception):
    """Somebody pressed Ctrl+C, and the work was ended."""


class StoreNotReady(Exception):
    """The store refuses, or did not answer in time; the text is a sentence that says what to do."""


class Patience:
    """For how many seconds a store that does not answer is waited for, at the start or in the middle of work.

    :meth:`check` is to be called again and again meanwhile: it says once a second on standard error what is being
    tried. Raises StoreNotReady once the time is over, and at once where the store refuses, which no waiting mends.
    """

    def __init__(self, state: Callable[[], Connection], seconds: float, *, embedded: bool) -> None:
        self._state, self._seconds, self._embedded = state, seconds, embedded
        self._since: float | None = None
        self._spoke = 0.0

    def check(self) -> None:
        now, state = time.monotonic(), self._state()
        if state.light is Light.RED:
            raise StoreNotReady(state.text)
        if state.light is Light.GREEN:
            self._since = None
            return
        if self._since is None:
            self._since = self._spoke = now
        left = self._since + self._seconds - now
        tried = state.tried or "the store"
        starting = self._embedded and state.retry_in is None
        silence = "Desk's own node does not answer yet." if starting else "There is no answer yet."
        reason = silence if state.retry_in is None else state.text
        if left <= 0:
            raise StoreNotReady(f"{reason} Given up after {self._seconds:g} s: {self._advice()}")
        if now - self._spoke >= _BETWEEN_WORDS and not (starting and now - self._since < _QUIET):
            self._spoke = now
            print(f"desk: {reason} Trying {tried} for another {left:.0f} s.", file=sys.stderr, flush=True)

    def until_answered(self) -> None:
        """Wait until the store is there."""
        while self._state().light is not Light.GREEN:
            self.check()
            time.sleep(_LOOK)

    def _advice(self) -> str:
        longer = "--wait SECONDS waits longer."
        if self._embedded:
            return f"try again; {longer}"
        return f"start the store, or correct --store; {longer}"


def add_wait(parser: argparse.ArgumentParser) -> None:
    """The option that says how long to wait."""
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=whole_number("a number of seconds from 1 to 86400", 1, 86_400),
        default=USUAL_WAIT,
        help=f"how long to wait for a store that does not answer ({USUAL_WAIT:g})",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option that asks for an answer to a program."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON document on standard output")


def whole_number(wanted: str, least: int, most: int | None = None) -> Callable[[str], int]:
    """For argparse: a number within these limits, which ``wanted`` puts into words."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least or (most is not None and int(text) > most):
            raise argparse.ArgumentTypeError(f"{wanted} is wanted")
        return int(text)

    return parse


def patience_with(session: Session, seconds: float) -> Patience:
    """Patience with the store of a session."""
    return Patience(lambda: session.connection.state, seconds, embedded=session.about.embedded)


def until_ready(opened: Answering, patience: Patience) -> None:
    """Wait until the store answers. Raises StoreNotReady."""
    try:
        while not opened.ready(_LOOK):
            patience.check()
    except StoreUnavailable as refused:
        raise StoreNotReady(str(refused)) from None


def until_current(care: ReadModelCare, patience: Patience, shown: Display) -> None:
    """Wait until the read model holds everything that the store has; one that was missing is built first."""
    while not (state := care.state()).live:
        patience.check()
        shown.tell(state.progress, "building the read model")
        time.sleep(_LOOK)


def with_care(open_runtime: OpenRuntime, wait: float, name: str, work: Callable[[ReadModelCare, Patience], int]) -> int:
    """Do something with the read model's care, once the store answers; the exit status, what went wrong being said."""
    with closing(open_runtime()) as opened:
        care = opened.session.care
        if care is None:
            return complain(
                f"Another Desk has this catalogue open and keeps its read model. Close it, or {name} from its window."
            )
        patience = patience_with(opened.session, wait)
        try:
            until_ready(opened, patience)
            return work(care, patience)
        except WasInterrupted:
            return INTERRUPTED
        except (StoreNotReady, CareRefused, StoreError, OSError) as error:
            return complain(str(error))


def result_of(begin: "Callable[[], Ongoing[T]]", patience: Patience) -> T:
    """What comes of work, which Ctrl+C ends. Raises WasInterrupted, StoreNotReady, and what the future raises.

    Where the store went away meanwhile, and came back in time, the work is begun anew.
    """
    for left in reversed(range(_BEGINNINGS)):
        try:
            return _outcome(begin(), patience)
        except StoreUnavailable:
            if not left:
                raise
            time.sleep(_BETWEEN_WORDS)  # until whoever watches over the connection has seen it as well
            patience.until_answered()
    raise AssertionError("the last attempt returns or raises")


def _outcome(work: "Ongoing[T]", patience: Patience) -> T:
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        work.abort()

    with interruptible(stop):
        while True:
            try:
                result = work.future.result(_LOOK)
            except TimeoutError:
                try:
                    patience.check()
                except StoreNotReady:
                    work.abort()
                    raise
            else:
                if interrupted:
                    raise WasInterrupted
                return result


def counted(number: int, what: str) -> str:
    """A number and what there are so many of."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def complain(sentence: str, status: int = FAILED) -> int:
    """Say what went wrong; the exit status for it."""
    print(f"desk: {sentence}", file=sys.stderr)
    return status


def answer(document: object) -> None:
    """Answer a program: one JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=2))
