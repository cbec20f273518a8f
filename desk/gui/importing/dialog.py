"""Hop 1: the import dialog: one page after the other, beside a window that stays usable."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QPushButton, QScrollArea, QStackedWidget, QWidget

from desk.application.importing.encodings import GuessEncoding, guess_western
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import ImportPlan, ImportPreview, preview
from desk.application.importing.progress import ImportReport, Progress
from desk.application.importing.source import CsvFormat
from desk.application.importing.unfinished import UnfinishedImport
from desk.application.session import ImportingPort
from desk.cqrs.moments import Moments
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.importing.file_page import FilePage
from desk.gui.importing.job import ImportJob, preview_file, preview_in_format
from desk.gui.importing.leaving import Leaving, StopWords
from desk.gui.importing.progress_page import ProgressPage
from desk.gui.importing.report_page import ReportPage
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.boxes import column
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.scrolled import give_room
from desk.records import dataclass

_SIZE = (960, 640)
"""At normal text."""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What the dialog needs. ``guess`` names the encoding of lines that are not UTF-8."""

    port: ImportingPort
    unfinished: UnfinishedImport
    bridge: GuiBridge
    theme: Theme
    icons: Icons
    moments: Moments
    guess: GuessEncoding = guess_western


class ImportDialog(QDialog):
    """Not modal. Closing it, or its window, while an import runs asks first.

    Signals:
        imported: the import has ended (ImportReport).
    """

    imported = Signal(object)  # ImportReport

    def __init__(self, context: ImportContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Import CSV"))
        self.setAcceptDrops(True)
        give_room(self, *_SIZE)
        self._context = context
        self._question = 0
        self._plan: ImportPlan | None = None
        self._job: ImportJob | None = None
        words = StopWords(
            self.tr("Stop the import?"),
            self.tr("What is stored already stays. Importing the same file again goes on from there."),
            self.tr("&Stop the import"),
            self.tr("Stop the import, and close Desk?"),
            self.tr("What is stored already stays. The next start of Desk offers to go on from there."),
        )
        self.leaving = Leaving(self, words, self.cancel, self._forget)
        self.file_page = FilePage(context.theme, context.icons)
        self.progress_page = ProgressPage(context.theme, context.icons)
        self.report_page = ReportPage(context.theme, context.icons)
        self.pages = QStackedWidget()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go: QPushButton = self.buttons.addButton(self.tr("&Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save: QPushButton = self.buttons.addButton(
            self.tr("&Save refused rows…"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self._lay_out()
        self._connect()
        self._show_page(self.file_page)

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
        self._ask(partial(preview_file, path, self._context.guess, self._context.moments.today().year))

    @Slot()
    def begin(self) -> None:
        """Import by the present plan."""
        if self._plan is not None:
            self.go_on(self._plan)

    def go_on(self, plan: ImportPlan) -> None:
        """Import by this plan, perhaps from where an earlier import stopped."""
        if self.leaving.is_running:
            return
        self._plan, self.leaving.is_running = plan, True
        self._forget()
        self._job = ImportJob(self._context.port, plan, self._context.unfinished, self._tell)
        self.file_page.wait_for(plan.path)
        self.progress_page.begin(plan.path.name)
        self._show_page(self.progress_page)
        self._context.bridge.call(start(self._job.work, "import"), self._ended, self._broke_off, self)

    @Slot()
    def reject(self) -> None:
        """Ask before what runs is stopped; the report comes then. Close otherwise."""
        if self.leaving.may_close():
            super().reject()

    def cancel(self) -> None:
        """End the import soon."""
        if self._job is not None and self.leaving.is_running:
            self._job.cancel()
            self.progress_page.end_soon()

    def done(self, result: int) -> None:
        """The dialog closes: the refused rows are not needed any more."""
        self._forget()
        super().done(result)

    # ── the file ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, question: Callable[[], ImportPreview]) -> None:
        """Have something found out; only the newest answer counts."""
        self._question += 1
        number = self._question
        self._allow(self.tr("The file is still being read."))
        future = start(question, "import-preview")
        self._context.bridge.call(
            future, lambda found: self._answered(number, found), lambda error: self._failed(number, error), self
        )

    def _answered(self, number: int, found: ImportPreview) -> None:
        if number != self._question:
            return
        self._plan = found.plan
        self.file_page.show_preview(found)
        self._allow("" if found.importable else found.problem or self.tr("No row of the file can be imported."))

    def _allow(self, why_not: str) -> None:
        """The import may begin, unless a sentence says why not."""
        self.go.setEnabled(not why_not)
        self.go.setToolTip(why_not)

    def _failed(self, number: int, error: Exception) -> None:
        if not isinstance(error, ImportFailed):
            raise error
        if number == self._question:
            self.file_page.show_problem(str(error), can_be_read_otherwise=self._plan is not None)
            self._allow(str(error))

    @Slot()
    def _wait_for_path(self) -> None:
        """Another path is being typed: what was found counts no longer."""
        self._question += 1
        self._plan = None
        self._allow(self.tr("The path of the file was changed. Press Enter to read it."))

    @Slot(object)
    def _read_otherwise(self, form: CsvFormat) -> None:
        if self._plan is not None:
            self._ask(
                partial(preview_in_format, self._plan.path, form, self._plan.copies, self._context.moments.today().year)
            )

    @Slot(object)
    def _follow_plan(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._ask(partial(preview, plan))

    # ── the import ────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, progress: Progress) -> None:
        """Called on the import's thread."""
        self._context.bridge.post(partial(self._show_progress, progress), self)

    def _show_progress(self, progress: Progress) -> None:
        if self.leaving.is_running:
            self.progress_page.show_progress(progress)

    def _ended(self, report: ImportReport) -> None:
        self.leaving.end()
        self.report_page.show_report(report)
        self._show_page(self.report_page)
        self.imported.emit(report)

    def _broke_off(self, error: Exception) -> None:
        self.leaving.end()
        self._show_page(self.file_page)
        if not isinstance(error, ImportFailed):
            raise error
        self.file_page.show_problem(str(error))

    @Slot()
    def _save_refused(self) -> None:
        if self._job is None:
            return
        source = self._job.plan.path
        name = str(source.with_name(f"{source.stem}-refused.csv"))
        ask_for_file(self, self.tr("Save refused rows"), "", self.save_refused, saved_as=name)

    def save_refused(self, path: Path) -> None:
        """Write the refused rows to this file."""
        if self._job is None:
            return
        try:
            self._job.refused.save(path)
        except ImportFailed as failed:
            self.report_page.banner.say(str(failed), icon="warning", color="problem")
        else:
            self.report_page.banner.say(self.tr("The refused rows are in {name}.").format(name=path), icon="save")

    # ── the frame ─────────────────────────────────────────────────────────────────────────────────────────────

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
        running = page is self.progress_page
        cancel.setText(self.tr("&Close") if on_report else self.tr("&Stop…") if running else self.tr("Cancel"))
        if on_file:
            self._allow("" if self._plan is not None else self.tr("Choose a file first."))
            self.file_page.path.setFocus()

    def _lay_out(self) -> None:
        for page in (self.file_page, self.progress_page, self.report_page):
            self.pages.addWidget(page)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(self.pages)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        column((scroll, 1), self.buttons, on=self, margins=(20, 18, 20, 16), spacing=12)

    def _connect(self) -> None:
        self.file_page.file_chosen.connect(self.choose)
        self.file_page.path_edited.connect(self._wait_for_path)
        self.file_page.editor.format_changed.connect(self._read_otherwise)
        self.file_page.editor.plan_changed.connect(self._follow_plan)
        self.buttons.accepted.connect(self.begin)
        self.buttons.rejected.connect(self.reject)
        self.save.clicked.connect(self._save_refused)


def _dropped(event: QDropEvent) -> Path | None:
    """The one file that is being dropped."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
