"""What draws README's pictures: the real window, led through the demo; see ``__main__``."""
