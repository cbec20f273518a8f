"""Loads on a thread what the first picture can do without, once the window's thread has made the types of Qt for it.

PySide makes a type of Qt when somebody first asks for it: an import, or Qt that hands over an object of it. Between the
steps of that Python may change threads, and where another thread needs the same type meanwhile, the program ends with a
segmentation fault or waits for ever. So no thread makes any but the window's.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import resolve_name
from typing import Final

_TYPES: Final = {
    "PySide6.QtCore": "QAbstractTableModel QBuffer QDate QElapsedTimer QItemSelection QItemSelectionModel"
    " QItemSelectionRange QMimeData QModelIndex QPersistentModelIndex QPoint QSignalBlocker QSizeF QStringListModel"
    " QVariantAnimation",
    "PySide6.QtGui": "QAbstractTextDocumentLayout QBrush QContextMenuEvent QCursor QFocusEvent QFontMetrics"
    " QFontMetricsF QHelpEvent QHideEvent QImage QMouseEvent QPainterPath QPen QPolygonF QRegion QTextDocument"
    " QTextOption QWheelEvent",
    "PySide6.QtSvg": "QSvgGenerator",
    "PySide6.QtWidgets": "QCheckBox QComboBox QCompleter QDateTimeEdit QDialogButtonBox QFileDialog QFormLayout"
    " QGridLayout QInputDialog QLineEdit QListWidget QListWidgetItem QPlainTextEdit QProgressBar QProgressDialog"
    " QSlider QSpinBox QStackedLayout QStyle QStyleOptionViewItem QStyledItemDelegate QTabWidget QTableWidget"
    " QTableWidgetItem QTreeWidget QTreeWidgetItem QTreeWidgetItemIterator QWidgetItem",
}
"""What is imported from Qt behind the first picture, and not before; some 25 ms of work."""


def loading(*names: str) -> Callable[[], list[object]]:
    """What loads modules, and classes by ``module:Class``, on any thread; asked for on the window's."""
    for module, types in _TYPES.items():
        for name in types.split():
            getattr(import_module(module), name)
    return lambda: [resolve_name(name) for name in names]
