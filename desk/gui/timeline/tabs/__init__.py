"""The tabs of the inspector, each in a module of its own."""
