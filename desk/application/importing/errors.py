"""How an import fails as a whole; a wrong row is no failure, but an answer."""


class ImportFailed(Exception):
    """The file cannot be read, or the store will not take any book; the text is a sentence for people."""
