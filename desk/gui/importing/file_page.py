"""Hop 1: the dialog's first page: which file, how it is read, and a preview of its first rows."""

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSizePolicy, QTableView, QWidget

from desk.application.importing.columns import REQUIRED
from desk.application.importing.plan import ImportPreview
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme
from desk.gui.importing.plan_editor import PlanEditor
from desk.gui.importing.preview import FIELDS, FIRST_FIELD, LINE, REMARK, PreviewModel
from desk.gui.tables.columns import set_up_table
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.placeholder import set_placeholder

_WIDTHS = {LINE: 68, REMARK: 220, FIRST_FIELD: 126, FIRST_FIELD + 1: 200, FIRST_FIELD + 2: 130, FIRST_FIELD + 4: 60}
_OTHER_WIDTH = 104
_TABLE_HEIGHT = 120
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


class FilePage(QWidget):
    """Shows what was found; the dialog does the finding.

    Signals:
        file_chosen: the user chose a file, or typed or pasted its path (Path).
        path_edited: what stands in the field of the path is no longer the file that was looked into.
    """

    file_chosen = Signal(object)  # Path
    path_edited = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.path = QLineEdit()
        set_placeholder(self.path, self.tr("Type or paste the path of a CSV file, or drop the file here"))
        # What is dropped is for the dialog: the field would take the text of its address.
        self.path.setAcceptDrops(False)
        self._known, self._length = "", 0
        self.browse = QPushButton(self.tr("&Browse…"), autoDefault=False)
        self.browse.clicked.connect(self.choose_file)
        self.editor = PlanEditor()
        self.banner = Banner(theme, icons)
        self.summary = QLabel(wordWrap=True)
        self.model = PreviewModel(theme, icons, self)
        self.table = QTableView()
        self.remark = QLabel(wordWrap=True, textInteractionFlags=_SELECTABLE)
        self._set_up_table()
        self._lay_out()
        self.editor.setEnabled(False)
        self.path.textEdited.connect(self._edit_path)
        self.path.editingFinished.connect(self._take_path)

    @Slot()
    def choose_file(self) -> None:
        """Let the user look for a file."""
        kinds = f"{self.tr('Tables as text (*.csv *.tsv *.txt)')};;{self.tr('All files (*)')}"
        ask_for_file(self, self.tr("Import a CSV file"), kinds, self.file_chosen.emit)

    def wait_for(self, path: Path) -> None:
        """A file is being looked into."""
        self._known = str(path)
        self.path.setText(self._known)
        self._length = len(self._known)
        self.summary.setText(self.tr("Reading…"))

    def show_preview(self, preview: ImportPreview) -> None:
        """What was found in the file."""
        self.banner.clear()
        self.editor.setEnabled(True)
        self.editor.show_plan(preview)
        self._show_rows(preview)
        self.summary.setText(self._words(preview))
        if preview.problem:
            self.banner.say(preview.problem, icon="warning", color="notice")
        elif preview.rows and not preview.importable:
            first = self.model.index(0, REMARK).data()
            why = self.tr("There is nothing to import: no row is right. The first one, line {line}: {remark}")
            line = self.model.index(0, LINE).data()
            self.banner.say(why.format(line=line, remark=first), icon="warning", color="problem")

    def show_problem(self, sentence: str, *, can_be_read_otherwise: bool = False) -> None:
        """The file is none that can be imported, in this format at least."""
        self.editor.setEnabled(can_be_read_otherwise)
        self._show_rows(None)
        self.summary.clear()
        self.banner.say(sentence, icon="warning", color="problem")

    @Slot(str)
    def _edit_path(self, text: str) -> None:
        """What is pasted is looked into at once; what is typed, when that is done."""
        self._known = ""
        self.banner.clear()
        self.editor.setEnabled(False)
        self._show_rows(None)
        self.path_edited.emit()
        self.summary.setText(self.tr("Press Enter to read this file."))
        if len(text) - self._length > 1:
            self._take_path()
        self._length = len(text)

    @Slot()
    def _take_path(self) -> None:
        text = self.path.text()
        path = path_in(text)
        if path is not None and text != self._known:
            self.file_chosen.emit(path)

    @Slot(QModelIndex)
    def _say_remark(self, current: QModelIndex) -> None:
        """The whole remark of the row that is selected; it may be longer than its column is wide."""
        remark = current.siblingAtColumn(REMARK).data() if current.isValid() else ""
        self.remark.setVisible(bool(remark))
        if remark and not self.model.is_raw:
            line = current.siblingAtColumn(LINE).data()
            self.remark.setText(self.tr("Line {line}: {remark}").format(line=line, remark=remark))

    def _words(self, preview: ImportPreview) -> str:
        if preview.problem:
            return self.tr("The first rows as they stand in the file:") if preview.records else ""
        rows, wrong = len(preview.rows), self.model.wrong_rows
        if not rows:
            return self.tr("There are no rows below the names of the columns.")
        if rows == 1 and preview.complete:
            if wrong:
                return self.tr("The only row cannot be imported; the remark says why.")
            return self.tr("The only row can be imported, as shown here.")
        which = self.tr("the {rows} rows") if preview.complete else self.tr("the first {rows} rows")
        if not wrong:
            text = self.tr("All of {which} can be imported, as shown here.")
        elif wrong == rows:
            text = self.tr("None of {which} can be imported; the remark says why.")
        else:
            text = self.tr(
                "{right} of {which} can be imported, as shown here. "
                "{wrong} cannot, and will be left out; the remark says why."
            )
        return text.format(which=which.format(rows=rows), right=rows - wrong, wrong=wrong)

    def _show_rows(self, preview: ImportPreview | None) -> None:
        self.model.show(preview)
        self.remark.hide()
        for number in range(self.model.columnCount()):
            self.table.setColumnWidth(number, scaled(_WIDTHS.get(number, _OTHER_WIDTH)))
            self.table.setColumnHidden(number, number == REMARK and not self.model.has_remarks)
        if preview is None or self.model.is_raw:
            return
        for number, field in enumerate(FIELDS, FIRST_FIELD):
            is_there = preview.plan.mapping.column(field) is not None or field in REQUIRED
            self.table.setColumnHidden(number, not is_there)

    def _set_up_table(self) -> None:
        self.table.setModel(self.model)
        set_up_table(self.table, self.tr("Preview of the first rows"), ())
        self.table.selectionModel().currentRowChanged.connect(self._say_remark)
        # The page scrolls only where the table has less than this; what is below it stays in sight.
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._show_rows(None)

    def _lay_out(self) -> None:
        label = QLabel(self.tr("&File"))
        label.setBuddy(self.path)
        self.path.setAccessibleName(self.tr("File"))
        above = row(label, (self.path, 1), self.browse, spacing=10)
        parts = above, self.editor, self.banner, self.summary, (self.table, 1), self.remark
        column(*parts, on=self, spacing=10)


def path_in(text: str) -> Path | None:
    """The path that somebody typed or pasted: in quotation marks, as an address, or below the home directory, too."""
    bare = text.strip().strip("\"'")
    if not bare:
        return None
    if bare.startswith("file:"):
        return Path(QUrl(bare).toLocalFile())
    with suppress(RuntimeError):  # no such user
        return Path(bare).expanduser()
    return Path(bare)
