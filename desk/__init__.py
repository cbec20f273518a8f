"""Desk: a window on event sourcing, over a catalogue of books."""

__version__ = "0.1.0"
