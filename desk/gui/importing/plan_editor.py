"""Hop 1: what was found in a file, to be changed: encoding, delimiter, header, the column of each field, copies."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from desk.application.importing.columns import REQUIRED, ColumnMapping, Field
from desk.application.importing.plan import ImportPlan, ImportPreview, column_name
from desk.application.importing.source import CsvFormat

MOST_COPIES = 20
ENCODINGS = (
    ("UTF-8", "utf-8"),
    ("UTF-8 (BOM)", "utf-8-sig"),
    ("UTF-16", "utf-16"),
    ("UTF-32", "utf-32"),
    ("Windows 1252 (western)", "cp1252"),
    ("Windows 1250 (central European)", "cp1250"),
    ("Windows 1251 (Cyrillic)", "cp1251"),
    ("Windows 1253 (Greek)", "cp1253"),
    ("Windows 1254 (Turkish)", "cp1254"),
    ("ISO 8859-1 (Latin 1)", "latin-1"),
    ("Mac Roman", "mac_roman"),
    ("DOS 850", "cp850"),
    ("Shift JIS", "shift_jis"),
    ("GB 18030", "gb18030"),
)
_ACROSS = 3


class PlanEditor(QWidget):
    """Shows a plan, and says how the user changes it.

    Signals:
        format_changed: read the file otherwise; its columns have to be found anew (CsvFormat).
        plan_changed: other columns, or another number of copies (ImportPlan).
    """

    format_changed = Signal(object)  # CsvFormat
    plan_changed = Signal(object)  # ImportPlan

    def __init__(self) -> None:
        super().__init__()
        self._plan: ImportPlan | None = None
        self._wanted: CsvFormat | None = None  # the plan's, or one in which the file could not be read
        self.encoding = QComboBox()
        self.delimiter = QComboBox()
        self.header = QCheckBox(self.tr("First row has the &names"))
        self.copies = QComboBox()
        self.copies.setToolTip(self.tr("Copies that are added to each book of the file"))
        self.columns = {field: QComboBox() for field in Field}
        for name, codec in ENCODINGS:
            self.encoding.addItem(name, codec)
        delimiters = {",": self.tr("Comma ,"), ";": self.tr("Semicolon ;"), "\t": self.tr("Tab"), "|": self.tr("Bar |")}
        for sign, name in delimiters.items():
            self.delimiter.addItem(name, sign)
        for number in range(MOST_COPIES + 1):
            self.copies.addItem(str(number) if number else self.tr("none"), number)
        self._lay_out()
        self.encoding.activated.connect(self._change_format)
        self.delimiter.activated.connect(self._change_format)
        self.header.clicked.connect(self._change_format)
        self.copies.activated.connect(self._change_plan)
        for box in self.columns.values():
            box.activated.connect(self._change_plan)

    def show_plan(self, preview: ImportPreview) -> None:
        """Show its plan; no signal comes of that."""
        plan, self._plan = preview.plan, None
        _choose(self.encoding, plan.format.encoding)
        _choose(self.delimiter, plan.format.delimiter)
        self.header.setChecked(plan.format.header)
        self.copies.setCurrentIndex(plan.copies)
        for field, box in self.columns.items():
            box.clear()
            box.addItem(self.tr("(not in the file)"), None)
            for number, name in enumerate(plan.header):
                samples = preview.samples(number)
                is_named = plan.format.header and name != column_name(number)
                box.addItem(name if is_named or not samples else f"{name}: {samples}", number)
                box.setItemData(number + 1, samples, Qt.ItemDataRole.ToolTipRole)
            column = plan.mapping.column(field)
            box.setCurrentIndex(0 if column is None else column + 1)
        self._plan, self._wanted = plan, plan.format

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self._add(grid, 0, self.tr("&Encoding"), self.encoding)
        self._add(grid, 1, self.tr("&Delimiter"), self.delimiter)
        self._add(grid, 2, self.tr("&Copies of each book"), self.copies)
        for place, (field, box) in enumerate(self.columns.items(), _ACROSS):
            label = self.tr(field.label)
            self._add(grid, place, self.tr("{field} *").format(field=label) if field in REQUIRED else label, box)
        grid.addWidget(self.header, grid.rowCount(), 0, 1, _ACROSS)
        for column in range(_ACROSS):
            grid.setColumnStretch(column, 1)

    def _add(self, grid: QGridLayout, place: int, text: str, box: QComboBox) -> None:
        row, column = divmod(place, _ACROSS)
        label = QLabel(text)
        label.setBuddy(box)
        box.setAccessibleName(text.replace("&", "").removesuffix(" *"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(6)
        grid.addWidget(label, 2 * row, column)
        grid.addWidget(box, 2 * row + 1, column)

    @Slot()
    def _change_format(self) -> None:
        if self._plan is None:
            return
        form = replace(
            self._plan.format,
            encoding=self.encoding.currentData(),
            delimiter=self.delimiter.currentData(),
            header=self.header.isChecked(),
        )
        if form != self._wanted:
            self._wanted = form
            self.format_changed.emit(form)

    @Slot()
    def _change_plan(self) -> None:
        if self._plan is None:
            return
        mapping = ColumnMapping.of({field: box.currentData() for field, box in self.columns.items()})
        plan = replace(self._plan, mapping=mapping, copies=self.copies.currentData())
        if plan != self._plan:
            self._plan = plan
            self.plan_changed.emit(plan)


def _choose(box: QComboBox, wanted: str) -> None:
    """Select the entry; one that is not in the list is added to it."""
    place = box.findData(wanted)
    if place < 0:
        box.addItem(wanted, wanted)
        place = box.count() - 1
    box.setCurrentIndex(place)
