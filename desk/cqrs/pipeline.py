"""Hop 2: plugins around a handler, outermost first, each of which can be switched while running."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from desk.cqrs.messages import Envelope

Proceed = Callable[[Envelope[Any]], Any]


class Step(Protocol):
    """A plugin. It calls ``proceed`` to go on, and may look at what comes of it, or not let it happen."""

    @property
    def name(self) -> str: ...

    @property
    def in_dry_runs(self) -> bool:
        """Whether it says yes or no to messages, and so has its say also where nothing is to happen."""

    enabled: bool

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any: ...


def compose(steps: Sequence[Step], handler: Proceed) -> Proceed:
    """The handler within its plugins. ``enabled`` is read at each call, so that switching works at once."""
    chain = handler
    for step in reversed(steps):
        chain = _within(step, chain)
    return chain


def _within(step: Step, inner: Proceed) -> Proceed:
    def proceed(env: Envelope[Any]) -> Any:
        return step(env, inner) if step.enabled else inner(env)

    return proceed
