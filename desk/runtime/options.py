"""What a session is opened with: whose, in which directory, over which store."""

from dataclasses import field
from getpass import getuser
from hashlib import sha256
from pathlib import Path

from desk.cqrs.errors import StoreError
from desk.records import dataclass
from desk.store.connection_string import WrongConnectionString, check, hosts_of, without_secrets


class CannotOpen(StoreError):
    """There is no session to be had; the text is a sentence that says what to do."""


class UnreadableStore(CannotOpen):
    """The connection string cannot be read; the text says why, and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a session is opened with. ``store`` is a connection string; None is this computer's own node.
    Raises UnreadableStore.

    ``throw_away`` makes a catalogue of its own within ``data_dir``, with a node of its own, that is removed at closing,
    and after a crash at the next start. ``existing`` opens a catalogue that is there, and makes none. ``opentelemetry``
    sends the spans of all messages to a collector as well.
    """

    data_dir: Path
    store: str | None = field(default=None, repr=False)
    user: str | None = None
    node_command: tuple[str, ...] | None = None
    opentelemetry: bool = False
    throw_away: bool = False
    existing: bool = False

    def __post_init__(self) -> None:
        if self.store is not None:
            try:
                check(self.store)
            except WrongConnectionString as wrong:
                raise UnreadableStore(str(wrong)) from None

    @property
    def store_name(self) -> str:
        """How the store is called where nobody has given it a name."""
        if self.throw_away:
            return "a throw-away catalogue"
        return "this computer" if self.store is None else without_secrets(self.store)


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
