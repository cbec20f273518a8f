"""The CQRS module: messages, buses, aggregates and the ports they need; it knows no book."""
