"""Types that Desk does not know have a kind of change that never changes."""

import pytest

from desk.application.command_events import ChangeKind, kind_of
from desk.application.foreign_kinds import foreign_kind
from tests.order_system import hostile_events


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("OrderPlaced", ChangeKind.CREATED),
        ("order-deleted", ChangeKind.REMOVED),
        ("customer_moved_v2", ChangeKind.CHANGED),
        ("LineAdded", ChangeKind.ADDED),
        ("PaymentRefunded", ChangeKind.CORRECTED),
        ("$metadata", ChangeKind.SYSTEM),
    ],
)
def test_the_verb_at_the_end_says_the_kind(name: str, kind: ChangeKind) -> None:
    assert kind_of(name) is kind


def test_a_name_without_a_verb_has_a_kind_that_stays_and_is_never_systems() -> None:
    names = [*(f"Measurement{n}" for n in range(200)), "", "温度", *(event.type for _, event in hostile_events())]
    assert {foreign_kind(name) for name in names} == {kind.name for kind in ChangeKind} - {"SYSTEM"}
    assert foreign_kind("Measurement7") == foreign_kind("Measurement7")
    assert (foreign_kind("Measured"), foreign_kind("Hostile")) == ("RETURNED", "ADDED")
