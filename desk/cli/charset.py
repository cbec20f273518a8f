"""Guesses the encoding of text that is not UTF-8; opens nothing until it is asked."""

from typing import Final

_WESTERN: Final = "cp1252"
_LIKELY: Final = (
    _WESTERN,
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "koi8_r",
    "mac_roman",
    "cp850",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
)
"""What files are really written in; the detector knows a hundred, and takes a few umlauts for Baltic."""


def guess_encoding(sample: bytes) -> str | None:
    """The encoding of some lines; the western one wherever it is possible, as short samples fit many."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(_LIKELY))
    if any(_WESTERN in (match.encoding, *match.could_be_from_charset) for match in matches):
        return _WESTERN
    best = matches.best()
    return best.encoding if best is not None else None
