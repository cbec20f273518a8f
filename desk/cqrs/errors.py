"""How a message can fail, apart from the rules of the domain: four families, none a child of another.

* :class:`WiringError`: the program is put together wrongly; found when a bus is sealed.
* the domain's own refusals, which this package does not know by name (see :class:`~desk.cqrs.aggregate.Decider`).
* :class:`Conflict`: somebody else was faster.
* :class:`StoreError`: the store is away, full, or did not answer in time.
"""

from uuid import UUID


class WiringError(Exception):
    """A handler is missing, doubled, or registered for something that is not a message."""


class Conflict(Exception):
    """Somebody else wrote to the stream first. ``actual`` is the stream's last revision, None where unknown.

    ``attempts`` counts how often it was tried in vain.
    """

    code = "Conflict"

    def __init__(self, stream: str, expected: int, actual: int | None = None) -> None:
        super().__init__(f"{stream} is not at revision {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual
        self.attempts = 1


class StoreError(Exception):
    """The store could not do what it was asked; the text says why and what to do."""

    code = "StoreError"
    answered = ""
    """What the server, or the network, said word for word; empty where nobody said anything."""


class StoreUnavailable(StoreError):
    """The store is away, or refused to write (disk full, say). Nothing was stored."""

    code = "StoreUnavailable"


class Misconfigured(StoreUnavailable):
    """The connection cannot be made as it was asked for: a person has to change something."""


class OutcomeUnknown(StoreError):
    """The answer was lost: the events may or may not be stored.

    Sending the same command again, with the same id, settles it.
    """

    code = "OutcomeUnknown"

    def __init__(self, reason: str, command_id: UUID | None = None) -> None:
        super().__init__(reason)
        self.command_id = command_id


class StreamNotFound(StoreError):
    """The stream has no events (or was deleted, and not written to since)."""

    code = "StreamNotFound"


class StreamIsGone(StoreError):
    """The stream was tombstoned: it can never be used again."""

    code = "StreamIsGone"


class AccessDenied(StoreError):
    """The store knows the caller and says no, or does not know the caller."""

    code = "AccessDenied"


class StoreNotRecognised(StoreError):
    """Whether this is the store of before cannot be said: a person has to decide."""

    code = "StoreNotRecognised"


class TooLarge(StoreError):
    """One append holds more than the store, or Desk's own limit of 512 KiB, takes."""

    code = "TooLarge"


class ReadModelPaused(StoreError):
    """A query was to see what the read model holds back, as somebody has paused it."""

    code = "ReadModelPaused"


class UnknownEvent(Exception):
    """A stream holds an event of a type or schema that this version does not know: it needs a newer Desk."""

    code = "UnknownEvent"

    def __init__(self, type_name: str, schema: int) -> None:
        super().__init__(f"event type {type_name}, schema {schema}, needs a newer version of Desk")
        self.type_name, self.schema = type_name, schema


class Cancelled(Exception):
    """The caller gave up before the append began; nothing was stored."""

    code = "Cancelled"
