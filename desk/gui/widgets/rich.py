"""Texts in labels and tooltips: escaped, emphasised, or in several lines."""

from html import escape

from desk.application.isolation import isolated
from desk.domain.errors import FieldError, InvalidCommand, InvalidField, RuleBroken
from desk.domain.sentences import describe


def strong(text: str) -> str:
    """The text, emphasised. Plain bold would be made up from a lighter weight: the font's own is demi-bold."""
    return f'<span style="font-weight:600">{escape(isolated(text))}</span>'


def tooltip(text: str) -> str:
    """A sentence as a tooltip of several lines: Qt breaks rich text only, and plain text runs off the screen."""
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>' if text else ""


def sentence_of(error: RuleBroken | InvalidCommand | InvalidField | FieldError) -> str:
    """What is wrong and what to do about it; titles and what was typed keep to their own direction."""
    params = {name: isolated(value) if isinstance(value, str) else value for name, value in error.params.items()}
    return describe(error.code, params)
