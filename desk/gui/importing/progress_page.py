"""Hop 1: the dialog's second page: how the import is getting on."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from desk.application.importing.progress import Progress
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.importing.headline import Headline
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column


class ProgressPage(QWidget):
    """A bar, the counts, the rate, the time that is left, and what the import waits for."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.headline = Headline()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Progress of the import"))
        self.counts = QLabel()
        self.pace = QLabel()
        self.hint = QLabel(self.tr("You can go on working in the window meanwhile."))
        self.banner = Banner(theme, icons)
        parts = self.headline, self.bar, self.counts, self.pace, self.banner, self.hint, None
        column(*parts, on=self, spacing=10)

    def begin(self, name: str) -> None:
        """Nothing is known yet."""
        self.headline.setText(self.tr("Importing {name}").format(name=name))
        self.bar.setRange(0, 0)
        self.counts.clear()
        self.pace.clear()
        self.banner.clear()

    def show_progress(self, progress: Progress) -> None:
        """So far."""
        if progress.total:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
        self.counts.setText(
            self.tr("{created} created, {there} already there, {refused} refused, of about {total}").format(
                created=f"{progress.created:,}",
                there=f"{progress.already_there:,}",
                refused=f"{progress.refused:,}",
                total=f"{progress.total:,}",
            )
        )
        self.pace.setText(self._pace(progress))
        if progress.waiting_for:
            words = self.tr("Waiting: {reason} The import goes on by itself.").format(reason=progress.waiting_for)
            self.banner.say(words, icon="warning", color="notice")
        else:
            self.banner.clear()

    @Slot()
    def end_soon(self) -> None:
        """The user has cancelled it."""
        self.banner.say(self.tr("Ending: what is under way is finished first…"))

    def _pace(self, progress: Progress) -> str:
        rate = self.tr("{rate} a second").format(rate=f"{progress.rate:,.0f}")
        if progress.seconds_left is None:
            return rate
        return self.tr("{rate}, {left} left").format(rate=rate, left=self._duration(progress.seconds_left))

    def _duration(self, seconds: float) -> str:
        if seconds < 60:
            return self.tr("{seconds} s").format(seconds=round(seconds))
        minutes = round(seconds / 60)
        if minutes < 60:
            return self.tr("{minutes} min").format(minutes=minutes)
        return self.tr("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
