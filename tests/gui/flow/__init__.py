"""Tests of the place Flow."""
