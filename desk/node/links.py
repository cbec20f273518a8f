"""Links: stored events that stand for an event of another stream, and how readers are shown them."""

from desk.node.pages import LogPages
from desk.node.read_requests import ReadOptions
from desk.node.records import LINK_TYPE, MAX, StoredEvent
from desk.node.wire import recorded_event, resolved_response, with_structured_ids


def shown(pages: LogPages, event: StoredEvent, read_options: ReadOptions, *, live: bool = False) -> bytes:
    """The response for an event as its reader wants it.

    ``live``: the event was just written. The original shows a link that makes no sense differently then.
    """
    response = event.response
    if read_options.resolve_links and event.type == LINK_TYPE:
        response = _resolved(pages, event, live=live)
    return with_structured_ids(response) if read_options.structured_ids else response


def pointed_to(data: bytes) -> tuple[int, str] | None:
    """The revision and the stream that a link's data name; None for what has no number, "" where no stream is."""
    number, _, stream = data.decode("utf-8", errors="replace").partition("@")
    revision = _revision(number)
    return None if revision is None else (revision, stream)


def _resolved(pages: LogPages, link: StoredEvent, *, live: bool) -> bytes:
    target = pointed_to(recorded_event(link.response).data)
    if target is None:
        return resolved_response(link, None) if live else link.response
    revision, stream = target
    return resolved_response(link, pages.event_at(stream, revision) if stream else None)


def _revision(text: str) -> int | None:
    try:
        number = int(text.strip(" \t\r\n\v\f"))
    except ValueError:
        return None
    return number if -MAX - 1 <= number <= MAX and "_" not in text else None
