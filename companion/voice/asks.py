"""What a person asks Companion about itself: what it is, what it remembers, who made it.

These are asked in so many ways that the nearest authored example is seldom as near as for a
greeting, and each is close to something else that is said of other people ("does he remember me").
So they count from a lower nearness, and only with the words that make them what they are.
"""

from __future__ import annotations

import re

from companion.text import plain, words

ASKS = frozenset(
    """
    asks_memory asks_traits conscious love_me plays_person private real remember_me says_you_said
    who_made_you
    """.split()
)
NEAR = 0.55
"""Cosine from which a message of no more words than `LONGEST` counts as one of these."""
LONGEST = 14
"""Words."""
ADDRESSED = frozenset(
    """
    you you're you've you'd you'll your yours yourself u ur ru ya youre youve youd youll
    we we've weve us our companion
    ai app bot bots chatbot chatgpt computer computers machine machines program programs programme
    robot robots software
    """.split()
)
SOMEBODY = frozenset(
    """
    addressing anybody anyone automatic chat generated gpt human lady line nobody people person
    reading replies somebody someone staff there typing who who's whom whos
    """.split()
)
PLAYING = frozenset(
    "act answer as be call if imagine like make play pretend roleplay say speak".split()
)
ASKING = re.compile(
    r"\b(?:did|didn't|have|haven't|had|do|was|were|am) (?:i|we|you|u)\b"
    r"|\b(?:can|could) (?:you|u)\b|\bwhere can i (?:find|see|read)\b"
    r"|\b(?:what'?s|what (?:is|was|were|all)|when was|where (?:is|are|was|were)|wheres|how) \w"
    r"|^(?:(?:please|pls|now|then|go on) )*"
    r"(?:show|list|read|remind|find|look|pull|bring|get|give|go|quote|scroll|sum|tell me) "
)
"""How somebody asks to be told what they said or kept."""
SAID = frozenset(
    """
    called chat chats conversation decide decided decision everything have keep kept know left line
    mention mentioned messages name note notes off phrase plan promise put quote recall reflection
    reflections remember remind said save saved saving say saying sentence settle stored talk talked
    talking tell telling told word words write written wrote
    last yesterday monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
WRITTEN = frozenset(
    """
    anonymous between chat chats confidential delete encrypted erase here history info internet it
    listening messages microphone private read recorded say see sees stored stuff text this type
    typed wipe word words write wrote
    """.split()
)
MADE = frozenset(
    """
    ads bill business catch code cost costs developers fund funds it made make money paid pay
    profit replies subscription this who's whose whos words write writes wrote
    """.split()
)
OWN = frozenset("i i've ive me mine my our we we've weve".split())
WORDS = dict.fromkeys(
    ("asks_traits", "conscious", "love_me", "remember_me", "says_you_said"), (ADDRESSED,)
) | {
    "asks_memory": (SAID, OWN),
    "plays_person": (PLAYING,),
    "private": (ADDRESSED | WRITTEN,),
    "real": (ADDRESSED | SOMEBODY,),
    "who_made_you": (ADDRESSED | MADE,),
}
"""Of each of these sets a word; without it something like it is said of somebody else."""
SPELT = {
    "u": "you", "ya": "you", "r": "are", "ru": "are you", "ur": "your", "wat": "what",
    "any1": "anyone", "some1": "someone", "no1": "no one", "2": "to", "im": "i'm", "dont": "don't",
}  # fmt: skip
LEAD_IN = re.compile(
    r"(?:(?:lol|haha|ok(?:ay)?|but|and|so|well|right|hey|hi|hello|um+|er+|just|like|tbh|btw|sorry"
    r"|wait|hmm+|hang on|hold on|a sec(?:ond)?|quick (?:q|question)|question|honestly|be honest"
    r"|tell me|please|pls|excuse me|good (?:morning|evening|afternoon)|can i ask|may i ask"
    r"|one thing|first|if (?:it's|its|that's) (?:ok|okay|not rude|rude)(?: to ask)?)\b[\s,.!?:-]*)+"
)


def meant(intent: str, message: str) -> bool:
    """Say whether a message near to an intent holds the words without which it is not one."""
    said = words(message)
    if intent == "asks_memory" and not ASKING.search(" ".join(said)):
        return False
    return all(not needed.isdisjoint(said) for needed in WORDS.get(intent, ()))


def plainly(message: str) -> str:
    """Give a message without what leads up to it, its shortened words spelt out."""
    folded = plain(message).casefold().strip()
    rest = folded[match.end() :] if (match := LEAD_IN.match(folded)) else folded
    return " ".join(SPELT.get(word, word) for word in re.findall(r"[\w']+|[^\w\s]+", rest))
