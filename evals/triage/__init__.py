"""The triage suite."""
