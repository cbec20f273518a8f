"""The lines of the palette: what each is called, leads to and suits, and the model of those that are shown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence

from desk.application.books_by_name import FoundBook
from desk.application.ranking import LETTERS, START, Match, match
from desk.gui.frame.actions import Actions, plain_text
from desk.gui.frame.palette.recent import Kind, key_of
from desk.records import dataclass

_tr = partial(QCoreApplication.translate, "palette")

PALETTE: Final = "window.palette"
"""The action that opens the palette is the one that is not in it."""
LINE: Final = int(Qt.ItemDataRole.UserRole) + 1
"""Role: the line itself."""

_STREAM: Final = re.compile(r"\$\S+|[^\s-]*[^\W\d_][^\s-]*-\S+")
"""What looks like the name of a stream: a category with a letter in it, a hyphen, and more; or a system stream."""

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class PaletteLine:
    """One thing to go to or to do; ``refusal`` says why it cannot be done now. ``tip`` says what Enter does."""

    kind: Kind
    name: str
    title: str
    detail: str
    icon: str
    match: Match
    keys: str = ""
    tip: str = ""
    refusal: str = ""

    @property
    def key(self) -> str:
        """As it is remembered."""
        return key_of(self.kind, self.name)

    @property
    def accessible_text(self) -> str:
        """What a screen reader says of it."""
        why = _tr("not possible now: {reason}").format(reason=self.refusal) if self.refusal else ""
        return ", ".join(part for part in (self.title, self.detail, self.keys, why) if part)


def action_lines(actions: Actions, typed: str) -> Iterator[PaletteLine]:
    """The actions that suit, those that lead to places and companions among them."""
    for spec in actions:
        action, menu = actions[spec.name], QCoreApplication.translate("menus", spec.menu.value).replace("&", "")
        how = match(typed, plain_text(action), menu)
        if how is None or spec.name == PALETTE:
            continue
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        if action.isCheckable() and action.isChecked():
            menu = _tr("{menu}, on").format(menu=menu)
        allowed = action.isEnabled()
        tip, refusal = (action.statusTip(), "") if allowed else ("", action.statusTip())
        yield PaletteLine(Kind.ACTION, spec.name, plain_text(action), menu, spec.icon, how, keys, tip, refusal)


def stream_lines(recent: Iterable[str], typed: str) -> Iterator[PaletteLine]:
    """Recent streams that suit, and what was typed if it looks like the name of one."""
    for name in recent:
        how = match(typed, name)
        if how is not None:
            yield _stream_line(name, how)
    name = typed.strip()
    if _STREAM.fullmatch(name) and name not in recent:
        yield _stream_line(name, Match((LETTERS, 0, 0), tuple(range(len(name)))))


def book_lines(found: Iterable[FoundBook]) -> Iterator[PaletteLine]:
    """Books as they were found."""
    tip = _tr("Show the book in the catalogue")
    for book in found:
        yield PaletteLine(Kind.BOOK, str(book.book_id), book.title, book.detail, "book", book.match, tip=tip)


def in_order(lines: Iterable[PaletteLine], ages: dict[str, int], *, typed: bool) -> list[PaletteLine]:
    """The best first; what was gone to lately before its equals, and before everything where nothing is typed."""
    return sorted(lines, key=lambda line: (line.match.rank if typed else (START, 0, 0), ages.get(line.key, len(ages))))


def _stream_line(name: str, how: Match) -> PaletteLine:
    tip = _tr("Read it in Streams, and look at its history")
    return PaletteLine(Kind.STREAM, name, name, _tr("Stream"), "streams", how, tip=tip)


class PaletteLines(QAbstractListModel):
    """The lines that are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: Sequence[PaletteLine] = ()

    def show(self, lines: Sequence[PaletteLine]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def at(self, row: int) -> PaletteLine | None:
        """The line in a row; None where there is none."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def row_of(self, key: str) -> int | None:
        """Where something stands."""
        return next((row for row, line in enumerate(self._lines) if line.key == key), None)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.at(index.row())
        if line is None:
            return None
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return line.accessible_text
        return (line.refusal or line.tip) if role == Qt.ItemDataRole.ToolTipRole else None
