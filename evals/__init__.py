"""Evaluations: what the companion does, measured on cases it was never made from."""
