"""``desk node``: arguments, the lock on the directory, the ready line, the port file and the ways to end."""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from desk.node.access.certificate import Certificate, CertificateError
from desk.node.care import commands as care
from desk.node.listening import LOOPBACK, PortTaken, address
from desk.node.lock import PORT_FILE, DirectoryInUse, hold, keep_to_owner, make_private
from desk.node.records import LogError
from desk.node.server import DEFAULT_APPEND_SIZE, LARGEST_MESSAGE, Node, NodeSettings

ADMIN_PASSWORD: Final = "DESK_NODE_ADMIN_PASSWORD"
"""The environment variable that sets the first administrator's password."""

_OK: Final = 0
_FAILED: Final = 1
_USAGE: Final = 2
PORT_TAKEN: Final = 3
"""The exit status where something else listens on the port: whoever started the node may name another one."""
DIRECTORY_TAKEN: Final = 4
"""The exit status where another node holds the directory: whoever started this one may use that one, or wait."""
_INTERRUPTED: Final = 130
_SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which a thread gives way: after each commit the writer competes with a busy event loop."""


def main(argv: Sequence[str]) -> int:
    """Runs a node until it is asked to end, or takes care of its log; returns the exit status."""
    gc.enable()  # whoever loaded this had no garbage yet
    keep_to_owner()
    if argv and argv[0] in care.COMMANDS:
        return care.main(argv)
    arguments = _parser().parse_args(argv)
    refusal = _refusal(arguments)
    if refusal is not None:
        return _say(_USAGE, refusal)
    # gRPC writes of its own accord what it also raises, such as a port that is taken.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    # It reports clients that left before their answer; what goes wrong in a handler is logged by ``calls``.
    logging.getLogger("grpc._cython.cygrpc").setLevel(logging.CRITICAL)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    # What was imported stays; an append makes hardly any cycles, and looking for them took a twelfth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    settings = NodeSettings(
        Path(arguments.data),
        arguments.host,
        arguments.port,
        arguments.advertise,
        arguments.max_append_size,
        system_projections=arguments.system_projections == "on",
        admin_password=os.environ.get(ADMIN_PASSWORD) or None,
    )
    try:
        with locked(settings.directory):
            if arguments.tls:
                current = _certificates(arguments, settings)
                settings = replace(settings, certificate=current(datetime.now(UTC)), current_certificate=current)
            return asyncio.run(run(settings, parent_pipe=arguments.parent_pipe))
    except PortTaken as error:
        return _say(PORT_TAKEN, str(error))
    except DirectoryInUse as error:
        return _say(DIRECTORY_TAKEN, str(error))
    except (CertificateError, LogError) as error:
        return _say(_FAILED, str(error))
    except (FileExistsError, NotADirectoryError):
        return _say(_FAILED, f"{settings.directory} is not a directory, or lies in a file; name another with --data.")
    except OSError as error:
        return _say(
            _FAILED,
            f"{settings.directory} cannot be used as a data directory ({error.strerror});"
            " name one that you may write to with --data.",
        )


async def run(settings: NodeSettings, *, parent_pipe: bool) -> int:
    """A node from its ready line to its end, in a directory that is locked; returns the exit status."""
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    port_file = settings.directory / PORT_FILE
    port_file.unlink(missing_ok=True)
    node = await Node.start(settings, shutdown=lambda: _end(ended, _OK))
    try:
        with _signals(ended):
            # One write: whoever reads the first line alone may close the pipe after it.
            print("\n".join(_announcement(settings, node)), flush=True)  # noqa: T201
            _write_port_file(port_file, node.port, tls=settings.certificate is not None)
            if parent_pipe:
                _end_with_parent(ended)
            return await ended
    finally:
        port_file.unlink(missing_ok=True)
        await node.stop()


def _announcement(settings: NodeSettings, node: Node) -> list[str]:
    """The ready line, and what somebody who started the node by hand should know."""
    lines = [f"desk node ready on {address(settings.host, node.port)}"]
    if settings.certificate is None:
        reach = "from this machine only" if settings.host in LOOPBACK else "by anybody on that network"
        return [*lines, f"It has neither TLS nor users: it can be read and written {reach}."]
    if settings.certificate.ca is not None:
        lines.append(f"Clients trust it by tlsCaFile={settings.certificate.ca.absolute()}")
    if node.shown_once is not None:
        lines.append(f"The password of the user admin, shown this once: {node.shown_once}")
    return lines


def _refusal(arguments: argparse.Namespace) -> str | None:
    """Why arguments that are valid one by one cannot be combined."""
    if bool(arguments.cert) != bool(arguments.key):
        return "--cert and --key belong together: the certificate, and the key that it was made for."
    if arguments.cert and not arguments.tls:
        return "--cert and --key are for --tls."
    if not arguments.tls and arguments.host not in LOOPBACK and not arguments.insecure_anyway:
        return (
            f"Without --tls the node listens on 127.0.0.1 or ::1 only, not on {arguments.host};"
            " --insecure-anyway lets anybody on that network read and write."
        )
    return None


def _certificates(arguments: argparse.Namespace, settings: NodeSettings) -> Callable[[datetime], Certificate]:
    """Finds the given certificate, or the node's own, for any moment; it raises CertificateError."""
    # The library behind it takes time and memory, for which a node without TLS has no use.
    from desk.node.access import certificates

    if arguments.cert:
        return partial(certificates.given, Path(arguments.cert), Path(arguments.key))
    return partial(certificates.own, settings.directory, (settings.advertise, settings.host))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="desk node",
        description="An event store that speaks EventStoreDB's protocol.",
        epilog="desk node check, desk node scavenge and desk node backup FILE look for damage, give room back and take"
        " a whole copy of the log in --data DIR; each has a --help of its own.",
    )
    parser.add_argument("--data", required=True, metavar="DIR", help="the directory that holds the log")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; 127.0.0.1 and ::1 mean both")
    parser.add_argument("--port", type=_port, default=2113, help="0 takes any free one")
    parser.add_argument("--advertise", default="localhost", metavar="HOST", help="what clients are told")
    parser.add_argument(
        "--max-append-size",
        type=_append_size,
        default=DEFAULT_APPEND_SIZE,
        metavar="BYTES",
        help="the largest append (default: 1 MiB)",
    )
    parser.add_argument(
        "--system-projections",
        choices=("on", "off"),
        default="on",
        help="whether those run that nobody has enabled or disabled (default: on)",
    )
    parser.add_argument("--tls", action="store_true", help="speak TLS, and ask for users and passwords")
    parser.add_argument("--cert", metavar="FILE", help="with --tls: the certificate, PEM (default: an own one is made)")
    parser.add_argument("--key", metavar="FILE", help="with --cert: its private key, PEM")
    parser.add_argument("--insecure-anyway", action="store_true", help="listen on any address without TLS")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input is closed")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _append_size(text: str) -> int:
    size = int(text)
    if not 1 <= size <= LARGEST_MESSAGE:
        raise argparse.ArgumentTypeError(f"an append has from 1 to {LARGEST_MESSAGE} bytes")
    return size


