"""Hop 1: the frame of every form: it builds a command, sends it, and shows which of the five ends it came to."""

from collections.abc import Callable
from functools import partial
from itertools import chain
from uuid import UUID

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QPushButton, QWidget

from desk.application.catalogue import BookCard
from desk.application.isolation import isolated
from desk.domain.commands import BookCommand
from desk.domain.errors import InvalidCommand, InvalidField
from desk.gui.books.commands import BOOK_LINK, CommandResult, FormContext, FormEnd, Submission, result_of
from desk.gui.books.fields import FieldLine, Tone
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column
from desk.gui.widgets.question import Question
from desk.gui.widgets.rich import strong
from desk.gui.widgets.scrolled import Scrolled, give_room
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One form: its words, its lines, and how they become a command. ``dismiss`` is what its other button says,
    ``label`` what the status bar calls the command, perhaps by what was typed.

    ``build`` raises InvalidCommand. ``what_changed`` is called after a conflict, and calls back with what to say;
    after that ``build`` makes a command that takes the change into account. With ``follow`` the form stays open when
    its command is stored, and whoever follows closes it. ``doubt`` is asked before sending, and calls back with what
    speaks against it, or with nothing; where something does, only the banner's button sends, which says ``in_doubt``.
    """

    title: str
    verb: str
    label: str | Callable[[], str]
    lines: tuple[FieldLine, ...]
    build: Callable[[], BookCommand]
    intro: str = ""
    dismiss: str = ""
    what_changed: Callable[[Callable[[str], None]], None] | None = None
    extra: tuple[QWidget, ...] = ()
    follow: Callable[[CommandResult], None] | None = None
    doubt: Callable[[Callable[[str], None]], None] | None = None
    in_doubt: str = ""


class CommandDialog(QDialog):
    """A form that keeps what was typed until the command is stored.

    Signals:
        book_wanted: a link to another book was followed (UUID).
        stored: the command is stored (CommandResult).
        said: something to say in the status bar, as the form goes (str).
    """

    book_wanted = Signal(object)  # UUID
    stored = Signal(object)  # CommandResult
    said = Signal(str)

    def __init__(self, context: FormContext, spec: FormSpec) -> None:
        super().__init__(context.parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(spec.title)
        self.spec = spec
        self._commands = context.commands
        self._commands.ended.connect(self._ended)
        self._submission: Submission | None = None
        self._is_checking = self._is_in_doubt = False
        self._sent = self._kept = self._typed()
        self.banner = Banner(context.theme, context.icons)
        self.banner.pressed.connect(self._redo)
        self.banner.link_followed.connect(self._follow)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        if spec.dismiss:
            self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(spec.dismiss)
        self.submit: QPushButton = self.buttons.addButton(spec.verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.submit.setDefault(True)
        self.buttons.accepted.connect(self.send)
        self.buttons.rejected.connect(self.reject)
        self._lay_out(spec)
        for line in spec.lines:
            line.link_followed.connect(partial(self._follow_from, line))
            line.edited.connect(self._edited)
        if spec.lines:
            typed = (line.field for line in spec.lines if isinstance(line.field, QLineEdit))
            chosen = (line.field for line in spec.lines if line.is_choice)
            # A day is suggested: where nothing else is to be decided, Return is all that it takes.
            first = next(chain(typed, chosen), self.submit)
            first.setFocus(Qt.FocusReason.TabFocusReason)  # what is offered is selected: a scanner types over it

    def line(self, name: str) -> FieldLine:
        """The line of a command's field. Raises KeyError."""
        return {line.name: line for line in self.spec.lines}[name]

    @Slot()
    def send(self) -> None:
        """Check every field, and send the command if they are right."""
        if self._is_under_way() or self._is_checking:
            return
        if self._unsettled() is not None:
            self._redo()
            return
        wrong = [line for line in self.spec.lines if not line.check(strictly=True)]
        if wrong:
            wrong[0].field.setFocus()
            return
        if self.spec.doubt is None:
            self._send()
        else:
            self._is_checking = True
            self.say_waiting(self.tr("Checking…"))
            self.spec.doubt(self._hear_doubt)

    def _hear_doubt(self, reason: str) -> None:
        self.say_ready()
        self._is_checking, self._is_in_doubt = False, bool(reason)
        if reason:
            self.banner.say(reason, icon="warning", color="notice", button=self.spec.in_doubt)
        else:
            self._send()

    def _send(self) -> None:
        try:
            command = self.spec.build()
        except InvalidCommand as invalid:
            self._show_refusal(result_of(invalid))
            return
        self._begin()
        self._sent = self._typed()
        self._submission = self._commands.send(command, self.label)
        self._ended(self._submission)

    @property
    def label(self) -> str:
        """What its command is called as the form is now."""
        return self.spec.label if isinstance(self.spec.label, str) else self.spec.label()

    @property
    def would_lose(self) -> bool:
        """Whether something was typed that is neither stored nor waits in the outbox."""
        return self._typed() != self._kept

    def reject(self) -> None:
        """Close the form; ask first where that would lose what was typed."""
        if self.would_lose:
            self.ask_to_discard(self.discard)
        else:
            self.discard()

    def discard(self) -> None:
        """Close the form without asking."""
        super().reject()

    def ask_to_discard(self, then: Callable[[], None]) -> None:
        """Ask, and do it then."""
        if self.findChild(Question) is not None:
            return
        Question(
            self,
            self.tr("Discard what you typed?"),
            self.tr("Nothing of it has been stored."),
            stay=self.tr("Keep editing"),
            go_on=self.tr("Discard it"),
            then=then,
        )

    def _typed(self) -> dict[str, object]:
        return {line.name: line.read() for line in self.spec.lines}

    @property
    def is_idle(self) -> bool:
        """Whether nothing was sent yet."""
        return self._submission is None

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was sent is under way, or has an end that is not known."""
        return not self._is_under_way() and self._unsettled() is None

    def say_possible(self) -> None:
        """The command can be sent; after :meth:`say_impossible`, or while it was not known."""
        self.banner.clear()
        self.submit.show()
        self.submit.setDefault(True)
        self.say_ready()

    def say_impossible(self, sentence: str) -> None:
        """The command would be refused, and nothing that can be typed here changes that."""
        self.submit.hide()
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Close"))
        self.banner.say(sentence, icon="state-rejected", color="problem")

    def _lay_out(self, spec: FormSpec) -> None:
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        for line in spec.lines:
            line.add_to(form)
        intro = (QLabel(spec.intro, wordWrap=True),) if spec.intro else ()
        content = column(*intro, form, *spec.extra, None, spacing=12)
        parts = (Scrolled(content), 1), self.banner, self.buttons
        column(*parts, on=self, margins=(20, 18, 20, 16), spacing=12)
        give_room(self, 480)

    def say_waiting(self, text: str) -> None:
        """The button waits, and says for what."""
        self.submit.setEnabled(False)
        self.submit.setText(text)

    def say_ready(self) -> None:
        """The button can be pressed again."""
        self.submit.setEnabled(True)
        self.submit.setText(self.spec.verb)

    def _begin(self) -> None:
        self.banner.clear()
        self.say_waiting(self.tr("Saving…"))

    @Slot(object)
    def _ended(self, submission: Submission) -> None:
        """A command ended; only one's own is of interest."""
        result = submission.result
        if submission is not self._submission or result is None:
            return
        self.say_ready()
        if result.end in (FormEnd.DONE, FormEnd.UNKNOWN):
            self._kept = self._sent
        show = {
            FormEnd.DONE: self._show_success,
            FormEnd.REFUSED: self._show_refusal,
            FormEnd.CONFLICT: self._show_conflict,
            FormEnd.UNAVAILABLE: self._show_unavailable,
            FormEnd.UNKNOWN: self._show_unknown,
            FormEnd.BUG: self._show_bug,
        }
        show[result.end](result)

    def _show_success(self, result: CommandResult) -> None:
        self.stored.emit(result)
        if self.spec.follow is not None:
            self.spec.follow(result)
        else:
            self.accept()

    def _show_refusal(self, result: CommandResult) -> None:
        by_field = dict(result.fields)
        lines = [line for line in self.spec.lines if line.name in by_field]
        for line in lines:
            line.say(by_field[line.name], Tone.PROBLEM)
        if lines:
            lines[0].field.setFocus()
        elif self.spec.lines:
            # A rule is about the whole command: it stands beside the last field, nearest to the button.
            self.spec.lines[-1].say(result.sentence, Tone.PROBLEM)
        else:
            self.banner.say(result.sentence, icon="state-rejected", color="problem")

    def _show_conflict(self, result: CommandResult) -> None:
        if self.spec.what_changed is not None:
            self.spec.what_changed(self._say_what_changed)
        else:
            self._say_what_changed("")

    def _say_what_changed(self, changes: str) -> None:
        text = self.tr("Somebody else was faster: the book has changed meanwhile.")
        text = f"{text}<br>{changes}" if changes else text
        self.banner.say(text, icon="warning", color="notice", button=self.tr("Do it all the same"))

    def _show_unavailable(self, result: CommandResult) -> None:
        words = self.tr("Nothing was stored: {reason} What you typed stays here.")
        text = words.format(reason=_sentence(result.sentence))
        self.banner.say(text, icon="light-amber", color="light.amber", button=self.tr("Try again"))

    def _show_unknown(self, result: CommandResult) -> None:
        text = self.tr(
            "Not known yet: the answer was lost. It is settled when the store is back, and nothing is done twice. "
            "You may close this form meanwhile."
        )
        self.banner.say(text, icon="state-pending", color="light.amber", button=self.tr("Ask again now"))
        self.submit.setEnabled(False)

    def _show_bug(self, result: CommandResult) -> None:
        text = self.tr("This went wrong inside Desk, and a report was written. What you typed stays here.")
        self.banner.say(text, icon="state-rejected", color="problem")

    @Slot()
    def _redo(self) -> None:
        """The banner's button: what was doubted, the same command again, or after a conflict a new one."""
        if self._is_in_doubt:
            self._is_in_doubt = False
            self._send()
            return
        submission = self._submission
        if submission is None or submission.result is None:
            return
        if submission.result.end in (FormEnd.UNKNOWN, FormEnd.UNAVAILABLE) and not self._differs(submission):
            self._begin()
            self._commands.again(submission)
        else:
            self._submission = None
            self.send()

    def _differs(self, submission: Submission) -> bool:
        """Whether the form says something else now than what was sent."""
        if submission.result is not None and submission.result.end is FormEnd.UNKNOWN:
            return False
        try:
            return self.spec.build() != submission.command
        except (InvalidCommand, InvalidField):
            return True

    def _is_under_way(self) -> bool:
        return self._submission is not None and self._submission.result is None

    def _unsettled(self) -> Submission | None:
        submission = self._submission
        if submission is not None and submission.result is not None and submission.result.end is FormEnd.UNKNOWN:
            return submission
        return None

    @Slot()
    def _edited(self) -> None:
        self._is_in_doubt = False
        if self._unsettled() is None and not self._is_under_way():
            self.banner.clear()

    @Slot(str)
    def _follow(self, link: str) -> None:
        if self.would_lose:
            self.ask_to_discard(partial(self._leave_for, link))
        else:
            self._leave_for(link)

    def _follow_from(self, line: FieldLine, link: str) -> None:
        """What was typed in the line that has the link led there, and is no loss."""
        typed, kept = self._typed(), self._kept
        if any(typed[name] != kept[name] for name in typed if name != line.name):
            self.ask_to_discard(partial(self._leave_for, link))
        else:
            self._leave_for(link)

    def _leave_for(self, link: str) -> None:
        if link.startswith(BOOK_LINK):
            self.book_wanted.emit(UUID(link.removeprefix(BOOK_LINK)))
            self.discard()


def book_form(
    context: FormContext,
    card: BookCard,
    title: str,
    verb: str,
    lines: tuple[FieldLine, ...],
    build: Callable[[], BookCommand],
    intro: str = "",
    dismiss: str = "",
) -> CommandDialog:
    """A form about one book, which its first line names; ``intro`` stands below that."""
    words = strong(card.row.title) + (f"<br>{intro}" if intro else "")
    label = f"{title}: {isolated(card.row.title)}"
    return CommandDialog(context, FormSpec(title, verb, label, lines, build, words, dismiss))


def _sentence(text: str) -> str:
    """Ends as a sentence does."""
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."
