"""A record is what the standard library's frozen dataclass with slots is."""

import copy
import dataclasses
import inspect
import pickle
from typing import Any, ClassVar

import pytest

from desk.records import dataclass


class Plain:
    """A title and what was said of it."""

    KIND: ClassVar[str] = "book"
    title: str
    copies: int = 1
    secret: str = dataclasses.field(default="s", repr=False)
    seen: list[int] = dataclasses.field(default_factory=list, compare=False, kw_only=True)
    twice: int = dataclasses.field(init=False)
    marks: tuple[int, ...] = dataclasses.field(init=False, default=(1,), hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.copies)


class Single:
    """One value, which is compared as a part of a tuple is."""

    value: float


class Nothing:
    """No field."""


class OwnWay:
    """Compares and writes itself."""

    value: str

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __repr__(self) -> str:
        return "own"


def both(kind: type, **options: bool) -> list[Any]:
    """The same class as a record, and as the standard library has it."""
    body = dict(vars(kind)) | {"__qualname__": "Kind"}
    decorators: list[Any] = [dataclass, dataclasses.dataclass]
    return [made(frozen=True, slots=True, **options)(type("Kind", (), dict(body))) for made in decorators]


NAN = float("nan")


@pytest.mark.parametrize(
    ("kind", "options", "values", "others"),
    [
        (Plain, {}, {"title": "Emma"}, {"title": "Emma", "seen": [1]}),
        (Plain, {}, {"title": "Emma", "copies": 2}, {"title": "Emma"}),
        (Plain, {"kw_only": True}, {"title": "Emma", "secret": "t"}, {"title": "Emma"}),
        (Single, {}, {"value": NAN}, {"value": NAN}),
        (Single, {}, {"value": 1.0}, {"value": 1}),
        (Nothing, {}, {}, {}),
        (OwnWay, {}, {"value": "a"}, {"value": "b"}),
    ],
)
def test_it_behaves_as_the_standard_one(
    kind: type, options: dict[str, bool], values: dict[str, object], others: dict[str, object]
) -> None:
    record, standard = both(kind, **options)
    made, expected = record(**values), standard(**values)
    assert repr(made) == repr(expected)
    assert hash(made) == hash(expected)
    assert (made == record(**others)) == (expected == standard(**others))
    assert made != expected
    assert dataclasses.asdict(made) == dataclasses.asdict(expected)
    assert record.__match_args__ == standard.__match_args__
    assert list(inspect.signature(record).parameters) == list(inspect.signature(standard).parameters)
    assert copy.copy(made) == made
    assert dataclasses.replace(made, **others) == record(**(values | others))
    assert not hasattr(made, "__dict__")
    for name in ("title", "value", "unheard_of"):
        for thing in (made, expected):
            with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
                setattr(thing, name, "x")


@dataclass(frozen=True, slots=True)
class Base:
    """What others are built on."""

    title: str


@dataclass(frozen=True, slots=True)
class Derived(Base):
    """With a field more."""

    parts: tuple["Derived", ...] = ()


def test_fields_are_inherited_and_neither_equals_the_other() -> None:
    one = Derived("a", (Derived("b"),))
    assert repr(one) == "Derived(title='a', parts=(Derived(title='b', parts=()),))"
    assert Derived("a") != Base("a")
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.title
    with pytest.raises(TypeError):
        Derived()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        dataclasses.dataclass(frozen=True)(type("Other", (Base,), {}))
