"""What the command line does beyond a conversation: voices, reflections, what is wrong here."""
