"""The adapter that keeps events in an EventStoreDB, by way of esdbclient."""
