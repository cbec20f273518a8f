"""A program of its own that speaks EventStoreDB's gRPC protocol over a log in one SQLite file."""
