"""Rich text for labels: escaped, and in a weight that the window's font has."""

from html import escape


def strong(text: str) -> str:
    """The text, emphasised. Plain bold would be made up from a lighter weight: the font's own is demi-bold."""
    return f'<span style="font-weight:600">{escape(text)}</span>'
