"""What a session is opened with: whose, in which directory, over which store; and directories that can be used."""

import os
from dataclasses import dataclass
from getpass import getuser
from hashlib import sha256
from pathlib import Path

from desk.cqrs.errors import StoreError


class CannotOpen(StoreError):
    """There is no session to be had; the text is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a session is opened with. ``store`` is a connection string; None is this computer's own node.

    ``opentelemetry`` sends the spans of all messages to a collector as well.
    """

    data_dir: Path
    store: str | None = None
    user: str | None = None
    node_command: tuple[str, ...] | None = None
    opentelemetry: bool = False


def usable_directory(path: Path) -> Path:
    """The directory, made if need be. Raises CannotOpen where it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CannotOpen(f"{path} is a file, and a directory is needed. Name another with --data.") from None
    except OSError as error:
        raise CannotOpen(not_writable(path, error)) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise CannotOpen(f"{path} cannot be written to. Make it writable, or name another with --data.")
    return path


def not_writable(path: Path, error: OSError) -> str:
    """The sentence for a place that the system refuses."""
    return f"{path} cannot be used: {error.strerror or error}. Make it writable, or name another with --data."


def folder_of(store: str | None) -> str:
    """A read model belongs to one store: the embedded node's is beside it, others have a folder each."""
    return "." if store is None else f"store-{sha256(store.encode()).hexdigest()[:12]}"


def without_secrets(uri: str) -> str:
    """A connection string as it may be shown: hosts, but no user, password or options."""
    scheme, _, rest = uri.partition("://")
    hosts = rest.partition("?")[0].rpartition("@")[2]
    return f"{scheme}://{hosts}"


def login() -> str:
    """The name under which somebody works at this computer."""
    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
