"""The two voices behind one port: the embedded one, and a language model's."""
