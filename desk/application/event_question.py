"""What somebody asks of events that Desk knows nothing of: text, names, times, and conditions on values in payloads.

A scan over the store and the event index answer the same question alike: :func:`matches` says what the answer is.
"""

import json
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias

from desk.cqrs.store import Recorded
from desk.records import dataclass

Scalar: TypeAlias = str | int | float | bool | None

_CONDITION: Final = re.compile(
    r"""\s*(?P<path>\$(?:"[^"]*"|[^"=<>!])*?)\s*(?:(?P<operator><=|>=|!=|=|<|>)\s*(?P<value>.+?)\s*)?$"""
)
_STEP: Final = re.compile(r"""\.(?:"([^"]+)"|([^."\[\]\s]+))|\[(\d{1,9})\]""")
_WORD: Final = re.compile(r"[^\W_]+")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_FLAGS: Final = re.compile(r"\(\?([ims]+)\)")
_PART_OF_EXPRESSION: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<opens>\(\??)|(?P<closes>\)[*+{]?)|(?P<varies>[*+?|]|\{\d*,\d*\})", re.DOTALL
)
COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class UnreadableQuestion(ValueError):
    """What was typed is no question; the text is a sentence that says how one looks."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A way into a document, as ``$.customer.city`` or ``$.lines[0].sku``: names of fields, and places in arrays."""

    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> "JsonPath":
        """Raises UnreadableQuestion."""
        steps, place = list[str | int](), 1
        if not text.startswith("$"):
            raise UnreadableQuestion(f"A path begins with $, as $.customer.city; {text!r} does not.")
        while place < len(text):
            found = _STEP.match(text, place)
            if found is None:
                raise UnreadableQuestion(
                    f'{text!r} is no path. One looks like $.customer.city or $.lines[0]."unit price".'
                )
            quoted, name, index = found.groups()
            steps.append(int(index) if index is not None else quoted or name)
            place = found.end()
        return cls(tuple(steps))

    def __str__(self) -> str:
        """As SQLite reads it: a name that is more than a plain word stands in quotes."""
        return "$" + "".join(
            f"[{step}]"
            if isinstance(step, int)
            else f".{step}"
            if re.fullmatch(r"[A-Za-z_]\w*", step)
            else f'."{step}"'
            for step in self.steps
        )

    def values(self, document: object) -> tuple[object, ...]:
        """The one value there, or nothing."""
        for step in self.steps:
            if isinstance(step, int):
                if not isinstance(document, list) or step >= len(document):
                    return ()
                document = document[step]
            elif not isinstance(document, dict) or step not in document:
                return ()
            else:
                document = document[step]
        return (document,)


@dataclass(frozen=True, slots=True)
class PathCondition:
    """A condition on the value at a path of the payload; ``operator`` empty: there is one, whatever it is.

    A value is compared with its own kind only: ``$.total > 100`` holds for numbers. ``!=`` holds where there is a
    value, and another one.
    """

    path: JsonPath
    operator: str = ""
    value: Scalar = None

    @classmethod
    def parse(cls, text: str) -> "PathCondition":
        """``$.total > 100``, ``$.customer.city = "Berlin"``, ``$.paid = true`` or ``$.discount``.

        A word without quotes is text. Raises UnreadableQuestion.
        """
        found = _CONDITION.match(text)
        if found is None:
            raise UnreadableQuestion(
                f'{text!r} is no condition. One looks like $.total > 100 or $.customer.city = "Berlin".'
            )
        path, sign, value = JsonPath.parse(found["path"].strip()), found["operator"] or "", found["value"]
        condition = cls(path, sign, _scalar(value) if value is not None else None)
        if condition.operator in ("<", "<=", ">", ">=") and isinstance(condition.value, bool | None):
            raise UnreadableQuestion(f"{text!r}: only numbers and texts are smaller or greater than others.")
        return condition

    def __str__(self) -> str:
        return (
            f"{self.path} {self.operator} {json.dumps(self.value, ensure_ascii=False)}"
            if self.operator
            else str(self.path)
        )

    def holds(self, document: object) -> bool:
        """Whether it does for this document."""
        for value in self.path.values(document):
            if not self.operator:
                return True
            alike = _kind(value) == _kind(self.value)
            if self.operator == "!=":
                return not (alike and value == self.value)
            return alike and COMPARISONS[self.operator](value, self.value)
        return False


