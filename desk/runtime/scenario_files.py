"""Reads scenario files: TOML with a title, a clock, a seed, and cues. What is wrong is said with its place.

The shape of a file is in README. A name such as ``book = "emma"`` becomes the same id in every run.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from desk.application.codec import schema_for
from desk.application.command_events import PUBLIC
from desk.application.scenarios.ground import WrongScenario
from desk.application.scenarios.scenario import (
    DONE,
    Cue,
    Expectation,
    ExpectEvents,
    ExpectReadModel,
    ExpectRow,
    Fail,
    FailureKind,
    ForeignAppend,
    Press,
    RebuildRows,
    Scenario,
    Send,
    SetSpeed,
    Show,
    Speed,
    Step,
    Wait,
    scenario_id,
)
from desk.cqrs.metadata import canonical_json
from desk.domain.commands import BookCommand
from desk.domain.errors import InvalidCommand, RefusalCode
from desk.domain.sentences import describe
from desk.domain.streams import book_stream
from desk.records import dataclass

CODES: Final = frozenset({DONE, "Conflict", "StoreUnavailable", "OutcomeUnknown", *RefusalCode})
"""How a command may be expected to end."""

_COMMANDS: Final = {kind.__name__: kind for kind in PUBLIC}
_OF_BOOK: Final = frozenset({FailureKind.LOSE_ANSWER, FailureKind.POISON, FailureKind.HEAL})


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises WrongScenario."""
    try:
        return parse_scenario(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise WrongScenario(f"{path} cannot be read: {reason}.") from None


def parse_scenario(text: str, name: str) -> Scenario:
    """The scenario that a text says; ``name`` is the file's, for sentences. Raises WrongScenario."""
    return read_named(text, name)[0]


def read_named(text: str, name: str) -> tuple[Scenario, dict[UUID, str]]:
    """The scenario, and what the text calls each id: books, holds and loans. Raises WrongScenario."""
    try:
        document = tomlkit.parse(text).unwrap()
    except ParseError as error:
        what = str(error).split(" at line ")[0]
        raise WrongScenario(f"{name}, line {error.line}, column {error.col + 1}: {what}.") from None
    except TOMLKitError as error:
        raise WrongScenario(f"{name}: {error}.") from None
    reading = _Reading(name, list(cue_lines(text)))
    return reading.scenario(document), reading.names


def cue_lines(text: str) -> Iterator[int]:
    """The lines, from 1, in which the headers of cues stand; those within texts of several lines are none."""
    within = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not within and re.match(r"\s*\[\[\s*cue\s*\]\]", line):
            yield number
        for quotes in re.findall(r"\"\"\"|'''", line):
            if not within:
                within = quotes
            elif within == quotes:
                within = ""


class _Bad(Exception):
    """A value that makes no sense; the text says of which key, and why."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file. ``lines`` are those of the cues' headers, ``names`` what each id is called."""

    name: str
    lines: list[int]
    names: dict[UUID, str] = field(default_factory=dict)

    def scenario(self, document: dict[str, Any]) -> Scenario:
        where = self.name
        try:
            top = _Table(document, "title notes clock seed cue")
            title, notes, seed = top.text("title"), top.text("notes", ""), top.number("seed")
            clock, cues = top.moment("clock"), top.tables("cue")
            read = []
            for index, cue in enumerate(cues):
                line = self.lines[index] if index < len(self.lines) else 1
                where = f"{self.name}, cue {index + 1} (line {line})"
                read.append(_Cue(seed, line, self.names).read(cue))
        except _Bad as bad:
            raise WrongScenario(f"{where}: {bad}.") from None
        if not read:
            raise WrongScenario(f"{self.name}: it has no cue. Begin one with a line [[cue]].")
        return Scenario(title, clock, seed, tuple(read), notes)


class _Table:
    """A table of the file: its values by key, each of the type that it must have."""

    def __init__(self, values: dict[str, Any], known: str) -> None:
        self.values = values
        for key in values:
            if known and key not in known.split():
                raise _Bad(f"“{key}” is not known here. These are: {', '.join(known.split())}")

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.value(key, str, "a text", default))

    def number(self, key: str, default: int | None = None) -> int:
        return int(self.value(key, int, "a whole number", default))

    def moment(self, key: str) -> datetime:
        value: datetime = self.value(key, datetime, "a moment such as 2026-03-02T09:00:00Z", None)
        if value.tzinfo is None:
            raise _Bad(f"“{key}” lacks its offset: write Z for UTC, or +01:00")
        return value.astimezone(UTC)

    def tables(self, key: str) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self.value(key, list, "a list of tables", [])
        if not all(isinstance(one, dict) for one in value):
            raise _Bad(f"“{key}” must be a list of tables")
        return value

    def value(self, key: str, kind: type, called: str, default: Any) -> Any:
        """The value of a key. Raises _Bad where there is none, or one of another type."""
        value = self.values.get(key, default)
        if value is None:
            raise _Bad(f"“{key}” is missing")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _Bad(f"“{key}” must be {called}, and is {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class _Cue:
    """One cue; ``seed`` is the scenario's, ``names`` gets what each id is called."""

    seed: int
    line: int
    names: dict[UUID, str]

    def read(self, values: dict[str, Any]) -> Cue:
        table = _Table(values, "say notes press clock do wait expect")
        waits, seconds = _waits(values.get("wait", Wait.KEY.value))
        return Cue(
            line=self.line,
            say=table.text("say"),
            notes=table.text("notes", ""),
            press=table.text("press", ""),
            at=table.moment("clock") if "clock" in values else None,
            steps=tuple(self._step(step) for step in table.tables("do")),
            waits=waits,
            seconds=seconds,
            expectations=tuple(self._expectation(one) for one in table.tables("expect")),
        )

    # Steps

    def _step(self, values: dict[str, Any]) -> Step:
        for key, read in (
            ("fail", self._fail),
            ("command", self._send),
            ("show", self._show),
            ("append", self._append),
            ("key", lambda values: Press(_Table(values, "key").text("key"))),
            ("speed", lambda values: SetSpeed(_choice(Speed, _Table(values, "speed").text("speed"), "speed"))),
            ("rebuild", lambda _values: RebuildRows()),
        ):
            if key in values:
                return read(values)
        raise _Bad("“do” has a step with none of: command, key, show, speed, fail, append, rebuild")

    def _show(self, values: dict[str, Any]) -> Show:
        table = _Table(values, "show book page stream")
        book_id = self._id("book", table.text("book")) if "book" in values else None
        page = self._stream(table.text("stream")) if "stream" in values else table.text("page", "")
        return Show(table.text("show"), book_id, page)

    def _append(self, values: dict[str, Any]) -> ForeignAppend:
        table = _Table(values, "append type data")
        data = values.get("data", {})
        return ForeignAppend(
            self._stream(table.text("append")), table.text("type"), json.dumps(data, default=str).encode()
        )

    def _send(self, values: dict[str, Any]) -> Send:
        own: dict[str, Any] = {key: values[key] for key in ("ends", "attempts") if key in values}
        table = _Table(own, "")
        if (ends := table.text("ends", DONE)) not in CODES:
            raise _Bad(f"“ends” is {ends!r}, which is no end of a command. It is one of: {', '.join(sorted(CODES))}")
        attempts = table.number("attempts") if "attempts" in own else None
        given = {key: value for key, value in values.items() if key not in own}
        command = self._command(given)
        newest = "seen_revision" not in given and hasattr(command, "seen_revision")
        return Send(command, ends, attempts, newest)

    def _fail(self, values: dict[str, Any]) -> Fail:
        failure = _choice(FailureKind, _Table(values, "").text("fail"), "fail")
        rest = {key: value for key, value in values.items() if key != "fail"}
        if failure is FailureKind.OVERTAKE:
            return Fail(failure, command=self._command(rest))
        if failure is FailureKind.DELAY_PROJECTION:
            return Fail(failure, seconds=_seconds(_Table(rest, "seconds").values.get("seconds"), "seconds"))
        if failure in _OF_BOOK:
            return Fail(failure, self._id("book", _Table(rest, "book").text("book")))
        _Table(rest, " fail")
        return Fail(failure)

    def _command(self, values: dict[str, Any]) -> BookCommand:
        name = _Table(values, "").text("command")
        kind = _COMMANDS.get(name)
        if kind is None:
            raise _Bad(f"“command” is {name!r}, which is no command. These are: {', '.join(_COMMANDS)}")
        needed = {one.name: one.default is MISSING for one in fields(kind)}
        given = {key: value for key, value in values.items() if key != "command"}
        for short in ("book", "hold", "loan"):
            is_required = needed.get(f"{short}_id")
            if is_required or (is_required is not None and short in given):
                spoken = given.pop(short, None) or (name if short == "book" else self._unnamed(short, given))
                given[f"{short}_id"] = str(self._id(short, str(spoken)))
        if "seen_revision" in needed:
            given.setdefault("seen_revision", 0)
        for key in given:
            if key not in needed:
                raise _Bad(f"“{key}” is no field of {name}. These are: {', '.join(sorted(needed))}")
        return _built(kind, given)

    def _unnamed(self, short: str, given: dict[str, Any]) -> str:
        """A loan or hold that is spoken of nowhere else: called after its book, copy and reader."""
        return f"{short} of " + "/".join(str(given.get(key, "")) for key in ("book_id", "copy_no", "patron"))

    # Expectations

    def _expectation(self, values: dict[str, Any]) -> Expectation:
        if "events" in values:
            table = _Table(values, "events stream book")
            stream = table.text("stream") if "stream" in values else book_stream(self._id("book", table.text("book")))
            return ExpectEvents(self._stream(stream), tuple(map(str, table.value("events", list, "a list", None))))
        if "book" in values:
            table = _Table(values, "book missing state title copies available")
            name = table.text("book")
            return ExpectRow(
                self._id("book", name), name, **_asked(table, {"missing": bool, "state": str, "title": str})
            )
        numbers = _asked(_Table(values, "books waiting parked differences"), {})
        if not numbers:
            raise _Bad("“expect” has an empty table")
        return ExpectReadModel(**numbers)

    def _id(self, kind: str, name: str) -> UUID:
        found = scenario_id(self.seed, kind, name)
        self.names[found] = name
        return found

    def _stream(self, text: str) -> str:
        """A stream's name, in which ``{emma}`` stands for the id of a book."""
        return re.sub(r"\{(.+?)\}", lambda name: str(self._id("book", name[1])), text)


def _asked(table: _Table, kinds: dict[str, type]) -> dict[str, Any]:
    """What is expected, by name; numbers but for those of other kinds."""
    called = {bool: "true or false", str: "a text", int: "a whole number"}
    return {
        key: table.value(key, kind, called[kind], None)
        for key in table.values
        if key != "book" and (kind := kinds.get(key, int))
    }


def _built(kind: type[Any], given: dict[str, Any]) -> BookCommand:
    stored = {
        re.sub(r"_(.)", lambda match: match[1].upper(), key): value.isoformat() if isinstance(value, date) else value
        for key, value in given.items()
    }
    if given.get("published_year") == "":
        stored["publishedYear"] = None  # as an empty text clears other details
    try:
        command: BookCommand = schema_for(kind).decode(json.loads(canonical_json(stored)))
    except InvalidCommand as error:
        said = "; ".join(f"“{one.field}”: {describe(one.code, one.params)}" for one in error.errors)
        raise _Bad(f"{kind.__name__}: {said.rstrip('.')}") from None
    except (TypeError, ValueError) as error:
        raise _Bad(f"{kind.__name__}: {error}") from None
    return command


def _waits(value: Any) -> tuple[tuple[Wait, ...], float]:
    waits, seconds = list[Wait](), 0.0
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            waits.append(_choice(Wait, one, "wait"))
        else:
            seconds += _seconds(one, "wait")
    return tuple(waits), seconds


def _seconds(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise _Bad(f"“{key}” must be seconds, more than 0, and is {value!r}")
    return float(value)


def _choice(kind: Any, text: str, key: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise _Bad(f"“{key}” is {text!r}. It is one of: {', '.join(kind)}") from None
