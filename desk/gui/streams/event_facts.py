"""What is said above an event: where and when it was stored, how large it is, and what it came from, as links."""

from html import escape

from PySide6.QtCore import QCoreApplication

from desk.application.event_links import LinkTarget
from desk.application.json_document import document_of
from desk.application.story import correlation_stream
from desk.application.streampages import LINK
from desk.application.timeline.words import exact_text
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.gui.streams.model import size_text
from desk.gui.widgets.masking import short
from desk.gui.widgets.visible_text import visible

STORY, STREAM = "story:", "stream:"
"""How links within the window begin: the story of a correlation, and a stream."""
_JUDGED: int = 8 * 1024
"""Bytes up to which it is looked whether they are JSON, where the store says that they are none."""


def where_and_how_large(event: Recorded) -> str:
    """Its place in its stream and among all, size and kind of content."""
    place = short(f"{event.revision}@{visible(event.stream)}")
    position = _tr("position {position}").format(position=event.position)
    return f"{place} · {position} · {size_text(len(event.data))} {_content(event)}"


def when(event: Recorded) -> str:
    """Both clocks."""
    stored = exact_text(event.created.timestamp()) if event.created else _tr("time not said")
    words, issued = _tr("stored {when}").format(when=stored), parse_metadata(event.metadata).issued_at
    if issued is None:
        return words
    return f"{words} · " + _tr("issued {when}").format(when=exact_text(issued.timestamp()))


def origin(event: Recorded) -> str:
    """Links to what caused it, and to the whole story, as rich text; empty where its metadata say nothing of it."""
    story, cause, parts = story_goal(event), cause_goal(event), list[str]()
    if story:
        correlation = story.removeprefix(STORY)
        parts.append(_link(story, _tr("whole story")))
        parts.append(_link(f"{STREAM}{correlation_stream(correlation)}", f"$bc-{correlation[:8]}…"))
    if cause:
        parts.append(_link(cause, _tr("caused by {id}…").format(id=cause.partition("#")[2][:8])))
    return " · ".join(parts)


def story_goal(event: Recorded) -> str:
    """Where a link to its whole story leads; empty where its metadata name none."""
    correlation = parse_metadata(event.metadata).correlation_id
    return f"{STORY}{correlation}" if correlation is not None else ""


def cause_goal(event: Recorded) -> str:
    """Where a link to its cause within the story leads; empty where its metadata name none."""
    story, cause = story_goal(event), parse_metadata(event.metadata).causation_id
    return f"{story}#{cause}" if story and cause is not None else ""


def leads(event: Recorded) -> str:
    """Of an event that came by a link, or is one: to and from where, as rich text."""
    if event.link is not None:
        words = _tr("by the link {revision}@{stream}")
        return escape(words.format(revision=event.link.revision, stream=visible(event.link.stream)))
    target = LinkTarget.of(event) if event.type == LINK else None
    if target is None:
        return ""
    goal = _link(f"{STREAM}{target.stream}", escape(f"{target.revision}@{visible(target.stream)}"))
    return _tr("a link to {goal}").format(goal=goal)


def _content(event: Recorded) -> str:
    if event.is_json:
        return _tr("JSON")
    is_json = 0 < len(event.data) <= _JUDGED and document_of(event.data) is not None
    return _tr("marked as no JSON, but is") if is_json else _tr("no JSON")


def _link(goal: str, words: str) -> str:
    return f'<a href="{escape(goal, quote=True)}">{words}</a>'


def _tr(text: str) -> str:
    return QCoreApplication.translate("EventDetail", text)
