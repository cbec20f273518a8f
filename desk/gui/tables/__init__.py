"""What the window's tables have in common: how they are set up, and how rows are copied."""
