"""The suite of a person's own corrections."""
