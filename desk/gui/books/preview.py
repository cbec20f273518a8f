"""Hop 1: what a command would append, before it is sent: its events, the fields that would change, or the refusal."""

from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel

from desk.application.command_events import kind_of
from desk.application.isolation import isolated
from desk.cqrs.dryrun import Change, DryRun
from desk.gui.frame.theme import Theme
from desk.gui.widgets.rich import strong


class Preview(QLabel):
    """What a command is for, and what it would append."""

    def __init__(self, theme: Theme) -> None:
        flags = Qt.TextInteractionFlag.TextSelectableByMouse
        super().__init__(wordWrap=True, textFormat=Qt.TextFormat.RichText, textInteractionFlags=flags)
        self._theme, self._sentence = theme, ""
        self._run: DryRun | None = None
        self.setObjectName("preview")
        self.setAccessibleName(self.tr("What will be appended"))
        theme.changed.connect(self._paint)
        self._paint()

    def show_offer(self, sentence: str, run: DryRun | None) -> None:
        """Say what a command does, and what would come of it."""
        self._sentence, self._run = sentence, run
        self.show()
        self._paint()

    @Slot()
    def _paint(self) -> None:
        sentence = f"<p style='margin:0'>{escape(self._sentence)}</p>"
        self.setText(sentence + (self._appended(self._run) if self._run is not None else ""))

    def _appended(self, run: DryRun) -> str:
        if not run.events:
            words = self.tr("Nothing needs to be appended: it is so already.")
            return f"<p style='margin:12px 0 0 0'>{words}</p>"
        events = "".join(self._event(type(event).__name__) for event in run.events)
        changes = "".join(self._change(change) for change in run.changes)
        head = self.tr("This will be appended to the history, which keeps everything else:")
        return (
            f"<p style='margin:12px 0 6px 0'>{head}</p><table cellspacing=0 cellpadding=2>{events}</table>"
            f"<table cellspacing=0 cellpadding=2 style='margin-top:6px'>{changes}</table>"
        )

    def _event(self, name: str) -> str:
        color = self._theme.color(f"change.{kind_of(name).name.lower()}").name()
        return f'<tr><td style="color:{color}">●&nbsp;</td><td>{strong(name)}</td></tr>'

    def _change(self, change: Change) -> str:
        muted = self._theme.color("muted").name()
        before, after = (escape(isolated(text)) if text else "—" for text in (change.before, change.after))
        return (
            f'<tr><td style="color:{muted}; padding-right:10px">{escape(change.name)}</td>'
            f'<td><span style="color:{muted}">{before}</span> → {after}</td></tr>'
        )
