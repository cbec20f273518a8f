"""What a session is opened with: whose, in which directory, over which store."""

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

    ``throw_away`` makes a catalogue of its own within ``data_dir``, with a node of its own, that is removed at closing,
    and after a crash at the next start. ``opentelemetry`` sends the spans of all messages to a collector as well.
    """

    data_dir: Path
    store: str | None = None
    user: str | None = None
    node_command: tuple[str, ...] | None = None
    opentelemetry: bool = False
    throw_away: bool = False

    @property
    def store_name(self) -> str:
        """How the store is called where nobody has given it a name."""
        if self.throw_away:
            return "a throw-away catalogue"
        return "this computer" if self.store is None else without_secrets(self.store)


def hosts_of(uri: str) -> str:
    """The hosts and ports of a connection string, which say which store it is; no user, password or option."""
    return uri.partition("://")[2].partition("?")[0].rpartition("@")[2].partition("/")[0]


def without_secrets(uri: str) -> str:
    """A connection string as it may be shown."""
    return f"{uri.partition('://')[0]}://{hosts_of(uri)}"


def folder_of(uri: str) -> str:
    """The folder of a store elsewhere: its name follows from the hosts alone, in whatever order and spelling."""
    hosts = ",".join(sorted(hosts_of(uri).casefold().split(",")))
    return f"store-{sha256(hosts.encode()).hexdigest()[:12]}"


def former_folder_of(uri: str) -> str:
    """How older versions called that folder: the name followed from the whole string, password included."""
    return f"store-{sha256(uri.encode()).hexdigest()[:12]}"


def login() -> str:
    """The name under which somebody works at this computer."""
    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
