"""Each layer has one table of the fields of a title, with all of them in the order of the domain's."""

from typing import get_args, get_type_hints

from desk.application.importing.columns import Field
from desk.domain.details import DETAIL_PARSERS, BookDetails
from desk.gui.books.rows import detail_labels
from desk.projection.books import DETAIL_COLUMNS

NAMES = list(DETAIL_PARSERS)


def test_files_can_fill_every_field() -> None:
    assert [field.value for field in Field] == ["isbn", *NAMES, "other_isbn"]


def test_the_read_model_has_a_column_for_every_field_which_can_be_unknown_where_the_field_can() -> None:
    assert list(DETAIL_COLUMNS) == NAMES
    can_be_unknown = {name: type(None) in get_args(hint) for name, hint in get_type_hints(BookDetails).items()}
    assert {name: "NOT NULL" not in column for name, column in DETAIL_COLUMNS.items()} == can_be_unknown


def test_forms_have_a_line_for_every_field_each_with_a_key_of_its_own() -> None:
    labels = detail_labels()
    assert list(labels) == NAMES
    keys = [label[label.index("&") + 1].lower() for label in labels.values()]
    assert len({*keys, "i"}) == len(keys) + 1  # the ISBN has a line beside them
