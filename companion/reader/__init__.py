"""The embedded reader: a small fine-tuned encoder with calibrated heads. No language model.

Everything that reads a message or judges a sentence lives in this folder; the rest of the project
knows it through `companion.ports.Reader`.
"""

from companion.reader.embedded import EmbeddedReader

__all__ = ["EmbeddedReader"]
