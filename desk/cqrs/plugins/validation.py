"""Hop 2: stops a wrong message before its handler runs and before the store is asked for anything."""

from collections.abc import Callable, Mapping
from typing import Any

from desk.cqrs.messages import Envelope
from desk.cqrs.pipeline import Proceed

Check = Callable[[Envelope[Any]], None]


class Validation:
    """The plugin that asks the check of a message's type; a check raises, with all that is wrong, or returns."""

    name = "Validation"
    in_dry_runs = True

    def __init__(self, checks: Mapping[type, Check]) -> None:
        self.enabled = True
        self._checks = dict(checks)

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        check = self._checks.get(type(env.message))
        if check is not None:
            check(env)
        return proceed(env)
