"""Hop 1: the dialog's last page: what was created, what was there, what was refused and why."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QTableWidget, QTableWidgetItem, QWidget

from desk.application.importing.progress import ImportReport
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.importing.headline import Headline
from desk.gui.tables.columns import Column, set_up_table
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column

_Row = tuple[int, tuple[str, ...], str]
"""Its line, its cells, and what is to be said of it."""


class ReportPage(QWidget):
    """The report of one import."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.headline = Headline()
        self.summary = QLabel(wordWrap=True, textInteractionFlags=selectable)
        self.banner = Banner(theme, icons)
        self.table = QTableWidget(0, 3)
        self.more = QLabel()
        self.reason = QLabel(wordWrap=True, textInteractionFlags=selectable)
        self._set_up_table()
        parts = self.headline, self.summary, self.banner, (self.table, 1), self.reason, self.more, (None, 0)
        column(*parts, on=self, spacing=10)

    def show_report(self, report: ImportReport) -> None:
        """Show it."""
        self.headline.setText(self._headline(report))
        self.summary.setText(f"{report.summary()} {self._changed(report)}".rstrip())
        remarks = [report.problem] if report.problem else []
        if report.cancelled:
            remarks.append(self.tr("Import the same file again to go on from here."))
        if report.file_changed:
            remarks.append(self.tr("The file was changed meanwhile. Import it again to take in what is new."))
        self.banner.clear()
        if remarks:
            self.banner.say(" ".join(remarks), icon="warning", color="problem" if report.problem else "notice")
        refused = [(one.line, one.cells, one.text) for one in report.first_refused]
        changed = [(one.line, one.cells, one.text) for one in report.first_remarks]
        self._fill(refused, changed)
        self.reason.clear()
        self.table.setVisible(bool(refused or changed))
        hidden = report.refused - len(refused) + report.remarked - len(changed)
        self.more.setText(self.tr("And {count} more.").format(count=f"{hidden:,}") if hidden > 0 else "")

    def _headline(self, report: ImportReport) -> str:
        if report.problem:
            return self.tr("The import ended too early")
        return self.tr("The import was cancelled") if report.cancelled else self.tr("The import is done")

    def _changed(self, report: ImportReport) -> str:
        if not report.remarked:
            return ""
        words = self.tr("Stored otherwise than in the file: {count}, as the remarks say.")
        return words.format(count=f"{report.remarked:,}")

    def _set_up_table(self) -> None:
        columns = Column(self.tr("Line"), 64), Column(self.tr("Row"), 320), Column(self.tr("Remark"))
        name = self.tr("Refused rows, and rows that are stored otherwise than in the file")
        set_up_table(self.table, name, columns)
        self.table.setAlternatingRowColors(False)
        self.table.setHorizontalHeaderLabels([column.title for column in columns])
        self.table.currentItemChanged.connect(self._say_reason)

    @Slot(QTableWidgetItem)
    def _say_reason(self, current: QTableWidgetItem | None) -> None:
        """The whole reason of the row that is selected; it may be longer than its column is wide."""
        line, reason = (self.table.item(current.row(), column) for column in (0, 2)) if current else (None, None)
        if line is not None and reason is not None:
            self.reason.setText(self.tr("Line {line}: {reason}").format(line=line.text(), reason=reason.text()))

    def _fill(self, refused: Sequence[_Row], changed: Sequence[_Row]) -> None:
        """Refused rows first, with a sign."""
        self.table.setRowCount(len(refused) + len(changed))
        for number, (line, cells, reason) in enumerate([*refused, *changed]):
            texts = (str(line), " · ".join(cell for cell in cells if cell)[:200], reason)
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                # As rich text it is broken into lines.
                item.setToolTip(f"<p>{escape(reason)}</p>")
                if number < len(refused) and place == 0:
                    item.setIcon(self._icons.icon("warning", "problem"))
                self.table.setItem(number, place, item)
