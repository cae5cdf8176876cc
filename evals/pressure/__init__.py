"""The pressure suite."""
