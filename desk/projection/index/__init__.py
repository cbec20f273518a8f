"""The event index: what was, in ``event-index.sqlite``, made when somebody first asks for it. See ``part.py``."""
