"""Hop 2: commands that only process managers may send are refused from anybody else."""

from collections.abc import Iterable
from typing import Any

from desk.cqrs.messages import Envelope, Origin
from desk.cqrs.pipeline import Proceed


class NotForUsers(Exception):
    """A command of a process manager came from somewhere else."""

    code = "NotForUsers"


class OriginCheck:
    """The plugin that looks at who sends."""

    name = "Origin check"
    in_dry_runs = True

    def __init__(self, internal: Iterable[type]) -> None:
        self.enabled = True
        self._internal = frozenset(internal)

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        if type(env.message) in self._internal and env.origin is not Origin.PROCESS_MANAGER:
            raise NotForUsers(f"{type(env.message).__name__} is sent by process managers only")
        return proceed(env)
