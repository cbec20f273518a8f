"""T22: I10 at each step and at rest, with one, two and three programs, killed anywhere; what breaks it is noticed."""

import pytest

from tests.application.registration_model import SOUND, Broken, Model, Variant
from tests.rounds import few_or_all

SEEDS = few_or_all(6, 4000)


@pytest.mark.parametrize("loses_positions", [False, True], ids=["keeping positions", "losing positions"])
@pytest.mark.parametrize("programs", [1, 2, 3])
def test_t22_isbns_are_unique_whoever_is_killed_when(programs: int, *, loses_positions: bool) -> None:
    for seed in range(SEEDS):
        try:
            Model(seed, programs, SOUND, loses_positions).run()
        except Broken as broken:
            pytest.fail(f"seed {seed}: {broken}")


# One thing broken at a time, and a seed that shows it; should the model change, others are tried.
VARIANTS = {
    "the position is stored before the work": (Variant(position_before_work=True), 1, 1),
    "a deleted book does not give its ISBN back": (Variant(no_release_on_delete=True), 1, 0),
    "an ISBN is given back by who does not own it": (Variant(release_by_anybody=True), 2, 0),
    "whatever version a stream has": (Variant(any_version=True), 2, 0),
    "a claim is not given back": (Variant(no_compensation=True), 2, 27),
    "commands are not recognised": (Variant(forgets_commands=True), 3, 172),
}


@pytest.mark.parametrize(("variant", "programs", "seed"), VARIANTS.values(), ids=VARIANTS.keys())
def test_t22_what_is_broken_on_purpose_is_noticed(variant: Variant, programs: int, seed: int) -> None:
    assert any(breaks(Model(each, programs, variant, loses_positions=True)) for each in (seed, *range(1000)))


def breaks(model: Model) -> bool:
    try:
        model.run()
    except Broken:
        return True
    return False
