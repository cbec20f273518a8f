"""The Monitoring service: how the node is, again and again."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from desk.node.calls import Context, Handler, unary_stream
from desk.node.descriptors import message_classes
from desk.node.system import VERSION

PACKAGE: Final = "event_store.client.monitoring"
MONITORING_SERVICE: Final = f"{PACKAGE}.Monitoring"
MONITORING_MESSAGES: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "StatsReq": {"use_metadata": (1, "bool"), "refresh_time_period_in_ms": (4, "uint64")},
    # On the wire a map of texts is a list of such entries.
    "Stat": {"key": (1, "string"), "value": (2, "string")},
    "StatsResp": {"stats": (1, "Stat*")},
}

_SHORTEST_PERIOD: Final = 0.1
"""Seconds; the shortest interval that a client may ask for."""
_LONGEST_PERIOD: Final = 86_400.0


class MonitoringService:
    """``figures`` are asked anew for each answer: texts by name."""

    def __init__(self, figures: Callable[[], Mapping[str, str]]) -> None:
        self._figures = figures
        self._classes = message_classes(PACKAGE, MONITORING_MESSAGES)

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {"Stats": unary_stream(self._stats, self._classes["StatsReq"])}

    async def _stats(self, request: Any, context: Context) -> None:
        period = min(max(request.refresh_time_period_in_ms / 1000, _SHORTEST_PERIOD), _LONGEST_PERIOD)
        stat, response = self._classes["Stat"], self._classes["StatsResp"]
        while True:
            stats = [stat(key=key, value=value) for key, value in {**_of_the_process(), **self._figures()}.items()]
            await context.write(response(stats=stats).SerializeToString())
            await asyncio.sleep(period)


def _of_the_process() -> dict[str, str]:
    return {
        "es-version": VERSION,
        "proc-id": str(os.getpid()),
        "proc-cpu-time": f"{time.process_time():.3f}",
    }
