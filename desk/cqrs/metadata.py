"""Hop 4: what is stored beside an event: who, why, when, and which schema its payload has.

``$correlationId`` and ``$causationId`` are the names that EventStoreDB reserves (and can index); the others are Desk's.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from desk.cqrs.identity import read_uuid
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Metadata:
    """An event's metadata. Everything is optional when read: other programs write events as well.

    ``causation_id`` is the command that produced the event; ``trigger`` the event that made a process manager send
    that command; ``issued_at`` the sender's clock in UTC, never used for order; ``schema`` the payload's number.
    """

    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    command_id: UUID | None = None
    command_type: str | None = None
    trigger: UUID | None = None
    user: str | None = None
    host: str | None = None
    app_version: str | None = None
    issued_at: datetime | None = None
    schema: int = 1


def canonical_json(value: object) -> bytes:
    """JSON as Desk stores it: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


_read_text = json.JSONDecoder().raw_decode


def read_json(data: bytes) -> Any:
    """The value of a JSON text in any of its encodings; half as long for what Desk wrote as ``json.loads`` takes.

    Raises ValueError, RecursionError.
    """
    try:
        text = data.decode()
        value, end = _read_text(text)
    except ValueError:
        return json.loads(data)  # space around it, another encoding, or no JSON at all
    return value if end == len(text) else json.loads(data)


def instant_text(moment: datetime) -> str:
    """An instant as stored: ISO 8601, UTC, with a ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def encode_metadata(meta: Metadata) -> bytes:
    """Metadata as bytes; what is None is left out."""
    fields: dict[str, object] = {
        "$correlationId": meta.correlation_id and str(meta.correlation_id),
        "$causationId": meta.causation_id and str(meta.causation_id),
        "commandId": meta.command_id and str(meta.command_id),
        "commandType": meta.command_type,
        "trigger": meta.trigger and str(meta.trigger),
        "user": meta.user,
        "host": meta.host,
        "appVersion": meta.app_version,
        "issuedAt": meta.issued_at and instant_text(meta.issued_at),
        "schema": meta.schema,
    }
    return canonical_json({key: value for key, value in fields.items() if value is not None})


def parse_schema(data: bytes) -> int:
    """The number of the payload's schema alone: a third of the time that :func:`parse_metadata` takes."""
    return _schema(_fields(data))


def parse_metadata(data: bytes) -> Metadata:
    """Metadata out of bytes that anybody may have written: what is missing or makes no sense is None."""
    fields = _fields(data)
    correlation, causation = fields.get("$correlationId"), fields.get("$causationId")
    command = fields.get("commandId")
    command_id = _uuid(command)
    # The three are mostly the same text, and reading a UUID is the expensive part of reading metadata.
    causation_id = command_id if causation == command else _uuid(causation)
    return Metadata(
        correlation_id=command_id if correlation == command else _uuid(correlation),
        causation_id=causation_id,
        command_id=command_id,
        command_type=_text(fields.get("commandType")),
        trigger=_uuid(fields.get("trigger")),
        user=_text(fields.get("user")),
        host=_text(fields.get("host")),
        app_version=_text(fields.get("appVersion")),
        issued_at=_instant(fields.get("issuedAt")),
        schema=_schema(fields),
    )


def _fields(data: bytes) -> dict[str, Any]:
    try:
        fields = read_json(data)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _schema(fields: dict[str, Any]) -> int:
    schema = fields.get("schema")
    return schema if isinstance(schema, int) and schema > 0 else 1


def _uuid(value: Any) -> UUID | None:
    try:
        return read_uuid(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _instant(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is UTC:
            return moment
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):  # the first hours of the year 1, east of Greenwich, have no UTC
        return None
