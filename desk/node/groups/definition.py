"""What a group is: where its events come from, and how they are handed out. Kept as JSON beside the events."""

import json
from dataclasses import asdict
from typing import Final

from desk.node.filters import WantedEvents
from desk.records import dataclass

ALL: Final = "$all"
"""The source of a group that takes from the whole log."""

DISPATCH_TO_SINGLE: Final = "DispatchToSingle"
ROUND_ROBIN: Final = "RoundRobin"
PINNED: Final = "Pinned"
PINNED_BY_CORRELATION: Final = "PinnedByCorrelation"
STRATEGIES: Final = (DISPATCH_TO_SINGLE, ROUND_ROBIN, PINNED, PINNED_BY_CORRELATION)

UNSET_CHECKPOINT_AFTER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """How events are handed out. Times are in milliseconds; 0 for ``max_subscriber_count`` is no limit."""

    resolve_links: bool
    extra_statistics: bool
    max_retry_count: int
    min_checkpoint_count: int
    max_checkpoint_count: int
    max_subscriber_count: int
    live_buffer_size: int
    read_batch_size: int
    history_buffer_size: int
    message_timeout: int
    checkpoint_after: int
    strategy: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A group. ``start`` is what its maker asked for: a revision or position, None for the end.

    ``after`` is the revision or position after which it begins while it has no checkpoint; for a group that starts
    from the end that is where the end was when it was made.
    """

    source: str
    group: str
    start: int | None
    after: int
    filter: WantedEvents | None
    settings: GroupSettings

    @property
    def key(self) -> str:
        """What the group is known by, also to its consumers."""
        return key_of(self.source, self.group)


def key_of(source: str, group: str) -> str:
    """As the original has it: two groups whose sources and names run together to the same text are one."""
    return f"{source}::{group}"


def checkpoint_stream(key: str) -> str:
    """Where clients may read how far a group has come."""
    return f"$persistentsubscription-{key}-checkpoint"


def parked_stream(key: str) -> str:
    """Where a group's parked events are."""
    return f"$persistentsubscription-{key}-parked"


def place_text(source: str, place: int) -> str:
    """A revision, or a position of the log, as clients read it."""
    return f"C:{place}/P:{place}" if source == ALL else str(place)


def as_json(definition: Definition) -> bytes:
    """The definition as it is kept."""
    return json.dumps(asdict(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_json(text: bytes) -> Definition:
    """The definition that was kept."""
    fields = json.loads(text)
    chosen = fields["filter"]
    if chosen is not None:
        chosen = WantedEvents(chosen["by_type"], chosen["pattern"], tuple(chosen["prefixes"]))
    settings = GroupSettings(**fields["settings"])
    return Definition(**{**fields, "filter": chosen, "settings": settings})
