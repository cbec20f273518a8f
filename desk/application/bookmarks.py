"""Events that somebody wants to find again, with a note: kept on this computer, as the store belongs to all."""

from datetime import datetime
from typing import Protocol

from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An event of a stream, what somebody noted about it (or nothing), and when, in UTC."""

    stream: str
    revision: int
    note: str
    made_at: datetime


class KeptBookmarks(Protocol):
    """Where bookmarks are kept. All wait for the disk, and raise StoreUnavailable where it refuses."""

    def bookmarks(self, stream: str) -> tuple[Bookmark, ...]:
        """Those of a stream, by revision."""

    def keep_bookmark(self, bookmark: Bookmark) -> None:
        """Keep it, in place of an earlier one at the same event."""

    def forget_bookmark(self, stream: str, revision: int) -> None:
        """There is none at this event."""