@dataclass(frozen=True, slots=True)
class EventQuestion:
    """Events that are wanted: all conditions that are given have to hold.

    ``text`` are words that payload or metadata have to have, whole words, each in any place; ``R-100*`` is the
    beginning of one. Case and accents make no difference. A type is one of ``types``, or has one of the regular
    expressions ``type_patterns``; a stream's name has one of ``streams`` (:func:`name_pattern`, :func:`expression`),
    and is of ``category``. ``since`` (included) and ``until`` (excluded) are of the store's clock, UTC.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    type_patterns: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    category: str = ""
    since: datetime | None = None
    until: datetime | None = None
    correlation: str = ""
    paths: tuple[PathCondition, ...] = ()

    @property
    def phrases(self) -> tuple[tuple[str, bool], ...]:
        """The words of the text as they are compared, each a run of plain words, and whether it is a beginning."""
        given = ((folded(word), word.endswith("*")) for word in self.text.split())
        return tuple((phrase, is_beginning) for phrase, is_beginning in given if phrase)


def matches(question: EventQuestion, event: Recorded) -> bool:
    """Whether the event is one of those that are wanted."""
    return (
        _has_name(event.type, question.types, question.type_patterns)
        and _has_name(event.stream, (), question.streams)
        and (not question.category or event.stream.startswith(f"{question.category}-"))
        and _is_in_time(question, event.created)
        and (not question.correlation or _correlation(event.metadata) == question.correlation.lower())
        and (not question.text or _has_text(question, event))
        and (not question.paths or _has_values(question.paths, event.data))
    )


def name_pattern(typed: str) -> str:
    """A regular expression for names of streams: with ``*`` the whole name, else all of the words, in any place."""
    if "*" in typed:
        name = ".*".join(map(re.escape, typed.strip().strip("*").split("*")))
        begins, ends = typed.lstrip()[:1] != "*", typed.rstrip()[-1:] != "*"
        return f"{'^' if begins else ''}(?i:{name}){'$' if ends else ''}"
    return "^" + "".join(f"(?=.*(?i:{re.escape(word)}))" for word in typed.split())


def expression(typed: str) -> str:
    """A regular expression that somebody typed, so that it can stand among others. Raises UnreadableQuestion."""
    flags = _FLAGS.match(typed)
    text = f"(?{flags[1]}:{typed[flags.end() :]})" if flags else typed
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as wrong:
        why = str(wrong) if flags else getattr(wrong, "msg", str(wrong))
        where = getattr(wrong, "pos", None)
        place = "" if where is None or flags else f", at character {where + 1}"
        raise UnreadableQuestion(f"{typed!r} is no regular expression: {why}{place}.") from None
    if _may_take_for_ever(text):
        raise UnreadableQuestion(
            f"{typed!r} repeats what itself varies, which can take for ever on some names. Write it without * or +"
            " behind a bracket."
        )
    return text


@lru_cache(64)
def one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """What is found where one of them is, in names with any characters."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.DOTALL)


def searchable(data: bytes, metadata: bytes) -> str:
    """The text of an event: payload and metadata, escapes of JSON read. What is no text is left out."""
    return f"{_text(data)} {_text(metadata)}"


def folded(text: str) -> str:
    """The words of a text with one space between them, without accents and in small letters."""
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return " ".join(_WORD.findall(text.lower()))


def document_of(data: bytes) -> object:
    """The JSON document in a payload; None where it is none."""
    try:
        found: object = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found


def _has_name(name: str, names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    """Where nothing is asked for, each has."""
    return name in names or (one_of(patterns).search(name) is not None if patterns else not names)


def _may_take_for_ever(pattern: str) -> bool:
    """Whether a group is repeated that can match the same in several ways, as in ``(a+)+``; rather once too often."""
    varies = [False]
    for part in _PART_OF_EXPRESSION.finditer(pattern):
        if part["opens"]:
            varies.append(False)
        elif part["closes"]:
            within, repeats = varies.pop(), len(part["closes"]) > 1
            if within and repeats:
                return True
            varies[-1] |= within or repeats
        elif part["varies"]:
            varies[-1] = True
    return False


def _text(stored: bytes) -> str:
    try:
        text = stored.decode()
    except UnicodeDecodeError:
        return ""
    return _unescaped(text) if "\\" in text else text


def _unescaped(text: str) -> str:
    text = _ESCAPE.sub(_sign, text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sign(found: re.Match[str]) -> str:
    escaped = found[1]
    if len(escaped) == 5:
        return chr(int(escaped[1:], 16))
    return " " if escaped in "bfnrt" else escaped


def _has_text(question: EventQuestion, event: Recorded) -> bool:
    text = f" {folded(searchable(event.data, event.metadata))} "
    return all(f" {phrase}" in text if begins else f" {phrase} " in text for phrase, begins in question.phrases)


def _has_values(conditions: tuple[PathCondition, ...], data: bytes) -> bool:
    document = document_of(data)
    return all(condition.holds(document) for condition in conditions)


def _is_in_time(question: EventQuestion, created: datetime | None) -> bool:
    if question.since is None and question.until is None:
        return True
    return (
        created is not None
        and (question.since is None or created >= question.since)
        and (question.until is None or created < question.until)
    )


def _correlation(metadata: bytes) -> str:
    document = document_of(metadata) if metadata else None
    return str(document.get("$correlationId", "")).lower() if isinstance(document, dict) else ""


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _scalar(text: str) -> Scalar:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip("'") if text[:1] == text[-1:] == "'" else text
    if isinstance(value, dict | list):
        raise UnreadableQuestion(
            f"A value is compared with a text, a number, true, false or null, as $.total > 100; {text} is none."
        )
    return value if isinstance(value, str | int | float | bool) else None


def _kind(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "constant"
    return "number" if isinstance(value, int | float) else "text" if isinstance(value, str) else "structure"
