"""A reflective companion for people who live with shame."""

__version__ = "0.1.0"
