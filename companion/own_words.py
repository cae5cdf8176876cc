"""Is a model's sentence a reply at all? A weak one repeats what it was told, or makes up a life.

Authored wordings are never asked: they were read by people. What is quoted is the person's.
"""

from __future__ import annotations

import re
from functools import cache

from companion.prompts import folder
from companion.text import plain, stretches, without_quotations, words

RUN = 5
"""Words in a row of our instructions that no reply has by chance."""
ECHO = 0.9
"""Of a sentence's words: so many that are the person's own, in their order, give it back."""

INSTRUCTIONS = ("_always", "_moment", "_amend", "_form", "_repair")
"""What every prompt holds. The instructions of a mode may be followed to the word: they suggest
wordings."""

_OF_ITSELF = re.compile(
    r"\b(?:this|the following|the above) (?:response|prompt|instruction)\b"
    r"|\b(?:response|reply) (?:is written|can be written|you provided|to (?:a|the) comment)\b"
    r"|\bthe person's (?:message|words|past|reply)\b|\bthe person (?:is|has been) told\b"
    r"|\bthe person you(?:'re| are) (?:responding|replying|answering)\b"
    r"|\bmessages? with(?: the)? tags\b|\bplain prose\b|\byour original message\b"
    r"|\bwrite (?:a|your|the|this|you this) (?:reply|response)\b"
    r"|\b(?:asked|told|instructed) to (?:write|reply|respond|answer (?:a|this|the) question)\b"
    r"|\bas an ai\b|\bhere(?:'s| is) (?:a|the|my|your) (?:reply|response|text)\b"
    r"|^(?:how|what) you (?:write|do|say|can do|can't do|don't say|never say|are(?: given)?)"
    r"(?:,? in this (?:order|manner))?[,:.]?(?:$| you )"
    r"|^(?:note|(?:another )?examples?|the reason|one sentence|your (?:words|message))"
    r"\s*(?:$|[:.,])",
    re.IGNORECASE,
)
_A_LIFE = re.compile(
    r"\bmy (?:own )?(?:room|house|home|bed|job|boss|phone|wife|husband|mother|mum|mom|father|dad"
    r"|sister|brother|daughter|son|children|kids|childhood|body)\b"
    r"|\bi(?:'m| am| was) (?:not |no longer )?(?:at home|in bed|at work|off to|in my|on the phone"
    r"|going to (?:my|the|bed)|married|hungry|ashamed|afraid of)\b"
    r"|\bi (?:always |once |used to |never )?(?:went|grew up|lived|married|met|worked|was born"
    r"|used to|took (?:her|him|them))\b"
    r"|\bi(?:'ve| have) (?:got )?an? (?:certificate|job|house|dog|cat|daughter|son)\b"
    r"|\bi was the one\b|\bi don't care about (?:you|anyone)\b",
    re.IGNORECASE,
)


def of_its_instructions(sentence: str) -> bool:
    """Say whether a sentence speaks of the prompt instead of to the person."""
    used = plain(without_quotations(sentence)).strip()
    if _OF_ITSELF.search(used):
        return True
    said = words(used)
    return any(tuple(said[i : i + RUN]) in _instructed() for i in range(len(said) - RUN + 1))


def of_a_life(sentence: str) -> bool:
    """Say whether a sentence claims what only someone who lives can have."""
    return bool(_A_LIFE.search(plain(without_quotations(sentence))))


def echoes(sentence: str, message: str) -> bool:
    """Say whether a sentence gives a message back without quoting it."""
    used = without_quotations(sentence)
    said = words(used)
    given = sum(len(words(one.of(used))) for one in stretches(used, words(message), RUN))
    return len(said) > RUN and given >= ECHO * len(said)


@cache
def _instructed() -> frozenset[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for name in INSTRUCTIONS:
        for line in (folder() / f"{name}.md").read_text(encoding="utf-8").splitlines():
            said = words(re.sub(r"\{[{%].*?[%}]\}|<[^>]*>", " ", line))
            runs.update(tuple(said[i : i + RUN]) for i in range(len(said) - RUN + 1))
    return frozenset(runs)
