"""Where picture, sentences, words and controls stand, by the room that there is."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QStackedWidget, QWidget

from desk.gui.flow.controls import ReplayControls
from desk.gui.flow.details import StationDetails
from desk.gui.flow.failures import Failures
from desk.gui.flow.gap import GapControls
from desk.gui.flow.picture import FlowPicture
from desk.gui.flow.words import InWords
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.widgets.boxes import column, row, split
from desk.gui.widgets.masking import is_masked

WIDE: Final = 1122
"""Pixels of normal text from which on the words have room beside the picture; in less they stand beneath it."""
HIGH: Final = 788
"""Pixels of normal text of a height in which there is room for them beneath it."""
LOW: Final = 508
"""Of a height in which there is room for a caption of two lines, and for a remark that comes and goes."""
SIDE: Final = 340
_SPACE: Final = 5


class FlowArrangement(QWidget):
    """``is_open``: a station's details stand in the words' place. ``words_chosen`` and ``tools_chosen`` are what a
    person decided, None for nobody: then the room decides.
    """

    def __init__(
        self,
        picture: FlowPicture,
        words: InWords,
        details: StationDetails,
        controls: ReplayControls,
        tools: tuple[GapControls, Failures],
    ) -> None:
        super().__init__()
        self._picture, self._words, self._details, self._controls = picture, words, details, controls
        self.title, self.pill = QLabel(), QLabel()
        self.caption, self.times, self.remark = QLabel(), QLabel(), QLabel()
        self.words_chosen: bool | None = None
        self.tools_chosen: bool | None = None
        self._is_fitted = False
        self._tools = QWidget()
        column(*tools, on=self._tools, spacing=_SPACE)
        self._lay_out()
        controls.words.toggled.connect(self._choose_words)
        controls.tools.toggled.connect(self._choose_tools)
        follow_text(self, self.fit)

    def _lay_out(self) -> None:
        self.title.setWordWrap(True)
        self.pill.setObjectName("flowPill")
        headings = {self.title: "page", self.caption: "message", self.times: "figure", self.pill: "figure"}
        for label, heading in headings.items():
            label.setProperty("heading", heading)
        for label in (self.caption, self.remark):
            label.setWordWrap(True)
        self.times.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._shown = QWidget()
        head = row((self.title, 1), self.times, self.pill, margins=(0, 0, 10, 0))
        column(head, (self._picture, 1), self.caption, on=self._shown)
        self.side = QStackedWidget()
        self.side.addWidget(self._words)
        self.side.addWidget(self._details)
        self._splitter = split(self._shown, self.side, sizes=[])
        self._splitter.setStretchFactor(0, 1)
        column((self._splitter, 1), self.remark, self._controls, self._tools, on=self, spacing=_SPACE)
        follow_text(self.side, lambda: self.side.setMinimumWidth(scaled(220)))

    @Slot(bool)
    def _choose_words(self, shown: bool) -> None:
        self.words_chosen = shown
        self.fit()

    @Slot(bool)
    def _choose_tools(self, shown: bool) -> None:
        self.tools_chosen = shown
        self.fit()
        area = self._area()
        if shown and area is not None:
            QTimer.singleShot(0, self, lambda: area.ensureWidgetVisible(self._tools, 0, 0))

    def say(self, text: str) -> None:
        """An answer, or what was done. Where there is little room it takes the place of the tools."""
        self.remark.setText(text)
        if text and not self._has_room_for(self._controls, self._tools):
            self.tools_chosen = None
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """The words stand where there is room for them, and wherever somebody wants them. A station that is opened
        takes the picture's place where there is none beside it."""
        is_wide, is_open = self.width() >= scaled(WIDE), self._details.station is not None
        is_roomy = is_wide or self.height() >= scaled(HIGH)
        shown = self.words_chosen if self.words_chosen is not None else is_roomy
        tools = self.tools_chosen if self.tools_chosen is not None else self._has_room_for(self._controls, self._tools)
        for box, value in ((self._controls.words, shown), (self._controls.tools, tools)):
            with QSignalBlocker(box):
                box.setChecked(value)
        self.side.setVisible(shown or is_open)
        self._shown.setVisible(is_roomy or not is_open)
        self._tools.setVisible(tools)
        # On a stage nothing scrolls: what the buttons do their keys do too.
        self._controls.setVisible(not is_masked() or self._has_room_for(self._controls))
        # A second line that comes and goes would move the whole picture.
        lines = 2 if self._height() >= scaled(LOW) else 1
        self.caption.setMinimumHeight(lines * self.caption.fontMetrics().lineSpacing())
        self.caption.setVisible(lines > 1 or not self.remark.text())
        self.remark.setVisible(lines > 1 or bool(self.remark.text()))
        way = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if self._splitter.orientation() is not way or not self._is_fitted:
            self._is_fitted = True
            self._splitter.setOrientation(way)
            room = self.width() if is_wide else self.height() * 2 // 3
            side = min(scaled(SIDE), room // 3)
            self._splitter.setSizes([room - side, side])

    def _area(self) -> QScrollArea | None:
        """What all of it scrolls in, where there is too little room."""
        widget = self.parentWidget()
        while widget is not None and not isinstance(widget, QScrollArea):
            widget = widget.parentWidget()
        return widget

    def _height(self) -> int:
        """What can be seen at once."""
        area = self._area()
        return self.height() if area is None else min(self.height(), area.viewport().height())

    def _has_room_for(self, *parts: QWidget) -> bool:
        """Beside picture, title, of two lines on a stage, caption and remark."""
        needed = sum(part.heightForWidth(self.width()) + _SPACE for part in parts)
        lines = [self.title, self.caption, self.remark] + [self.title] * is_masked()
        needed += sum(label.fontMetrics().lineSpacing() + _SPACE for label in lines)
        return self._height() >= self._picture.minimumSizeHint().height() + needed
