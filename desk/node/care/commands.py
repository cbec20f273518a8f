"""``desk node check``, ``scavenge`` and ``backup``: the care of a log from the command line."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TextIO

from desk.node.care.backup import BackupRefused, back_up
from desk.node.care.check import problems
from desk.node.care.remote import scavenged_by_node
from desk.node.care.scavenge import ScavengeProgress, Scavenger
from desk.node.commits import Commits
from desk.node.lock import PORT_FILE, DirectoryInUse, hold
from desk.node.log import Log
from desk.node.readers import Readers
from desk.node.records import LogError
from desk.node.server import LOG_FILE

COMMANDS: Final = ("check", "scavenge", "backup")

_OK: Final = 0
_FAILED: Final = 1
_MOST_PROBLEMS: Final = 100
_SECONDS_BETWEEN_SIGNS: Final = 0.2


def main(argv: Sequence[str]) -> int:
    """Runs one of the commands; returns the exit status."""
    arguments = _parser().parse_args(argv)
    path = Path(arguments.data) / LOG_FILE
    try:
        match arguments.command:
            case "check":
                return _check(path)
            case "scavenge":
                return _scavenge(path)
            case _:
                return _backup(path, Path(arguments.file), overwrite=arguments.overwrite)
    except (LogError, BackupRefused) as error:
        return _fail(arguments.command, str(error))
    except OSError as error:
        return _fail(arguments.command, f"{error.filename}: {error.strerror}.")
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        required="DESK_DATA" not in os.environ,
        default=os.environ.get("DESK_DATA"),
        metavar="DIR",
        help="the directory that holds the log (also: DESK_DATA)",
    )
    parser = argparse.ArgumentParser(prog="desk node")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", parents=[common], help="look for damage, beside a running node or without one")
    commands.add_parser("scavenge", parents=[common], help="take away what nobody is shown, and give the room back")
    backup = commands.add_parser("backup", parents=[common], help="take a whole copy, while a node is running or not")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")
    return parser


def _check(path: Path) -> int:
    sign = _Sign(sys.stderr)
    found = 0
    for problem in problems(path, sign.show):
        found += 1
        if found <= _MOST_PROBLEMS:
            sign.clear()
            _say(problem)
    sign.clear()
    if not found:
        _say(f"{path} is whole.")
        return _OK
    _say(
        f"{path} is damaged in {found} {'place' if found == 1 else 'places'}. Stop the node, move the file away and put"
        " a backup in its place; keep the damaged one, as what is not named above can still be read."
    )
    return _FAILED


def _backup(path: Path, copy: Path, *, overwrite: bool) -> int:
    sign = _Sign(sys.stderr)
    position = back_up(path, copy, lambda share: sign.show("copied", share), overwrite=overwrite)
    sign.clear()
    _say(f"{copy} holds the log up to position {position}. To use it, name it {LOG_FILE} in a directory of its own.")
    return _OK


def _scavenge(path: Path) -> int:
    if not path.exists():
        raise LogError(f"There is no log at {path}; name its directory with --data.")
    try:
        lock = hold(path.parent)
    except DirectoryInUse:
        told = scavenged_by_node(path.with_name(PORT_FILE))
        _say(f"The running node has taken {told['eventsDiscarded']:,} events away: {told['result']}.")
        return _OK if told["result"] == "Success" else _FAILED
    try:
        with closing(Log(path)) as log:
            before = path.stat().st_size
            progress = asyncio.run(_scavenged(log))
            log.rebuild()
    finally:
        lock.release()
    freed = max(0, before - path.stat().st_size)
    _say(f"{progress.events:,} events were taken away, and {freed / 2**20:,.1f} MiB given back.")
    return _OK


async def _scavenged(log: Log) -> ScavengeProgress:
    sign = _Sign(sys.stderr)
    commits, readers = Commits(log, lambda _: None), Readers(log.path)
    scavenger = Scavenger(commits, readers, gives_way=0)
    try:
        scavenger.start()
        while scavenger.running is not None:
            sign.show("scavenged", scavenger.progress.share)
            await asyncio.sleep(_SECONDS_BETWEEN_SIGNS)
        await scavenger.wait()
    finally:
        await scavenger.close()
        await commits.close()
        readers.close()
        sign.clear()
    return scavenger.progress


class _Sign:
    """A line of progress on a terminal, and nothing elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()

    def show(self, what: str, share: float | None) -> None:
        if self._shown:
            percent = "…" if share is None else f"{100 * share:5.1f} %"
            self._stream.write(f"\r{what} {percent}\x1b[K")
            self._stream.flush()

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")


def _say(sentence: str) -> None:
    print(sentence)  # noqa: T201


def _fail(command: str, sentence: str) -> int:
    print(f"desk node {command}: {sentence}", file=sys.stderr)  # noqa: T201
    return _FAILED
