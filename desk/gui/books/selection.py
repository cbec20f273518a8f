"""Hop 8: the book that is chosen: its card and what it permits, kept up to date by announcements."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.domain.streams import book_stream
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.known import is_connected
from desk.records import dataclass

if TYPE_CHECKING:  # the window is painted before any of them is there
    from desk.application.catalogue import Announcement, BookCard, BookQuestion
    from desk.application.event_index import CatalogueMoment
    from desk.application.queries import Permissions
    from desk.domain.commands import Command


@dataclass(frozen=True, slots=True)
class SelectedBooks:
    """So many books are selected; where they are all that a question means, the question."""

    count: int = 0
    question: "BookQuestion | None" = None

    @property
    def are_several(self) -> bool:
        return self.count > 1


class Selection(QObject):
    """One book in hand, or none, and perhaps one of its copies and holds; and which books are selected with it.

    Signals:
        book_changed: another book, or none (UUID or None).
        card_changed: what is known of the book came or changed.
        permissions_changed: what it permits came or changed, another copy or hold was chosen, or several books are.
    """

    book_changed = Signal(object)  # UUID | None
    card_changed = Signal()
    permissions_changed = Signal()

    def __init__(self, bridge: GuiBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._session: Session | None = None
        self._generation = 0
        self.moment: CatalogueMoment | None = None
        self.book_id: UUID | None = None
        self.card: BookCard | None = None
        self.permissions: Permissions | None = None
        self.copy_no: int | None = None
        self.hold_id: UUID | None = None
        self.selected = SelectedBooks()
        bridge.connection_changed.connect(self._connection_changed)

    @property
    def is_open(self) -> bool:
        """Whether there is a session to ask."""
        return self._session is not None

    @property
    def is_connected(self) -> bool:
        """Whether the store answers; before a session is open that is not asked."""
        return self._session is None or is_connected(self._session)

    def open(self, session: Session) -> None:
        """From now on books can be looked at."""
        self._session = session
        self._reload()

    def close(self) -> None:
        """Look at nothing more."""
        self._session = None
        self._generation += 1

    def choose(self, book_id: UUID | None) -> None:
        """Another book."""
        if book_id == self.book_id:
            return
        self.book_id, self.card, self.permissions = book_id, None, None
        self.copy_no = self.hold_id = None
        self.book_changed.emit(book_id)
        self.permissions_changed.emit()
        self._reload()

    @Slot(object)
    def select(self, selected: SelectedBooks) -> None:
        """Several books, beside the one in hand; or no longer several."""
        changed = selected.count != self.selected.count
        self.selected = selected
        if changed:
            self.permissions_changed.emit()

    def show_as_of(self, moment: "CatalogueMoment | None") -> None:
        """What is known of the book is what was true then; with None what is true now."""
        if moment != self.moment:
            self.moment = moment
            self._reload()

    def choose_copy(self, copy_no: int | None) -> None:
        """Commands are about this copy; with None about whichever copy allows them."""
        if copy_no != self.copy_no:
            self.copy_no = copy_no
            self.permissions_changed.emit()

    def choose_hold(self, hold_id: UUID | None) -> None:
        """Commands are about this hold; with None about whichever hold allows them."""
        if hold_id != self.hold_id:
            self.hold_id = hold_id
            self.permissions_changed.emit()

    def announced(self, announcement: "Announcement") -> None:
        """Hop 8: look again where this book's stream was touched, or all may be different."""
        if self.book_id is None or self.moment is not None:
            return
        if not announcement.live or book_stream(self.book_id) in announcement.streams or self.card is None:
            self._reload()

    def refusal_of(self, command: "type[Command]") -> str:
        """Why a command is refused for the book, or for every copy or hold that is meant.

        Empty where it is allowed, or nothing is known.
        """
        from desk.application.command_events import ENTRY_OF, Subject

        match ENTRY_OF[command].about:
            case Subject.COPY:
                without = self.tr("This book has no copies. Add one first.")
                return self._refusal_of_parts(command, self._copies(), without)
            case Subject.HOLD:
                return self._refusal_of_parts(command, self._holds(), self.tr("Nobody waits for this book."))
        return self._refusal(command, None)

    def copies_for(self, command: "type[Command]") -> tuple[int, ...]:
        """The copies that allow a command: of the chosen one, or of all."""
        return tuple(number for number in self._copies() if not self._refusal(command, number))

    def holds_for(self, command: "type[Command]") -> tuple[UUID, ...]:
        """The open holds that allow a command: the chosen one, or all."""
        return tuple(hold for hold in self._holds() if not self._refusal(command, hold))

    def _refusal_of_parts(self, command: "type[Command]", parts: Sequence[int | UUID], without: str) -> str:
        """The first part's refusal where all parts refuse; ``without`` where there are none."""
        refusals = [self._refusal(command, part) for part in parts]
        return (refusals[0] if all(refusals) else "") if refusals else without

    def _refusal(self, command: "type[Command]", part: int | UUID | None) -> str:
        return self.permissions.refusals.get((command, part), "") if self.permissions else ""

    def _holds(self) -> tuple[UUID, ...]:
        holds = tuple(hold.hold_id for hold in self.card.holds) if self.card else ()
        return (self.hold_id,) if self.hold_id in holds and self.hold_id is not None else holds

    def _copies(self) -> tuple[int, ...]:
        if self.card is None:
            return ()
        numbers = tuple(copy.copy_no for copy in self.card.copies)
        return (self.copy_no,) if self.copy_no in numbers and self.copy_no is not None else numbers

    def _reload(self) -> None:
        self._generation += 1
        if self._session is None or self.book_id is None:
            self.card_changed.emit()
            return
        from desk.application.queries import GetBookById

        generation = self._generation
        at = self.moment.position if self.moment is not None else None
        card = self._session.queries.ask(GetBookById(self.book_id, at))
        self._bridge.call(card, partial(self._take_card, generation), self._no_card, self)
        self._ask_permissions(generation)

    def _ask_permissions(self, generation: int) -> None:
        if self._session is None or self.book_id is None or self.moment is not None:
            return
        from desk.application.queries import GetPermissions

        permissions = self._session.queries.ask(GetPermissions(self.book_id))
        self._bridge.call(
            permissions, partial(self._take_permissions, generation), partial(self._no_permissions, generation), self
        )

    def _take_card(self, generation: int, card: "BookCard | None") -> None:
        if generation == self._generation:
            self.card = card
            self.card_changed.emit()
            self.permissions_changed.emit()

    @Slot()
    def _connection_changed(self) -> None:
        """What is not known has another reason now."""
        if self.card is None:
            self.card_changed.emit()
        if self.book_id is not None and self.permissions is None and self.is_connected:
            self._ask_permissions(self._generation)

    def _no_card(self, error: Exception) -> None:
        # The read model is just being opened; an announcement follows, and then it is asked again.
        if not isinstance(error, StoreError):
            raise error

    def _take_permissions(self, generation: int, permissions: "Permissions | None") -> None:
        if generation == self._generation:
            self.permissions = permissions
            self.permissions_changed.emit()

    def _no_permissions(self, generation: int, error: Exception) -> None:
        # Without the store nobody knows: everything may be tried, and the aggregate decides.
        self._take_permissions(generation, None)
        if not isinstance(error, StoreError):
            raise error
