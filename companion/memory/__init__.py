"""What a person keeps: the journal (SQL, encrypted), the index (Chroma), and both as one memory."""
