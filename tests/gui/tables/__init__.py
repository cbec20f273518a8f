"""Tests of what the tables have in common."""
