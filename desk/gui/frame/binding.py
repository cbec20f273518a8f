"""Whether this binding of Qt can be trusted with this interpreter; said in one sentence before anything is shown."""

from collections.abc import Callable, Sequence

LAYOUT_FAULT = ((6, 11, 0), (6, 11, 1))
"""Versions that do not lay out a main window again after a dock was dragged (QTBUG-147209, fixed in 6.11.2)."""

COUNT_FAULT = (6, 12, 0)
"""From here on each emitted signal loses a reference to True, and each void call one to None; harmless from 3.12 on."""

IMMORTAL_SINCE = (3, 12)


def problem_of(qt: Sequence[int], python: Sequence[int]) -> str:
    """Why Desk should not run with these versions; empty where it may."""
    name = ".".join(str(part) for part in qt[:3])
    if tuple(qt[:3]) in LAYOUT_FAULT:
        return f"PySide6 {name} lays out windows wrongly. Install another one: pip install 'PySide6-Essentials<6.11'"
    if tuple(qt[:3]) >= COUNT_FAULT and tuple(python[:2]) < IMMORTAL_SINCE:
        version = ".".join(str(part) for part in python[:2])
        return (
            f"PySide6 {name} makes Python {version} crash after a few hundred clicks. "
            "Install an older one: pip install 'PySide6-Essentials<6.12', or use Python 3.12 or newer."
        )
    return ""


class WindowRuns(Exception):
    """What is being handled for as long as the window runs; see :func:`with_whole_errors`."""


def with_whole_errors(run: Callable[[], object]) -> None:
    """Run the event loop so that an error in a method that Qt calls is reported, and does not end the program.

    Before 3.12 an error that Python raises in C, as that of an index, is a bare text until somebody looks at it. Where
    Python called Qt, which called the method, PySide takes the text for an exception: a segmentation fault. While
    another exception is being handled, Python makes each whole at once.
    """
    try:
        raise WindowRuns
    except WindowRuns:
        run()


def forget_run(error: BaseException) -> None:
    """Let an error not tell of what only was being handled because the window runs."""
    while (context := error.__context__) is not None and not isinstance(context, WindowRuns):
        error = context
    error.__context__ = None
