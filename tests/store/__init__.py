"""Tests of the store: one contract, kept by the twin, the embedded node and any real server."""
