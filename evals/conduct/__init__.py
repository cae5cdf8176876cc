"""The conduct suite."""
