"""Single values out of a payload, as short texts for the cells of a table."""

import json
from collections.abc import Sequence
from typing import Final

from desk.application.event_question import JsonPath

_LONGEST: Final = 400


def value_texts(data: bytes, paths: Sequence[JsonPath]) -> tuple[str, ...]:
    """What stands at each path: a text without quotes, a number as it is written, of objects and lists how much.

    Empty where there is nothing, or the payload is no JSON.
    """
    try:
        # Numbers stay texts: they are only shown, and may have more digits than Python counts with.
        document = json.loads(data, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return ("",) * len(paths)
    return tuple("".join(map(_text, path.values(document))) for path in paths)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{len(value)}}}"
    if isinstance(value, list):
        return f"[{len(value)}]"
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    return str(value)[:_LONGEST]
