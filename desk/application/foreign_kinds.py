"""The kind of change of a type of event that Desk does not know: by the verb at its end, else by its name alone.

Kinds are pairs of a colour and a shape. The same type has the same one today and tomorrow, on this machine and another.
"""

import re
from typing import Final
from zlib import crc32

_VERBS: Final = {
    "CREATED": ("created", "placed", "opened", "registered", "started", "requested", "submitted", "received", "born"),
    "REMOVED": ("deleted", "removed", "cancelled", "canceled", "closed", "rejected", "failed", "expired", "withdrawn"),
    "ADDED": ("added", "attached", "assigned", "joined", "included", "reserved", "tagged"),
    "CHANGED": ("changed", "updated", "renamed", "moved", "set", "edited", "modified"),
    "CORRECTED": ("corrected", "compensated", "reverted", "refunded", "restored", "fixed"),
    "LENT": ("sent", "shipped", "lent", "dispatched", "published", "issued", "prepared"),
    "RETURNED": ("returned", "delivered", "completed", "finished", "confirmed", "paid", "settled", "accepted"),
}
_KIND_OF_VERB: Final = {verb: kind for kind, verbs in _VERBS.items() for verb in verbs}
_LAST_WORD: Final = re.compile(r"[A-Z]?[a-z]+(?=[^a-z]*\Z)")


def foreign_kind(type_name: str) -> str:
    """The name of a kind of change: ``OrderPlaced`` is CREATED, ``$metadata`` SYSTEM; what has no verb has any one."""
    if type_name.startswith("$"):
        return "SYSTEM"
    verb = _LAST_WORD.search(type_name)
    known = _KIND_OF_VERB.get(verb[0].lower()) if verb is not None else None
    return known or tuple(_VERBS)[crc32(type_name.encode("utf-8", "replace")) % len(_VERBS)]
