"""Tests of Desk; the folders mirror those of `desk`."""
