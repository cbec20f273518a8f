"""The window around everything: workspaces, places, companions, rail, status bar, actions, settings."""
