"""Tests of the Streams panel."""
