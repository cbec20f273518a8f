"""How fields are called and their values said: the one place where a stable key becomes words."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import STATE_WORDS
from desk.application.history import SetBy
from desk.application.isolation import isolated
from desk.application.timeline.account import FIELD_WORDS
from desk.application.timeline.words import day_or_text, moment_text
from desk.gui.widgets.masking import reader, short

NOTHING: Final = "—"


def _tr(text: str) -> str:
    return QCoreApplication.translate("fields", text)


def labels() -> dict[str, str]:
    """How the last part of a key is called."""
    return {key: _tr(words) for key, words in FIELD_WORDS.items()}


class FieldWords:
    """Words for the keys of one state; its fields say whose hold a hold is."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields, self._labels = fields, labels()

    def group(self, key: str) -> str:
        """What a field is a part of, as "Copy 2"; empty for what the whole has."""
        kind, _, rest = key.partition("/")
        number = rest.partition("/")[0]
        if kind == "copies" and rest:
            return _tr("Copy {number}").format(number=number)
        if kind == "holds" and rest:
            patron = self._fields.get(f"holds/{number}/patron")
            return _tr("Hold of {reader}").format(reader=isolated(reader(str(patron)))) if patron else _tr("Hold")
        return ""

    def label(self, key: str) -> str:
        """How the field itself is called."""
        if key.partition("/")[0] not in ("copies", "holds"):
            return self._labels.get(key, key)
        last = key.rpartition("/")[2]
        return self._labels.get(last, last)

    def whole(self, key: str) -> str:
        """Both, for a place where a field stands alone."""
        group = self.group(key)
        return f"{group}: {self.label(key)}" if group else self.label(key)

    def value(self, key: str, value: Any) -> str:
        """A value as text."""
        if value is None:
            return NOTHING
        last = key.rpartition("/")[2]
        if last == "hold_id" and (patron := self._fields.get(f"holds/{value}/patron")):
            return _tr("that of {reader}").format(reader=isolated(reader(str(patron))))
        if last == "placed_at":
            return moment_text(datetime.fromisoformat(value).timestamp())
        if last == "state":
            return _tr(STATE_WORDS.get(value, value))
        return reader(str(value)) if last == "patron" else short(day_or_text(last, plain(value)))


def plain(value: Any) -> str:
    """Any JSON as text: several texts separated by semicolons."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False)


def setter(set_by: SetBy | None) -> str:
    """Who set a field, in few words: revision and user."""
    if set_by is None:
        return ""
    return f"r{set_by.revision} {set_by.user}".rstrip()


def setter_in_full(set_by: SetBy | None) -> str:
    """Who set a field: revision, type, time and user."""
    if set_by is None:
        return ""
    parts = (f"r{set_by.revision}", set_by.type, moment_text(set_by.at), set_by.user)
    return ", ".join(part for part in parts if part)
