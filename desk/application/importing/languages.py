"""Languages as files have them: two letters, three letters, a locale or an English name become two letters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# ISO 639-1; ISO 639-2 (both forms where they differ); the English and the own name.
_TABLE: Final = """
ar ara arabic
ca cat catalan català
cs cze ces czech čeština
da dan danish dansk
de ger deu german deutsch
el gre ell greek
en eng english
es spa spanish español castellano
fi fin finnish suomi
fr fre fra french français
he heb hebrew
hi hin hindi
hu hun hungarian magyar
it ita italian italiano
ja jpn japanese
ko kor korean
la lat latin
nl dut nld dutch nederlands
no nor norwegian norsk
pl pol polish polski
pt por portuguese português
ro rum ron romanian română
ru rus russian
sv swe swedish svenska
tr tur turkish türkçe
uk ukr ukrainian
zh chi zho chinese
"""
_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {name: line.split()[0] for line in _TABLE.strip().splitlines() for name in line.split()}
)


def language_code(text: str) -> str:
    """Two letters where the language is known; else the text itself, for the domain to judge."""
    name = text.strip().lower()
    # en-US, pt_BR: the region makes no other language.
    return _CODES.get(name) or _CODES.get(name.replace("_", "-").partition("-")[0]) or text.strip()
