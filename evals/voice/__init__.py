"""What the voice says to people it was never written for: figures, conversations, readings."""
