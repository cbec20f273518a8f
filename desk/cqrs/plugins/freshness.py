"""Hop 2: a question that must see what was just stored is asked once the read model holds it."""

from concurrent.futures import Future
from typing import Any, Final

from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Envelope, GateResult
from desk.cqrs.pipeline import Proceed

LIMIT: Final = 2.0
"""Seconds that a question waits; then it is answered from what there is."""


class Freshness:
    """The query bus's Consistency plugin. The bus asks it at its door, so that no thread of the bus waits."""

    name = "Consistency"
    in_dry_runs = False

    def __init__(self, gate: ReadModelGate) -> None:
        self.enabled = True
        self._gate = gate

    def wait_for(self, position: int) -> "Future[GateResult] | None":
        """Completes when the question may be asked; None where it may at once. Raises WiringError on feed threads."""
        if not self.enabled:
            return None
        self._gate.refuse_on_feed_threads()
        return self._gate.when(position, LIMIT)

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        return proceed(env)
