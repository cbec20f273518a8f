"""Tests of the window, on a session that lives in memory."""
