"""The grounding suite."""
