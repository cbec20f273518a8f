"""Journey: a book whose ISBN is taken is rejected, leads to its owner, and is created again with another ISBN."""

from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desk.domain.commands import CreateBook
from desk.gui.books.fields import Tone
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow

TAKEN, FREE, ALSO_FREE = "9780141439587", "9780141439662", "9780141439792"


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for both: each makes a book of its own."""
    return shared.again()


def test_a_rejected_book_leads_to_its_owner_and_is_created_again(desk: RealWindow) -> None:
    emma = put_books(desk)["Emma"]
    rejected = CreateBook(book_id=uuid4(), isbn=TAKEN, title="Persuasion", authors=("Jane Austen",))
    desk.session.commands.execute(rejected).result(60)
    desk.until(lambda: "Persuasion" in desk.titles and "rejected" in desk.cells(desk.titles.index("Persuasion")))
    before = desk.count()
    desk.search("persuasion")
    desk.until(lambda: desk.titles == ["Persuasion"])
    desk.select("Persuasion")
    note = desk.window.part.card.note
    assert "Emma" in note.text.text()
    form = desk.form("book.again")
    field = form.line("isbn").field
    assert isinstance(field, QLineEdit)
    assert field.selectedText() == TAKEN
    assert form.line("title").read() == "Persuasion"
    desk.type_into(form, "isbn", FREE)
    desk.submit(form)
    desk.until(lambda: desk.count() == before + 1)
    desk.search("persuasion")
    desk.until(lambda: desk.count() == 2)
    desk.until(lambda: {desk.cells(row)[4] for row in range(2)} == {"rejected", "listed"})
    desk.window.part.view.choose(rejected.book_id)
    desk.until(note.isVisible)
    note.link_followed.emit(f"book:{emma}")
    desk.until(lambda: desk.count() == before + 1)
    desk.until(lambda: desk.cells(desk.window.part.view.table.currentIndex().row())[0] == "Emma")


def test_the_form_of_a_new_book_waits_for_the_check_of_its_isbn(desk: RealWindow) -> None:
    put_books(desk)
    before = desk.count()
    form = desk.form("book.new")
    for name, text in (("isbn", TAKEN), ("title", "Sanditon"), ("authors", "Jane Austen")):
        desk.type_into(form, name, text)
    desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    desk.until(form.banner.button.isVisible)
    assert "“Emma” has this ISBN already" in form.banner.text.text()
    assert desk.count() == before, "nothing was created yet"
    desk.qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)
    desk.until(lambda: form.line("isbn").tone is Tone.PROBLEM and form.submit.isEnabled())
    desk.type_into(form, "isbn", ALSO_FREE)
    desk.submit(form)
    desk.until(lambda: desk.titles.count("Sanditon") == 2)
