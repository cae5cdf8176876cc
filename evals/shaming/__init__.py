"""Does the guard withhold a sentence that shames, and leave alone one that does not?"""
