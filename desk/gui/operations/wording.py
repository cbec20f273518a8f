"""A message's type as people read it, for lists of commands of any kind."""

import re


def name_of(command: object) -> str:
    """``LendCopy`` is told as "Lend copy"."""
    return spelled_out(type(command).__name__)


def spelled_out(name: str) -> str:
    """The same of a type's name."""
    words = re.findall(r"[A-Z][a-z0-9]*", name)
    return " ".join((words[0], *(word.lower() for word in words[1:]))) if words else name
