"""``desk``: arguments, then the window or a sub-command. Imports nothing heavy before it knows which."""

import argparse
import gc
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from desk import __version__

if TYPE_CHECKING:
    from desk.application.scenarios.ground import ScenarioPort
    from desk.application.session import Session
    from desk.gui.frame.workspace_view import WorkspaceView
    from desk.runtime.options import Options

    Run = Callable[[argparse.Namespace, Any], int]
    """What a sub-command does with its arguments, and with what opens a runtime or a store for it."""

SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread gives way: an import has many that each wait for the node, most of the time."""

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses; refused rows of an import count as done."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run Desk; returns the exit status."""
    # gRPC writes of its own accord what it also raises. It reads this when it is imported.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    front, rest = _options_apart(sys.argv[1:] if argv is None else argv)
    if rest[:1] == ["node"]:
        return _node(rest[1:], front)
    arguments = _parser().parse_args(front + rest)
    try:
        command: Callable[[argparse.Namespace], int] = arguments.command
        return command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _node(rest: list[str], front: list[str]) -> int:
    if any(word.startswith("--store") for word in front):
        # Here, as the node's own complaint would repeat the password in it.
        return _say("desk node: --store names a store elsewhere, and this is one: leave it out.", USAGE)
    from desk.node.__main__ import node

    return node(rest + front)


def data_directory(arguments: argparse.Namespace) -> Path:
    """Where a profile's data lives: ``--data``, ``DESK_DATA``, or the system's place for it."""
    if arguments.data:
        return Path(arguments.data).expanduser().absolute()
    if os.environ.get("DESK_DATA"):
        return Path(os.environ["DESK_DATA"]).expanduser().absolute() / _profile_folder(arguments.profile)
    import platformdirs

    return platformdirs.user_data_path("desk", appauthor=False) / _profile_folder(arguments.profile)


def _profile_folder(profile: str) -> str:
    return "." if profile == "default" else f"profile-{profile}"


