"""The child process that runs a fold: it reads requests, a line of JSON each, and answers each event with a line.

Run by path and in isolation, so it imports nothing but the standard library. What the user's program prints goes to
the standard error output, never between the answers.
"""

import base64
import dataclasses
import json
import os
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TextIO


def main() -> None:
    """Answer until there is no request any more."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for line in requests:
        _answer(json.loads(line), answers)


def _answer(request: Mapping[str, Any], answers: TextIO) -> None:
    path, revision = request["path"], None
    try:
        initial, evolve = _functions(request["source"], path)
        state = initial()
        _say(answers, loaded=True)
        for given in request["events"]:
            revision = given["revision"]
            state = evolve(state, _event(given))
            _say(answers, state=_text(state))
        _say(answers, done=True)
    except BaseException as error:  # noqa: BLE001 - SystemExit is an error of the user's program, too
        _say(answers, error=_words(error), line=_line(error, path), revision=revision)


def _functions(source: str, path: str) -> tuple[Callable[[], Any], Callable[[Any, Any], Any]]:
    names: dict[str, Any] = {"__name__": "fold", "__file__": path}
    exec(compile(source, path, "exec"), names)  # the file that the user chose, and nothing else
    for name in ("initial", "evolve"):
        if not callable(names.get(name)):
            raise TypeError(f"the file has no function {name}")
    return names["initial"], names["evolve"]


def _event(given: Mapping[str, Any]) -> SimpleNamespace:
    data, metadata = (_payload(given[name]) for name in ("data", "metadata"))
    created = given["created"] and datetime.fromisoformat(given["created"])
    return SimpleNamespace(**{**given, "data": data, "metadata": metadata, "created": created})


def _payload(encoded: str) -> Any:
    stored = base64.b64decode(encoded)
    try:
        return json.loads(stored)
    except (ValueError, RecursionError):
        return stored


def _text(state: Any) -> str:
    return json.dumps(state, default=_as_json, ensure_ascii=False)


def _as_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return value.hex() if isinstance(value, bytes) else str(value)


def _words(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _line(error: BaseException, path: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None


def _say(answers: TextIO, **said: Any) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
