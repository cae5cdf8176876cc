"""Who spoke, in words that can be said back: "my mum" becomes "your mum"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.domain import Span
from companion.text import plain

RELATIONS = frozenset(
    """
    mother mum mom mam ma father dad da papa stepmother stepmum stepmom stepfather stepdad parents
    sister brother sibling stepsister stepbrother twin son daughter kid kids child children stepson
    stepdaughter grandmother grandfather grandma grandad grandpa granddad nan nana gran aunt auntie
    uncle cousin niece nephew husband wife partner boyfriend girlfriend fiance fiancé fiancée ex bf
    gf mother-in-law father-in-law sister-in-law brother-in-law in-laws family boss manager
    supervisor colleague coworker co-worker colleagues coworkers team lead teacher tutor professor
    lecturer coach advisor head headteacher friend friends mate mates flatmate housemate roommate
    neighbour neighbor neighbours neighbors landlord landlady doctor gp dentist therapist nurse
    pastor priest imam rabbi vicar sponsor client customer patient classmate classmates crush
    """.split()
)
"""Nouns that may follow "my" and name a speaker."""

_NAMED = re.compile(
    r"\bmy (?:own |older |elder |younger |little |big |late |so-called |new |old |best |ex-)?"
    r"([a-zé]+(?:[- ]in[- ]laws?|(?:-[a-z]+)*))",
    re.IGNORECASE,
)


def speakers(message: str) -> list[tuple[int, str]]:
    """Give (position, "your mother") for each person the message calls "my …", in order."""
    found = []
    for match in _NAMED.finditer(plain(message)):
        noun = match.group(1).casefold().replace(" ", "-")
        if noun.removesuffix("s") in RELATIONS or noun in RELATIONS:
            said = re.sub(r"^my", "your", match.group(0), flags=re.IGNORECASE)
            found.append((match.start(), said.casefold()))
    return found


_WOMEN = frozenset(
    """
    mother mum mom mam ma stepmother stepmum stepmom sister stepsister daughter stepdaughter
    grandmother grandma nan nana gran aunt auntie niece wife girlfriend gf fiancée mother-in-law
    sister-in-law landlady
    """.split()
)
_MEN = frozenset(
    """
    father dad da papa stepfather stepdad brother stepbrother son stepson grandfather grandpa
    grandad granddad uncle nephew husband boyfriend bf father-in-law brother-in-law landlord
    """.split()
)
_PRONOUN = re.compile(r"\b(?:(she|her)|(he|him|his)|(they|them|their))\b", re.IGNORECASE)


def meant(message: str, earlier: Sequence[str]) -> str | None:
    """Give whom "she", "he" or "they" means, from the messages before, the latest last.

    None when the message names someone itself, or when two people could be meant.
    """
    found = _PRONOUN.search(plain(message))
    if found is None or speakers(message):
        return None
    others = _MEN if found[1] else _WOMEN if found[2] else frozenset()
    for text in reversed(earlier[-2:]):
        named = {name for _, name in speakers(text) if name.split()[-1] not in others}
        if named:
            return named.pop() if len(named) == 1 else None
    return None


def speaker(message: str, words: Span | None) -> str | None:
    """Give who spoke: the person named last before the words quoted, or the only one named."""
    named = speakers(message)
    if not named:
        return None
    if words is not None:
        before = [name for start, name in named if start < words.end]
        if before:
            return before[-1]
    return named[0][1] if len({name for _, name in named}) == 1 else None


def possessive(name: str) -> str:
    return f"{name}’" if name.endswith("s") else f"{name}’s"
