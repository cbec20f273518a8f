"""``@dataclass`` as the standard library's, but quick to make: a start makes hundreds of frozen ones.

For each of those the standard one compiles six functions, which took two fifths of the time in which a command or the
window was loaded. Here ``__init__`` alone is compiled. Whatever is not frozen, or has no slots, is left to the standard
one. A record of here cannot be the base of a frozen class of there, nor the other way round: that raises TypeError.
"""

import dataclasses
import reprlib
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(kind=None, /, *, frozen=False, slots=False, kw_only=False, **others):
        """A dataclass."""
        if frozen and slots and not others:
            return lambda kind: _record(kind, kw_only=kw_only)
        return dataclasses.dataclass(kind, frozen=frozen, slots=slots, kw_only=kw_only, **others)


def _record(kind: type, *, kw_only: bool) -> type:
    own = vars(kind)
    record: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(kind)
    fields = dataclasses.fields(record)
    compared = _values([f.name for f in fields if f.compare])
    hashed = _values([f.name for f in fields if (f.compare if f.hash is None else f.hash)])
    methods = {
        "__init__": _init(record, fields),
        "__repr__": _repr([f.name for f in fields if f.repr]),
        "__eq__": lambda self, other: (
            compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented
        ),
        "__hash__": lambda self: hash(hashed(self)),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": _state,
        "__setstate__": _restore,
    }
    for name, method in methods.items():
        if own.get(name) is None:  # a class that has an ``__eq__`` of its own has None for its hash
            setattr(record, name, method)
    return record


def _init(record: type, fields: "tuple[dataclasses.Field[Any], ...]") -> Callable[..., None]:
    """Sets each field by its slot, which is quicker than by its name."""
    scope: dict[str, Any] = {"_missing": dataclasses.MISSING}
    given, named, body = list[str](), list[str](), list[str]()
    for name, field in ((field.name, field) for field in fields):
        scope[f"_set_{name}"] = getattr(record, name).__set__
        parameter = value = name
        if field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            parameter = f"{name}=_missing"
            value = f"_make_{name}()" + (f" if {name} is _missing else {name}" if field.init else "")
        elif not field.init:
            continue
        if field.init:
            (named if field.kw_only else given).append(parameter)
        body.append(f" _set_{name}(self, {value})")
    if hasattr(record, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = ", ".join(["self", *given, *(["*", *named] if named else [])])
    exec("\n".join([f"def __init__({parameters}):", *(body or [" pass"])]), scope)
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{record.__qualname__}.__init__"
    init.__annotations__ = {field.name: field.type for field in fields if field.init} | {"return": None}
    return init


def _values(names: list[str]) -> Callable[[object], tuple[object, ...]]:
    """What reads these fields as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _repr(names: list[str]) -> Callable[[object], str]:
    @reprlib.recursive_repr()
    def written(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return written


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
