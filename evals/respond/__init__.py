"""The respond suite."""
