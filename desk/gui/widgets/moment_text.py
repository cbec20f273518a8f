"""A moment as text, in the machine's zone: in tables to the second, alone to the millisecond."""

import time


def moment_text(moment: float) -> str:
    """A time in a table: digits below each other, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def exact_text(moment: float) -> str:
    """A time to the millisecond, with the distance to UTC."""
    local = time.localtime(moment)
    zone = time.strftime("%z", local)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', local)}.{milliseconds(moment):03} {zone[:3]}:{zone[3:]}"


def milliseconds(moment: float) -> int:
    """The part of a second that a moment is past."""
    return int(round(moment % 1, 6) * 1000)
