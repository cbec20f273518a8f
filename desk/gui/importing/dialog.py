"""Hop 1: the import dialog: one page after the other, beside a window that stays usable."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desk.application.importing.encodings import GuessEncoding, guess_western
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import ImportPlan
from desk.application.importing.port import CataloguePort
from desk.application.importing.progress import ImportReport, Progress
from desk.application.importing.source import CsvFormat
from desk.gui.background import Bridge, start
from desk.gui.icons import Icons
from desk.gui.importing.file_page import FilePage
from desk.gui.importing.job import ImportJob, Look, look_by, look_into, look_otherwise
from desk.gui.importing.progress_page import ProgressPage
from desk.gui.importing.report_page import ReportPage
from desk.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What the dialog needs. ``guess`` names the encoding of lines that are not UTF-8."""

    port: CataloguePort
    bridge: Bridge
    theme: Theme
    icons: Icons
    guess: GuessEncoding = guess_western


class ImportDialog(QDialog):
    """Not modal. Closing it, or its window, while an import runs cancels that.

    Signals:
        imported: the import has ended (ImportReport).
    """

    imported = Signal(object)  # ImportReport

    def __init__(self, context: ImportContext, parent: QWidget, path: Path | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Import CSV"))
        self.setAcceptDrops(True)
        self.resize(960, 640)
        self._context = context
        self._question = 0
        self._plan: ImportPlan | None = None
        self._job: ImportJob | None = None
        self.is_running = False
        self.file_page = FilePage(context.theme, context.icons)
        self.progress_page = ProgressPage(context.theme, context.icons)
        self.report_page = ReportPage(context.theme, context.icons)
        self.pages = QStackedWidget()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go: QPushButton = self.buttons.addButton(self.tr("&Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save: QPushButton = self.buttons.addButton(
            self.tr("&Save refused rows…"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self._lay_out()
        self._connect()
        self._show_page(self.file_page)
        parent.window().installEventFilter(self)
        if path is not None:
            self.choose(path)

    def open(self) -> None:
        """Show it without taking the window away from the user."""
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(object)
    def choose(self, path: Path) -> None:
        """Look into this file."""
        self.file_page.wait_for(path)
        self._plan = None
        self._ask(partial(look_into, path, self._context.guess))

    @Slot()
    def begin(self) -> None:
        """Import by the present plan."""
        if self._plan is None or self.is_running:
            return
        self.is_running = True
        self._forget()
        self._job = ImportJob(self._context.port, self._plan, self._tell)
        self.progress_page.begin(self._plan.path.name)
        self._show_page(self.progress_page)
        self._context.bridge.call(start(self._job.work, "import"), self._ended, self._broke_off, self)

    @Slot()
    def reject(self) -> None:
        """Cancel what runs; the report comes then. Close otherwise."""
        if self.is_running:
            self.cancel()
        else:
            super().reject()

    def cancel(self) -> None:
        """End the import soon."""
        if self._job is not None and self.is_running:
            self._job.cancel()
            self.progress_page.end_soon()

    def done(self, result: int) -> None:
        """The dialog closes: the refused rows are not needed any more."""
        self._forget()
        super().done(result)

    # ── the file ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, question: Callable[[], Look]) -> None:
        """Have something found out; only the newest answer counts."""
        self._question += 1
        number = self._question
        self.go.setEnabled(False)
        future = start(question, "import-preview")
        self._context.bridge.call(
            future, lambda look: self._answered(number, look), lambda error: self._failed(number, error), self
        )

    def _answered(self, number: int, look: Look) -> None:
        if number != self._question:
            return
        self._plan = look.plan
        self.file_page.show_look(look)
        self.go.setEnabled(not look.problem and bool(look.preview.rows))

    def _failed(self, number: int, error: Exception) -> None:
        if not isinstance(error, ImportFailed):
            raise error
        if number == self._question:
            self.file_page.show_problem(str(error))

    @Slot(object)
    def _read_otherwise(self, form: CsvFormat) -> None:
        if self._plan is not None:
            self._ask(partial(look_otherwise, self._plan.path, form, self._plan.copies))

    @Slot(object)
    def _follow_plan(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._ask(partial(look_by, plan))

    # ── the import ────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, progress: Progress) -> None:
        """Called on the import's thread."""
        self._context.bridge.post(partial(self._show_progress, progress), self)

    def _show_progress(self, progress: Progress) -> None:
        if self.is_running:
            self.progress_page.show_progress(progress)

    def _ended(self, report: ImportReport) -> None:
        self.is_running = False
        self.report_page.show_report(report)
        self._show_page(self.report_page)
        self.imported.emit(report)

    def _broke_off(self, error: Exception) -> None:
        self.is_running = False
        self._show_page(self.file_page)
        if not isinstance(error, ImportFailed):
            raise error
        self.file_page.show_problem(str(error))

    @Slot()
    def _save_refused(self) -> None:
        if self._job is None:
            return
        source = self._job.plan.path
        dialog = QFileDialog(self, self.tr("Save refused rows"), str(source.with_name(f"{source.stem}-refused.csv")))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.save_refused)
        dialog.open()

    @Slot(str)
    def save_refused(self, name: str) -> None:
        """Write the refused rows to this file."""
        if self._job is None or not name:
            return
        try:
            self._job.refused.save(Path(name))
        except ImportFailed as failed:
            self.report_page.banner.say(str(failed), icon="warning", color="problem")
        else:
            self.report_page.banner.say(self.tr("The refused rows are in {name}.").format(name=name), icon="save")

    # ── the frame ─────────────────────────────────────────────────────────────────────────────────────────────

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is closing: nothing may run on."""
        if event.type() is QEvent.Type.Close:
            self._forget()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file may be dropped while the first page is shown."""
        if self.pages.currentWidget() is self.file_page and _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look into the file that was dropped."""
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.choose(path)

    def _forget(self) -> None:
        if self._job is not None:
            self._job.close()

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        on_file, on_report = page is self.file_page, page is self.report_page
        self.go.setVisible(on_file)
        self.go.setDefault(on_file)
        self.save.setVisible(on_report and self._job is not None and self._job.refused.count > 0)
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setText(self.tr("&Close") if on_report else self.tr("Cancel"))
        if on_file:
            self.go.setEnabled(self._plan is not None)
            self.file_page.browse.setFocus()

    def _lay_out(self) -> None:
        for page in (self.file_page, self.progress_page, self.report_page):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.pages, 1)
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        self.file_page.file_chosen.connect(self.choose)
        self.file_page.editor.format_changed.connect(self._read_otherwise)
        self.file_page.editor.plan_changed.connect(self._follow_plan)
        self.buttons.accepted.connect(self.begin)
        self.buttons.rejected.connect(self.reject)
        self.save.clicked.connect(self._save_refused)


def _dropped(event: QDropEvent) -> Path | None:
    """The one file that is being dropped."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
