"""Hop 2: a command in its envelope as bytes, so that the very same command can be sent again after a restart."""

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from desk.application.codec import schema_for
from desk.application.command_events import COMMANDS
from desk.cqrs.messages import Envelope, Origin
from desk.cqrs.metadata import canonical_json, instant_text
from desk.cqrs.registry import EventRegistry

TIME_LIMIT: Final = 10.0
"""Seconds that a command may take which is sent again."""


@cache
def command_registry() -> EventRegistry:
    """All commands, by the same rules as the events'."""
    return EventRegistry(schema_for(kind) for kind in COMMANDS)


class EnvelopeCodec:
    """Both ways between an envelope and bytes. All that a decision depends on is kept; its deadline is not."""

    def __init__(self) -> None:
        self._commands = command_registry()

    def encode(self, env: Envelope[Any]) -> bytes:
        """Canonical JSON. Raises WiringError for what is no command."""
        name, number, data = self._commands.encode(env.message)
        fields = {
            "type": name,
            "schema": number,
            "command": json.loads(data),
            "id": str(env.id),
            "correlationId": str(env.correlation_id),
            "triggerId": env.trigger_id and str(env.trigger_id),
            "origin": env.origin.value,
            "user": env.user,
            "issuedAt": instant_text(env.issued_at),
            "today": env.today.isoformat(),
        }
        return canonical_json({key: value for key, value in fields.items() if value is not None})

    def decode(self, data: bytes) -> Envelope[Any]:
        """The envelope, with a deadline from now on.

        Raises ValueError or UnknownEvent where another version of Desk has written it.
        """
        try:
            fields = json.loads(data)
            message = self._commands.decode(fields["type"], fields["schema"], canonical_json(fields["command"]))
            return Envelope(
                message=message,
                id=UUID(fields["id"]),
                correlation_id=UUID(fields["correlationId"]),
                trigger_id=UUID(fields["triggerId"]) if "triggerId" in fields else None,
                origin=Origin(fields["origin"]),
                user=fields["user"],
                issued_at=datetime.fromisoformat(fields["issuedAt"]).astimezone(UTC),
                today=date.fromisoformat(fields["today"]),
                deadline=time.monotonic() + TIME_LIMIT,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a command in a form that does not fit: {error!r}") from error


def once_more(env: Envelope[Any]) -> Envelope[Any]:
    """The same command, with as much time as a new one."""
    return replace(env, deadline=time.monotonic() + TIME_LIMIT, cancel=threading.Event())
