"""What this application does with the domain and the buses: handlers, queries, process managers."""
