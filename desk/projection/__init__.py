"""The adapter that keeps the read model, by way of sqlite-utils."""
