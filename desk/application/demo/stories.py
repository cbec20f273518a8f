"""Which book has which year: many quiet ones, some that everybody wants, and a few with something to tell."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias

from desk.application.demo.lives import BookLife

Story: TypeAlias = Callable[[BookLife], None]


def story_of(number: int) -> Story:
    """The story of the book at this place in the list."""
    special = _SPECIAL.get(number)
    if special is not None:
        return special
    if number % 10 == 3:
        return _popular
    return _liked if number % 5 == 0 else _quiet


def _quiet(life: BookLife) -> None:
    """One copy, and now and then a reader."""
    life.taken_in()
    copy_no = life.copy_comes(life.day)
    life.borrowed(life.day, copy_no, loans=life.chance.choices((0, 1, 2), (1, 6, 5))[0], pause=220)


def _liked(life: BookLife) -> None:
    """Two copies that go out every month or two."""
    life.taken_in()
    for copy_no in (life.copy_comes(life.day), life.copy_comes(life.day + 1)):
        life.borrowed(life.day + 1, copy_no, loans=life.chance.randrange(2, 4), pause=130)


def _popular(life: BookLife) -> None:
    """A copy more within weeks, and never long on the shelf."""
    life.taken_in()
    for copy_no, day in [(life.copy_comes(day), day) for day in (life.day, life.day + 14)]:
        life.borrowed(day, copy_no, loans=5, pause=45)
    third = life.copy_comes(life.day + 60, "By the door")
    life.borrowed(life.day + 60, third, loans=life.chance.randrange(2, 4), pause=90)


def _lost_and_found(life: BookLife) -> None:
    life.taken_in()
    copy_no = life.copy_comes(life.day)
    back = life.lost_and_found(life.day + 30, copy_no)
    life.borrowed(back, copy_no, loans=2, pause=40)


def _lost_for_good(life: BookLife) -> None:
    life.taken_in()
    copy_no = life.copy_comes(life.day)
    life.lost_for_good(life.day + 50, copy_no)


def _worn_out(life: BookLife) -> None:
    life.taken_in()
    first = life.copy_comes(life.day)
    back = life.loan(life.day + 3, first, kept=12)
    again = life.loan(back + 20, first, kept=30)
    life.borrowed(again + 10, life.worn_out(again + 1, first), loans=3, pause=50)


def _misspelled(life: BookLife) -> None:
    """Two letters of the title have changed places, and stay so for two days."""
    life.taken_in(replace(life.draft, title=_swapped(life.draft.title)))
    life.corrected(life.day + 2, title=life.draft.title)
    life.borrowed(life.day + 5, life.copy_comes(life.day + 3), loans=2, pause=90)


def _misdated(life: BookLife) -> None:
    """A wrong year, found by a reader on the way out; and no subjects until somebody has the time."""
    year = life.draft.published_year
    life.taken_in(replace(life.draft, published_year=year and year - 10, subjects=()))
    copy_no = life.copy_comes(life.day)
    back = life.loan(life.day + 20, copy_no, kept=15)
    life.corrected(back + 1, published_year=year)
    life.corrected(back + 40, subjects=life.draft.subjects)
    life.borrowed(back + 41, copy_no, loans=2, pause=60)


def _overdue(life: BookLife) -> None:
    """A loan that should have ended some days ago."""
    _quiet_until(life, -70)
    life.lend(-life.chance.randrange(24, 45), 1)


def _out_today(life: BookLife) -> None:
    """Somebody has just taken it."""
    _quiet_until(life, -70)
    life.lend(0, 1)


def _back_today(life: BookLife) -> None:
    """Somebody has just brought it back."""
    _quiet_until(life, -70)
    life.loan(-17, 1, kept=17)


def _quiet_until(life: BookLife, day: int) -> None:
    """Nothing but a loan in the first weeks, so that the only copy is there on that day."""
    life.taken_in()
    copy_no = life.copy_comes(life.day)
    if life.day + 60 < day:
        life.loan(life.day + life.chance.randrange(5, 20), copy_no, kept=life.chance.randrange(6, 35))


def _deleted(life: BookLife) -> None:
    life.taken_in()
    copy_no = life.copy_comes(life.day)
    back = life.loan(life.day + 4, copy_no, kept=18)
    life.loan(back + 30, copy_no, kept=25)
    life.deleted(-33, "Given to the school library")


def _swapped(title: str) -> str:
    """The title with its first two different small letters beyond the third place exchanged."""
    for place in range(3, len(title) - 1):
        one, other = title[place], title[place + 1]
        if one.islower() and other.islower() and one != other:
            return title[:place] + other + one + title[place + 2 :]
    return title + title[-1]


TAKEN_IN_TWICE: Final = 41
"""The book that somebody takes in a second time, and whose second entry is rejected."""

_SPECIAL: Final[Mapping[int, Story]] = MappingProxyType(
    {
        8: _lost_and_found,
        72: _lost_and_found,
        26: _lost_for_good,
        17: _worn_out,
        61: _worn_out,
        11: _misspelled,
        47: _misspelled,
        92: _misspelled,
        6: _misdated,
        88: _misdated,
        51: _deleted,
        **dict.fromkeys((1, 21, 36, 58, 77, 101, 127), _overdue),
        **dict.fromkeys((2, 31, 66, 97), _out_today),
        **dict.fromkeys((7, 32, 81), _back_today),
    }
)
