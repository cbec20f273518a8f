"""The line by which one moves through a history: buttons, the revision and the moment as fields, the mark, playing."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QToolButton, QWidget

from desk.application.timeline.words import moment_text
from desk.application.typed_moment import NotUnderstood, parse_moment, parse_revision
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.controller import HistoryController
from desk.gui.timeline.overflow import Group, Overflow
from desk.gui.timeline.playback import PACES, Playback, PlayPace
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import giving_way, icon_button, quiet


class TransportBar(QWidget):
    """Observes the controller and the playback, and moves them.

    Signals:
        moment_typed: somebody wants to go to a moment (datetime, aware).
        past_wanted: the whole catalogue as of the playhead, or no longer.
    """

    moment_typed = Signal(object)  # datetime
    past_wanted = Signal()

    def __init__(self, workspace: Workspace, controller: HistoryController, playback: Playback) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAccessibleName(self.tr("Moving through the history"))
        self._workspace, self._controller, self._playback = workspace, controller, playback
        self._row = row(on=self, margins=(6, 0, 6, 2), spacing=2)
        self.first = self._button("first", self.tr("First event (Home)"), lambda: controller.go(0))
        self.previous = self._button("previous", self.tr("Previous event (Left)"), lambda: controller.step(-1))
        self.play = self._button("play", self.tr("Play (Space)"), playback.toggle)
        self.next = self._button("next", self.tr("Next event (Right)"), lambda: controller.step(1))
        self.last = self._button("last", self.tr("Last event (End)"), lambda: controller.go(controller.last))
        self.follow = self._button("live", self.tr("Follow what is new (F)"), controller.toggle_follow, checkable=True)
        self._row.addSpacing(scaled(6))
        self._add_pace()
        self._add_fields()
        whole = self.tr("The whole catalogue as of this event (Ctrl+Shift+Y)")
        self.whole = self._button("history", whole, self.past_wanted.emit)
        self.compared = QToolButton()
        self.compared.setToolTip(self.tr("Compare no more (C)"))
        self.compared.clicked.connect(lambda: controller.set_mark(None))
        self._row.addWidget(self.compared)
        groups: tuple[Group, ...] = ((self.reverse, self.loop), (self.pace,), (self.count,), (self.first, self.last))
        groups += ((self.follow,), (self.moment,), (self.whole,), (self.revision,), (self.previous, self.next))
        self.overflow = Overflow(self._row, groups, self.ask)
        self._row.addWidget(self.overflow)
        self.remark = giving_way(QLabel())
        self._row.addWidget(self.remark, 1)
        model = controller.model
        for change in (controller.moved, controller.compared, controller.follow_changed, playback.changed):
            change.connect(self._show)
        for change in (model.rowsInserted, model.modelReset):
            change.connect(self._show)
        playback.skipped.connect(self.say)
        self._show()
        follow_text(self, lambda: QTimer.singleShot(0, self, self._fit))  # when all within has its new size

    def minimumSizeHint(self) -> QSize:
        """What there is no room for is in a menu."""
        return QSize(scaled(180), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        self.overflow.fit(self.width())

    def _button(self, icon: str, text: str, act: Callable[[], None], *, checkable: bool = False) -> QToolButton:
        button = icon_button(self._workspace.icons, icon, text, checkable=checkable)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        follow_text(button, lambda: button.setIconSize(QSize(scaled(16), scaled(16))))
        button.clicked.connect(lambda: act())
        self._row.addWidget(button)
        return button

    def _add_pace(self) -> None:
        play = self._playback
        reverse, loop = (
            self.tr("Play towards the first event (Shift+Space)"),
            self.tr("Play round, between mark and playhead where there is a mark (L)"),
        )
        self.reverse = self._button("play-backwards", reverse, play.toggle_direction, checkable=True)
        self.loop = self._button("repeat", loop, play.toggle_loop, checkable=True)
        self.pace = QComboBox(sizeAdjustPolicy=QComboBox.SizeAdjustPolicy.AdjustToContents)
        for pace in PACES:
            self.pace.addItem(self._words(pace), pace)
        self.pace.setToolTip(self.tr("How fast it is played (, and .)"))
        self.pace.setAccessibleName(self.tr("Pace of playing"))
        self.pace.activated.connect(lambda at: play.set_pace(PACES[at]))
        self._row.addWidget(self.pace)
        self._row.addSpacing(scaled(6))

    def _add_fields(self) -> None:
        self.revision = self._field(52, self.tr("Revision"), self._go_to_revision)
        self.revision.setToolTip(self.tr("Revision: type one and press Enter (G)"))
        self.count = quiet(QLabel())
        self._row.addWidget(self.count)
        self._row.addSpacing(scaled(6))
        self.moment = self._field(172, self.tr("As of"), self._go_to_moment)
        self.moment.setToolTip(self.tr("A moment: 2026-03-02 14:00, yesterday, 3 days ago; then Enter (T)"))

    def _field(self, width: int, name: str, go: Callable[[], None]) -> QLineEdit:
        field = QLineEdit()
        follow_text(field, lambda: field.setFixedWidth(scaled(width)))
        field.setAccessibleName(name)
        field.returnPressed.connect(go)
        field.editingFinished.connect(self._show)
        field.editingFinished.connect(self._fit)
        self._row.addWidget(field)
        return field

    def _words(self, pace: PlayPace) -> str:
        if pace.steps:
            return self.tr("{number}/s").format(number=f"{pace.steps:g}")
        return self.tr("{number}× time").format(number=f"{pace.factor:g}")

    @Slot(str)
    def say(self, text: str) -> None:
        """Say something beside the fields; nothing where the text is empty."""
        room = self.remark.contentsRect().width()
        self.remark.setText(self.remark.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(room, 40)))
        self.remark.setToolTip(text)
        self.remark.setAccessibleName(text)

    def ask(self, field: QLineEdit) -> None:
        """Have something typed into one of the fields."""
        field.show()
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._fit()
        field.selectAll()

    def _go_to_revision(self) -> None:
        revisions = self._controller.model.history.revisions
        if not revisions:
            return
        try:
            wanted = parse_revision(self.revision.text(), revisions[0], revisions[-1])
        except NotUnderstood as error:
            self._refuse(self.revision, str(error))
            return
        self._go(
            self.revision,
            self._controller.row_of(wanted),
            self.tr("Revision {number} is not in this stream.").format(number=wanted),
        )

    def _go_to_moment(self) -> None:
        try:
            wanted = parse_moment(self.moment.text(), self._workspace.ports.moments.now().astimezone())
        except NotUnderstood as error:
            self._refuse(self.moment, str(error))
        else:
            self.moment_typed.emit(wanted)

    def go_to_time(self, time: datetime) -> None:
        """To the last event of the stream that is shown by then."""
        times, words = self._controller.model.history.times, self.tr("It is empty.")
        if times:
            words = self.tr("The stream begins later: {time}.").format(time=moment_text(times[0]))
        self._go(self.moment, self._controller.row_at(time.timestamp()), words)

    def _go(self, field: QLineEdit, place: int | None, why_not: str) -> None:
        """To the row that was meant, if there is one."""
        if place is None:
            self._refuse(field, why_not)
        else:
            self.say("")
            self._controller.go(place)
            self._show(typed=True)

    def _refuse(self, field: QLineEdit, sentence: str) -> None:
        """What was typed stays, so that it can be put right."""
        self.say(sentence)
        self._workspace.say(sentence)
        field.selectAll()

    @Slot()
    def _show(self, *_: object, typed: bool = False) -> None:
        controller, playback = self._controller, self._playback
        at, history, before = controller.row, controller.model.history, self._lengths()
        for field, text in (
            (self.revision, "" if at is None else str(history.revisions[at])),
            (self.moment, "" if at is None else moment_text(history.times[at])),
        ):
            if typed or not field.hasFocus():
                field.setText(text)
        self.count.setText(self.tr("of {last}").format(last=history.revisions[-1]) if len(history) else "")
        for button, possible in (
            (self.first, at not in (None, 0)),
            (self.previous, at not in (None, 0)),
            (self.next, not controller.is_at_head),
            (self.last, not controller.is_at_head),
            (self.play, len(history) > 1),
        ):
            button.setEnabled(possible)
        self.follow.setChecked(controller.follows)
        self.reverse.setChecked(playback.backwards)
        self.loop.setChecked(playback.loops)
        self.pace.setCurrentIndex(PACES.index(playback.pace))
        self._workspace.icons.put(self.play, "pause" if playback.plays else "play")
        span = controller.span
        self.compared.setVisible(span is not None and span.since is not None)
        if span is not None and span.since is not None:
            self.compared.setText(self.tr("r{first} … r{last}  ✕").format(first=span.since, last=span.revision))
        if self._lengths() != before:
            self._fit()

    def _lengths(self) -> tuple[object, ...]:
        """What changes how much room is needed."""
        return self.count.text(), self.compared.isHidden(), self.compared.text()
