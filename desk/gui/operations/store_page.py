"""What the store says of itself: its version, persistent subscriptions with what they parked, its own projections."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import field
from functools import partial
from typing import TypeAlias, TypeVar

from PySide6.QtCore import QObject, Slot

from desk.application.acts import Act, ActsPort, ReplayParked, SwitchProjection
from desk.application.store_admin import (
    AdminPort,
    NotAllowed,
    ParkedMessage,
    Right,
    StoreProjection,
    StoreUser,
    StoreVersion,
    SubscriptionGroup,
)
from desk.gui.operations.list_page import KNOWN, ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.counting import counted
from desk.gui.widgets.question import Question
from desk.records import dataclass

A = TypeVar("A")

MOST_PARKED = 50
"""So many parked messages of a group are listed, the newest first."""


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What could not be asked, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class ParkedOfGroup:
    """A parked message below its group."""

    group: SubscriptionGroup
    message: ParkedMessage


StoreRow: TypeAlias = StoreVersion | StoreUser | SubscriptionGroup | ParkedOfGroup | StoreProjection | NotKnown


@dataclass(slots=True)
class _Answers:
    """What was answered last, by what was asked."""

    rows: dict[str, tuple[StoreRow, ...]] = field(default_factory=dict)
    parked: dict[tuple[str, str], tuple[ParkedMessage, ...]] = field(default_factory=dict)
    refused: set[Right] = field(default_factory=set)


class StorePage(QObject):
    """Read when somebody sees it. Parked messages are counted: they wait for somebody."""

    def __init__(self, admin: AdminPort, acts: ActsPort, bridge: GuiBridge) -> None:
        super().__init__()
        self._admin, self._acts, self._bridge = admin, acts, bridge
        self._answers = _Answers()
        columns = (
            Column(self.tr("What"), 96),
            Column(self.tr("Name"), 176),
            Column(self.tr("State"), 112),
            Column(self.tr("Waiting"), 72, numeric=True),
            Column(self.tr("Parked"), 62, numeric=True),
        )
        nothing = self.tr("The store says nothing of itself.")
        page = self.page = ListPage(self, ListSpec(self.tr("The store"), columns, nothing, while_seen=True), bridge)
        self.reading = page.add_button(self.tr("Read again"), lambda _row: self.refresh())
        self.replaying = page.add_button(self.tr("Replay parked…"), self.ask_to_replay, self._may_replay)
        self.switching = page.add_button(self.tr("Start or stop…"), self.ask_to_switch, self._may_switch)
        page.chosen_changed.connect(self._look_at_parked)
        bridge.connection_changed.connect(self._look_again)
        bridge.record_changed.connect(self._look_again)

    def refresh(self) -> None:
        """Ask for each by itself: what a server does not offer says so in its place."""
        self._await(self.tr("Server"), self._admin.version(), lambda version: (version,))
        self._await(self.tr("User"), self._admin.user(), lambda user: (user,))
        self._await(self.tr("Subscriptions"), self._admin.groups(), self._with_parked)
        self._await(self.tr("Projections"), self._admin.projections(), tuple[StoreRow, ...])

    def _await(self, what: str, answer: "Future[A]", rows_of: Callable[[A], tuple[StoreRow, ...]]) -> None:
        def answered(found: A) -> None:
            self._answers.rows[what] = rows_of(found)
            self._show()

        self._answers.rows.setdefault(what, ())
        self._bridge.call(answer, answered, partial(self._not_answered, what), self)

    def line(self, row: StoreRow) -> ReportLine:
        """One of each kind, with what waits in it."""
        match row:
            case StoreVersion():
                return ReportLine("server", (self.tr("Server"), row.version or self.tr("not known"), "", "", ""))
            case StoreUser():
                return ReportLine("user", (self.tr("User"), _name_of(row, self.tr), self._sum_up(row), "", ""))
            case ParkedOfGroup(group, message):
                about = f"{message.revision}  ·  {_event_of(message)}"
                key = (group.source, group.name, message.revision)
                return ReportLine(key, (self.tr("    parked"), about, message.reason, "", ""))
            case SubscriptionGroup():
                waiting = self.tr("not known") if row.lag is None else f"{row.lag:,}"
                texts = (
                    self.tr("Subscription"),
                    f"{row.name}  ·  {row.source}",
                    row.status,
                    waiting,
                    f"{row.parked:,}",
                )
                return ReportLine((row.source, row.name), texts)
            case StoreProjection():
                progress = f"{row.progress:.0f} %"
                return ReportLine(row.name, (self.tr("Projection"), row.name, f"{row.status}, {progress}", "", ""))
            case NotKnown():
                return ReportLine(row.what, (row.what, self.tr("not offered, or not known"), row.why, "", ""))

    def describe(self, row: StoreRow) -> tuple[str, str]:
        """All that the server says, and why nothing may be done where that is so."""
        match row:
            case StoreVersion():
                said = self.tr("The server calls its version {version}, and offers:").format(version=row.version or "?")
                services = "\n".join(f"{name}: {', '.join(methods)}" for name, methods in row.services)
                return said, services or self.tr("It does not say what it offers.")
            case StoreUser():
                return self._describe_user(row)
            case ParkedOfGroup(group, message):
                return self._describe_parked(group, message)
            case SubscriptionGroup():
                return self._describe_group(row)
            case StoreProjection():
                words = self.tr("The projection {name} is: {status}. {reason}")
                lines = (
                    f"{self.tr('mode')}: {row.mode}",
                    f"{self.tr('progress')}: {row.progress:.1f} %",
                    f"{self.tr('position')}: {row.position}",
                )
                said = words.format(name=row.name, status=row.status, reason=row.reason)
                return f"{said.strip()} {self._why_not(Right.SWITCH)}".strip(), "\n".join(lines)
            case NotKnown():
                return f"{row.what}: {row.why}", ""

    def ask_to_replay(self, row: StoreRow) -> None:
        """Consumers get them again: that is asked first. Of one message it is said which others go with it."""
        if isinstance(row, ParkedOfGroup):
            self._ask_to_resubmit(row.group, row.message)
        elif isinstance(row, SubscriptionGroup):
            words = self.tr("{parked} parked messages of {name} on {source} go to its consumers again.")
            said = words.format(parked=f"{row.parked:,}", name=row.name, source=row.source)
            self._ask(said, self.tr("Replay"), ReplayParked(row.source, row.name))

    def _ask_to_resubmit(self, group: SubscriptionGroup, message: ParkedMessage) -> None:
        alone = self.tr("{event} goes to the consumers of {name} again. It alone: none was parked before it.")
        words = self.tr(
            "{event} goes to the consumers of {name} again, and with it {older}: servers replay from the oldest on."
            " Those parked after it stay."
        )
        one, several = self.tr("the one that was parked before it"), self.tr("the {n} that were parked before it")
        older = counted(message.older, one, several)
        said = (words if message.older else alone).format(event=_event_of(message), name=group.name, older=older)
        verb = self.tr("Replay {count}").format(count=f"{message.older + 1:,}")
        self._ask(said, verb, ReplayParked(group.source, group.name, last=message.revision))

    def ask_to_switch(self, row: StoreRow) -> None:
        """What reads the projection's streams gets no news while it stands still."""
        if isinstance(row, StoreProjection):
            said = (
                self.tr("{name} stops: its streams get nothing new until it is started again.")
                if row.running
                else self.tr("{name} starts, and catches up with what was stored meanwhile.")
            )
            verb = self.tr("Stop") if row.running else self.tr("Start")
            self._ask(said.format(name=row.name), verb, SwitchProjection(row.name, run=not row.running))

    def _ask(self, said: str, verb: str, act: Act) -> None:
        detail = self.tr("It is noted in the journal of acts by hand.")
        leave = self.tr("Leave it")
        self.question = Question(self.page, said, detail, stay=leave, go_on=verb, then=partial(self._do, act))

    def _describe_group(self, row: SubscriptionGroup) -> tuple[str, str]:
        words = self.tr("{name} consumes {source}: {status}. {flight}, {parked}.")
        said = words.format(
            name=row.name,
            source=row.source,
            status=row.status or self.tr("nobody consumes it"),
            flight=counted(row.in_flight, self.tr("1 in flight"), self.tr("{n} in flight")),
            parked=counted(row.parked, self.tr("1 parked"), self.tr("{n} parked")),
        )
        lines = [
            f"{self.tr('had up to')}: {row.processed or self.tr('nothing yet')}",
            f"{self.tr('known up to')}: {row.known or self.tr('not known')}",
            f"{self.tr('a second')}: {row.per_second:,}",
            *(f"{name}: {value}" for name, value in row.settings),
        ]
        return f"{said} {self._why_not(Right.REPLAY)}".strip(), "\n".join(lines)

    def _describe_parked(self, group: SubscriptionGroup, message: ParkedMessage) -> tuple[str, str]:
        words = self.tr("{event} was parked by {name} on {source}.")
        said = words.format(event=_event_of(message), name=group.name, source=group.source)
        lines = [
            message.reason and f"{self.tr('reason')}: {message.reason}",
            counted(message.older, self.tr("1 was parked before it"), self.tr("{n} were parked before it")),
            self.tr("its event is gone") if message.dangling else message.event.data.decode(errors="replace"),
        ]
        return f"{said} {self._why_not(Right.REPLAY)}".strip(), "\n".join(filter(None, lines))

    def _describe_user(self, user: StoreUser) -> tuple[str, str]:
        said = self.tr("The server knows Desk as {name}.").format(name=_name_of(user, self.tr))
        if user.everybody:
            said = self.tr("Without TLS a server has no users: it allows all to everybody who reaches it.")
        elif not user.name:
            said = self.tr("The connection names no user.")
        groups = self.tr("in the groups {groups}") if user.groups else self.tr("in no group")
        lines = [] if user.groups is None else [groups.format(groups=", ".join(user.groups))]
        words = {True: self.tr("may"), False: self.tr("may not"), None: self.tr("not known whether it may")}
        lines += [f"{words[self._may(user, right)]} {_right_of(right, self.tr)}" for right in Right]
        return said, "\n".join(lines)

    def _sum_up(self, user: StoreUser) -> str:
        allowed = [_right_of(right, self.tr) for right in Right if self._may(user, right)]
        if len(allowed) == len(Right):
            return self.tr("may do all that is here")
        return self.tr("may {rights}").format(rights=", ".join(allowed)) if allowed else self.tr("may do nothing here")

    def _may(self, user: StoreUser, right: Right) -> bool | None:
        """What a server has refused once it does not allow, whatever servers usually do."""
        return False if right in self._answers.refused else user.may(right)

    def _why_not(self, right: Right) -> str:
        """Why Desk, the server, or its user's rights do not allow it; empty where nothing is known against it."""
        calls = {Right.REPLAY: ("persistentsubscriptions", "replayparked"), Right.SWITCH: ("projections", "disable")}
        rows = [row for found in self._answers.rows.values() for row in found]
        version = next((row for row in rows if isinstance(row, StoreVersion)), None)
        user = next((row for row in rows if isinstance(row, StoreUser)), None)
        if refusal := self._acts.refusal():
            return refusal
        if version is not None and right in calls and version.offers_call(*calls[right]) is False:
            return self.tr("This server does not offer to {right}.").format(right=_right_of(right, self.tr))
        if user is not None and self._may(user, right) is False:
            words = self.tr("{name} may not {right}: the server wants a user of $admins or $ops for it.")
            return words.format(name=_name_of(user, self.tr), right=_right_of(right, self.tr))
        return ""

    def _not_answered(self, what: str, error: Exception) -> None:
        if not isinstance(error, KNOWN):
            raise error
        self._answers.rows[what] = (NotKnown(what, str(error)),)
        self._show()

    def _show(self) -> None:
        rows = list[StoreRow]()
        for found in self._answers.rows.values():
            for row in found:
                rows.append(row)
                if isinstance(row, SubscriptionGroup):
                    parked = self._answers.parked.get((row.source, row.name), ())
                    rows += [ParkedOfGroup(row, message) for message in parked]
        self.page.show_rows(rows)
        self.page.counted.emit(sum(row.parked for row in rows if isinstance(row, SubscriptionGroup)))

    @Slot()
    def _look_at_parked(self) -> None:
        row = self.page.chosen
        if isinstance(row, SubscriptionGroup) and row.parked and (row.source, row.name) not in self._answers.parked:
            self._answers.parked[row.source, row.name] = ()
            self._read_parked(row)

    def _with_parked(self, groups: tuple[SubscriptionGroup, ...]) -> tuple[StoreRow, ...]:
        """The parked messages of groups that somebody looked at may be others now."""
        for group in groups:
            if (group.source, group.name) in self._answers.parked:
                self._read_parked(group)
        return groups

    def _read_parked(self, row: SubscriptionGroup) -> None:
        answer = self._admin.parked(row.source, row.name, MOST_PARKED)
        self._bridge.call(answer, partial(self._show_parked, row), partial(self._no_parked, row), self)

    def _show_parked(self, row: SubscriptionGroup, parked: tuple[ParkedMessage, ...]) -> None:
        self._answers.parked[row.source, row.name] = parked
        self._show()

    def _no_parked(self, row: SubscriptionGroup, error: Exception) -> None:
        if not isinstance(error, KNOWN):
            raise error
        self._answers.parked.pop((row.source, row.name), None)
        self.page.said.emit(str(error))

    def _may_replay(self, row: StoreRow) -> bool:
        has_some = isinstance(row, ParkedOfGroup) or (isinstance(row, SubscriptionGroup) and row.parked > 0)
        return has_some and not self._why_not(Right.REPLAY)

    def _may_switch(self, row: StoreRow) -> bool:
        return isinstance(row, StoreProjection) and not self._why_not(Right.SWITCH)

    def _do(self, act: Act) -> None:
        done = self.tr("Done: {act}.").format(act=act)
        right = Right.REPLAY if isinstance(act, ReplayParked) else Right.SWITCH
        outcome = self._acts.do(act)
        self._bridge.call(outcome, lambda _done: None, partial(self._learn, right), self)
        self.page.follow(outcome, lambda _done: self.page.said.emit(done), self.replaying, self.switching)

    def _learn(self, right: Right, error: Exception) -> None:
        if isinstance(error, NotAllowed):
            self._answers.refused.add(right)

    @Slot()
    def _look_again(self) -> None:
        self._answers.parked.clear()
        self._answers.refused.clear()
        self.page.refresh()


def _event_of(message: ParkedMessage) -> str:
    event = message.event
    if message.dangling:
        return event.data.decode(errors="replace")
    return f"{event.stream}@{event.revision} {event.type}"


def _name_of(user: StoreUser, tr: Callable[[str], str]) -> str:
    return user.name or (tr("everybody") if user.everybody else tr("nobody"))


def _right_of(right: Right, tr: Callable[[str], str]) -> str:
    words = {
        Right.LOOK: tr("ask the server about itself"),
        Right.REPLAY: tr("have parked messages replayed"),
        Right.SWITCH: tr("start and stop projections"),
    }
    return words[right]
