"""The recall suite."""
