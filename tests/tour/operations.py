"""The tour's second half: how long an edit took, what leads to what, and how trouble is seen and dealt with."""

import os
import signal
from contextlib import suppress
from typing import TypeVar
from uuid import uuid4

from PySide6.QtWidgets import QLineEdit

from desk.application.envelopes import once_more
from desk.application.session import Session
from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.messages import Envelope, Sender
from desk.domain.commands import AddCopy
from desk.domain.streams import book_stream
from desk.gui.books.fields import Tone
from desk.gui.frame.panel import TIMES, WIRING
from desk.gui.frame.plugins import PluginPanel
from desk.gui.frame.problems import ReportDialog
from desk.gui.operations.faults import Faults
from desk.gui.operations.messages import Messages
from desk.gui.operations.outbox_commands import OutboxCommands
from desk.gui.operations.panel import FAULTS, MANAGERS, MESSAGES, OUTBOX, PARKED, READ_MODEL, REFUSED, OperationsPanel
from desk.gui.operations.parked_streams import ParkedStreams
from desk.gui.operations.process_managers import ProcessManagersPage
from desk.gui.operations.read_model_page import ReadModelPage
from desk.gui.operations.refused_commands import RefusedCommands
from desk.gui.operations.times import Times
from desk.gui.operations.wiring import Wiring
from tests.gui.operations.contents import content_of
from tests.moments import REAL
from tests.tour import strangers
from tests.tour.guide import Guide, Step, TourProblem

P = TypeVar("P")

READ, SPOILT = "Dracula", "Draculla"
LENT_TO = "R-2002"


def see_what_an_edit_took(guide: Guide) -> None:
    """The waterfall of a book that was taken in: its own command, and those that followed by themselves."""
    page = _page(guide, TIMES, Times)
    guide.until(lambda: any(len(one.bars) > 12 for one in page.page.rows), "a whole registration is in the journal")
    page.page.listing.choose(next(one.correlation_id for one in page.page.rows if len(one.bars) > 12))
    guide.until(lambda: page.waterfall.rowCount() > 12, "its stages are shown")


def see_what_passed(guide: Guide) -> None:
    """The commands and events of a registration, told as one story."""
    page = _page(guide, MESSAGES, Messages)
    guide.until(lambda: any(one.name == "BookListed" for one in page.page.rows), "a whole registration has passed")
    page.page.listing.choose(next(one for one in page.page.rows if one.name == "BookListed"))
    guide.until(lambda: "CreateBook" in page.page.report.text.toPlainText(), "its story begins with the command")


def see_what_leads_to_what(guide: Guide) -> None:
    """The wiring report, and the plugins in their order."""
    page = _page(guide, WIRING, Wiring)
    guide.until(lambda: "Validation" in page.commands.text(), "the order of the plugins is shown")
    page.page.listing.choose("CreateBook")
    guide.until(
        lambda: "BookRegistration" in page.page.report.text.toPlainText(), "it is said who takes in BookCreated"
    )


def switch_a_plugin(guide: Guide) -> None:
    """The plugins with their switches and figures."""
    guide.trigger("view.plugins")
    guide.until(lambda: guide.window.findChildren(PluginPanel), "the plugins are shown")
    panel = guide.window.findChildren(PluginPanel)[0]
    guide.until(lambda: panel.table.rowCount() > 4, "it is shown what they measured")


def be_refused(guide: Guide) -> None:
    """A reader who waits already cannot wait twice; the form says so."""
    guide.window.findChildren(PluginPanel)[0].close()
    guide.select("A Room with a View")
    form = guide.form("hold.place")
    field = form.line("patron").field
    assert isinstance(field, QLineEdit)
    field.setText(LENT_TO)
    form.submit.click()
    guide.until(lambda: form.line("patron").tone is Tone.PROBLEM, "the reader is refused")


def read_the_journal_of_refusals(guide: Guide) -> None:
    """It is kept with its reason."""
    for form in guide.forms:
        form.discard()
    page = _page(guide, REFUSED, RefusedCommands)
    guide.until(lambda: page.page.rows, "the refusal is in the journal")


def lose_an_answer(guide: Guide) -> None:
    """The node stands still, and the answer to a command is lost: the command waits in the outbox."""
    session, page = _session(guide), _page(guide, OUTBOX, OutboxCommands)
    book = guide.window.part.chosen.book_id
    assert book is not None
    _freeze(session)
    with suppress(OutcomeUnknown):
        session.commands.outbox(once_more(Sender("ada", REAL).envelope(AddCopy(book_id=book))), _never_answered)
    guide.until(lambda: page.page.rows, "the command waits in the outbox")


