"""Acts by hand on any stream: append an event, set a stream's metadata, delete, tombstone, replay parked messages.

Off until the record of the connection says *may write*, and never on a store that is marked as production. Each is kept
in a journal on this computer: who, when, what, and how it ended. The metadata of what is appended names Desk.
"""

import json
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from desk.cqrs.errors import StoreError
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.session import ConnectionRecord

LONGEST_NAME: Final = 1024
"""Signs that the name of a stream, or a type, may have here."""


class ActRefused(StoreError):
    """It is not done; the text is a sentence for people."""

    code = "ActRefused"


class ExpectedState(Enum):
    """What a stream is expected to be, where no revision is given."""

    ANY = "whatever it is"
    NO_STREAM = "not there yet"
    EXISTS = "there already"


Expected: TypeAlias = int | ExpectedState
"""The revision of a stream's last event, or a state."""


@dataclass(frozen=True, slots=True)
class AppendByHand:
    """An event as somebody typed it: ``data`` and ``metadata`` are JSON texts, the second an object or empty."""

    stream: str
    type: str
    data: str
    metadata: str
    expected: Expected

    def __post_init__(self) -> None:
        _check_name("stream", self.stream)
        _check_name("type", self.type)
        if self.stream.startswith("$$"):
            raise ActRefused("The metadata of a stream is set by its own act: it is no event like others.")
        _document("data", self.data)
        _object(self.metadata or "{}")

    def __str__(self) -> str:
        return f"append {self.type} to {self.stream}"

    def stored_metadata(self, appended_by: Mapping[str, object]) -> bytes:
        """The metadata that is stored, with who appended it."""
        return _compact({**_object(self.metadata or "{}"), APPENDED_BY: dict(appended_by)})

    def stored_data(self) -> bytes:
        """The payload, exactly as it was typed."""
        return self.data.strip().encode()


APPENDED_BY: Final = "appendedBy"
"""Where in the metadata the program, its version, the user and the machine stand."""


@dataclass(frozen=True, slots=True)
class SetStreamMetadata:
    """What a stream is to keep, and who may read it: a JSON object, as ``{"$maxCount": 10}``; it replaces the old."""

    stream: str
    metadata: str
    expected: Expected = ExpectedState.ANY

    def __post_init__(self) -> None:
        _check_name("stream", self.stream)
        found = _object(self.metadata)
        for name, least in (("$maxCount", 1), ("$maxAge", 1), ("$tb", 0), ("$cacheControl", 1)):
            value = found.get(name, least)
            if type(value) is not int or value < least:
                raise ActRefused(f"{name} has to be a whole number, from {least} on.")

    def __str__(self) -> str:
        return f"set the metadata of {self.stream}"

    def stored_data(self) -> bytes:
        """The metadata, exactly as it was typed."""
        return self.metadata.strip().encode()


@dataclass(frozen=True, slots=True)
class DeleteStream:
    """Hide all events of a stream; it may be written to again. ``typed`` is its name, typed once more."""

    stream: str
    typed: str
    expected: Expected = ExpectedState.ANY

    def __post_init__(self) -> None:
        _check_typed(self.stream, self.typed)

    def __str__(self) -> str:
        return f"delete {self.stream}"


@dataclass(frozen=True, slots=True)
class TombstoneStream:
    """Remove a stream for good: nobody can ever write to that name again. ``typed`` is its name, typed once more."""

    stream: str
    typed: str
    expected: Expected = ExpectedState.ANY

    def __post_init__(self) -> None:
        _check_typed(self.stream, self.typed)

    def __str__(self) -> str:
        return f"tombstone {self.stream}"


@dataclass(frozen=True, slots=True)
class ReplayParked:
    """Have a group get its parked messages again: those up to a revision of the stream they are in (None: all)."""

    source: str
    group: str
    last: int | None = None

    def __str__(self) -> str:
        return f"replay parked messages of {self.group} on {self.source}"


@dataclass(frozen=True, slots=True)
class SwitchProjection:
    """Start or stop one of the store's own projections."""

    name: str
    run: bool

    def __str__(self) -> str:
        return f"{'start' if self.run else 'stop'} the projection {self.name}"


Act: TypeAlias = AppendByHand | SetStreamMetadata | DeleteStream | TombstoneStream | ReplayParked | SwitchProjection


@dataclass(frozen=True, slots=True)
class ActDone:
    """What came of an act. ``position`` is that of the event it stored, where it stored one and the store says so."""

    position: int | None = None


@dataclass(frozen=True, slots=True)
class ActEntry:
    """An act in the journal. ``ending`` is empty where it went well; None: Desk ended before that was known."""

    number: int
    at: datetime
    user: str
    act: str
    detail: str
    ending: str | None


class ActsPort(Protocol):
    """Acting by hand. Safe to use from any thread; nothing waits."""

    def refusal(self) -> str:
        """Why nothing may be done by hand on this store now, as a sentence; empty where it may."""

    def appended_by(self) -> Mapping[str, object]:
        """What an event's metadata will say of who appended it."""

    def do(self, act: Act) -> "Future[ActDone]":
        """Do it, once. Fails with ActRefused, Conflict, OutcomeUnknown (it may have been done), or another StoreError.

        The same event is never stored twice by this.
        """

    def journal(self, limit: int = 200) -> "Future[tuple[ActEntry, ...]]":
        """The last acts on this store from this computer, the newest first."""


def refusal_by(record: "ConnectionRecord") -> str:
    """Why the record of a connection allows no acts; empty where it does."""
    if record.production:
        return "This store is marked as production: nothing is done there by hand."
    if not record.may_write:
        return "The record of this connection does not say that it may be written to by hand. Change that first."
    return ""


def detail_of(act: Act) -> str:
    """All that makes up an act, for the journal."""
    fields = {name: getattr(act, name) for name in act.__dataclass_fields__ if name != "typed"}
    return json.dumps(fields, ensure_ascii=False, default=lambda value: value.value)


def _check_name(what: str, name: str) -> None:
    if not name.strip():
        raise ActRefused(f"The {what} has no name yet.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ActRefused(f"The name of the {what} has up to {LONGEST_NAME} signs, and no control characters.")


def _check_typed(stream: str, typed: str) -> None:
    _check_name("stream", stream)
    if typed != stream:
        raise ActRefused(f"Type the name of the stream, {stream}, to confirm it.")


def _document(what: str, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ActRefused(f"The {what} has too many levels.") from None
    except ValueError as error:
        place = f", line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ActRefused(f"The {what} is no JSON{place}: {getattr(error, 'msg', error)}.") from None


def _object(text: str) -> dict[str, Any]:
    found = _document("metadata", text)
    if not isinstance(found, dict):
        raise ActRefused("The metadata has to be a JSON object, as {}.")
    return found


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not allowed")


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
