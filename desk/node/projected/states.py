"""How far each projection has come, and whether it is meant to run: what is kept, and what only this run knows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Final

from desk.node.projected.projections import PROJECTIONS, Projection
from desk.node.records import KeyValue
from desk.records import dataclass

OWNER: Final = "projections"
"""Under which name checkpoints are kept beside the events."""


class ProjectionStatus(StrEnum):
    """In the words of the original, which clients look for."""

    RUNNING = "Running"
    STOPPED = "Stopped"
    ABORTED = "Aborted/Stopped"
    FAULTED = "Faulted"


@dataclass(frozen=True, slots=True)
class ProjectionCheckpoint:
    """What is kept of a projection, in one transaction with the links that it stands for.

    ``position``: up to there the log is projected. ``enabled``: what was asked for last, None if nothing ever was.
    ``version`` counts resets; ``reset_at`` is where the log ended at the last one: what the projection's streams hold
    up to there is of an older version.
    """

    position: int = 0
    enabled: bool | None = None
    version: int = 1
    reset_at: int = 0

    @property
    def epoch(self) -> int:
        """The version since which the output was written anew; -1 before any reset."""
        return self.version if self.version > 1 else -1

    def after_reset(self, end: int) -> "ProjectionCheckpoint":
        """To begin anew, where the log ends at ``end``."""
        return replace(self, position=0, version=self.version + 1, reset_at=end)

    def key_value(self, name: str) -> KeyValue:
        """As it is kept, of the projection of this name."""
        return KeyValue(OWNER, name, json.dumps(asdict(self), separators=(",", ":")).encode())


@dataclass(slots=True)
class ProjectionState:
    """A projection while the node runs.

    ``events`` counts what was projected since it started, ``seconds`` what that took; ``kept`` is the last checkpoint
    that is durable, and ``reason`` says why it is faulted, or does not get on.
    """

    name: str
    number: int
    projection: Projection
    checkpoint: ProjectionCheckpoint
    status: ProjectionStatus
    kept: ProjectionCheckpoint
    reason: str = ""
    events: int = 0
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it takes part in the next batch."""
        return self.status is ProjectionStatus.RUNNING

    @property
    def tag(self) -> str:
        """The version as it is noted beside each link."""
        return f"{self.number}:{self.checkpoint.epoch}:{self.checkpoint.version}:4"

    def started_anew(self, status: ProjectionStatus) -> None:
        """It counts from here."""
        self.status = status
        self.reason = ""
        self.events = 0
        self.seconds = 0.0


def states(kept: Mapping[str, bytes], *, start: bool) -> dict[str, ProjectionState]:
    """The system projections by name, as they were left; ``start`` decides on those that nobody has decided on."""
    found = {}
    for number, (name, projection) in enumerate(PROJECTIONS.items(), start=1):
        checkpoint = ProjectionCheckpoint(**json.loads(kept[name])) if name in kept else ProjectionCheckpoint()
        enabled = start if checkpoint.enabled is None else checkpoint.enabled
        status = ProjectionStatus.RUNNING if enabled else ProjectionStatus.STOPPED
        found[name] = ProjectionState(name, number, projection, checkpoint, status, checkpoint)
    return found
