"""Language models: what a real one says by itself and what reaches a person; speed beside it."""
