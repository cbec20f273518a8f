"""The plugins of the buses."""
