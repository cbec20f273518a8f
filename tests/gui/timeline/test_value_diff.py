"""What differs between two values is said as a reader of them would: entries, distances, words."""

from desk.gui.timeline.fields import Cell
from desk.gui.timeline.value_diff import cell_of, compared_cells


def marked(cell: Cell) -> list[str]:
    return [piece.text for piece in cell.pieces if piece.differs]


def test_of_two_lists_each_entry_says_whether_it_went_came_or_moved() -> None:
    before, after = compared_cells(["Physics", "Cosmology", "Time"], ["Time", "Physics", "Space"])
    assert [(chip.sign, chip.text) for chip in before.chips] == [("", "Physics"), ("−", "Cosmology"), ("", "Time")]
    assert sorted((chip.sign, chip.text) for chip in after.chips if chip.sign == "+") == [("+", "Space")]
    moved = [chip.text for chip in after.chips if chip.sign == "↕"]
    assert len(moved) == 1, "of two that changed places one has moved"
    assert moved[0] in ("Time", "Physics")
    assert after.text.endswith("+ Space"), "who sees no colours is told as well"


def test_a_list_that_came_or_went_has_its_entries_and_no_signs() -> None:
    assert [chip.words for chip in cell_of(["Le Guin, Ursula K.", "N. N."]).chips] == ["Le Guin, Ursula K.", "N. N."]
    assert cell_of([]).chips == ()


def test_times_and_numbers_are_marked_whole_and_say_how_far_it_is() -> None:
    before, after = compared_cells("2026-11-15", "2026-12-06")
    assert (marked(before), marked(after)) == (["2026-11-15"], ["2026-12-06"])
    assert after.pieces[-1].text == "\n+3 weeks"
    assert compared_cells(1995, 1990)[1].pieces[-1].text == " (−5)"
    assert "−" in compared_cells("2026-10-25T13:23:00Z", "2026-10-25T13:22:00Z")[1].pieces[-1].text


def test_other_texts_are_compared_by_words() -> None:
    before, after = compared_cells("The Hobbit", "The Hobbyt")
    assert after.text == "The Hobbyt"
    assert marked(before) != ["The Hobbit"]
    assert marked(compared_cells("2026-99-99", "2026-99-98")[1]) != ["2026-99-98"], "no date at all"
    assert [cell.text for cell in compared_cells(True, False)] == ["true", "false"]
