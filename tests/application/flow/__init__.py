"""Tests of how a command's way is told and replayed."""
