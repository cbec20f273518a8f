"""A message's type as people read it, for lists of commands of any kind."""

import re


def name_of(command: object) -> str:
    """``LendCopy`` is told as "Lend copy"."""
    words = re.findall(r"[A-Z][a-z0-9]*", type(command).__name__)
    return " ".join((words[0], *(word.lower() for word in words[1:])))
