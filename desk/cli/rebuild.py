"""``desk rebuild``: builds the read model anew from the store, beside the old one, and puts it in its place."""

import sys
from collections.abc import Callable
from contextlib import closing

from desk.application.care import CareRefused, RebuildProgress
from desk.application.session import Session
from desk.cli.caring import (
    DONE,
    FAILED,
    INTERRUPTED,
    WasInterrupted,
    complain,
    kept_elsewhere,
    wait_for,
)
from desk.cli.progress import display
from desk.cqrs.errors import StoreError


def run(open_session: Callable[[], Session]) -> int:
    """Rebuild; the exit status. Refuses beside a window, whose menu has the same."""
    with closing(open_session()) as session:
        if session.care is None:
            return complain(kept_elsewhere("rebuild"))
        try:
            with display(sys.stderr) as shown:
                rebuild = session.care.rebuild(lambda now: shown.tell(now.share, _words(now)))
                outcome = wait_for(rebuild.future, session, rebuild.abort)
        except WasInterrupted:
            print("Interrupted. The read model is as it was.")
            return INTERRUPTED
        except (CareRefused, StoreError, OSError) as error:
            return complain(str(error))
        if not outcome.switched:
            return FAILED
        rate = outcome.events / outcome.seconds if outcome.seconds else 0
        print(f"{outcome.events:,} events in {outcome.seconds:.1f} s, {rate:,.0f} a second.")
        return DONE


def _words(now: RebuildProgress) -> str:
    return "switching" if now.switching else f"{now.events:,} events"
