"""Hop 1: what a command would append, before it is sent: its events, the fields that would change, or the refusal."""

from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel

from desk.application.history import kind_of
from desk.cqrs.dryrun import Change, DryRun
from desk.gui.rich import strong
from desk.gui.theme import Theme


class Preview(QLabel):
    """A dry run in words; empty until it has come."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: DryRun | None = None
        self.setObjectName("preview")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(self.tr("What will be appended"))
        theme.changed.connect(self._paint)

    def show_run(self, run: DryRun) -> None:
        """Say what would come of it."""
        self._run = run
        self._paint()

    @Slot()
    def _paint(self) -> None:
        run = self._run
        if run is None or run.refusal is not None:
            self.clear()
            return
        if not run.events:
            self.setText(self.tr("Nothing needs to be appended: it is so already."))
            return
        events = "".join(self._event(type(event).__name__) for event in run.events)
        changes = "".join(self._change(change) for change in run.changes)
        head = self.tr("This will be appended to the history, which keeps everything else:")
        self.setText(
            f"<p style='margin:0 0 6px 0'>{head}</p><table cellspacing=0 cellpadding=2>{events}</table>"
            f"<table cellspacing=0 cellpadding=2 style='margin-top:6px'>{changes}</table>"
        )

    def _event(self, name: str) -> str:
        color = self._theme.color(f"change.{kind_of(name).name.lower()}").name()
        return f'<tr><td style="color:{color}">●&nbsp;</td><td>{strong(name)}</td></tr>'

    def _change(self, change: Change) -> str:
        muted = self._theme.color("muted").name()
        before, after = (escape(text) if text else "—" for text in (change.before, change.after))
        return (
            f'<tr><td style="color:{muted}; padding-right:10px">{escape(change.name)}</td>'
            f'<td><span style="color:{muted}">{before}</span> → {after}</td></tr>'
        )
