"""Hop 1: the dialog's first page: which file, how it is read, and a preview of its first rows."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desk.application.importing.columns import REQUIRED, ColumnMapping
from desk.gui.banner import Banner
from desk.gui.icons import Icons
from desk.gui.importing.job import Look
from desk.gui.importing.plan_editor import PlanEditor
from desk.gui.importing.preview import FIELDS, FIRST_FIELD, LINE, REMARK, PreviewModel
from desk.gui.theme import Theme

_WIDTHS = {LINE: 68, FIRST_FIELD: 126, FIRST_FIELD + 1: 200, FIRST_FIELD + 2: 130, FIRST_FIELD + 4: 60}


class FilePage(QWidget):
    """Shows what was found; the dialog does the finding.

    Signals:
        file_chosen: the user chose a file (Path).
    """

    file_chosen = Signal(object)  # Path

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = QLineEdit()
        self.path.setReadOnly(True)
        self.path.setPlaceholderText(self.tr("Choose a CSV file, or drop one here"))
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self.choose_file)
        self.editor = PlanEditor()
        self.banner = Banner(theme, icons)
        self.model = PreviewModel(theme, icons, self)
        self.table = QTableView()
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self._summary = ""
        self._set_up_table()
        self._lay_out()
        self.editor.setEnabled(False)

    @Slot()
    def choose_file(self) -> None:
        """Let the user look for a file."""
        dialog = QFileDialog(self, self.tr("Import a CSV file"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Tables as text (*.csv *.tsv *.txt)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._choose)
        dialog.open()

    def wait_for(self, path: Path) -> None:
        """A file is being looked into."""
        self.path.setText(str(path))
        self.remark.setText(self.tr("Reading…"))

    def show_look(self, look: Look) -> None:
        """What was found in the file."""
        self.banner.clear()
        self.editor.setEnabled(True)
        self.editor.show_plan(look.plan)
        self.model.show(look.preview.rows, look.plan.mapping)
        self._hide_what_is_not_there(look)
        self._summary = self._words(look)
        self.remark.setText(self._summary)
        if look.problem:
            self.banner.say(look.problem, icon="warning", color="notice")

    def show_problem(self, sentence: str) -> None:
        """The file is none that can be imported."""
        self.editor.setEnabled(False)
        self.model.show((), ColumnMapping())
        self.remark.clear()
        self.banner.say(sentence, icon="warning", color="problem")

    @Slot(str)
    def _choose(self, name: str) -> None:
        if name:
            self.file_chosen.emit(Path(name))

    @Slot(QModelIndex)
    def _say_remark(self, current: QModelIndex) -> None:
        """The whole remark of the row that is selected; it may be longer than its column is wide."""
        remark = self.model.data(current.siblingAtColumn(REMARK)) if current.isValid() else ""
        line = self.model.data(current.siblingAtColumn(LINE)) if remark else ""
        words = self.tr("Line {line}: {remark}").format(line=line, remark=remark)
        self.remark.setText(words if remark else self._summary)

    def _words(self, look: Look) -> str:
        rows, wrong = len(look.preview.rows), self.model.wrong_rows
        if not rows:
            return "" if look.problem else self.tr("There are no rows below the names of the columns.")
        which = self.tr("All {rows} rows") if look.preview.complete else self.tr("The first {rows} rows")
        text = which.format(rows=rows)
        if not wrong:
            return self.tr("{rows} as they will be stored. None is wrong.").format(rows=text)
        return self.tr("{rows} as they will be stored. Wrong, and left out: {wrong}.").format(rows=text, wrong=wrong)

    def _hide_what_is_not_there(self, look: Look) -> None:
        for number, field in enumerate(FIELDS, FIRST_FIELD):
            self.table.setColumnHidden(number, look.plan.mapping.column(field) is None and field not in REQUIRED)

    def _set_up_table(self) -> None:
        self.table.setModel(self.model)
        self.table.selectionModel().currentRowChanged.connect(self._say_remark)
        self.table.setAccessibleName(self.tr("Preview of the first rows"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setStretchLastSection(True)
        for column in range(self.model.columnCount()):
            self.table.setColumnWidth(column, _WIDTHS.get(column, 104))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        label = QLabel(self.tr("&File"))
        label.setBuddy(self.path)
        self.path.setAccessibleName(self.tr("File"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        column.addLayout(row)
        column.addWidget(self.editor)
        column.addWidget(self.banner)
        column.addWidget(self.table, 1)
        column.addWidget(self.remark)
