"""Columns that share the room they have: each as wide as what it says; where that is too much, some give way."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QTableView, QTreeView

from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.tables.columns import PADDING
from desk.gui.tables.copying import LEFT_OUT

BESIDE_TEXT: Final = 46
"""Pixels that a cell has beside its text, for an icon and its margins."""


def shares(wanted: Sequence[int], room: int, yielding: Sequence[int]) -> list[int]:
    """Widths in pixels for columns that want so much. The last has what is left over.

    Where it is too much, the ``yielding`` columns are cut, down to an eighth of the room; where they cannot yield so
    much, all are. Of those that are cut the widest are, to the same width.
    """
    given = list(wanted)
    if sum(given) <= room:
        given[-1] += room - sum(given)
        return given
    left = room - sum(wide for column, wide in enumerate(wanted) if column not in yielding)
    if left < min(room // 8, sum(wanted[column] for column in yielding)):
        yielding, left = range(len(wanted)), room
    for number, column in enumerate(sorted(yielding, key=wanted.__getitem__)):
        given[column] = min(wanted[column], max(left, 0) // (len(yielding) - number))
        left -= given[column]
    return given


class SharedRoom(QObject):
    """Keeps the columns of a table or tree so, until somebody gives one of them another width.

    ``yielding`` columns are those that are cut where there is not room for all, after ``spare`` ones were left out, one
    after the other.
    ``longest`` gives a text of a column that may be out of sight.
    """

    def __init__(
        self,
        view: QTableView | QTreeView,
        yielding: Sequence[int],
        longest: Callable[[int], str] = lambda _: "",
        spare: Sequence[int] = (),
    ) -> None:
        super().__init__(view)
        self._view, self._yielding, self._longest, self._spare = view, yielding, longest, spare
        self._header = view.header() if isinstance(view, QTreeView) else view.horizontalHeader()
        self._is_fitting = self._is_given = False
        self._header.setStretchLastSection(False)
        self._header.setMinimumSectionSize(1)
        self._header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._header.sectionResized.connect(self._note)
        view.viewport().installEventFilter(self)
        if isinstance(view, QTreeView):
            view.expanded.connect(self.fit)
        follow_text(view, self.fit)

    @Slot()
    def fit(self) -> None:
        """Share anew: the view shows something else. One that nobody sees is measured once it is seen."""
        if self._is_given or self._is_fitting or not self._view.isVisible():
            return
        self._is_fitting = True
        wanted, room = [*map(self._wanted_by, range(self._header.count()))], self._view.viewport().width()
        shown = list(range(len(wanted)))
        for column in self._spare:
            if sum(wanted[one] for one in shown) > room:
                shown.remove(column)
            self._header.setSectionHidden(column, column not in shown)
        self._header.setProperty(LEFT_OUT, [column for column in self._spare if column not in shown])
        yielding = [number for number, column in enumerate(shown) if column in self._yielding]
        for column, width in zip(shown, shares([wanted[one] for one in shown], room, yielding), strict=True):
            self._header.resizeSection(column, width)
        self._is_fitting = False

    def _wanted_by(self, column: int) -> int:
        text = self._longest(column)
        beside = BESIDE_TEXT if column in self._yielding else PADDING  # the others have no icons
        wide = self._view.fontMetrics().horizontalAdvance(text) + scaled(beside) if text else 0
        return max(self._header.sectionSizeHint(column), self._view.sizeHintForColumn(column), wide)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.fit()
        return False

    @Slot(int, int, int)
    def _note(self, *_: object) -> None:
        """Somebody drags a column's edge: widths are theirs from now on."""
        if not self._is_fitting and QGuiApplication.mouseButtons():
            self._is_given = True
