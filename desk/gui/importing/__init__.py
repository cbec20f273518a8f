"""The import dialog: a file, what is found in it, a preview, progress, and a report."""