def _options_apart(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The common options may stand before or after a sub-command; here are they, and all the rest."""
    front, rest, index = list[str](), list[str](), 0
    while index < len(given):
        word = given[index]
        if word in ("--data", "--profile", "--store") and index + 1 < len(given):
            front += given[index : index + 2]
            index += 2
            continue
        (front if word.startswith(("--data=", "--profile=", "--store=")) else rest).append(word)
        index += 1
    return front, rest


class _Parser(argparse.ArgumentParser):
    """Repeats no connection string in its complaints, as there may be a password in it.

    ``module`` has the arguments of a sub-command and what it runs, ``way`` in which surroundings. It is loaded when
    the command is given: the window needs none of them.
    """

    module = ""
    way: "Callable[[Run, argparse.Namespace], int]"

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.module:
            module, self.module = import_module(self.module), ""
            module.add_arguments(self)
            self.set_defaults(command=partial(self.way, module.run))
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if "://" in message:
            message = "there is a connection string where none belongs; it follows --store"
        super().error(message)


def _profile(name: str) -> str:
    """A name that stays within the directory that has the profiles."""
    if not re.fullmatch(r"\w[\w .-]{0,63}", name) or name != name.strip(" ."):
        raise argparse.ArgumentTypeError(
            "a name begins with a letter or digit; up to 64 of those, spaces, dots, hyphens and underscores make it"
        )
    return name


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="desk",
        description="A window on event sourcing, over a catalogue of books. Without a command it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"desk {__version__}")
    parser.add_argument("--data", metavar="DIR", help="the directory of the data (also: DESK_DATA)")
    parser.add_argument(
        "--profile", metavar="NAME", type=_profile, default="default", help="one of several sets of data"
    )
    parser.add_argument("--store", metavar="URI", help="an EventStoreDB or KurrentDB, as esdb://HOST:2113?tls=false")
    parser.add_argument(
        "--open", metavar="LINK", default="", help="go to a stream's event: NAME@REVISION, or a link desk://open?…"
    )
    parser.add_argument("--opentelemetry", action="store_true", help="send the spans of all messages to a collector")
    parser.set_defaults(command=_window)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    commands.add_parser("node", help="run the event store alone, for any EventStoreDB client", add_help=False)
    for name, module, way, words in (
        ("import", "import_", _with_runtime, "take the books of a CSV file into the catalogue"),
        (
            "rebuild",
            "rebuild",
            _with_catalogue,
            "build the read model anew from the store; the old one answers meanwhile",
        ),
        ("doctor", "doctor", _with_catalogue, "compare the read model with the store; 1 where they differ"),
        ("streams", "streams", _with_store, "list the streams of any store, those written last first"),
        ("find", "find", _with_store, "find events of any store by text, type, name, or values in them"),
        ("show", "show", _with_store, "tell a stream of any store event by event: text, JSON, picture or page"),
        ("stage", "stage", _on_stage, "play a scenario in a throw-away catalogue, or rehearse some"),
    ):
        command = commands.add_parser(name, help=words)
        command.module, command.way = f"desk.cli.{module}", way
    return parser


def _with_runtime(run: "Run", arguments: argparse.Namespace, *, existing: bool = False) -> int:
    """Do it with a runtime and no window; its exit status. ``existing``: with a catalogue that is there already."""
    gc.disable()  # nothing that is loaded now is garbage; the command collects from then on
    from desk.runtime.runtime import open_runtime

    sys.setswitchinterval(SWITCH_INTERVAL)
    return _with_options(arguments, lambda options: run(arguments, lambda: open_runtime(options)), existing=existing)


def _with_catalogue(run: "Run", arguments: argparse.Namespace) -> int:
    return _with_runtime(run, arguments, existing=True)


def _with_store(run: "Run", arguments: argparse.Namespace) -> int:
    """Look into a store, without a runtime; the exit status."""
    gc.disable()  # as above
    from desk.runtime.store_alone import open_store

    return _with_options(arguments, lambda options: run(arguments, lambda: open_store(options)), existing=True)


def _on_stage(run: "Run", arguments: argparse.Namespace) -> int:
    if arguments.store is not None:
        return _say(
            "desk stage: scenarios are played in a throw-away catalogue of their own: leave --store out.", USAGE
        )
    return run(arguments, data_directory(arguments))


def _with_options(arguments: argparse.Namespace, work: 'Callable[["Options"], int]', *, existing: bool) -> int:
    """Do it with the common options; the exit status, what is wrong with them being said."""
    from desk.runtime.options import CannotOpen, Options, UnreadableStore

    gc.freeze()
    gc.enable()
    if isinstance(sys.stdout, TextIOWrapper):  # a title may have signs that the terminal's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return work(Options(data_directory(arguments), arguments.store, existing=existing))
    except UnreadableStore as error:
        return _say(f"desk: {error}", USAGE)
    except CannotOpen as error:
        return _say(f"desk: {error}", FAILED)


def _window(arguments: argparse.Namespace) -> int:
    from desk.cli.display import missing

    address = ""
    if arguments.open:
        from desk.application.event_links import UnreadableLink, read_address

        try:
            address = str(read_address(arguments.open))
        except UnreadableLink as error:
            return _say(f"desk: {error}", USAGE)
    data_dir, store = data_directory(arguments), arguments.store or ""
    sentence = _why_unreadable(arguments.store, data_dir) or missing(offscreen=False)
    if sentence:
        return _say(f"desk: {sentence}", USAGE)
    gc.disable()  # nothing that is loaded now is garbage; the window collects from then on
    from desk.cli.charset import guess_encoding
    from desk.gui.frame.run import run_window
    from desk.gui.importing.part import ImportPart
    from desk.gui.stage.action_specs import add_stage
    from desk.runtime.clock import moments_of_this_computer

    traced = "Desk is open already, and --opentelemetry counts from a window's start on. Close it, then start it so."

    def connect(store: str) -> "Callable[[], Session]":
        # Imported behind the window that is already there: gRPC and the rest take their time.
        from desk.runtime.options import Options
        from desk.runtime.runtime import open_session

        return partial(open_session, Options(data_dir, store or None, opentelemetry=arguments.opentelemetry))

    def port() -> "ScenarioPort":
        from desk.cli.stage import scenario_port

        return scenario_port(data_dir)

    def extend(view: "WorkspaceView") -> None:
        ImportPart(view, guess_encoding)
        add_stage(view, port)

    return run_window(
        lambda: connect(store)(),
        data_dir,
        arguments.profile,
        sys.argv[:1],
        moments=moments_of_this_computer(),
        extend=extend,
        connect=connect,
        store=store,
        address=address,
        first_only=traced if arguments.opentelemetry else "",
    )


def _why_unreadable(store: str | None, data_dir: Path) -> str:
    """What is wrong with a connection string; empty where it can be read, or there is none."""
    if store is None:
        return ""
    from desk.runtime.options import Options, UnreadableStore

    try:
        Options(data_dir, store)
    except UnreadableStore as error:
        return str(error)
    return ""


def _say(sentence: str, status: int) -> int:
    sys.stderr.write(sentence + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