def find_drift(guide: Guide) -> None:
    """The doctor finds a title that somebody has changed in the read model's file."""
    outbox = _page(guide, OUTBOX, OutboxCommands)
    _thaw(_session(guide))
    guide.until(lambda: not outbox.page.rows, "the command has been settled")
    strangers.spoil_a_title(guide.folder / "read-model.sqlite", READ, SPOILT)
    page = _page(guide, READ_MODEL, ReadModelPage)
    page.examining.click()
    guide.until(lambda: page.drifts, "the doctor finds what has drifted")


def rebuild_the_read_model(guide: Guide) -> None:
    """On its way: the present read model answers meanwhile. It stands still only for the picture."""
    page, session = _page(guide, READ_MODEL, ReadModelPage), _session(guide)
    page.repairing.click()
    guide.until(lambda: not page.drifts, "the title is as its stream says")
    _freeze(session)
    page.rebuilding.click()
    guide.until(page.aborting.isVisible, "the rebuild can be aborted")


def see_it_rebuilt(guide: Guide) -> None:
    """What it took."""
    page = _page(guide, READ_MODEL, ReadModelPage)
    _thaw(_session(guide))
    guide.until(lambda: not page.aborting.isVisible(), "the rebuild is done")
    guide.show("Rebuilt" in page.state.text(), "the rebuild has switched")


def park_a_stream(guide: Guide) -> None:
    """Another program writes nonsense into a book's stream: it is put aside, and everything else goes on."""
    book = guide.window.part.view.model.book_at(guide.titles.index(READ))
    assert book is not None
    strangers.append_wrongly(guide.folder, book_stream(book.book_id), "CopyLent", '{"copyNo": "seven"}')
    page = _page(guide, PARKED, ParkedStreams)
    guide.until(lambda: page.page.rows, "the stream is parked")


def halt_a_process_manager(guide: Guide) -> None:
    """The same program takes a book in wrongly: registration halts, visibly, and nothing is lost."""
    strangers.append_wrongly(guide.folder, book_stream(uuid4()), "BookCreated", '{"isbn": 7}')
    page = _page(guide, MANAGERS, ProcessManagersPage)
    guide.until(lambda: page.resuming.isEnabled(), "a process manager has halted")
    guide.until(lambda: guide.window.window().findChildren(ReportDialog), "the report of it opens")
    for dialog in guide.window.window().findChildren(ReportDialog):
        dialog.accept()


def see_the_faults(guide: Guide) -> None:
    """Everything that failed behind the scenes, in one place."""
    page = _page(guide, FAULTS, Faults)
    guide.until(lambda: page.faults, "the fault is listed")


STEPS_OF_OPERATIONS: tuple[Step, ...] = (
    ("times", see_what_an_edit_took),
    ("messages", see_what_passed),
    ("wiring", see_what_leads_to_what),
    ("plugins", switch_a_plugin),
    ("refusal", be_refused),
    ("refused", read_the_journal_of_refusals),
    ("outbox", lose_an_answer),
    ("drift", find_drift),
    ("rebuild", rebuild_the_read_model),
    ("rebuilt", see_it_rebuilt),
    ("parked", park_a_stream),
    ("halted", halt_a_process_manager),
    ("faults", see_the_faults),
)


def _page(guide: Guide, name: str, kind: type[P]) -> P:
    """A page of Operations, in front."""
    panel = guide.panel("operations")
    assert isinstance(panel, OperationsPanel)
    panel.show_page(name)
    guide.until(panel.page(name).isVisible, f"the page {name} is visible")
    return content_of(panel, name, kind)


def _session(guide: Guide) -> Session:
    session = guide.window.session
    if not isinstance(session, Session):
        raise TourProblem("the session is not Desk's own")
    return session


def _freeze(session: Session) -> None:
    """Where a system cannot stop a process, the pictures show what comes a moment later."""
    if hasattr(signal, "SIGSTOP") and session.about.node_pid is not None:
        os.kill(session.about.node_pid, signal.SIGSTOP)


def _thaw(session: Session) -> None:
    if hasattr(signal, "SIGCONT") and session.about.node_pid is not None:
        os.kill(session.about.node_pid, signal.SIGCONT)


def _never_answered(_env: Envelope[object]) -> object:
    raise OutcomeUnknown("The connection broke before the answer came.")
