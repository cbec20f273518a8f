"""Tests of the table, the card and the forms."""
