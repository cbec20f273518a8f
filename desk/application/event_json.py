"""One event as JSON text, for people who paste it elsewhere: where it stands, when it was stored, and what it holds."""

import json
from typing import Any, Final

from desk.cqrs.metadata import instant_text
from desk.cqrs.store import Recorded

_WHAT: Final = ('"type"', '"data', '"metadata')


def event_json(event: Recorded) -> str:
    """A document with one name on each line: what happened first, then where it stands.

    Data and metadata stand in it exactly as they are stored; what is no JSON stands there in hexadecimal digits, as
    ``dataHex`` or ``metadataHex``.
    """
    members = sorted(_members(event), key=lambda member: not member.startswith(_WHAT))
    return "{\n  " + ",\n  ".join(members) + "\n}\n"


def event_line(event: Recorded) -> str:
    """The same document on one line, without the line's end: of many, each is a line of NDJSON."""
    # Within a text there is no end of a line as such, so that these stand between values only.
    return "{" + ", ".join(_members(event)).replace("\r", " ").replace("\n", " ") + "}"


def object_in(stored: bytes) -> dict[str, Any]:
    """The JSON object that a payload is, read leniently; an empty one for anything else."""
    try:
        found = json.loads(stored)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _members(event: Recorded) -> list[str]:
    link = event.link
    known = {
        "stream": event.stream,
        "revision": event.revision,
        "position": event.position,
        "id": str(event.id),
        "type": event.type,
        "created": instant_text(event.created) if event.created else None,
        "link": {"stream": link.stream, "revision": link.revision} if link else None,
    }
    lines = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in known.items() if value is not None]
    for name, stored in (("data", event.data), ("metadata", event.metadata)):
        if stored:
            text = _json_text(stored)
            lines.append(f'"{name}Hex": "{stored.hex()}"' if text is None else f'"{name}": {text}')
    return lines


def _json_text(stored: bytes) -> str | None:
    """The payload's own text; None where it is not JSON."""
    try:
        text = stored.decode().strip()
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return text


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
