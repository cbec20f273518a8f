"""Finds out, before Qt does it with an abort, whether a window can be shown, and says what to do if not."""

import ctypes
import importlib
import os
import re
import sys
from collections.abc import Mapping

PACKAGES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Shared libraries that Qt needs in every case, and the Debian packages that bring them."""

X11_PACKAGES: Mapping[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Those that a window on X11 needs as well."""

WITHOUT_WINDOW = ("import", "rebuild", "doctor", "node")
"""The commands that need neither a display nor these libraries."""


def missing(*, offscreen: bool) -> str:
    """One sentence that says what is missing and what to do; empty where all is there.

    ``offscreen``: the window is only drawn, no screen is needed.
    """
    return _missing_libraries(offscreen=offscreen) or ("" if offscreen else _missing_screen())


def _missing_screen() -> str:
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or named.startswith(("offscreen", "minimal", "vnc")):
        return ""
    display = os.environ.get("DISPLAY", "")
    if _is_x11() and display and not _answers():
        return (
            f"No X server answers at the display {display}: start one, or set DISPLAY to one that runs; "
            f"{_others()} need none."
        )
    if display or (os.environ.get("WAYLAND_DISPLAY") and not named.startswith("xcb")):
        return ""
    return f"There is no display to open a window on; {_others()} need none."


def _missing_libraries(*, offscreen: bool) -> str:
    if sys.platform != "linux":
        return ""
    wanted = dict(PACKAGES)
    if not offscreen and _is_x11():
        wanted |= X11_PACKAGES
    lost = [name for name in wanted if not _loads(name)]
    packages = [wanted[name] for name in lost]
    if not lost:
        name = _named_by_qt()
        if not name:
            return ""
        lost, packages = [name], [wanted.get(name, "")]
    brought = " ".join(sorted(package for package in packages if package))
    remedy = f"`apt install {brought}`" if brought else "the Debian package that `apt-file search` names"
    return (
        f"Qt needs {', '.join(lost)}, which this system lacks: {remedy} brings what is missing; {_others()} do without."
    )


def _others() -> str:
    *names, last = (f"`desk {name}`" for name in WITHOUT_WINDOW)
    return f"{', '.join(names)} and {last}"


def _is_x11() -> bool:
    """Whether Qt will try X11 first: because it was told so, or because nothing else was said."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named:
        return named.startswith("xcb")
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


def _answers() -> bool:
    """Whether the X server of DISPLAY takes a connection, which Qt would find out by an abort."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # unknown; the check of the libraries has had its say
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _named_by_qt() -> str:
    """The library that Qt itself misses first, where it is none of those that are known here."""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        found = re.match(r"(lib\S+\.so[.\d]*)", str(error))
        return found[1] if found else ""
    return ""
