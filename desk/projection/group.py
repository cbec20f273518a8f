"""Hop 7: the catalogue's projections: one group, one checkpoint."""

from typing import Final

from desk.projection.books import BOOKS
from desk.projection.claims import CLAIMS
from desk.projection.copies import COPIES
from desk.projection.holds import HOLDS
from desk.projection.loans import LOANS
from desk.projection.projections import ProjectionGroup

CATALOGUE: Final = ProjectionGroup("catalogue", (BOOKS, COPIES, LOANS, HOLDS, CLAIMS))
"""All that the window shows of the catalogue. Its name stands beside its checkpoint and its parked events."""
