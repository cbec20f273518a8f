"""The connection in the window: its light, what a person has noted about the store, and the dialog behind both."""
