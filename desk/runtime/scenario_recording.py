"""Writes what was done in a window as cues at the end of a scenario's file; what stands in the file stays as it is."""

import errno
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import tomlkit
from tomlkit.items import AoT

from desk.application.scenarios.ground import WrongScenario
from desk.application.scenarios.scenario import (
    DONE,
    Fail,
    FailureKind,
    RebuildRows,
    Send,
    SetSpeed,
    Show,
    Step,
    Wait,
)
from desk.domain.commands import BookCommand
from desk.runtime.scenario_files import CODES, read_named


def record_steps(path: Path, steps: Sequence[Step], today: date) -> None:
    """Append a cue for each step; a file that is not there begins with a cue for an empty catalogue, on this day.

    Whoever cancelled a command, or sent one that met a bug, has not shown anything. Raises WrongScenario.
    """
    try:
        if path.exists():
            text = path.read_bytes().decode()
            if not os.access(path.resolve().parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        else:
            text = _beginning(path.stem, today)
            _write(path, text)
        _, names = read_named(text, path.name)
        seen = [step for step in steps if not isinstance(step, Send) or step.ends in CODES]
        if seen:
            added = _CueWriter(names).cues(seen)
            text = f"{text.rstrip()}\n\n{added}"
            text = re.sub("\r?\n", "\r\n", text) if "\r\n" in text else text
            read_named(text, path.name)
            _write(path, text)
    except OSError as error:
        raise WrongScenario(f"{path} cannot be written: {error.strerror}. Choose another folder.") from None
    except UnicodeError:
        raise WrongScenario(f"{path} cannot be read: it is no text in UTF-8.") from None


def _beginning(title: str, today: date) -> str:
    head = tomlkit.dumps({"title": title})
    clock = f"clock = {today.isoformat()}T09:00:00Z\nseed = 1\n\n"
    return f'{head}{clock}[[cue]]\nsay = "An empty catalogue."\ndo = [{{ show = "catalogue" }}]\n'


def _write(path: Path, text: str) -> None:
    """Whole, or not at all."""
    target = path.resolve()
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(text.encode())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _CueWriter:
    """Puts steps as the reader of scenarios has them. ``names`` are those that ids have in the file already."""

    def __init__(self, names: dict[UUID, str]) -> None:
        self._names = dict(names)

    def cues(self, steps: Sequence[Step]) -> str:
        cues: AoT = tomlkit.aot()
        for step in steps:
            values = self._values(step)
            cue = tomlkit.table()
            cue["say"] = _sentence(values)
            if isinstance(step, Fail) and step.failure is FailureKind.KILL_NODE:
                cue["wait"] = [Wait.STORE.value, Wait.KEY.value]
            do = tomlkit.array().multiline(multiline=True)
            inline = tomlkit.inline_table()
            inline.update(values)
            do.append(inline)
            cue["do"] = do
            cues.append(cue)
        return tomlkit.dumps({"cue": cues})

    def _values(self, step: Step) -> dict[str, Any]:
        match step:
            case Send(command, ends):
                values = self._command(command)
                if ends != DONE:
                    return {**values, "ends": ends}
                values.pop("seen_revision", None)  # whoever corrected it saw what was there
                return values
            case Show(place, book_id):
                return {"show": place} | self._book(book_id)
            case Fail(failure, book_id, command, seconds):
                about = self._book(book_id) if command is None else self._command(command)
                return {"fail": failure.value} | about | ({"seconds": seconds} if seconds else {})
            case RebuildRows():
                return {"rebuild": True}
            case SetSpeed(speed):
                return {"speed": speed.value}
        raise WrongScenario(f"{type(step).__name__} cannot be recorded.")

    def _book(self, book_id: UUID | None) -> dict[str, str]:
        return {} if book_id is None else {"book": self._name(book_id, "book")}

    def _command(self, command: BookCommand) -> dict[str, Any]:
        """A name for each id, an empty text for a detail that is cleared; nothing for what was not given."""
        values: dict[str, Any] = {"command": type(command).__name__}
        for field in fields(command):
            value = getattr(command, field.name)
            if value == field.default:
                continue
            if isinstance(value, UUID):
                short = field.name.removesuffix("_id")
                values[short] = self._name(value, getattr(command, "title", short) if short == "book" else short)
            else:
                values[field.name] = "" if value is None else list(value) if isinstance(value, tuple) else value
        return values

    def _name(self, of: UUID, wanted: object) -> str:
        """How the file calls it: after the first word of its title, or what it is; numbered where that is taken."""
        if of not in self._names:
            words = re.findall(r"\w+", str(wanted).lower()) if isinstance(wanted, str) else []
            first = next((word for word in words if word not in ("the", "a", "an")), "book")
            taken, number, name = set(self._names.values()), 1, first
            while name in taken:
                number += 1
                name = f"{first}-{number}"
            self._names[of] = name
        return self._names[of]


def _sentence(values: dict[str, Any]) -> str:
    """What a step does, in plain words; the speaker has better ones."""
    about = f": {values['book']}" if "book" in values else ""
    if "fail" in values:
        return f"{values['fail'].capitalize()}{about}."
    if "command" in values:
        words = re.sub(r"(?<!^)([A-Z])", lambda match: f" {match[1].lower()}", values["command"])
        ends = f" ends with {values['ends']}" if "ends" in values else ""
        return f"{words}{about}{ends}."
    if "speed" in values:
        return f"Flow goes {values['speed']}."
    return f"Show {values['show']}{about}." if "show" in values else "The read model is built anew."
