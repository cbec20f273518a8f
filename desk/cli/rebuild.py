"""``desk rebuild``: builds the read model anew from the store, beside the old one, and puts it in its place."""

import argparse
import sys

from desk.application.care import ReadModelCare, RebuildProgress
from desk.cli.caring import (
    DONE,
    FAILED,
    OpenRuntime,
    Patience,
    WasInterrupted,
    add_json,
    add_wait,
    answer,
    result_of,
    with_care,
)
from desk.cli.progress import display


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    add_wait(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, open_runtime: OpenRuntime) -> int:
    """Rebuild; the exit status. Refuses beside a window, whose menu has the same."""
    return with_care(
        open_runtime, arguments.wait, "rebuild", lambda care, patience: _rebuild(care, patience, json=arguments.json)
    )


def _rebuild(care: ReadModelCare, patience: Patience, *, json: bool) -> int:
    try:
        with display(sys.stderr) as shown:
            outcome = result_of(lambda: care.rebuild(lambda now: shown.tell(now.share, _words(now))), patience)
    except WasInterrupted:
        print("Interrupted. The read model is as it was.", file=sys.stderr)
        raise
    if json:
        answer({"switched": outcome.switched, "events": outcome.events, "seconds": round(outcome.seconds, 3)})
    elif outcome.switched:
        rate = outcome.events / outcome.seconds if outcome.seconds else 0
        print(f"{outcome.events:,} events in {outcome.seconds:.1f} s, {rate:,.0f} a second.")
    return DONE if outcome.switched else FAILED


def _words(now: RebuildProgress) -> str:
    return "switching" if now.switching else f"{now.events:,} events"
