"""Tests of the event index."""
