"""An event as stored: its data and metadata, who, when by both clocks, and what it belongs to; each can be copied."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QTextOption
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme, mono_font
from desk.gui.widgets.json_view import JsonView
from desk.gui.widgets.moment_text import exact_text


class EventFacts(QWidget):
    """The Event tab. An absent fact is shown as absent, so that nobody wonders."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._event: Recorded | None = None
        self.values: dict[str, QLabel] = {}
        self.data_view, self.metadata_view = JsonView(theme), JsonView(theme)
        self.data_view.text.setAccessibleName(self.tr("Data of the event"))
        self.metadata_view.text.setAccessibleName(self.tr("Metadata of the event"))
        views = QSplitter(Qt.Orientation.Horizontal)
        for title, view in ((self.tr("Data"), self.data_view), (self.tr("Metadata"), self.metadata_view)):
            # Breaking at words takes a minute for one word of a mebibyte.
            view.text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
            views.addWidget(_Titled(title, view, icons))
        views.setSizes([300, 300])
        views.setChildrenCollapsible(False)
        follow_text(views, lambda: views.setMinimumHeight(scaled(180)))
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self._facts(icons))
        inner.addWidget(views, 1)
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _facts(self, icons: Icons) -> QWidget:
        rows = (
            ("issued", self.tr("Issued"), False),
            ("stored", self.tr("Stored"), False),
            ("correlation", self.tr("Correlation"), True),
            ("causation", self.tr("Causation"), True),
            ("id", self.tr("Event id"), True),
            ("place", self.tr("Place"), False),
        )
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(10, 6, 6, 6)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(1)
        for row, (name, title, copied) in enumerate(rows):
            value = QLabel()
            value.setFont(mono_font() if copied else value.font())
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            value.setAccessibleName(title)
            heading = QLabel(title)
            heading.setForegroundRole(heading.foregroundRole().PlaceholderText)
            grid.addWidget(heading, row, 0)
            grid.addWidget(value, row, 1)
            if copied:
                copy = _copy_button(icons, self.tr("Copy {what}").format(what=title.lower()))
                copy.clicked.connect(lambda _=False, label=value: _to_clipboard(label.text()))
                grid.addWidget(copy, row, 2)
            grid.setRowMinimumHeight(row, 22)
            self.values[name] = value
        grid.setColumnStretch(1, 1)
        return box

    def clear(self) -> None:
        """Show nothing."""
        self._event = None
        for label in self.values.values():
            label.setText("")
        self.data_view.clear()
        self.metadata_view.clear()

    def show_event(self, event: Recorded, issued_at: datetime | None, user: str | None) -> None:
        """Show one event; ``issued_at`` is the sender's clock."""
        self._event = event
        meta = parse_metadata(event.metadata)
        absent = self.tr("none")
        by = self.tr(" by {user}").format(user=user) if user else ""
        texts = {
            "issued": (exact_text(issued_at.timestamp()) if issued_at else self.tr("not said")) + by,
            "stored": exact_text(event.created.timestamp()) if event.created else self.tr("not said"),
            "correlation": str(meta.correlation_id or absent),
            "causation": str(meta.causation_id or absent),
            "id": str(event.id),
            "place": self.tr("{revision}@{stream}, position {position}").format(
                revision=event.revision, stream=event.stream, position=event.position
            ),
        }
        for name, text in texts.items():
            self.values[name].setText(text)
            self.values[name].setToolTip(text)
        self.data_view.show_bytes(event.data)
        self.metadata_view.show_bytes(event.metadata)


class _Titled(QWidget):
    """A payload with a heading and a button that copies its bytes as they are stored."""

    def __init__(self, title: str, view: JsonView, icons: Icons) -> None:
        super().__init__()
        heading = QLabel(title)
        font = heading.font()
        font.setWeight(QFont.Weight.DemiBold)
        heading.setFont(font)
        self.button = _copy_button(icons, self.tr("Copy {what}").format(what=title.lower()))
        self.button.clicked.connect(lambda: _to_clipboard(view.raw.decode("utf-8", "replace")))
        row = QHBoxLayout()
        row.setContentsMargins(10, 2, 6, 2)
        row.addWidget(heading)
        row.addStretch(1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(view, 1)


def _copy_button(icons: Icons, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)

    def measure() -> None:
        button.setIconSize(QSize(scaled(14), scaled(14)))
        button.setFixedSize(scaled(32), scaled(22))

    follow_text(button, measure)
    icons.put(button, "clipboard")
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def _to_clipboard(text: str) -> None:
    QApplication.clipboard().setText(text)
