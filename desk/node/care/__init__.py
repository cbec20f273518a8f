"""Care of the log: taking away what nobody is shown, looking for damage, and copies."""