def _say(status: int, sentence: str) -> int:
    print(f"desk node: {sentence}", file=sys.stderr)  # noqa: T201
    return status


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """The directory, made if need be, held, and its owner's alone. Raises DirectoryInUse and OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = hold(directory)
    try:
        make_private(directory)
        yield
    finally:
        lock.release()


def _write_port_file(path: Path, port: int, *, tls: bool) -> None:
    """By rename, so that nobody reads half of it."""
    partial = path.with_suffix(".port.new")
    partial.write_text(json.dumps({"port": port, "pid": os.getpid(), "tls": tls}))
    partial.replace(path)


@contextmanager
def _signals(ended: asyncio.Future[int]) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the node, whatever it is doing."""
    loop = asyncio.get_running_loop()
    statuses = {signal.SIGTERM: _OK, signal.SIGINT: _INTERRUPTED}
    before = {number: signal.getsignal(number) for number in statuses}
    for number, status in statuses.items():
        # By the loop: a handler of Python's own does not wake it where the signal comes as it falls asleep.
        try:
            loop.add_signal_handler(number, _end, ended, status)
        except NotImplementedError:  # on Windows, where every signal wakes it
            signal.signal(number, lambda *_, status=status: loop.call_soon_threadsafe(_end, ended, status))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent(ended: asyncio.Future[int]) -> None:
    """Whoever started the node holds the other end of its standard input, until it ends, in whatever way."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # Not through sys.stdin: its lock would be held when the interpreter ends.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_end, ended, _OK)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _end(ended: asyncio.Future[int], status: int) -> None:
    if not ended.done():
        ended.set_result(status)
