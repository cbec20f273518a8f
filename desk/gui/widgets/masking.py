"""What is hidden on a stage: readers' numbers, ids, names of machines and paths; asked by whatever shows one of them.

Whether it is hidden is a property of the application, as the size of its text is; who shows texts of its own looks
again when the theme says that it changed.
"""

import json
import re
from typing import Any, Final

from PySide6.QtWidgets import QApplication

_PROPERTY: Final = "masked"
_READER_KEYS: Final = frozenset({"patron", "patronRef"})
_MACHINE_KEYS: Final = frozenset({"host", "machine"})
_ID: Final = re.compile(r"\b([0-9a-f]{4})[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_READER: Final = re.compile(r"\b([A-Z]{1,4}-)\d+\b")
_PATH: Final = re.compile(r"(?<![\w:/.])/(?:[\w.@+-]+/)+[\w.@+-]*")


def is_masked() -> bool:
    """Whether this is a stage."""
    app = QApplication.instance()
    return app is not None and bool(app.property(_PROPERTY))


def set_masked(*, masked: bool) -> None:
    """Hide it from now on, or show it again; the theme's change tells everybody."""
    app = QApplication.instance()
    assert app is not None
    app.setProperty(_PROPERTY, masked)


def reader(number: str) -> str:
    """A reader's number as it is shown: on a stage the letters that it begins with, and dots."""
    if not is_masked() or not number:
        return number
    letters = re.match(r"[A-Za-z]*-?", number)
    return f"{letters[0] if letters else ''}••"


def short(text: str) -> str:
    """A text with its ids shortened and its paths left out on a stage, else as it is."""
    if not is_masked():
        return text
    return _PATH.sub("…", _ID.sub(r"\1…", text))


def masked_words(text: str) -> str:
    """A sentence as it is shown: on a stage without what looks like a reader's number, an id or a path."""
    return _READER.sub(r"\1••", short(text)) if is_masked() else text


def masked_json(data: bytes) -> bytes:
    """JSON as it is shown: on a stage with readers' numbers, machines and ids hidden. What is no JSON stays."""
    if not is_masked():
        return data
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    return json.dumps(_hidden("", value), ensure_ascii=False, separators=(",", ":")).encode()


def _hidden(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_hidden(key, inner) for inner in value]
    if not isinstance(value, str):
        return value
    if key in _READER_KEYS:
        return reader(value)
    return "…" if key in _MACHINE_KEYS else short(value)
