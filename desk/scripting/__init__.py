"""Programs of the user's own, run in a child process and looked at from outside. Knows nobody else in desk."""
