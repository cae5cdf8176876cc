"""The classify suite."""
