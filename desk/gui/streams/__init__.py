"""Any stream of the store, page by page and live, whoever writes to it."""
