"""Hop 2: what may be registered at a bus, and how a handler is called in reports."""

import inspect
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from desk.cqrs.errors import WiringError
from desk.cqrs.messages import Envelope
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class HandlerPlace:
    """Where a handler is in the program: its name, its module, and the line where it begins (0: not known)."""

    name: str
    module: str
    line: int


def place_of(handler: object) -> HandlerPlace:
    """Of a callable object it is its class's ``__call__``."""
    function = inspect.unwrap(handler if inspect.isroutine(handler) else type(handler).__call__)
    code = getattr(function, "__code__", None)
    return HandlerPlace(name_of(handler), function.__module__, code.co_firstlineno if code is not None else 0)


def check_handler(kind: object, handler: object) -> None:
    """Raises WiringError for what is not a frozen dataclass, and a handler that cannot be called or is for others."""
    if not isinstance(kind, type) or not is_dataclass(kind) or kind.__setattr__ is object.__setattr__:
        raise WiringError(f"{kind!r} is not a message: messages are frozen dataclasses")
    if not callable(handler):
        raise WiringError(f"the handler of {kind.__name__} cannot be called")
    wanted = _wanted(handler)
    if wanted is not None and not issubclass(kind, wanted):
        raise WiringError(f"{name_of(handler)} is written for {wanted.__name__} and not for {kind.__name__}")


def name_of(handler: object) -> str:
    """A handler's name for people: its class, or its function's own name."""
    name = getattr(handler, "__qualname__", None) or type(handler).__name__
    return str(name).rpartition("<locals>.")[2]


def _wanted(handler: Callable[..., Any]) -> type | None:
    """The class of messages that the handler's first parameter is annotated with, if it is."""
    function = handler if inspect.isroutine(handler) else type(handler).__call__
    hints = [hint for name, hint in get_type_hints(function).items() if name != "return"]
    if not hints:
        return None
    hint = get_args(hints[0])[0] if get_origin(hints[0]) is Envelope else hints[0]
    return hint if isinstance(hint, type) and is_dataclass(hint) and hint is not Envelope else None
