"""The system projections: streams of links by category, type and correlation id, written behind the events."""
